import type { Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { OutRequest } from "../peer/request-window.ts";

const SNUBBED_AFTER: Millis = 60_000;
/** The oldest request may be overdue for this long. */
const OVERDUE_AFTER: Millis = 20_000;
/** Who has never given anything loses all requests but one after this, … */
const UNPROVEN_AFTER: Millis = 16_000;
/** … and then that, too: within 20 s all is asked elsewhere. A piece of which nothing is asked would wait for its turn. */
const UNPROVEN_UNTIL: Millis = 18_000;
/** Then it is asked for one block at a time, after the others: they go on with what it held. */
const UNPROVEN_AGAIN: Millis = 2000;
const USELESS_AFTER: Millis = 180_000;
/** A snubbed peer that let its one request lie as well is asked again after this. */
const OTHERS_FIRST: Millis = 20_000;
/** Places are short when this share of them is taken. */
export const CROWDED = 0.9;
/** After a first reject it is not asked for this long, then for twice as long each time. */
const FIRST_REFUSAL: Millis = 500;
const LAST_REFUSAL: Millis = 60_000;

/**
 * It gave nothing of what we asked for too long, or is later than it has shown it can be: it is snubbed, and what it
 * owes is taken back.
 * @returns That.
 * @see peer semantics, section 3 "snubbed"
 */
export function loseSnubbed(peer: Peer, now: Timestamp): OutRequest[] {
  const { window } = peer;
  const oldest = window.outstanding[0];
  const isOverdue = oldest !== undefined && now - oldest.sentAt > window.timeout;
  window.overdueSince = isOverdue ? (window.overdueSince ?? now) : undefined;
  if (oldest === undefined) {
    // Nobody has asked it again: it is not silent.
    if (now > peer.askNotBefore + UNPROVEN_AGAIN) window.silentSince = undefined;
    return [];
  }
  const silentSince = Math.max(peer.lastBlockAt ?? 0, window.silentSince ?? oldest.sentAt);
  const isLate = window.overdueSince !== undefined && now - window.overdueSince >= OVERDUE_AFTER;
  // Once snubbed, its one request has the time of any that is overdue.
  if (!isLate && (peer.isSnubbed || now - silentSince < SNUBBED_AFTER)) {
    const waited = now - oldest.sentAt;
    if (peer.lastBlockAt !== undefined || peer.down.total > 0 || waited < UNPROVEN_AFTER) return [];
    window.target = 1;
    if (waited < UNPROVEN_UNTIL) return takeBack(peer, 1);
    window.silentSince ??= oldest.sentAt;
    peer.askNotBefore = now + (peer.isSnubbed ? OTHERS_FIRST : UNPROVEN_AGAIN);
    return takeBack(peer, 0);
  }
  window.overdueSince = undefined;
  const wasSnubbed = peer.isSnubbed;
  peer.isSnubbed = true;
  if (!wasSnubbed) peer.snubbedSince = now;
  // What comes free goes to others first.
  if (wasSnubbed) peer.askNotBefore = now + OTHERS_FIRST;
  // One request stays, so that it can come back; but no block waits for it for ever.
  return takeBack(peer, wasSnubbed ? 0 : 1);
}

/** All that is asked of it is taken back but for the oldest requests. @returns What was. */
function takeBack(peer: Peer, kept: number): OutRequest[] {
  const surplus = peer.window.outstanding.slice(kept);
  for (const request of surplus) peer.cancel(request.piece, request.block);
  peer.flush();
  return surplus;
}

/** A block came: in time, it shows that the peer serves us again. */
export function forgiveSnubbed(peer: Peer, request: OutRequest): void {
  if (peer.now - request.sentAt <= peer.window.timeout) peer.isSnubbed = false;
}

/** It rejected a request though it doesn't choke us: it is asked again later, and later each time. */
export function noteRefusal(peer: Peer): void {
  if (peer.peerChokes || peer.now < peer.askNotBefore) return;
  peer.askNotBefore = peer.now + Math.min(LAST_REFUSAL, FIRST_REFUSAL * 2 ** Math.min(peer.refusals, 10));
  peer.refusals++;
}

/** One side wants something of the other; nobody can say of what while the metadata of a magnet link is not there. */
export function isOfUse(peer: Peer): boolean {
  return peer.weAreInterested || peer.peerIsInterested || peer.residence?.pieceCount === 0;
}

/** When neither side will have wanted anything for long, if it stays like that. */
export function uselessAt(peer: Peer): Timestamp {
  if (isOfUse(peer)) return Number.POSITIVE_INFINITY;
  return Math.max(peer.openedAt ?? peer.now, peer.interestChangedAt ?? 0) + USELESS_AFTER;
}

/** Neither side has wanted anything for long, and its place is wanted. @returns Whether it was closed. */
export function closeIfUseless(peer: Peer, arePlacesShort: boolean, now: Timestamp): boolean {
  const since = uselessAt(peer);
  if (!arePlacesShort || now < since) return false;
  const idle = now - since + USELESS_AFTER;
  const detail = `no interest either way for ${Math.round(idle / 1000)} s, and places are short`;
  peer.close({ reason: "useless", by: "us", detail }, now);
  return true;
}

/** We want nothing, and it only uploads: nothing will ever pass between us. */
export function closeIfBothSeeds(peer: Peer): void {
  if (peer.phase !== "open" || !peer.isUploadOnly) return;
  const detail = peer.isSeed ? "it has everything, and we want nothing more" : "both sides only upload";
  peer.close({ reason: "both-seeds", by: "us", detail, closeReason: peer.isSeed ? 6 : 7 }, peer.now);
}
