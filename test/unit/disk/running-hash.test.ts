import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ArenaSlab, SlabArena } from "../../../core/runtime/disk/slab-arena.ts";
import { pseudoRandomBytes } from "../../setup/payload.ts";

const BLOCK = 16 * 1024;
const PIECE = 64 * BLOCK;
const content = pseudoRandomBytes(PIECE, 1);

function hashedSlab(): ArenaSlab {
  return new SlabArena(PIECE).take(PIECE, "sha1") as ArenaSlab;
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString("hex");
}

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** Writes blocks in this order, each cut in two at `cut`. */
function write(slab: ArenaSlab, blocks: readonly number[], cut = 5000): void {
  for (const block of blocks) {
    const at = block * BLOCK;
    slab.bytes.set(content.subarray(at, at + cut), at);
    slab.bytes.set(content.subarray(at + cut, at + BLOCK), at + cut);
  }
}

const inOrder = Array.from({ length: 64 }, (_, block) => block);

describe("the hash that is taken as a piece arrives", () => {
  test("is there when the last byte is, for blocks in order, cut anywhere", () => {
    const slab = hashedSlab();
    write(slab, inOrder.slice(0, 63));
    expect(slab.digest()).toBeUndefined();
    write(slab, [63], 1);
    expect(hex(slab.digest())).toBe(sha1(content));
  });

  test("is there when neighbours come in the wrong order", () => {
    const slab = hashedSlab();
    write(slab, [1, 0, 4, 3, 2, ...inOrder.slice(5, 60), 63, 62, 61, 60]);
    expect(hex(slab.digest())).toBe(sha1(content));
  });

  test("is given up when blocks come far before their turn", () => {
    const slab = hashedSlab();
    write(slab, inOrder.toReversed());
    expect(slab.digest()).toBeUndefined();
  });

  test("is given up when bytes are written anew after it was taken", () => {
    const slab = hashedSlab();
    write(slab, inOrder);
    expect(slab.digest()).toBeDefined();
    slab.bytes.set(content.subarray(0, 1), BLOCK);
    expect(slab.digest()).toBeUndefined();
  });

  test("is not taken of slabs that nobody wants hashed", () => {
    const slab = new SlabArena(PIECE).take(PIECE) as ArenaSlab;
    write(slab, inOrder);
    expect(slab.digest()).toBeUndefined();
  });

  test("is of what the memory holds, or not there, whoever writes what where in what order", () => {
    const order = fc.shuffledSubarray(inOrder.slice(0, 8), { minLength: 8, maxLength: 8 });
    const again = fc.array(fc.record({ block: fc.nat(7), from: fc.nat(BLOCK - 1), value: fc.nat(255) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(order, again, fc.nat(8), (blocks, writes, when) => {
        const slab = new SlabArena(8 * BLOCK).take(8 * BLOCK, "sha1") as ArenaSlab;
        write(slab, blocks.slice(0, when));
        for (const { block, from, value } of writes) {
          slab.bytes.set(new Uint8Array(BLOCK - from).fill(value), block * BLOCK + from);
        }
        write(slab, blocks.slice(when));
        const digest = slab.digest();
        if (digest !== undefined) expect(hex(digest)).toBe(sha1(slab.bytes));
        if (writes.length === 0) expect(digest).toBeDefined();
      }),
    );
  });
});
