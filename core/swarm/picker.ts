import type { Bitfield } from "../model/bitfield.ts";
import type { PieceIndex, Timestamp } from "../model/units.ts";
import type { FruitlessSearch } from "../peer/ports.ts";
import type { RequestWindow } from "../peer/request-window.ts";
import { pickAgain } from "./endgame.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PieceLedger } from "./piece-ledger.ts";
import type { PieceOrder } from "./piece-order.ts";
import type { SwarmDisk } from "./ports.ts";
import type { RarestFirst } from "./rarest-first.ts";

/** What the picker must know of the peer it picks for. */
export interface PickingPeer {
  readonly id: number;
  readonly pieces: Bitfield | undefined;
  readonly peerChokes: boolean;
  /** It shares no piece with others until one that it alone supplied has passed. */
  readonly isOnParole: boolean;
  /** BEP 6: pieces that may be asked for while choked. */
  readonly allowedFast: ReadonlySet<PieceIndex>;
  /** BEP 6: pieces that it would rather give than others. */
  readonly suggested: ReadonlySet<PieceIndex>;
  readonly window: Pick<RequestWindow, "outstanding" | "has" | "expected">;
  /** Requests taken back of which it has not said yet that it won't answer them. */
  readonly takenBack: number;
  readonly now: Timestamp;
  /** Of a web seed: it takes pieces one behind the other, where nobody else is. */
  readonly run?: GapRun;
  /** The picker's own note: while it holds, it need not look again. */
  fruitless?: FruitlessSearch | undefined;
}

/** Where a web seed goes on. */
export interface GapRun {
  next: PieceIndex;
}

/** What the picker must know of the torrent. */
export interface PickingSwarm {
  readonly ledger: PieceLedger;
  readonly rarest: RarestFirst;
  /** By the user's wish; undefined: the rarest first. */
  readonly order?: PieceOrder | undefined;
  readonly disk: SwarmDisk;
  readonly peers: Iterable<PickingPeer>;
  /** Blocks that came though nobody waited for them any more. */
  readonly surplus: number;
  /** What a peer was asked for is asked of another instead. */
  takeBack(holder: PickingPeer, piece: PieceIndex, block: number): void;
}

function isFruitless(peer: PickingPeer, ledger: PieceLedger): boolean {
  const { fruitless } = peer;
  return (
    fruitless !== undefined &&
    fruitless.openings === ledger.openings &&
    fruitless.pieces === peer.pieces &&
    fruitless.count === peer.pieces.count &&
    fruitless.peerChokes === peer.peerChokes &&
    fruitless.allowedFast === peer.allowedFast.size &&
    fruitless.isOnParole === peer.isOnParole &&
    !ledger.isEndgame
  );
}

function noteFruitless(peer: PickingPeer, pieces: Bitfield, { openings }: PieceLedger): FruitlessSearch {
  const { peerChokes, isOnParole, allowedFast } = peer;
  return { openings, pieces, count: pieces.count, peerChokes, allowedFast: allowedFast.size, isOnParole };
}

/** Takes each pick as it is made: the block counts as requested from then on. */
export type TakePick = (partial: PartialPiece, block: number) => void;

/**
 * Chooses the next blocks to request from one peer and marks them as requested.
 *
 * Pieces already begun precede untouched ones, so pieces complete and become shareable sooner; of the untouched come
 * those that the peer suggests, then the rarest, equals in random order; or as the user wishes. When nothing is left to ask for the first time, blocks that others were asked
 * for are asked again (endgame).
 *
 * A web seed begins pieces in the order of the torrent, in the widest gap, so that one request covers many. What it
 * began it is left to finish, and what others began is left to them, while there is anything else.
 *
 * @param limit - Most blocks to pick.
 * @returns How many were picked.
 * @see BEP 3 "peer protocol", BEP 6 "allowed fast"
 */
export function pick(swarm: PickingSwarm, peer: PickingPeer, limit: number, take: TakePick): number {
  const { ledger, rarest, disk } = swarm;
  const pieces = peer.pieces;
  if (pieces === undefined || limit <= 0 || isFruitless(peer, ledger)) return 0;
  const mayAsk = (piece: PieceIndex) => pieces.has(piece) && (!peer.peerChokes || peer.allowedFast.has(piece));
  let picked = 0;
  let hasMemory = true;

  const drain = (partial: PartialPiece): void => {
    while (picked < limit && partial.free > 0) {
      const block = partial.takeFree(disk);
      if (block === undefined) {
        hasMemory = false;
        return;
      }
      picked++;
      take(partial, block);
    }
    ledger.reviewOpen(partial);
  };

  const ours = peer.run === undefined ? undefined : peer.id;
  let areOthers = false;
  const resume = (isFirst: boolean): void => {
    for (const partial of ledger.open) {
      if (picked >= limit) return;
      const isOurs = partial.leftTo === ours;
      if (!isOurs) areOthers = true;
      if (isOurs === isFirst && mayAsk(partial.piece) && mayShare(partial, peer)) drain(partial);
    }
  };
  resume(true);
  if (picked >= limit) return picked;

  const starts = new Set<PieceIndex>();
  let blocks = picked;
  const plan = (piece: PieceIndex): boolean => {
    if (blocks >= limit) return false;
    if (!mayAsk(piece) || starts.has(piece)) return true;
    starts.add(piece);
    blocks += ledger.layout.blocksIn(piece);
    return blocks < limit;
  };
  if (swarm.order !== undefined) swarm.order.forEach(rarest, ledger.openings, peer.run !== undefined, plan);
  else if (peer.run !== undefined) eachInGap(swarm, pieces.length, peer.run, plan);
  else {
    for (const piece of peer.suggested) if (rarest.isStartable(piece)) plan(piece);
    rarest.forEach(plan);
  }
  const hadMemory = hasMemory;
  hasMemory = true;
  for (const piece of starts) {
    const partial = ledger.start(piece);
    if (peer.isOnParole) partial.exclusiveTo = peer.id;
    if (peer.run !== undefined) {
      partial.leftTo = peer.id;
      peer.run.next = piece + 1;
    }
    drain(partial);
    if (!hasMemory && partial.free === partial.blockCount) ledger.drop(partial);
    if (!hasMemory) return picked;
  }
  if (areOthers) resume(false);
  const sawEverything = hadMemory && hasMemory && starts.size === 0 && picked === 0;
  peer.fruitless = sawEverything ? noteFruitless(peer, pieces, ledger) : undefined;
  // A web seed is not asked for what others were: it would only take from them what it can give any time.
  if (peer.run !== undefined || picked >= limit || !ledger.isEndgame) return picked;
  return picked + pickAgain(swarm, peer, mayAsk, limit - picked, take);
}

/**
 * Visits startable pieces from `run.next` on until one is not, or else those of the widest gap: from its middle on where
 * another web seed is working its way into it.
 */
function eachInGap(
  { rarest, ledger }: PickingSwarm,
  pieceCount: number,
  run: GapRun,
  visit: (piece: PieceIndex) => boolean,
): void {
  const isStartable = (piece: PieceIndex) => piece < pieceCount && rarest.isStartable(piece);
  if (rarest.startableCount === 0) return;
  let piece = run.next;
  if (!isStartable(piece)) {
    let widest = 0;
    for (let begin = 0, end = 0; begin < pieceCount; begin = end + 1) {
      for (end = begin; isStartable(end); ) end++;
      if (end - begin <= widest) continue;
      widest = end - begin;
      const isTaken = ledger.partials.get(begin - 1)?.leftTo !== undefined;
      piece = isTaken ? begin + (widest >> 1) : begin;
    }
  }
  for (; isStartable(piece); piece++) if (!visit(piece)) return;
}

/** A piece may be one peer's alone, so that what comes of it is its doing. */
export function mayShare(partial: PartialPiece, peer: PickingPeer): boolean {
  return peer.isOnParole || partial.exclusiveTo !== undefined ? partial.exclusiveTo === peer.id : true;
}
