import { type Random, randomBelow } from "../model/random.ts";
import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../model/units.ts";

export const CHOKE_ROUND: Millis = 10_000;
export const OPTIMISTIC_ROUND: Millis = 30_000;
/** A peer this young is three times as likely to get the optimistic slot: it has nothing to trade yet. */
const NEWCOMER_AGE: Millis = 60_000;
const NEWCOMER_WEIGHT = 3;
/** Share of the slots that is given without merit. */
const OPTIMISTIC_SHARE = 0.2;
/** While seeding a turn takes at least the first, and ends with the quota or the second. */
const LEAST_TURN: Millis = 60_000;
const MOST_TURN: Millis = 180_000;
/** Pieces' worth of bytes that a turn is about. */
const QUOTA_PIECES = 20;
/** As a number of slots: as many as the upload rate carries. */
const AUTOMATIC = 0;
/** By how much faster each further peer must be served for one slot more. */
const RATE_STEP: BytesPerSecond = 1024;

/** What the choker must know of a peer. */
export interface ChokeCandidate {
  readonly weChoke: boolean;
  readonly peerIsInterested: boolean;
  readonly isOptimistic: boolean;
  readonly isSnubbed: boolean;
  /** It would give nothing back and wants nothing. */
  readonly isUploadOnly: boolean;
  /** When we last choked or unchoked it. */
  readonly chokeChangedAt: Timestamp;
  /** What `up.total` was then. */
  readonly upBeforeTurn: Bytes;
  readonly openedAt: Timestamp | undefined;
  readonly down: { readonly total: Bytes };
  readonly up: { readonly rate: BytesPerSecond; readonly total: Bytes };
}

export interface ChokeDecision<P> {
  readonly unchoked: ReadonlySet<P>;
  readonly optimistic: ReadonlySet<P>;
}

/**
 * Who may ask us for blocks: the peers that give us most (leeching) or take most (seeding), and optimistically a few
 * that have waited. A peer unchoked less than a round ago keeps its slot, so that slots don't flap. Between rounds
 * only free slots are given. What they gave is that of the last two rounds: over less, a slow line seems to give nothing.
 *
 * While leeching who snubs us comes last: its slot goes to one that has waited, and so does any slot that nobody earns.
 *
 * Slots that merit does not decide go round: who has had its turn, a minute and 20 pieces' worth, or three minutes
 * however little it could take, comes after those that wait, longest first, and keeps its slot only where nobody waits.
 *
 * @see BEP 3 "choking", peer semantics section 3
 */
export class Choker {
  #nextRound: Timestamp = 0;
  #nextOptimistic: Timestamp = 0;
  #isRequested = false;
  /** What the rate carried at the last round. */
  #automaticSlots = 0;
  /** What each peer had given at the last round, and at the one before. */
  readonly #gifts = new WeakMap<ChokeCandidate, { readonly last: Bytes; readonly before: Bytes }>();

  /** Slots free up or are wanted when a peer comes, goes or changes its mind. */
  requestRound(): void {
    this.#isRequested = true;
  }

  isDue(now: Timestamp): boolean {
    return this.#isRequested || now >= this.#nextRound;
  }

  /** @param limit - Slots; 0: as many as the upload rate carries. */
  decide<P extends ChokeCandidate>(
    peers: Iterable<P>,
    limit: number,
    isSeeding: boolean,
    pieceLength: Bytes,
    random: Random,
    now: Timestamp,
  ): ChokeDecision<P> {
    const isRound = now >= this.#nextRound;
    this.#isRequested = false;
    const interested: P[] = [];
    const given = new Map<P, Bytes>();
    for (const peer of peers) {
      if (peer.peerIsInterested && !peer.isUploadOnly) interested.push(peer);
      const { last, before } = this.#gifts.get(peer) ?? { last: 0, before: 0 };
      given.set(peer, peer.down.total - before);
      if (isRound) this.#gifts.set(peer, { last: peer.down.total, before: last });
    }
    if (isRound) {
      this.#nextRound = now + CHOKE_ROUND;
      this.#automaticSlots = slotsByRate(interested);
    }
    const slots = limit === AUTOMATIC ? this.#automaticSlots : limit;
    const optimisticSlots = Math.min(interested.length, Math.max(1, Math.floor(slots * OPTIMISTIC_SHARE)));
    const regularSlots = Math.max(1, slots - optimisticSlots);
    const quota = QUOTA_PIECES * pieceLength;
    const keeps = (peer: P) => !peer.weChoke && !peer.isOptimistic && (!isRound || isFresh(peer, now));
    // What a choked peer took before is no merit while we seed: it would get its slot back at once.
    const merit = (peer: P) =>
      isSeeding ? (peer.weChoke ? 0 : peer.up.rate) : peer.isSnubbed ? -1 : (given.get(peer) as Bytes);
    const place = (peer: P) => placeInLine(peer, quota, now);
    interested.sort(
      (a, b) =>
        Number(keeps(b)) - Number(keeps(a)) ||
        (isSeeding ? place(a) - place(b) : 0) ||
        merit(b) - merit(a) ||
        place(a) - place(b) ||
        a.chokeChangedAt - b.chokeChangedAt,
    );
    const unchoked = new Set(interested.slice(0, regularSlots));
    const rest = interested.slice(regularSlots);
    const optimistic = this.#optimistic(rest, optimisticSlots, random, now);
    for (const peer of optimistic) unchoked.add(peer);
    return { unchoked, optimistic };
  }

  #optimistic<P extends ChokeCandidate>(rest: P[], slots: number, random: Random, now: Timestamp): Set<P> {
    const holders = rest.filter((peer) => peer.isOptimistic && !peer.weChoke);
    if (now < this.#nextOptimistic && holders.length === Math.min(slots, rest.length)) return new Set(holders);
    const isRotation = now >= this.#nextOptimistic;
    if (isRotation) this.#nextOptimistic = now + OPTIMISTIC_ROUND;
    const stay = holders.filter((peer) => !isRotation || isFresh(peer, now));
    const chosen = new Set(stay.slice(0, slots));
    const waiting = rest.filter((peer) => !chosen.has(peer) && (!isRotation || !peer.isOptimistic));
    waiting.sort((a, b) => a.chokeChangedAt - b.chokeChangedAt);
    while (chosen.size < slots && waiting.length > 0) {
      const [peer] = waiting.splice(longestWaiting(waiting, random, now), 1);
      chosen.add(peer as P);
    }
    // Nobody else waits: the holders go on.
    for (const peer of holders) if (chosen.size < slots) chosen.add(peer);
    return chosen;
  }
}

function isFresh({ chokeChangedAt }: ChokeCandidate, now: Timestamp): boolean {
  return now - chokeChangedAt < CHOKE_ROUND;
}

/**
 * As many slots as there are peers that are served well, and one more to find out: the first at 1 KiB/s, and each
 * further one faster by as much, so that the rate is neither spread thin nor left unused.
 */
function slotsByRate(peers: readonly ChokeCandidate[]): number {
  const rates = peers.map(({ up }) => up.rate).sort((a, b) => b - a);
  const slow = rates.findIndex((rate, i) => rate < (i + 1) * RATE_STEP);
  return 1 + (slow < 0 ? rates.length : slow);
}

/** Those in their turn, those let in without merit, those that wait, those that have had their turn. */
function placeInLine(peer: ChokeCandidate, quota: Bytes, now: Timestamp): number {
  if (peer.weChoke) return 2;
  const turn = now - peer.chokeChangedAt;
  const isServed = turn >= MOST_TURN || (turn >= LEAST_TURN && peer.up.total - peer.upBeforeTurn >= quota);
  if (isServed) return 3;
  return peer.isOptimistic ? 1 : 0;
}

/** The first of `waiting` (longest first), but a newcomer with three times the chance of the others. */
function longestWaiting(waiting: readonly ChokeCandidate[], random: Random, now: Timestamp): number {
  const isNew = (peer: ChokeCandidate) => now - (peer.openedAt ?? now) < NEWCOMER_AGE;
  const newcomer = waiting.findIndex(isNew);
  const veteran = waiting.findIndex((peer) => !isNew(peer));
  if (newcomer < 0 || veteran < 0) return 0;
  return randomBelow(random, NEWCOMER_WEIGHT + 1) < NEWCOMER_WEIGHT ? newcomer : veteran;
}
