import { FULL } from "./coverage.ts";
import { columnsOf } from "./geometry.ts";
import type { Window } from "./viewport.ts";

/**
 * How much of each column's pieces one peer has, kept between frames: what a peer gains is mended, what is moved is moved,
 * and only another scale is counted anew.
 */
export class RowColumns {
  /** 0 … {@link FULL} a column in sight. */
  readonly columns: Uint8Array;
  readonly window: Window;
  /** The bits that `columns` show. */
  bits: Uint8Array | undefined;
  readonly #pieceCount: number;
  /** `bits` with the first piece of 32 as the highest bit of a word. */
  readonly #words: Uint32Array;

  /** @param before - The same row in another window; its bits are `bits`. */
  constructor(bits: Uint8Array | undefined, pieceCount: number, window: Window, before?: RowColumns) {
    this.bits = bits;
    this.window = window;
    this.#pieceCount = pieceCount;
    this.columns = new Uint8Array(window.width);
    this.#words = before === undefined || before.bits !== bits ? wordsOf(bits, pieceCount) : before.#words;
    const { first, end } = before === undefined || before.bits !== bits ? NOTHING_KEPT : keep(before, this);
    this.#count(0, first);
    this.#count(end, window.width);
  }

  /** The peer has these pieces, too. @param bits - With them. */
  gain(bits: Uint8Array, haves: readonly number[]): void {
    this.bits = bits;
    const { world, left, width } = this.window;
    for (const piece of haves) {
      this.#words[piece >>> 5] = ((this.#words[piece >>> 5] as number) | (0x80000000 >>> (piece & 31))) >>> 0;
      const { first, end } = columnsOf(piece, world, this.#pieceCount);
      this.#count(Math.max(0, first - left), Math.min(width, end - left));
    }
  }

  /** What `piecesAt` says of each column, without an object a column: this is most of what zooming costs. */
  #count(from: number, to: number): void {
    const { world, left } = this.window;
    const pieceCount = this.#pieceCount;
    const isNear = pieceCount <= world;
    for (let column = from; column < to; column++) {
      const at = left + column;
      const first = isNear
        ? Math.min(pieceCount - 1, Math.floor(((at + 0.5) * pieceCount) / world))
        : Math.floor((at * pieceCount) / world);
      const end = isNear ? first + 1 : Math.max(first + 1, Math.floor(((at + 1) * pieceCount) / world));
      const has = countRange(this.#words, first, end);
      const all = end - first;
      // A single piece among thousands still shows, and so does a single one that is missing.
      if (has === all) this.columns[column] = FULL;
      else this.columns[column] = has === 0 ? 0 : Math.min(FULL - 1, Math.max(1, Math.round((has / all) * FULL)));
    }
  }
}

const NOTHING_KEPT = { first: 0, end: 0 };

/** Copies the columns that both windows have. @returns Which are there now. */
function keep(before: RowColumns, after: RowColumns): { first: number; end: number } {
  if (before.window.world !== after.window.world) return NOTHING_KEPT;
  const by = before.window.left - after.window.left;
  const first = Math.max(0, by);
  const end = Math.min(after.window.width, before.window.width + by);
  if (end <= first) return NOTHING_KEPT;
  after.columns.set(before.columns.subarray(first - by, end - by), first);
  return { first, end };
}

function wordsOf(bits: Uint8Array | undefined, pieceCount: number): Uint32Array {
  const words = new Uint32Array((pieceCount + 31) >>> 5);
  if (bits === undefined) return words;
  for (let at = 0; at < bits.length && at >>> 2 < words.length; at++) {
    words[at >>> 2] = ((words[at >>> 2] as number) | ((bits[at] as number) << (24 - 8 * (at & 3)))) >>> 0;
  }
  return words;
}

/** How many of the pieces `first` … `end` − 1 are there. */
function countRange(words: Uint32Array, first: number, end: number): number {
  if (end - first === 1) return ((words[first >>> 5] as number) >>> (31 - (first & 31))) & 1;
  const [low, high] = [first >>> 5, (end - 1) >>> 5];
  const headMask = 0xffffffff >>> (first & 31);
  const tailMask = 0xffffffff << (31 - ((end - 1) & 31));
  if (low === high) return ones((words[low] as number) & headMask & tailMask);
  let count = ones((words[low] as number) & headMask) + ones((words[high] as number) & tailMask);
  for (let at = low + 1; at < high; at++) count += ones(words[at] as number);
  return count;
}

/** Set bits of a word. */
function ones(word: number): number {
  const value = word | 0;
  if (value === 0) return 0;
  if (value === -1) return 32;
  const pairs = value - ((value >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
