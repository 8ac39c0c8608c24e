import type { Bitfield } from "../model/bitfield.ts";
import type { PieceLayout } from "../model/layout.ts";
import type { PieceIndex } from "../model/units.ts";
import type { TorrentStorage } from "./ports.ts";
import type { Activity, TorrentFault } from "./torrent-record.ts";

/** What becomes of the pieces of a check. */
interface Findings {
  readonly layout: PieceLayout;
  /** Pieces leave it once they are judged: what is left when a check is cut short is still to be checked. */
  readonly unchecked: Bitfield;
  found(piece: PieceIndex): void;
  /** @param words - What came of it, for the log. */
  done(fault: TorrentFault | undefined, words: string): void;
}

/** Hashes the pieces that may be on the disk. @returns What the torrent does until then. */
export function checkPieces(storage: TorrentStorage, { layout, unchecked, found, done }: Findings): Activity {
  const pieces = unchecked.copy();
  const activity = { kind: "checking" as const, toCheck: 0, checked: 0, cancel: (): void => undefined };
  pieces.forEach((piece) => {
    activity.toCheck += layout.lengthOf(piece);
  });
  let right = 0;
  activity.cancel = storage.check(
    pieces,
    (piece, isRight) => {
      unchecked.clear(piece);
      activity.checked += layout.lengthOf(piece);
      if (!isRight) return;
      right++;
      found(piece);
    },
    (fault) => done(fault, `${right} of ${pieces.count} pieces are right.`),
  );
  return activity;
}
