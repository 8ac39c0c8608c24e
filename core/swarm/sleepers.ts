import type { Millis, Timestamp } from "../model/units.ts";
import { nextDeadline } from "../peer/deadlines.ts";
import type { Peer } from "../peer/peer.ts";
import { uselessAt } from "./patience.ts";

const SECOND: Millis = 1000;

/**
 * Which peers of a torrent have to be looked at each second. Who exchanges nothing, is asked for nothing and has been
 * told everything sleeps until it speaks, is spoken to, or a deadline of its own comes: a crowd that is idle costs
 * nothing.
 */
export class Sleepers {
  readonly #awake = new Set<Peer>();
  /** Those that a deadline wakes, by the second that it is in. */
  readonly #alarms = new Map<number, Set<Peer>>();
  readonly #alarmOf = new Map<Peer, number>();

  isAwake(peer: Peer): boolean {
    return this.#awake.has(peer);
  }

  rouse(peer: Peer): void {
    this.#awake.add(peer);
  }

  forget(peer: Peer): void {
    this.#awake.delete(peer);
    this.#disarm(peer);
  }

  /** Those that are awake, and those whose deadline is near. */
  awakeAt(now: Timestamp): Peer[] {
    for (const [second, peers] of this.#alarms) {
      if (second * SECOND > now) continue;
      this.#alarms.delete(second);
      for (const peer of peers) {
        this.#alarmOf.delete(peer);
        this.#awake.add(peer);
      }
    }
    return [...this.#awake];
  }

  /** Lets the peer sleep, if it has been looked at and nothing is up. */
  settle(peer: Peer, now: Timestamp): void {
    if (!isIdle(peer)) return;
    const useless = uselessAt(peer);
    const deadline = Math.min(nextDeadline(peer), useless > now ? useless : Number.POSITIVE_INFINITY);
    const second = Math.floor(deadline / SECOND);
    if (second * SECOND <= now) return;
    this.#awake.delete(peer);
    peer.overhead.rest();
    // One that comes too early is put off then.
    if ((this.#alarmOf.get(peer) ?? Number.POSITIVE_INFINITY) <= second) return;
    this.#disarm(peer);
    this.#alarmOf.set(peer, second);
    const others = this.#alarms.get(second);
    if (others === undefined) this.#alarms.set(second, new Set([peer]));
    else others.add(peer);
  }

  #disarm(peer: Peer): void {
    const second = this.#alarmOf.get(peer);
    if (second === undefined) return;
    this.#alarmOf.delete(peer);
    this.#alarms.get(second)?.delete(peer);
  }
}

/** Only it, or time, can bring anything about. */
function isIdle(peer: Peer): boolean {
  const { phase, window, requestsIn, reading, writer, down, up, overhead } = peer;
  const mayBeAsked = peer.weAreInterested && (!peer.peerChokes || peer.allowedFast.size > 0);
  return (
    phase === "open" &&
    !mayBeAsked &&
    window.isIdle &&
    requestsIn.length + reading + writer.length === 0 &&
    down.rate + up.rate === 0 &&
    overhead.isSlight &&
    peer.backlog === 0
  );
}
