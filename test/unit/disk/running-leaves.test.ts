import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ArenaSlab, SlabArena } from "../../../core/runtime/disk/slab-arena.ts";
import { pseudoRandomBytes } from "../../setup/payload.ts";

const BLOCK = 16 * 1024;
const PIECE = 7 * BLOCK + 77;
const content = pseudoRandomBytes(PIECE, 1).subarray(0, PIECE);

function slabOf(length = PIECE): ArenaSlab {
  return new SlabArena(8 * BLOCK).take(length, "tree") as ArenaSlab;
}

function leaves(bytes: Uint8Array): string {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK) {
    all.push(
      createHash("sha256")
        .update(bytes.subarray(at, at + BLOCK))
        .digest(),
    );
  }
  return Buffer.concat(all).toString("hex");
}

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");

/** Writes blocks in this order, each cut in two at `cut`. */
function write(slab: ArenaSlab, blocks: readonly number[], cut = 5000): void {
  for (const block of blocks) {
    const at = block * BLOCK;
    const bytes = content.subarray(at, at + BLOCK);
    slab.bytes.set(bytes.subarray(0, cut), at);
    if (bytes.length > cut) slab.bytes.set(bytes.subarray(cut), at + cut);
  }
}

describe("the leaves that are taken as a v2 piece arrives", () => {
  test("are there when the last byte is, in whatever order the blocks come", () => {
    const slab = slabOf();
    write(slab, [7, 3, 1, 0, 2, 6, 5]);
    expect(slab.digest()).toBeUndefined();
    write(slab, [4]);
    expect(hex(slab.digest())).toBe(leaves(content));
  });

  test("are taken again of a block that comes again, and are not there meanwhile", () => {
    const slab = slabOf();
    write(slab, [0, 1, 2, 3, 4, 5, 6, 7]);
    slab.bytes.set(
      content.subarray(BLOCK, BLOCK + 10).map((byte) => byte ^ 1),
      BLOCK,
    );
    expect(slab.digest()).toBeUndefined();
    write(slab, [1]);
    expect(hex(slab.digest())).toBe(leaves(content));
  });

  test("are of what the memory holds, or not there, whoever writes what where in what order", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8, maxLength: 8 });
    const again = fc.array(fc.record({ from: fc.nat(PIECE - 1), length: fc.nat(2 * BLOCK), value: fc.nat(255) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(order, again, fc.nat(8), fc.integer({ min: 1, max: BLOCK }), (blocks, writes, when, cut) => {
        const slab = slabOf();
        write(slab, blocks.slice(0, when), cut);
        for (const { from, length, value } of writes) {
          slab.bytes.set(new Uint8Array(Math.min(length, PIECE - from)).fill(value), from);
        }
        write(slab, blocks.slice(when), cut);
        const digest = slab.digest();
        if (digest !== undefined) expect(hex(digest)).toBe(leaves(slab.bytes));
        if (writes.length === 0) expect(digest).toBeDefined();
      }),
    );
  });
});
