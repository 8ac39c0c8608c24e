import { createHash, type Hash } from "node:crypto";
import { BLOCK_LENGTH, type Bytes } from "../../model/units.ts";
import { MAX_SLAB } from "../../swarm/ports.ts";

/** What came early by more than this has left the processor's cache before its turn: a worker may as well hash it. */
const REACH: Bytes = 512 * 1024;

/**
 * The SHA-1 of a piece, taken of its bytes as they arrive. They are in the cache of this processor then: hashed later on
 * another they cost half as much again. Peers answer nearly in order; a piece that came otherwise has no digest here.
 */
export class RunningHash {
  readonly #memory: SharedArrayBuffer;
  readonly #at: Bytes;
  #hash: Hash | undefined;
  #hashed: Bytes = 0;
  #digest: Buffer | undefined;
  #isLost = false;
  /** Of blocks that came early: where the bytes end that follow each one's beginning without a gap. */
  #ends: Int32Array | undefined;

  /** @param at - Where in `memory` the piece is. */
  constructor(memory: SharedArrayBuffer, at: Bytes) {
    this.#memory = memory;
    this.#at = at;
  }

  /** `bytes` were copied to their place, `offset` within the piece. */
  copied(bytes: Uint8Array, offset: Bytes): void {
    if (this.#isLost) return;
    const end = offset + bytes.length;
    if (offset === this.#hashed) {
      this.#append(bytes);
      if (this.#ends !== undefined) this.#catchUp(this.#ends);
      return;
    }
    const block = Math.floor(offset / BLOCK_LENGTH);
    // Written over what is hashed already: only the memory knows what the piece is now.
    const isOutOfReach = offset < this.#hashed || end > this.#hashed + REACH || end > (block + 1) * BLOCK_LENGTH;
    if (isOutOfReach) {
      this.#isLost = true;
      this.#hash = undefined;
      return;
    }
    this.#ends ??= new Int32Array(MAX_SLAB / BLOCK_LENGTH);
    if (offset === block * BLOCK_LENGTH || this.#ends[block] === offset) this.#ends[block] = end;
  }

  /** @returns The digest if all `length` bytes of the piece were hashed, else undefined. */
  digest(length: Bytes): Buffer | undefined {
    if (this.#isLost || this.#hashed !== length) return undefined;
    this.#digest ??= this.#hash?.digest();
    return this.#digest;
  }

  #append(bytes: Uint8Array): void {
    this.#hash ??= createHash("sha1");
    this.#hash.update(bytes);
    this.#hashed += bytes.length;
  }

  #catchUp(ends: Int32Array): void {
    for (;;) {
      const end = ends[Math.floor(this.#hashed / BLOCK_LENGTH)] ?? 0;
      if (end <= this.#hashed) return;
      this.#append(new Uint8Array(this.#memory, this.#at + this.#hashed, end - this.#hashed));
    }
  }
}
