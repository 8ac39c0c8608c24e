import { STANDING } from "../model/peer-history.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { PeerHistory } from "./history.ts";

/** What is measured of a peer each second. */
interface Measured extends Standing {
  readonly down: { readonly total: Bytes };
  readonly up: { readonly total: Bytes };
  readonly window: { readonly outstanding: { readonly length: number }; readonly roundTrip: Millis | undefined };
  readonly requestsIn: { readonly length: number };
  readonly reading: number;
}

/** Notes what can be measured now. */
export function measure({ now, history, down, up, window, requestsIn, reading }: Measured): void {
  history.samples.add(now, {
    down: down.total,
    up: up.total,
    outstanding: window.outstanding.length,
    waiting: requestsIn.length + reading,
    roundTrip: window.roundTrip,
  });
}

/** How we and a peer stand to each other. Whoever changes it writes its history: claims and their past can't differ. */
export abstract class Standing {
  /** The time of the input that is being worked on. */
  now: Timestamp;
  readonly history: PeerHistory;

  constructor(now: Timestamp) {
    this.now = now;
    this.history = new PeerHistory(now);
  }

  get weChoke(): boolean {
    return this.history.has(STANDING.weChoke);
  }

  set weChoke(holds: boolean) {
    this.history.set(STANDING.weChoke, holds, this.now);
  }

  get weAreInterested(): boolean {
    return this.history.has(STANDING.weAreInterested);
  }

  set weAreInterested(holds: boolean) {
    this.history.set(STANDING.weAreInterested, holds, this.now);
  }

  get peerChokes(): boolean {
    return this.history.has(STANDING.peerChokes);
  }

  set peerChokes(holds: boolean) {
    this.history.set(STANDING.peerChokes, holds, this.now);
  }

  get peerIsInterested(): boolean {
    return this.history.has(STANDING.peerIsInterested);
  }

  set peerIsInterested(holds: boolean) {
    this.history.set(STANDING.peerIsInterested, holds, this.now);
  }

  get isSnubbed(): boolean {
    return this.history.has(STANDING.snubbed);
  }

  set isSnubbed(holds: boolean) {
    this.history.set(STANDING.snubbed, holds, this.now);
  }

  get isOptimistic(): boolean {
    return this.history.has(STANDING.optimistic);
  }

  set isOptimistic(holds: boolean) {
    this.history.set(STANDING.optimistic, holds, this.now);
  }

  get isOnParole(): boolean {
    return this.history.has(STANDING.parole);
  }

  set isOnParole(holds: boolean) {
    this.history.set(STANDING.parole, holds, this.now);
  }
}
