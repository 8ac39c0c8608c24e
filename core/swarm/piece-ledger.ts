import type { Bitfield } from "../model/bitfield.ts";
import { invariant } from "../model/invariant.ts";
import type { PieceLayout } from "../model/layout.ts";
import type { Bytes, PieceIndex } from "../model/units.ts";
import { PartialPiece } from "./partial-piece.ts";
import type { RarestFirst } from "./rarest-first.ts";

/** A disk of 400 MB/s is busy with it for 10 ms. */
const MAX_WRITING: Bytes = 4 * 1024 * 1024;

/**
 * Where every piece stands. A piece is in exactly one of: missing, partial (some block asked for or received),
 * writing (whole, at the disk), verified. Besides, a piece is wanted or not.
 *
 * Invariant: `rarest` holds as startable exactly the pieces that are missing and wanted.
 */
export class PieceLedger {
  readonly layout: PieceLayout;
  readonly verified: Bitfield;
  readonly wanted: Bitfield;
  readonly partials = new Map<PieceIndex, PartialPiece>();
  /** Those of `partials` with a free block, oldest first: what is begun is finished before something new. */
  readonly open = new Set<PartialPiece>();
  readonly writing = new Map<PieceIndex, PartialPiece>();
  /** How often something became free to be asked for: a search that found nothing finds nothing until this moves. */
  openings = 0;
  /** Pieces that failed their hash last time they were whole. */
  readonly failed = new Set<PieceIndex>();
  /** Wanted pieces that are not verified. */
  missingWanted: number;
  readonly #rarest: RarestFirst;

  /** @param verified - What is on disk and hashed; becomes the ledger's own. */
  constructor(layout: PieceLayout, verified: Bitfield, wanted: Bitfield, rarest: RarestFirst) {
    invariant(
      verified.length === layout.pieceCount && wanted.length === layout.pieceCount,
      `bitfields of ${verified.length} and ${wanted.length} pieces for a layout of ${layout.pieceCount}`,
    );
    this.layout = layout;
    this.verified = verified;
    this.wanted = wanted;
    this.#rarest = rarest;
    this.missingWanted = 0;
    wanted.forEach((piece) => {
      if (verified.has(piece)) return;
      this.missingWanted++;
      rarest.setStartable(piece, true);
    });
  }

  get isComplete(): boolean {
    return this.missingWanted === 0;
  }

  /** Do we want this piece of a peer? */
  needs(piece: PieceIndex): boolean {
    return this.wanted.has(piece) && !this.verified.has(piece);
  }

  /** Some wanted piece is neither begun nor there. */
  get hasStartable(): boolean {
    return this.#rarest.startableCount > 0;
  }

  /** Nothing is left to start or to ask for the first time: what is missing is asked for already. */
  get isEndgame(): boolean {
    return this.open.size === 0 && !this.hasStartable && this.partials.size > 0;
  }

  /** A check found the piece on the disk. */
  adopt(piece: PieceIndex): void {
    this.#rarest.setStartable(piece, false);
    this.verify(piece);
  }

  /** The disk has more before it than it needs to stay busy: what is asked for meanwhile only grows cold in memory. */
  get isDiskBehind(): boolean {
    return this.writing.size > 1 && this.writing.size * this.layout.pieceLength > MAX_WRITING;
  }

  start(piece: PieceIndex): PartialPiece {
    const partial = new PartialPiece(piece, this.layout);
    this.#rarest.setStartable(piece, false);
    this.partials.set(piece, partial);
    this.open.add(partial);
    return partial;
  }

  /** Keeps `open` true after blocks of the piece were taken or given back. */
  reviewOpen(partial: PartialPiece): void {
    if (partial.free === 0) this.open.delete(partial);
    else if (!this.open.has(partial)) {
      this.open.add(partial);
      this.openings++;
    }
  }

  /** The peer is gone or silent: others may finish the pieces that were set aside for it. */
  openToOthers(peer: number): void {
    for (const partial of this.partials.values()) {
      if (partial.leftTo === peer) partial.leftTo = undefined;
      if (partial.exclusiveTo !== peer) continue;
      partial.exclusiveTo = undefined;
      this.openings++;
    }
  }

  /** A partial without any block or request is missing again. */
  drop(partial: PartialPiece): void {
    this.partials.delete(partial.piece);
    this.open.delete(partial);
    this.#reopen(partial.piece);
  }

  beginWriting(partial: PartialPiece): void {
    this.partials.delete(partial.piece);
    this.open.delete(partial);
    this.writing.set(partial.piece, partial);
  }

  verify(piece: PieceIndex): void {
    this.writing.delete(piece);
    this.failed.delete(piece);
    if (!this.verified.set(piece)) return;
    if (this.wanted.has(piece)) this.missingWanted--;
  }

  fail(piece: PieceIndex): void {
    this.writing.delete(piece);
    this.failed.add(piece);
    this.#reopen(piece);
  }

  /** The piece did not reach the disk; it is missing again, without blame. */
  unwrite(piece: PieceIndex): void {
    this.writing.delete(piece);
    this.#reopen(piece);
  }

  setWanted(piece: PieceIndex, wanted: boolean): void {
    const changed = wanted ? this.wanted.set(piece) : this.wanted.clear(piece);
    if (!changed) return;
    if (!this.verified.has(piece)) this.missingWanted += wanted ? 1 : -1;
    const isMissing = !this.verified.has(piece) && !this.partials.has(piece) && !this.writing.has(piece);
    this.#rarest.setStartable(piece, isMissing && wanted);
    this.openings++;
  }

  #reopen(piece: PieceIndex): void {
    this.#rarest.setStartable(piece, this.needs(piece));
    this.openings++;
  }

  /** Bytes verified, of the pieces in `of` or of all. */
  bytesVerified(of?: Bitfield): Bytes {
    let bytes = 0;
    this.verified.forEach((piece) => {
      if (of === undefined || of.has(piece)) bytes += this.layout.lengthOf(piece);
    });
    return bytes;
  }
}
