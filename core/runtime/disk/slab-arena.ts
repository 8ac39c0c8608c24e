import { invariant } from "../../model/invariant.ts";
import { BLOCK_LENGTH, type Bytes } from "../../model/units.ts";
import type { PieceHashing } from "./piece-hash.ts";
import { RunningHash } from "./running-hash.ts";
import { RunningLeaves } from "./running-leaves.ts";

/** A stretch of shared memory for one piece, part of a piece, or read-ahead. */
export interface Slab {
  /** Exactly `length` bytes over a SharedArrayBuffer. Holds what its last user left. */
  readonly bytes: Uint8Array;
  readonly length: Bytes;
}

/** Slabs begin and end on multiples of this; it keeps the list of free runs short. */
const GRANULE = BLOCK_LENGTH;

interface Run {
  start: number;
  end: number;
}

/**
 * V8 copies into shared memory word by word, because another thread may look; nobody does before a slab is handed over.
 * `fill` with bytes of the same length is memcpy, at half the cost.
 */
class SlabBytes extends Uint8Array<SharedArrayBuffer> {
  hash: RunningHash | RunningLeaves | undefined;

  override set(source: Uint8Array, offset = 0): void {
    Buffer.prototype.fill.call(this, source, offset, offset + source.length);
    this.hash?.copied(offset, offset + source.length);
  }
}

export class ArenaSlab implements Slab {
  readonly bytes: SlabBytes;
  readonly length: Bytes;
  /** Offset of the slab in its arena. */
  readonly at: Bytes;
  /** Orders under way that read or write this slab: it is given back after the last. */
  orders = 0;
  isReleased = false;

  constructor(memory: SharedArrayBuffer, at: Bytes, length: Bytes, hashing: PieceHashing | undefined) {
    this.bytes = new SlabBytes(memory, at, length);
    if (hashing === "sha1") this.bytes.hash = new RunningHash(memory, at);
    else if (hashing === "tree") this.bytes.hash = new RunningLeaves(memory, at, length);
    this.at = at;
    this.length = length;
  }

  /** The SHA-1 of the whole slab, or the leaves of its blocks, if known; after a fault it may be asked for again. */
  digest(): Uint8Array | undefined {
    return this.bytes.hash?.digest(this.length);
  }
}

/**
 * Hands out slabs of one shared stretch of memory that lives as long as the arena.
 *
 * One stretch because V8 does not count shared memory when it decides to collect: slabs that were allocated and
 * dropped one by one would stay resident for as long as any thread had no other reason to collect. Memory is
 * touched only where a slab was used; the lowest free place is used first, so what is resident is the most that
 * was ever in use at once, and it is warm.
 *
 * Invariant: free runs are ascending, disjoint, never adjacent; together with the slabs in use they are the arena.
 */
export class SlabArena {
  readonly memory: SharedArrayBuffer;
  readonly #free: Run[];
  #used: Bytes = 0;

  /** @param size - Bytes, rounded down to whole granules; at least one. */
  constructor(size: Bytes) {
    const whole = Math.max(GRANULE, size - (size % GRANULE));
    this.memory = new SharedArrayBuffer(whole);
    this.#free = [{ start: 0, end: whole }];
  }

  get size(): Bytes {
    return this.memory.byteLength;
  }

  /** Bytes in slabs that are out, rounded up to granules. */
  get used(): Bytes {
    return this.#used;
  }

  /**
   * @param hashing - What is written by the slab's `set` is hashed at once, in this manner.
   * @returns Undefined when no free place is long enough.
   */
  take(length: Bytes, hashing?: PieceHashing): ArenaSlab | undefined {
    invariant(length > 0, `a slab of ${length} bytes`);
    const room = roomFor(length);
    for (let i = 0; i < this.#free.length; i++) {
      const run = this.#free[i] as Run;
      if (run.end - run.start < room) continue;
      const at = run.start;
      run.start += room;
      if (run.start === run.end) this.#free.splice(i, 1);
      this.#used += room;
      return new ArenaSlab(this.memory, at, length, hashing);
    }
    return undefined;
  }

  /** Takes a slab back, at once or when the orders under way with it are done. */
  release(slab: ArenaSlab): void {
    invariant(!slab.isReleased, `the slab at ${slab.at} was released twice`);
    slab.isReleased = true;
    if (slab.orders === 0) this.#give(slab);
  }

  /** An order with the slab has ended. */
  orderDone(slab: ArenaSlab): void {
    slab.orders--;
    if (slab.orders === 0 && slab.isReleased) this.#give(slab);
  }

  #give(slab: ArenaSlab): void {
    const start = slab.at;
    const end = start + roomFor(slab.length);
    this.#used -= end - start;
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#free[middle] as Run).start < start) low = middle + 1;
      else high = middle;
    }
    const before = this.#free[low - 1];
    const after = this.#free[low];
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    if (before && joinsBefore && after && joinsAfter) {
      before.end = after.end;
      this.#free.splice(low, 1);
    } else if (before && joinsBefore) before.end = end;
    else if (after && joinsAfter) after.start = start;
    else this.#free.splice(low, 0, { start, end });
  }
}

function roomFor(length: Bytes): Bytes {
  return Math.ceil(length / GRANULE) * GRANULE;
}
