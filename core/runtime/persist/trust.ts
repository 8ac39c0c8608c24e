import { Bitfield } from "../../model/bitfield.ts";
import type { FileLayout, PieceLayout } from "../../model/layout.ts";
import type { Millis, PieceIndex, Timestamp } from "../../model/units.ts";
import type { FileStamp } from "../disk/storage.ts";
import type { ResumeRecord } from "./resume-record.ts";

/** A record as it was found, with what is known of the end of the engine that wrote it. */
export interface KeptResume extends ResumeRecord {
  /** Written after the record, and nothing since says otherwise. */
  readonly journaled: readonly PieceIndex[];
  /** May have been written; the journal belongs to another record. */
  readonly doubtful: readonly PieceIndex[];
  /** The engine's last sign of life. */
  readonly aliveAt: Timestamp;
  /** The system has run since: what was written is there, flushed or not. */
  readonly isSameBoot: boolean;
}

/**
 * A killed engine may have written so long after its last sign of life: the pieces that were under way. What is
 * later was somebody else. Too short costs hashing, too long belief.
 */
const LAST_WRITES: Millis = 500;

/**
 * Which pieces may be believed, and which must be hashed. Everything else is not there.
 *
 * A file that differs in size or time from its stamp has changed, unless the engine died while it was writing:
 * then files that keep their size and were last written by the time it died are as it left them. All pieces of a
 * changed file are hashed, those of an absent one are gone. Pieces not known to be flushed are believed within
 * one run of the system and hashed after a loss of power.
 */
export function trustworthy(
  resume: KeptResume,
  now: readonly (FileStamp | undefined)[],
  layout: PieceLayout,
  fileLayout: FileLayout,
): { readonly verified: Bitfield; readonly unchecked: Bitfield } {
  const verified = resume.verified.copy();
  const unchecked = new Bitfield(layout.pieceCount);
  const written = resume.written.copy();
  for (const piece of resume.journaled) if (layout.isPiece(piece)) written.set(piece);
  written.forEach((piece) => {
    if (resume.isSameBoot) verified.set(piece);
    else if (!verified.has(piece)) unchecked.set(piece);
  });
  for (const piece of resume.doubtful) if (layout.isPiece(piece) && !verified.has(piece)) unchecked.set(piece);

  fileLayout.files.forEach((file, index) => {
    if (file.isPadding) return;
    const range = fileLayout.piecesOf(index, layout.pieceLength);
    if (!range || isAsWeLeftIt(resume, resume.stamps[index], now[index], file.length)) return;
    for (let piece = range.first; piece <= range.last; piece++) {
      verified.clear(piece);
      if (now[index]) unchecked.set(piece);
    }
  });
  // A piece that reaches into an absent file can't be whole, whatever is said of its other files.
  fileLayout.files.forEach((file, index) => {
    const range = file.isPadding || now[index] ? undefined : fileLayout.piecesOf(index, layout.pieceLength);
    if (range) for (let piece = range.first; piece <= range.last; piece++) unchecked.clear(piece);
  });
  return { verified, unchecked };
}

function isAsWeLeftIt(
  resume: KeptResume,
  then: FileStamp | undefined,
  now: FileStamp | undefined,
  length: number,
): boolean {
  if (!now) return false;
  if (then && then.size === now.size && then.modifiedAt === now.modifiedAt) return true;
  if (resume.isAtRest) return false;
  // A file is made at its full length at once.
  if (now.size !== length) return false;
  return now.modifiedAt >= (then?.modifiedAt ?? 0) && now.modifiedAt <= resume.aliveAt + LAST_WRITES;
}
