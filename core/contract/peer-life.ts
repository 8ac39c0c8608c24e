import type { Bytes, PieceIndex, Timestamp } from "../model/units.ts";

/** All that happened to the one peer whose page is open: whole at first, then what is new. */
export interface PeerLifeUpdate {
  readonly peer: number;
  /** What was told until now is forgotten first. */
  readonly reset: boolean;
  readonly history?: HistoryUpdate;
  readonly messages?: MessagesUpdate;
  readonly requests?: RequestsView;
  /** Whole, when it changed. The latest first, at most {@link GIVEN_PIECES}. */
  readonly given?: readonly GivenPiece[];
  /** Whole, when it changed: pieces that it may be asked for next, the likeliest first. */
  readonly next?: readonly PieceIndex[];
}

/** Flat numbers as in `core/model/peer-history.ts`. Those before `…From`, a count of entries, stay; the rest is new. */
export interface HistoryUpdate {
  readonly begun: Timestamp;
  /** Until when it was measured. */
  readonly until: Timestamp;
  readonly changesFrom: number;
  readonly changes: readonly number[];
  readonly samplesFrom: number;
  readonly samples: readonly number[];
}

export interface MessagesUpdate {
  /** The running number of the first one among all of this connection; what lies between it and the last told is lost. */
  readonly first: number;
  /** {@link MESSAGE_FIELDS} each: when, 0 from the peer or 1 from us, id, a, b, c as in `WireMessage`. */
  readonly numbers: readonly number[];
}

export const MESSAGE_FIELDS = 6;

/** The request queues of both sides, the oldest requests first, at most {@link QUEUED_REQUESTS} of each. */
export interface RequestsView {
  /** {@link REQUEST_FIELDS} each: piece, where the block begins in it, its bytes, when it was asked for. */
  readonly ours: readonly number[];
  readonly ourCount: number;
  readonly its: readonly number[];
  readonly itsCount: number;
  /** Blocks of its requests that are being read from the disk. */
  readonly reading: number;
}

export const REQUEST_FIELDS = 4;
export const QUEUED_REQUESTS = 128;

/** A piece of which it gave blocks, and what came of it. */
export interface GivenPiece {
  readonly piece: PieceIndex;
  readonly at: Timestamp;
  /** Blocks that it gave, of how many. */
  readonly blocks: number;
  readonly of: number;
  readonly isRight: boolean;
  /** Peers that gave the others. */
  readonly others: number;
  readonly length: Bytes;
}

export const GIVEN_PIECES = 200;
