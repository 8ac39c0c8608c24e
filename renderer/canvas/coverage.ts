import { PIECE_STATE, type PiecesView } from "../../core/contract/views.ts";
import { ONES_IN_BYTE } from "../../core/model/bitfield.ts";
import { columnsOf, hasGaps, piecesAt } from "./geometry.ts";
import type { Window } from "./viewport.ts";

/** Pieces drawn into pixel columns: one byte a column, so that a row of any height is one lookup a column. */

/** A column without a piece: the gap between two cells. */
export const GAP = 255;
/** The fullest coverage; 0 is none. 255 is {@link GAP}. */
export const FULL = 254;

/**
 * How much of each column's pieces a bitfield has, 0 … {@link FULL}. A single piece among thousands still shows
 * (at least 1), a single one missing too (at most FULL − 1).
 * @param bits - High bit of the first byte is piece 0 (BEP 3).
 */
export function bitfieldColumns(bits: Uint8Array, pieceCount: number, columns: number): Uint8Array {
  const out = new Uint8Array(columns);
  if (pieceCount === 0) return out;
  for (let column = 0; column < columns; column++) {
    const { first, end } = piecesAt(column, columns, pieceCount);
    out[column] = shade(countBits(bits, first, end), end - first);
  }
  cutGaps(out, pieceCount, wholeOf(columns));
  return out;
}

/** How many bits of the range `first` … `end` − 1 are set. */
export function countBits(bits: Uint8Array, first: number, end: number): number {
  let count = 0;
  let at = first;
  while (at < end) {
    if ((at & 7) === 0 && at + 8 <= end) {
      count += ONES_IN_BYTE[bits[at >>> 3] ?? 0] as number;
      at += 8;
    } else {
      if (((bits[at >>> 3] ?? 0) & (0x80 >>> (at & 7))) !== 0) count++;
      at++;
    }
  }
  return count;
}

/** What stands out in our own pieces, as a column shows it: values above {@link FULL} of the ramp's byte. */
export interface OwnColumns {
  /** Verified share of the wanted pieces, 0 … {@link FULL}, or {@link GAP}. */
  readonly coverage: Uint8Array;
  /** The state that the whole column is painted with instead; 255: paint the coverage. */
  readonly marks: Uint8Array;
}

export const NO_MARK = 255;

/** Rare states win over common ones, so that one failed piece of a thousand is still seen. */
export function ownColumns(states: Uint8Array, columns: number, window = wholeOf(columns)): OwnColumns {
  const coverage = new Uint8Array(window.width);
  const marks = new Uint8Array(window.width).fill(NO_MARK);
  const pieceCount = states.length;
  if (pieceCount === 0) return { coverage, marks };
  for (let column = 0; column < window.width; column++) {
    const { first, end } = piecesAt(window.left + column, window.world, pieceCount);
    let verified = 0;
    let unwanted = 0;
    let mark = NO_MARK;
    for (let piece = first; piece < end; piece++) {
      const state = states[piece] as number;
      if (state === PIECE_STATE.verified) verified++;
      else if (state === PIECE_STATE.unwanted) unwanted++;
      else if (state !== PIECE_STATE.missing) mark = stronger(mark, state);
    }
    if (mark === NO_MARK && unwanted === end - first) mark = PIECE_STATE.unwanted;
    marks[column] = mark;
    coverage[column] = shade(verified, end - first - unwanted);
  }
  cutGaps(coverage, pieceCount, window);
  return { coverage, marks };
}

/**
 * How available each column's pieces are, 0 … {@link FULL} of `most`; the least available piece decides, because it
 * is the one that stops a download.
 */
export function availabilityColumns(
  availability: Uint8Array,
  most: number,
  columns: number,
  window = wholeOf(columns),
): Uint8Array {
  const out = new Uint8Array(window.width);
  const pieceCount = availability.length;
  if (pieceCount === 0) return out;
  for (let column = 0; column < window.width; column++) {
    const { first, end } = piecesAt(window.left + column, window.world, pieceCount);
    let least = 255;
    for (let piece = first; piece < end; piece++) least = Math.min(least, availability[piece] as number);
    out[column] = most === 0 ? 0 : shade(Math.min(least, most), most);
  }
  cutGaps(out, pieceCount, window);
  return out;
}

/** A column without a piece that we lack. */
export const NOT_NEEDED = 255;

/**
 * How rare the rarest piece is that we lack and want, in each column: 0 where all `most` peers have it, {@link FULL} where
 * nobody has. In the logarithm of owners: that one peer more has a piece matters where few have it.
 */
export function rarityColumns(pieces: PiecesView, most: number, window: Window): Uint8Array {
  const { states, availability } = pieces;
  const out = new Uint8Array(window.width).fill(NOT_NEEDED);
  for (let column = 0; column < window.width; column++) {
    const { first, end } = piecesAt(window.left + column, window.world, states.length);
    let least = 256;
    for (let piece = first; piece < end; piece++) {
      const state = states[piece];
      if (state === PIECE_STATE.verified || state === PIECE_STATE.unwanted) continue;
      least = Math.min(least, availability[piece] as number);
    }
    if (least === 256) continue;
    out[column] = most === 0 ? FULL : Math.round(FULL * (1 - Math.log1p(Math.min(least, most)) / Math.log1p(most)));
  }
  cutGaps(out, states.length, window);
  return out;
}

const STRENGTH: readonly number[] = [PIECE_STATE.requested, PIECE_STATE.writing, PIECE_STATE.failed];

function stronger(mark: number, state: number): number {
  return STRENGTH.indexOf(state) > STRENGTH.indexOf(mark) ? state : mark;
}

function shade(part: number, whole: number): number {
  if (part <= 0 || whole <= 0) return 0;
  if (part >= whole) return FULL;
  return Math.min(FULL - 1, Math.max(1, Math.round((part / whole) * FULL)));
}

function wholeOf(columns: number): Window {
  return { world: columns, left: 0, width: columns };
}

/** Leaves the last column of every cell empty, when cells are wide enough for that. */
function cutGaps(columns: Uint8Array, pieceCount: number, window: Window): void {
  for (const column of gapColumns(window, pieceCount)) columns[column] = GAP;
}

/** The columns in sight that are left empty between cells, of which the torrent has so many; none after the last. */
export function gapColumns({ world, left, width }: Window, cells: number): number[] {
  if (!hasGaps(world, cells)) return [];
  const gaps: number[] = [];
  const last = Math.min(cells - 2, piecesAt(left + width - 1, world, cells).first);
  for (let cell = piecesAt(left, world, cells).first; cell <= last; cell++) {
    const column = columnsOf(cell, world, cells).end - 1 - left;
    if (column >= 0 && column < width) gaps.push(column);
  }
  return gaps;
}
