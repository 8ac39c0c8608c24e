import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { RarestFirst } from "../../../core/swarm/rarest-first.ts";

type Step =
  | { readonly kind: "gained" | "lost"; readonly piece: number }
  | { readonly kind: "startable"; readonly piece: number; readonly is: boolean }
  | { readonly kind: "seeds"; readonly by: 1 | -1 };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("gained" as const, "lost" as const), piece: fc.nat(1000) }),
  fc.record({ kind: fc.constant("startable" as const), piece: fc.nat(1000), is: fc.boolean() }),
  fc.record({ kind: fc.constant("seeds" as const), by: fc.constantFrom(1 as const, -1 as const) }),
);

function visited(rarest: RarestFirst): number[] {
  const pieces: number[] = [];
  rarest.forEach((piece) => pieces.push(piece) > 0);
  return pieces;
}

test("after any history it visits exactly the startable pieces, rarest first", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer(),
      fc.array(step, { maxLength: 300 }),
      (count, seed, steps) => {
        const rarest = new RarestFirst(count, seededRandom(seed));
        const availability = new Array<number>(count).fill(0);
        const startable = new Array<boolean>(count).fill(false);
        for (const [turn, one] of steps.entries()) {
          if (one.kind === "seeds") rarest.seeds = Math.max(0, rarest.seeds + one.by);
          else {
            const piece = one.piece % count;
            if (one.kind === "startable") {
              startable[piece] = one.is;
              rarest.setStartable(piece, one.is);
            } else if (one.kind === "gained") {
              availability[piece] = (availability[piece] as number) + 1;
              rarest.gained(piece);
            } else if ((availability[piece] as number) > 0) {
              availability[piece] = (availability[piece] as number) - 1;
              rarest.lost(piece);
            }
          }
          if (turn % 7 !== 0 && turn !== steps.length - 1) continue;
          const pieces = visited(rarest);
          const expected = startable.flatMap((is, piece) => (is ? [piece] : []));
          expect([...pieces].sort((a, b) => a - b)).toEqual(expected);
          expect(rarest.startableCount).toBe(expected.length);
          for (let i = 1; i < pieces.length; i++) {
            expect(availability[pieces[i] as number]).toBeGreaterThanOrEqual(
              availability[pieces[i - 1] as number] as number,
            );
          }
          for (let piece = 0; piece < count; piece++) {
            expect(rarest.availability(piece)).toBe((availability[piece] as number) + rarest.seeds);
            expect(rarest.isStartable(piece)).toBe(startable[piece]);
          }
        }
      },
    ),
  );
});

test("a visit ends when the visitor has enough", () => {
  const rarest = new RarestFirst(10, seededRandom(1));
  for (let piece = 0; piece < 10; piece++) rarest.setStartable(piece, true);
  let calls = 0;
  rarest.forEach(() => ++calls < 3);
  expect(calls).toBe(3);
});

test("equally rare pieces come in an order that differs between clients", () => {
  const first = (seed: number) => {
    const rarest = new RarestFirst(100, seededRandom(seed));
    for (let piece = 0; piece < 100; piece++) rarest.setStartable(piece, true);
    return visited(rarest)[0] as number;
  };
  const firsts = new Set(Array.from({ length: 60 }, (_, seed) => first(seed)));
  expect(firsts.size).toBeGreaterThan(25);
});
