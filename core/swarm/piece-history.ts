import type { PieceIndex, Timestamp } from "../model/units.ts";
import type { PartialPiece } from "./partial-piece.ts";

/** One time that a piece was downloaded, and what came of it. */
export interface PieceAttempt {
  readonly piece: PieceIndex;
  /** When the first of its blocks was asked for. */
  readonly begunAt: Timestamp;
  /** When its last block came. */
  readonly wholeAt: Timestamp;
  /** When it was on the disk, or had failed its hash. */
  readonly endedAt: Timestamp;
  readonly isRight: boolean;
  /** Who gave its blocks: a peer's id, how many blocks in a row, the next one's id … */
  readonly givers: readonly number[];
}

/** Numbers of givers that are kept: 512 KiB, ten thousand pieces of three givers each. */
const MOST_GIVERS = 65_536;

/** How pieces came, for the eye: the latest ones, as many as a bounded memory holds. */
export class PieceHistory {
  /** Oldest first. */
  readonly #attempts = new Set<PieceAttempt>();
  #givers = 0;

  /** The disk has spoken about a whole piece. */
  note(partial: PartialPiece, isRight: boolean, now: Timestamp): void {
    const { piece, begunAt = now, wholeAt = now } = partial;
    const givers = giverRuns(partial);
    this.#attempts.add({ piece, begunAt, wholeAt, endedAt: now, isRight, givers });
    this.#givers += givers.length;
    for (const oldest of this.#attempts) {
      if (this.#givers <= MOST_GIVERS) break;
      this.#attempts.delete(oldest);
      this.#givers -= oldest.givers.length;
    }
  }

  /** The latest that `isMeant`, the newest first. */
  latest(most: number, isMeant: (attempt: PieceAttempt) => boolean): PieceAttempt[] {
    return [...this.#attempts].filter(isMeant).slice(-most).reverse();
  }

  /** What is remembered of one piece, oldest first. */
  of(piece: PieceIndex): PieceAttempt[] {
    return [...this.#attempts].filter((attempt) => attempt.piece === piece);
  }
}

/** See {@link PieceAttempt.givers}; blocks that nobody gave yet are −1's. */
export function giverRuns(partial: PartialPiece): number[] {
  const runs: number[] = [];
  for (let block = 0; block < partial.blockCount; block++) {
    const giver = partial.isReceived(block) ? partial.giver(block) : -1;
    if (runs.at(-2) === giver) runs[runs.length - 1] = (runs.at(-1) as number) + 1;
    else runs.push(giver, 1);
  }
  return runs;
}
