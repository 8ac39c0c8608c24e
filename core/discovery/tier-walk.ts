import type { Millis, Timestamp } from "../model/units.ts";
import type { TrackerEntry } from "./tracker-entry.ts";

/** An announce unanswered for so long no longer keeps the next tracker waiting. */
const PATIENCE: Millis = 5_000;
/** After so long in one tier the next tier is begun, so that a tier of dead trackers costs less than 20 s. */
const TIER_PATIENCE: Millis = 15_000;

/** One walk along the tiers until a tracker answers (BEP 12). */
export class TierWalk {
  readonly #queue: TrackerEntry[];
  #tier = -1;
  #tierBegunAt: Timestamp;
  #lastBegunAt: Timestamp;

  /** @param trackers - All of them, in the order they are asked: those that may be asked now are. */
  constructor(trackers: readonly TrackerEntry[], now: Timestamp) {
    this.#queue = trackers.filter((entry) => entry.isUsable && entry.isIdle && entry.earliest <= now);
    this.#tierBegunAt = now;
    this.#lastBegunAt = now;
  }

  /** When the next is asked though the last has not answered; infinite when none is left to ask. */
  get nextAt(): Timestamp {
    return this.#queue.length > 0 ? this.#lastBegunAt + PATIENCE : Number.POSITIVE_INFINITY;
  }

  /** Takes the next tracker, past the rest of a tier that has had its time. */
  step(now: Timestamp): TrackerEntry | undefined {
    let at = this.#queue.findIndex((entry) => entry.isIdle);
    if (this.#queue[at]?.tier === this.#tier && now - this.#tierBegunAt >= TIER_PATIENCE) {
      const later = this.#queue.findIndex((entry) => entry.isIdle && entry.tier !== this.#tier);
      if (later >= 0) at = later;
    }
    const [entry] = at < 0 ? [] : this.#queue.splice(at, 1);
    if (entry === undefined) return undefined;
    if (entry.tier !== this.#tier) {
      this.#tier = entry.tier;
      this.#tierBegunAt = now;
    }
    this.#lastBegunAt = now;
    return entry;
  }

  /** The tracker is there no longer. */
  leave(entry: TrackerEntry): void {
    const at = this.#queue.indexOf(entry);
    if (at >= 0) this.#queue.splice(at, 1);
  }
}
