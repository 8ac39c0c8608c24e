import type { Millis, Timestamp } from "./units.ts";

/** Allows a deed every so often, and a few sooner where as many were left out before. */
export class Credit {
  readonly #most: number;
  readonly #every: Millis;
  #left: number;
  #filledAt: Timestamp;

  /**
   * @param most - Deeds that may follow each other at once.
   * @param every - After this another is allowed.
   */
  constructor(most: number, every: Millis, now: Timestamp) {
    this.#most = most;
    this.#every = every;
    this.#left = most;
    this.#filledAt = now;
  }

  /** @returns False when it was one too many. */
  take(now: Timestamp): boolean {
    this.#left = Math.min(this.#most, this.#left + Math.max(0, now - this.#filledAt) / this.#every);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
