import type { Bitfield } from "../model/bitfield.ts";
import type { PieceIndex } from "../model/units.ts";
import type { FruitlessSearch } from "../peer/ports.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PieceLedger } from "./piece-ledger.ts";
import type { SwarmDisk } from "./ports.ts";
import type { RarestFirst } from "./rarest-first.ts";

/** What the picker must know of the peer it picks for. */
export interface PickingPeer {
  readonly id: number;
  readonly pieces: Bitfield | undefined;
  readonly peerChokes: boolean;
  /** BEP 6: pieces that may be asked for while choked. */
  /** It shares no piece with others until one that it alone supplied has passed. */
  readonly isOnParole: boolean;
  readonly allowedFast: ReadonlySet<PieceIndex>;
  readonly window: { has(piece: PieceIndex, block: number): boolean };
  /** The picker's own note: while it holds, it need not look again. */
  fruitless?: FruitlessSearch | undefined;
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

/** A block is asked of at most this many peers in the endgame. */
const MAX_ASKERS = 3;

/**
 * Chooses the next blocks to request from one peer and marks them as requested.
 *
 * Pieces already begun precede untouched ones, so pieces complete and become shareable sooner; untouched ones come
 * rarest first, equals in random order. When nothing is left to ask for the first time, blocks that others were asked
 * for are asked again (endgame).
 *
 * @param limit - Most blocks to pick.
 * @returns How many were picked.
 * @see BEP 3 "peer protocol", BEP 6 "allowed fast"
 */
export function pick(
  ledger: PieceLedger,
  rarest: RarestFirst,
  disk: SwarmDisk,
  peer: PickingPeer,
  limit: number,
  take: TakePick,
): number {
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

  for (const partial of ledger.open) {
    if (picked >= limit) return picked;
    if (mayAsk(partial.piece) && mayShare(partial, peer)) drain(partial);
  }

  const starts: PieceIndex[] = [];
  let blocks = picked;
  rarest.forEach((piece) => {
    if (blocks >= limit) return false;
    if (!mayAsk(piece)) return true;
    starts.push(piece);
    blocks += ledger.layout.blocksIn(piece);
    return blocks < limit;
  });
  const sawEverything = hasMemory && starts.length === 0 && picked === 0;
  hasMemory = true;
  for (const piece of starts) {
    const partial = ledger.start(piece);
    if (peer.isOnParole) partial.exclusiveTo = peer.id;
    drain(partial);
    if (!hasMemory && partial.free === partial.blockCount) ledger.drop(partial);
    if (!hasMemory) return picked;
  }
  peer.fruitless = sawEverything ? noteFruitless(peer, pieces, ledger) : undefined;
  return picked + (picked < limit && ledger.isEndgame ? pickAgain(ledger, peer, mayAsk, limit - picked, take) : 0);
}

function mayShare(partial: PartialPiece, peer: PickingPeer): boolean {
  return peer.isOnParole || partial.exclusiveTo !== undefined ? partial.exclusiveTo === peer.id : true;
}

/**
 * The endgame: blocks outstanding elsewhere, those asked of the fewest first. A slow peer on parole must not hold the last
 * piece for itself: others may be asked for it too, while it is asked for its own alone.
 */
function pickAgain(
  ledger: PieceLedger,
  peer: PickingPeer,
  mayAsk: (piece: PieceIndex) => boolean,
  limit: number,
  take: TakePick,
): number {
  let picked = 0;
  for (let askers = 1; askers < MAX_ASKERS; askers++) {
    for (const partial of ledger.partials.values()) {
      if (!mayAsk(partial.piece) || (peer.isOnParole && partial.exclusiveTo !== peer.id)) continue;
      for (let block = 0; block < partial.blockCount && picked < limit; block++) {
        if (!partial.isRequested(block) || partial.askers(block) !== askers) continue;
        if (peer.window.has(partial.piece, block)) continue;
        partial.askAlso(block);
        take(partial, block);
        picked++;
      }
    }
  }
  return picked;
}
