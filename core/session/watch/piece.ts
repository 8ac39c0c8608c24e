import type { PieceAttemptView, PieceDetail } from "../../contract/views.ts";
import type { PieceIndex } from "../../model/units.ts";
import { giverRuns } from "../../swarm/piece-history.ts";
import type { Torrent } from "../torrent.ts";

/** @returns What is known of one piece; undefined when the torrent has no such piece, or none yet. */
export function pieceDetail({ metainfo, swarm }: Torrent, piece: PieceIndex): PieceDetail | undefined {
  const { layout, pieceHashes } = metainfo;
  if (!layout.isPiece(piece)) return undefined;
  const attempts: PieceAttemptView[] = swarm.history
    .of(piece)
    .map(({ begunAt, wholeAt, endedAt, isRight, givers }) => ({ begunAt, wholeAt, endedAt, isRight, givers }));
  const current = swarm.ledger.partials.get(piece) ?? swarm.ledger.writing.get(piece);
  if (current?.begunAt !== undefined) {
    const { begunAt, wholeAt } = current;
    attempts.push({ begunAt, ...(wholeAt === undefined ? {} : { wholeAt }), givers: giverRuns(current) });
  }
  const length = pieceHashes.length / layout.pieceCount;
  return {
    piece,
    length: layout.lengthOf(piece),
    hash: pieceHashes.subarray(piece * length, (piece + 1) * length),
    attempts,
  };
}
