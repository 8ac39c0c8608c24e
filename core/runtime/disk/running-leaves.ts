import { NODE_LENGTH } from "../../model/merkle.ts";
import { BLOCK_LENGTH, type Bytes } from "../../model/units.ts";
import { sha256 } from "./piece-hash.ts";

/**
 * The leaves of a v2 piece (BEP 52), each taken when the last byte of its block arrives, while it is in this processor's
 * cache. Blocks may come in any order, the bytes of one in theirs; a piece that came otherwise has no leaves here.
 */
export class RunningLeaves {
  readonly #memory: SharedArrayBuffer;
  readonly #at: Bytes;
  readonly #length: Bytes;
  readonly #leaves: Uint8Array;
  /** Of each block: bytes that are there, from its beginning on. */
  readonly #there: Uint16Array;
  #missing: number;
  #isLost = false;

  /** @param at - Where in `memory` the piece is. */
  constructor(memory: SharedArrayBuffer, at: Bytes, length: Bytes) {
    this.#memory = memory;
    this.#at = at;
    this.#length = length;
    this.#missing = Math.ceil(length / BLOCK_LENGTH);
    this.#leaves = new Uint8Array(this.#missing * NODE_LENGTH);
    this.#there = new Uint16Array(this.#missing);
  }

  /** Bytes were copied to their place, from `begin` to `end` of the piece. */
  copied(begin: Bytes, end: Bytes): void {
    if (this.#isLost || end === begin) return;
    const block = Math.floor(begin / BLOCK_LENGTH);
    const start = block * BLOCK_LENGTH;
    const length = Math.min(BLOCK_LENGTH, this.#length - start);
    const before = this.#there[block] as number;
    const isInOrder = begin === start || begin === start + before;
    if (!isInOrder || end > start + length) {
      this.#isLost = true;
      return;
    }
    // It comes anew, from its beginning on.
    if (before === length) this.#missing++;
    this.#there[block] = end - start;
    if (end < start + length) return;
    this.#leaves.set(sha256(new Uint8Array(this.#memory, this.#at + start, length)), block * NODE_LENGTH);
    this.#missing--;
  }

  /** @returns The leaves, if every block came as it should. */
  digest(): Uint8Array | undefined {
    return this.#isLost || this.#missing > 0 ? undefined : this.#leaves;
  }
}
