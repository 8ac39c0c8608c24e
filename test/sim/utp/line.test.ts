import { describe, expect, it } from "vitest";
import { bytesEqual, concatBytes } from "../../../core/model/bytes.ts";
import { randomBytes, seededRandom } from "../../../core/model/random.ts";
import { VirtualClock } from "../support/clock.ts";
import { couple, type PathOptions, run } from "./datagrams.ts";

const SECOND = 1000;
/** 10 Mbit/s. */
const RATE = 1_250_000;
const LATENCY = 25;

/** One greedy transfer. @returns The part of the line's rate that the payload had over the last `span`. */
function share(options: Partial<PathOptions>, warmUp: number, span: number) {
  const clock = new VirtualClock();
  const line: PathOptions = { latency: LATENCY, rate: RATE, queue: 300_000, ...options };
  const { a, b, forth } = couple(clock, 11, line, { ...options, latency: LATENCY });
  const near = a.dial(b);
  near.pour();
  run(clock, clock.now + warmUp);
  const before = b.accepted[0]?.count ?? 0;
  let mostWaiting = 0;
  const until = clock.now + span;
  while (clock.next !== undefined && clock.next <= until) {
    clock.step();
    mostWaiting = Math.max(mostWaiting, forth.waiting);
  }
  const got = (b.accepted[0]?.count ?? 0) - before;
  return { share: (got * SECOND) / span / RATE, mostWaiting, connection: near.connection, forth };
}

describe("one transfer over 10 Mbit/s with 50 ms of round trip", () => {
  it("uses at least 85 % of it from the first second on", () => {
    expect(share({}, 0, 60 * SECOND).share).toBeGreaterThan(0.85);
  });

  it("keeps the queue near the target of 100 ms, though there is room for more", () => {
    const { mostWaiting, share: part, forth } = share({ queue: 2_000_000 }, 5 * SECOND, 60 * SECOND);
    expect(mostWaiting).toBeLessThan(130);
    expect(part).toBeGreaterThan(0.9);
    expect(forth.dropped).toBe(0);
  });

  it("finds the longest datagram that passes", () => {
    for (const mtu of [548, 1200, 1400, 1472]) {
      const { connection, share: part } = share({ mtu }, 5 * SECOND, 20 * SECOND);
      expect(connection?.datagramLength).toBeLessThanOrEqual(mtu);
      expect(connection?.datagramLength).toBeGreaterThan(mtu - 30);
      expect(part).toBeGreaterThan(0.8);
    }
  });

  it("is hardly slower when a tenth of the packets come 20 ms late", () => {
    expect(share({ reordering: 100, lateness: 20 }, 2 * SECOND, 30 * SECOND).share).toBeGreaterThan(0.75);
  });

  it("is hardly slower when a tenth of the packets come twice", () => {
    expect(share({ duplication: 100 }, 2 * SECOND, 30 * SECOND).share).toBeGreaterThan(0.85);
  });

  it("goes on where a queue is too short for the target", () => {
    expect(share({ queue: 40_000 }, 2 * SECOND, 30 * SECOND).share).toBeGreaterThan(0.7);
  });
});

describe("a path that carries shorter datagrams from now on", () => {
  it.each([
    [548, 1],
    [1000, 2],
    [1400, 3],
  ])("of %i bytes goes on with those, and brings every byte in order", (mtu, seed) => {
    const clock = new VirtualClock();
    const line: PathOptions = { latency: LATENCY, rate: RATE, loss: 5 };
    const { a, b, forth } = couple(clock, seed, line);
    const whole = randomBytes(seededRandom(seed), 12_000_000);
    const near = a.dial(b);
    b.onAccept = (stream) => {
      stream.heard = [];
      // It has something to say at all times.
      stream.onReceived = () => stream.write(new Uint8Array(1));
    };
    run(clock, clock.now + 20 * SECOND, () => near.isConnected);
    near.write(whole);
    run(clock, clock.now + 3 * SECOND);
    expect(near.connection?.datagramLength).toBe(1472);
    forth.options = { ...line, mtu };
    const changedAt = clock.now;
    const before = b.accepted[0]?.count ?? 0;
    run(clock, clock.now + 10 * SECOND, () => (b.accepted[0]?.count ?? 0) > before + 100_000);
    expect(clock.now - changedAt).toBeLessThan(8 * SECOND);
    run(clock, clock.now + 60 * SECOND, () => b.accepted[0]?.count === whole.length);
    expect(bytesEqual(concatBytes(...(b.accepted[0]?.heard ?? [])), whole)).toBe(true);
    expect(near.connection?.datagramLength).toBeLessThanOrEqual(mtu);
    expect(near.connection?.datagramLength).toBeGreaterThan(mtu - 30);
  });

  it("is not thought of when nothing passes at all for a while, nor when the answers alone are lost", () => {
    for (const isBack of [false, true]) {
      const clock = new VirtualClock();
      const line: PathOptions = { latency: LATENCY, rate: RATE };
      const { a, b, forth, home } = couple(clock, 5, line);
      const whole = randomBytes(seededRandom(6), 12_000_000);
      const near = a.dial(b);
      b.onAccept = (stream) => {
        stream.heard = [];
      };
      run(clock, clock.now + 20 * SECOND, () => near.isConnected);
      near.write(whole);
      run(clock, clock.now + 3 * SECOND);
      const paths = isBack ? [home] : [forth, home];
      for (const path of paths) path.options = { ...line, loss: 1000 };
      run(clock, clock.now + 8 * SECOND);
      for (const path of paths) path.options = line;
      run(clock, clock.now + 60 * SECOND, () => b.accepted[0]?.count === whole.length);
      expect(bytesEqual(concatBytes(...(b.accepted[0]?.heard ?? [])), whole)).toBe(true);
      expect(near.connection?.datagramLength).toBe(1472);
    }
  });
});

describe("five packets of a hundred lost, others late and doubled, both ways", () => {
  it("still bring every byte in order, at no less than a tenth of the line", () => {
    const clock = new VirtualClock();
    const bad: PathOptions = { latency: LATENCY, rate: RATE, loss: 50, reordering: 100, lateness: 40, duplication: 50 };
    const { a, b } = couple(clock, 3, bad);
    const whole = randomBytes(seededRandom(4), 4_000_000);
    const near = a.dial(b);
    b.onAccept = (stream) => {
      stream.heard = [];
      stream.write(whole.slice(0, 500_000));
    };
    near.heard = [];
    const began = clock.now;
    run(clock, began + 20 * SECOND, () => near.isConnected);
    near.write(whole);
    run(clock, began + 120 * SECOND, () => b.accepted[0]?.count === whole.length && near.count === 500_000);
    expect(bytesEqual(concatBytes(...(b.accepted[0]?.heard ?? [])), whole)).toBe(true);
    expect(bytesEqual(concatBytes(...near.heard), whole.subarray(0, 500_000))).toBe(true);
    expect((whole.length * SECOND) / (clock.now - began) / RATE).toBeGreaterThan(0.1);
  });

  it("is the same again from the same seed", () => {
    const once = () => {
      const clock = new VirtualClock();
      const { a, b } = couple(clock, 8, { latency: 40, rate: RATE, loss: 50, reordering: 200, lateness: 30 });
      a.dial(b).pour();
      run(clock, clock.now + 10 * SECOND);
      return [clock.happened, b.accepted[0]?.count];
    };
    expect(once()).toEqual(once());
  });
});

describe("a line that goes dead", () => {
  it("is told within a minute, and survived when it is mended in time", () => {
    const clock = new VirtualClock();
    const line: PathOptions = { latency: LATENCY, rate: RATE };
    const { a, b, forth, home } = couple(clock, 6, line);
    const near = a.dial(b);
    near.pour();
    run(clock, clock.now + 5 * SECOND);
    const cut = (isDead: boolean): void => {
      for (const path of [forth, home]) path.options = { ...line, loss: isDead ? 1000 : 0 };
    };
    cut(true);
    run(clock, clock.now + 10 * SECOND);
    cut(false);
    const before = b.accepted[0]?.count ?? 0;
    run(clock, clock.now + 20 * SECOND);
    expect((b.accepted[0]?.count ?? 0) - before).toBeGreaterThan(5 * RATE);
    cut(true);
    run(clock, clock.now + 60 * SECOND);
    expect(near.end).toMatchObject({ kind: "silent", wasConnected: true });
    expect(a.multiplexer.count).toBe(0);
  });
});
