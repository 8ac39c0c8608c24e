import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { VirtualClock } from "../support/clock.ts";
import { couple, Host, Path, run, type Stream } from "./datagrams.ts";
import { LossBasedFlow } from "./loss-based-flow.ts";

const SECOND = 1000;
/** 10 Mbit/s. */
const RATE = 1_250_000;

describe("uTP beside a flow that fills the queue until it loses, as TCP does", () => {
  it.for([150, 300, 600])("leaves it the line where %i ms fit in the queue, and takes it again after", (room) => {
    const clock = new VirtualClock();
    const line = { latency: 25, rate: RATE, queue: (RATE * room) / SECOND };
    const { a, b, forth, home } = couple(clock, 1, line, { latency: 25 });
    const near = a.dial(b);
    near.pour();
    const ours = (): number => b.accepted[0]?.count ?? 0;
    run(clock, clock.now + 20 * SECOND);
    const tcp = new LossBasedFlow(clock, forth, home);
    run(clock, clock.now + 10 * SECOND);
    const [before, beforeTcp] = [ours(), tcp.delivered];
    run(clock, clock.now + 50 * SECOND);
    expect((tcp.delivered - beforeTcp) / (50 * RATE)).toBeGreaterThan(0.85);
    expect((ours() - before) / (50 * RATE)).toBeLessThan(0.1);
    expect(near.end).toBeUndefined();
    tcp.stop();
    run(clock, clock.now + 3 * SECOND);
    const again = ours();
    run(clock, clock.now + 20 * SECOND);
    expect((ours() - again) / (20 * RATE)).toBeGreaterThan(0.85);
  });
});

describe("two uTP transfers over one line", () => {
  it.for([
    [25, 0],
    [25, 10],
    [25, 40],
    [100, 10],
  ] as const)("share it fairly with %i ms of latency, the second %i s after the first", ([latency, later]) => {
    const clock = new VirtualClock();
    const host = (number: number): Host => new Host(clock, seededRandom(number), `192.0.2.${number}`, number * 1000.5);
    const [a1, a2, b1, b2] = [host(1), host(2), host(3), host(4)];
    const forth = new Path(clock, seededRandom(5), { latency, rate: RATE, queue: 1_000_000 });
    const home = new Path(clock, seededRandom(6), { latency });
    a1.route(b1, forth);
    a2.route(b2, forth);
    b1.route(a1, home);
    b2.route(a2, home);
    const pour = (from: Host, to: Host): Stream => {
      const stream = from.dial(to);
      stream.pour();
      return stream;
    };
    pour(a1, b1);
    run(clock, clock.now + later * SECOND);
    pour(a2, b2);
    run(clock, clock.now + 60 * SECOND);
    const counts = (): number[] => [b1, b2].map(({ accepted }) => accepted[0]?.count ?? 0);
    const before = counts();
    const span = 120;
    run(clock, clock.now + span * SECOND);
    const shares = counts().map((count, i) => (count - (before[i] as number)) / (span * RATE));
    for (const share of shares) expect(share).toBeGreaterThan(0.33);
    expect((shares[0] as number) + (shares[1] as number)).toBeGreaterThan(0.85);
    expect(forth.dropped).toBe(0);
  });
});
