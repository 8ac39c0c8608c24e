import { Bitfield } from "../model/bitfield.ts";
import type { PieceIndex } from "../model/units.ts";

/** Haves of a peer that are kept while it is not known how many pieces there are. */
const MAX_HAVES = 10_000;

/** What a peer tells of its pieces before the metadata says how many there are (BEP 9). */
export class EarlyPieces {
  #told: "all" | "none" | Uint8Array = "none";
  readonly #haves = new Set<PieceIndex>();

  /** @param told - A bitfield is copied. */
  tell(told: "all" | "none" | Uint8Array): void {
    this.#told = told instanceof Uint8Array ? told.slice() : told;
    this.#haves.clear();
  }

  have(piece: PieceIndex): void {
    if (this.#haves.size < MAX_HAVES) this.#haves.add(piece);
  }

  /** It has it no longer (BEP 54). What it told at once can't be read yet, and is believed. */
  lost(piece: PieceIndex): void {
    this.#haves.delete(piece);
  }

  /** @returns What it has of `pieceCount` pieces, or in words why that can't be. */
  resolve(pieceCount: number): Bitfield | string {
    const told = this.#told;
    if (told === "all") return Bitfield.full(pieceCount);
    const length = Bitfield.byteLength(pieceCount);
    if (told !== "none" && told.length !== length) {
      return `a bitfield of ${told.length} bytes, ${length} expected for ${pieceCount} pieces`;
    }
    const pieces = told === "none" ? new Bitfield(pieceCount) : Bitfield.fromBytes(told, pieceCount);
    for (const piece of this.#haves) {
      if (piece >= pieceCount) return `a have of piece ${piece}, the torrent has ${pieceCount}`;
      pieces.set(piece);
    }
    return pieces;
  }
}
