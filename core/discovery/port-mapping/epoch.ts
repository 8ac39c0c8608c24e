import type { Millis, Timestamp } from "../../model/units.ts";

/** A router that says it has begun anew is believed no more often. */
const LEAST_BETWEEN: Millis = 10_000;

/**
 * What a router tells of its own age with each answer: when that does not go along with our clock, it has lost what it
 * knew, our ports among it (RFC 6887, 8.5; NAT-PMP tells the same).
 */
export class Epoch {
  #last: { readonly told: number; readonly at: Timestamp } | undefined;
  #lostAt: Timestamp = Number.NEGATIVE_INFINITY;

  /** @param told - In seconds. @returns Whether it has begun anew since the last time. */
  heard(told: number, now: Timestamp): boolean {
    const last = this.#last;
    this.#last = { told, at: now };
    if (last === undefined) return false;
    const theirs = told - last.told;
    const ours = (now - last.at) / 1000;
    // Answers may overtake each other by a second; clocks differ by a sixteenth at most, and two seconds.
    const isLost = theirs < -1 || ours + 2 < theirs - theirs / 16 || theirs + 2 < ours - ours / 16;
    if (!isLost || now - this.#lostAt < LEAST_BETWEEN) return false;
    this.#lostAt = now;
    return true;
  }
}
