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
  /** Up to here all bytes are there. */
  #ready: Bytes = 0;
  #digest: Buffer | undefined;
  #isLost = false;
  /** Of blocks that came early: where the bytes end that follow each one's beginning without a gap. */
  #ends: Int32Array | undefined;

  /** @param at - Where in `memory` the piece is. */
  constructor(memory: SharedArrayBuffer, at: Bytes) {
    this.#memory = memory;
    this.#at = at;
  }

  /** Bytes were copied to their place, from `begin` to `end` of the piece. */
  copied(begin: Bytes, end: Bytes): void {
    if (this.#isLost) return;
    if (begin === this.#ready) {
      this.#ready = end;
      if (this.#ends !== undefined) this.#catchUp(this.#ends);
      // Not for every packet: a call costs as much as hashing a thousand bytes.
      if (this.#ready - this.#hashed >= BLOCK_LENGTH) this.#hashReady();
      return;
    }
    const block = Math.floor(begin / BLOCK_LENGTH);
    // Written over what is hashed already: only the memory knows what the piece is now.
    const isOutOfReach = begin < this.#ready || end > this.#ready + REACH || end > (block + 1) * BLOCK_LENGTH;
    if (isOutOfReach) {
      this.#isLost = true;
      this.#hash = undefined;
      return;
    }
    this.#ends ??= new Int32Array(MAX_SLAB / BLOCK_LENGTH);
    if (begin === block * BLOCK_LENGTH || this.#ends[block] === begin) this.#ends[block] = end;
  }

  /** @returns The digest if all `length` bytes of the piece came as they should, else undefined. */
  digest(length: Bytes): Buffer | undefined {
    if (this.#isLost || this.#ready !== length) return undefined;
    if (this.#digest === undefined) {
      this.#hashReady();
      this.#digest = this.#hash?.digest();
    }
    return this.#digest;
  }

  #catchUp(ends: Int32Array): void {
    for (;;) {
      const end = ends[Math.floor(this.#ready / BLOCK_LENGTH)] ?? 0;
      if (end <= this.#ready) return;
      this.#ready = end;
    }
  }

  #hashReady(): void {
    this.#hash ??= createHash("sha1");
    this.#hash.update(new Uint8Array(this.#memory, this.#at + this.#hashed, this.#ready - this.#hashed));
    this.#hashed = this.#ready;
  }
}
