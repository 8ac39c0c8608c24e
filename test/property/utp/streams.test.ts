import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesEqual, concatBytes } from "../../../core/model/bytes.ts";
import { randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { VirtualClock } from "../../sim/support/clock.ts";
import { couple, run, type Stream } from "../../sim/utp/datagrams.ts";

const line = fc.record({
  latency: fc.integer({ min: 0, max: 300 }),
  rate: fc.option(fc.integer({ min: 20_000, max: 5_000_000 }), { nil: 5_000_000 }),
  queue: fc.integer({ min: 8_000, max: 400_000 }),
  loss: fc.integer({ min: 0, max: 150 }),
  duplication: fc.integer({ min: 0, max: 200 }),
  reordering: fc.integer({ min: 0, max: 500 }),
  lateness: fc.integer({ min: 1, max: 400 }),
  mtu: fc.constantFrom(548, 600, 1372, 1472),
});

/** Writes `whole` in pieces of any size, some now and some later, and then ends the connection. */
function send(clock: VirtualClock, stream: Stream, whole: Uint8Array, seed: number, isLast: boolean): void {
  const random = seededRandom(seed);
  let at = 0;
  const next = (): void => {
    for (let pieces = randomBelow(random, 4); pieces >= 0 && at < whole.length; pieces--) {
      const length = 1 + randomBelow(random, randomBelow(random, 3) === 0 ? 20_000 : 60);
      stream.write(whole.slice(at, at + length));
      at += length;
    }
    if (at < whole.length) clock.after(randomBelow(random, 200), next);
    else if (isLast) stream.close(9);
  };
  next();
}

describe("uTP over any line", () => {
  it("delivers exactly what was written, both ways, and tells the end after the last byte", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        line,
        line,
        fc.tuple(fc.integer({ min: 0, max: 120_000 }), fc.integer({ min: 0, max: 60_000 })),
        (seed, there, back, [downLength, upLength]) => {
          const clock = new VirtualClock();
          const { a, b } = couple(clock, seed, there, back);
          const random = seededRandom(seed);
          const up = randomBytes(random, upLength);
          const down = randomBytes(random, downLength);
          let far: Stream | undefined;
          b.onAccept = (stream) => {
            far = stream;
            stream.heard = [];
          };
          const near = a.dial(b);
          near.heard = [];
          near.write(Uint8Array.of(1));
          const limit = clock.now + 3_600_000;
          run(clock, limit, () => far !== undefined || near.end !== undefined);
          if (near.end !== undefined) {
            // A line this bad may not carry three SYNs.
            expect(near.end).toEqual({ kind: "silent", tries: 3, wasConnected: false });
            return;
          }
          const other = far as unknown as Stream;
          send(clock, near, up, seed + 1, false);
          send(clock, other, down, seed + 2, false);
          run(clock, limit, () => near.count >= downLength && other.count >= 1 + upLength);
          expect(bytesEqual(concatBytes(...(near.heard as Uint8Array[])), down)).toBe(true);
          const heard = concatBytes(...(other.heard as Uint8Array[]));
          expect(bytesEqual(heard, concatBytes(Uint8Array.of(1), up))).toBe(true);
          near.close(9);
          run(clock, clock.now + 60_000);
          // The goodbye is said three times: on the worst of lines none arrives, and the other finds out by itself.
          if (other.end?.kind === "finished") expect(other.end.closeReason).toBe(9);
          expect([a.multiplexer.count, near.end]).toEqual([0, undefined]);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it("says goodbye after the last byte on a line that loses little", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 50_000 }), (seed, length) => {
        const clock = new VirtualClock();
        const { a, b } = couple(clock, seed, { latency: 30, loss: 20, reordering: 100, lateness: 30, duplication: 20 });
        const whole = randomBytes(seededRandom(seed), length);
        const near = a.dial(b);
        b.onAccept = (stream) => {
          stream.heard = [];
        };
        run(clock, clock.now + 10_000, () => near.isConnected);
        fc.pre(near.isConnected);
        send(clock, near, concatBytes(Uint8Array.of(1), whole), seed, true);
        run(clock, clock.now + 300_000);
        const [far] = b.accepted;
        expect(bytesEqual(concatBytes(...(far?.heard ?? [])), concatBytes(Uint8Array.of(1), whole))).toBe(true);
        expect(far?.end).toEqual({ kind: "finished", closeReason: 9 });
        expect([a.multiplexer.count, b.multiplexer.count]).toEqual([0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});
