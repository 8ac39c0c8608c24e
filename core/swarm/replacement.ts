import type { Direction } from "../model/peer-face.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { isOfUse } from "./patience.ts";

/** A new peer has so long to show what it wants, and what we want of it. */
const GRACE: Millis = 30_000;
/** Who was accepted and has not completed its handshake by then is the first to go. */
const HANDSHAKE_GRACE: Millis = 5_000;
/** Before, whoever wants something or is wanted stays: for a peer of higher priority, or of a direction with too few. */
const IDLE: Millis = 60_000;
/** Nothing passed for so long: it goes for whoever comes. */
const LONG_IDLE: Millis = 5 * 60_000;
/** Of the places, so much is kept for those we dial, and as much for those that dial us. */
const RESERVED = 0.25;

/** Who wants a place. */
export interface Newcomer {
  readonly direction: Direction;
  /** BEP 40; undefined while we don't know our own address. */
  readonly priority: number | undefined;
}

/** How little a peer would be missed. */
interface Worth {
  readonly peer: Peer;
  readonly isWanted: boolean;
  /** Since a block passed either way. */
  readonly idle: Millis;
  readonly priority: number | undefined;
}

/**
 * Who makes room where all places are taken: who is of no use to either side, else who has long given and taken
 * nothing, longest first, and among such the lowest canonical priority. Whoever exchanges blocks stays.
 *
 * Neither direction takes all places: those we dialled are out of reach for who floods us with calls, and callers find
 * a place also where there are always more to dial.
 *
 * @param peers - All that have a place.
 * @param most - How many places there are.
 * @returns Undefined when everybody is worth more than the newcomer.
 * @see BEP 40
 */
export function whoMakesRoom(
  peers: readonly Peer[],
  newcomer: Newcomer,
  most: number,
  priorityOf: (peer: Peer) => number | undefined,
  now: Timestamp,
): Peer | undefined {
  const alike = peers.filter((peer) => peer.direction === newcomer.direction).length;
  const isShort = alike < Math.floor(most * RESERVED);
  let least: Worth | undefined;
  for (const peer of peers) {
    if (!hadItsChance(peer, now)) continue;
    const isWanted = peer.phase === "open" && isOfUse(peer);
    const exchangedAt = Math.max(peer.openedAt ?? peer.createdAt, peer.lastBlockAt ?? 0, peer.lastServedAt ?? 0);
    const idle = now - exchangedAt;
    if (isWanted && idle < IDLE) continue;
    const worth = { peer, isWanted, idle, priority: priorityOf(peer) };
    const yields = !isWanted || (isShort && peer.direction !== newcomer.direction) || yieldsTo(worth, newcomer);
    if (yields && (least === undefined || isLess(worth, least))) least = worth;
  }
  return least?.peer;
}

function hadItsChance(peer: Peer, now: Timestamp): boolean {
  if (peer.phase === "open") return now - (peer.openedAt ?? now) >= GRACE;
  const isGreeting = peer.phase === "handshaking" || peer.phase === "encrypting";
  return isGreeting && peer.direction === "incoming" && now - peer.createdAt >= HANDSHAKE_GRACE;
}

function yieldsTo({ idle, priority }: Worth, newcomer: Newcomer): boolean {
  if (idle >= LONG_IDLE) return true;
  const isHigher = priority !== undefined && newcomer.priority !== undefined && newcomer.priority > priority;
  return isHigher;
}

/** Idle times differ by minutes, or not at all: then the priority decides, which a peer can't choose. */
function isLess(a: Worth, b: Worth): boolean {
  if (a.isWanted !== b.isWanted) return b.isWanted;
  const minutes = Math.floor(a.idle / 60_000) - Math.floor(b.idle / 60_000);
  return minutes > 0 || (minutes === 0 && (a.priority ?? 0) < (b.priority ?? 0));
}
