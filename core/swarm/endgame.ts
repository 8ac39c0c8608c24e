import { BLOCK_LENGTH, type Millis, type PieceIndex, type Timestamp } from "../model/units.ts";
import type { OutRequest } from "../peer/request-window.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PickingPeer, PickingSwarm, TakePick } from "./picker.ts";

/** A block is asked of at most this many peers. */
const MAX_ASKERS = 4;
/** What comes this much sooner from another is worth a word to both. */
const CLEARLY_SOONER: Millis = 500;
/** A block is expected in this time of a peer that has not shown what it can do. */
const UNPROVEN: Millis = 2000;
/** So many blocks a peer has handed to its line already: a cancel comes too late for them. */
const UNDER_WAY = 2;
/** Who is so many times later than clearly later has hardly begun with the block when it comes from elsewhere. */
const HARDLY_BEGUN = 4;
/** This part of the torrent, or one block of a small one, may be at stake: asked of two that both may give it. */
const AT_STAKE = 1 / 128;

/**
 * The endgame: blocks outstanding elsewhere that this peer will clearly give sooner, from the end of the others' queues.
 * Those that can still be taken back are; the rest is asked of both, as far as that may cost, or when its holder is
 * overdue. A slow peer on parole must not hold the last piece for itself: others may be asked for it too, while it is
 * asked for its own alone.
 *
 * @returns How many were picked.
 */
export function pickAgain(
  swarm: PickingSwarm,
  peer: PickingPeer,
  mayAsk: (piece: PieceIndex) => boolean,
  limit: number,
  take: TakePick,
): number {
  const { ledger, peers } = swarm;
  const { window, now } = peer;
  let picked = 0;
  let latest = clearlyLater(window, now);
  for (const holder of peers) {
    if (holder === peer) continue;
    const { outstanding } = holder.window;
    for (let at = outstanding.length - 1; at >= 0; at--) {
      if (picked >= limit || latest === Number.POSITIVE_INFINITY) return picked;
      const { piece, block, sentAt } = outstanding[at] as OutRequest;
      const expected = holder.window.expected(at, sentAt, now) ?? 0;
      // Those before it come sooner still.
      if (expected < latest) break;
      const partial = ledger.partials.get(piece);
      if (partial === undefined || !mayAsk(piece) || (peer.isOnParole && partial.exclusiveTo !== peer.id)) continue;
      if (partial.askers(block) >= MAX_ASKERS || window.has(piece, block)) continue;
      if (partial.askers(block) > 1 && comesSooner(peers, partial, block, latest, now)) continue;
      if (at >= UNDER_WAY) swarm.takeBack(holder, piece, block);
      else if (expected < HARDLY_BEGUN * latest && atStake(swarm) >= mostAtStake(swarm)) continue;
      else partial.askAlso(block);
      take(partial, block);
      picked++;
      latest = clearlyLater(window, now);
    }
  }
  return picked;
}

/** What is expected of others after this would come much sooner of this peer, were it asked now; infinite: nothing would. */
function clearlyLater(window: PickingPeer["window"], now: Timestamp): Millis {
  const ahead = window.outstanding.length;
  return 2 * (window.expected(ahead, now, now) ?? UNPROVEN * (ahead + 1)) + CLEARLY_SOONER;
}

/** Somebody who was asked is expected to give the block within `latest`. */
function comesSooner(
  peers: Iterable<PickingPeer>,
  { piece }: PartialPiece,
  block: number,
  latest: Millis,
  now: Timestamp,
): boolean {
  for (const { window } of peers) {
    const at = window.outstanding.findIndex((request) => request.piece === piece && request.block === block);
    if (at < 0) continue;
    const { sentAt } = window.outstanding[at] as OutRequest;
    if ((window.expected(at, sentAt, now) ?? 0) < latest) return true;
  }
  return false;
}

/** Blocks that came once too often, or may. */
function atStake({ ledger, peers, surplus }: PickingSwarm): number {
  let blocks = surplus;
  for (const { takenBack } of peers) blocks += takenBack;
  for (const partial of ledger.partials.values()) {
    for (let block = 0; block < partial.blockCount; block++) blocks += Math.max(0, partial.askers(block) - 1);
  }
  return blocks;
}

function mostAtStake({ ledger }: PickingSwarm): number {
  return Math.max(1, Math.floor((AT_STAKE * ledger.layout.totalLength) / BLOCK_LENGTH));
}
