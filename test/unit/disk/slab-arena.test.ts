import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ArenaSlab, SlabArena } from "../../../core/runtime/disk/slab-arena.ts";

const KIB = 1024;

describe("the arena of slabs", () => {
  test("slabs never overlap, stay inside, and all of it comes back, whatever the order", () => {
    const step = fc.record({ takes: fc.boolean(), length: fc.integer({ min: 1, max: 300 * KIB }), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const arena = new SlabArena(1024 * KIB);
        const out: ArenaSlab[] = [];
        for (const { takes, length, which } of steps) {
          const slab = takes ? arena.take(length) : undefined;
          if (slab) {
            expect(slab.bytes.length).toBe(length);
            const overlaps = out.some((other) => slab.at < other.at + other.length && other.at < slab.at + length);
            expect(overlaps).toBe(false);
            expect(slab.at + length).toBeLessThanOrEqual(arena.size);
            out.push(slab);
          } else if (out.length > 0) arena.release(out.splice(which % out.length, 1)[0] as ArenaSlab);
          expect(arena.used).toBe(
            out.reduce((sum, { length: taken }) => sum + Math.ceil(taken / (16 * KIB)) * 16 * KIB, 0),
          );
        }
        for (const slab of out) arena.release(slab);
        expect(arena.used).toBe(0);
        expect(arena.take(1024 * KIB)?.at).toBe(0);
      }),
    );
  });

  test("the lowest free place is used first, so that memory once touched is used again", () => {
    const arena = new SlabArena(1024 * KIB);
    const [first, second] = [arena.take(64 * KIB), arena.take(64 * KIB)] as [ArenaSlab, ArenaSlab];
    arena.take(64 * KIB);
    arena.release(second);
    arena.release(first);
    expect(arena.take(100 * KIB)?.at).toBe(0);
  });

  test("a slab with an order under way is given back after it", () => {
    const arena = new SlabArena(16 * KIB);
    const slab = arena.take(16 * KIB) as ArenaSlab;
    slab.orders++;
    arena.release(slab);
    expect(arena.take(1)).toBeUndefined();
    arena.orderDone(slab);
    expect(arena.take(1)?.at).toBe(0);
  });

  test("a slab released twice is a bug, found out", () => {
    const arena = new SlabArena(64 * KIB);
    const slab = arena.take(1) as ArenaSlab;
    arena.release(slab);
    expect(() => arena.release(slab)).toThrow("released twice");
  });
});
