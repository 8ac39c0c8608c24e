import { type FileView, PIECE_STATE, type PieceState } from "../../core/contract/views.ts";
import type { Bytes } from "../../core/model/units.ts";
import { say } from "../words/say.ts";
import { formatCount } from "./units.ts";
import { pieceStateWords } from "./words.ts";

const STATE_NAMES = Object.keys(PIECE_STATE) as PieceState[];

/** @returns The name of a state byte; `missing` for a byte that has none. */
export function pieceStateName(state: number | undefined): PieceState {
  return STATE_NAMES.find((name) => PIECE_STATE[name] === state) ?? "missing";
}

/** How many pieces are in each state. */
export function countStates(states: Uint8Array): Record<PieceState, number> {
  const byByte = new Uint32Array(STATE_NAMES.length);
  for (const state of states) byByte[state] = (byByte[state] ?? 0) + 1;
  return Object.fromEntries(STATE_NAMES.map((name) => [name, byByte[PIECE_STATE[name]] ?? 0])) as Record<
    PieceState,
    number
  >;
}

/** The picture of our own pieces as a sentence: `500 pieces: 213 verified, 287 missing.` */
export function statesSentence(states: Uint8Array): string {
  const counts = countStates(states);
  const order: PieceState[] = ["verified", "writing", "requested", "missing", "failed", "unwanted"];
  const parts = order
    .filter((name) => counts[name] > 0)
    .map((name) => `${formatCount(counts[name])} ${pieceStateWords(name)}`);
  return say.values.pieceSum(states.length, parts.join(", "));
}

/** The picture of availability as a sentence, naming what is scarce. */
export function availabilitySentence(availability: Uint8Array): string {
  if (availability.length === 0) return "";
  const least = availability.reduce((lowest, count) => Math.min(lowest, count), 255);
  const scarce = availability.reduce((total, count) => total + (count === least ? 1 : 0), 0);
  if (least === 0) return say.values.piecesNowhere(scarce);
  if (least === 255) return say.values.everywhere(255);
  if (scarce === availability.length) return say.values.allAt(least);
  return say.values.rarest(scarce, least);
}

/** @param bits - The high bit of the first byte is piece 0 (BEP 3). */
export function hasPiece(bits: Uint8Array | undefined, piece: number): boolean {
  return ((bits?.[piece >>> 3] ?? 0) & (0x80 >>> (piece & 7))) !== 0;
}

/** The files that hold a byte of a piece, in order. `files` ascend by offset. */
export function filesOfPiece(files: readonly FileView[], piece: number, pieceLength: Bytes): FileView[] {
  const start = piece * pieceLength;
  const end = start + pieceLength;
  const held: FileView[] = [];
  for (let i = firstEndingAfter(files, start); i < files.length; i++) {
    const file = files[i] as FileView;
    if (file.offset >= end) break;
    if (file.length > 0) held.push(file);
  }
  return held;
}

/** `disc 1/one.flac`, `disc 1/one.flac and 1 more file`. */
export function fileNames(files: readonly FileView[]): string {
  const [first] = files;
  if (first === undefined) return say.values.padding;
  return files.length === 1 ? first.path : say.values.andMore(first.path, files.length - 1);
}

function firstEndingAfter(files: readonly FileView[], offset: Bytes): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const file = files[middle] as FileView;
    if (file.offset + file.length > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
