import type { Millis } from "../model/units.ts";

/** libutp's and libtorrent's: less, and a busy receiver looks like loss. */
const MIN_TIMEOUT: Millis = 500;
const MAX_TIMEOUT: Millis = 60_000;
/** Before anything is known (BEP 29, RFC 6298). */
const FIRST_TIMEOUT: Millis = 1_000;

/** How long an answer takes, and how long to wait for one (RFC 6298). */
export class RoundTrip {
  /** Smoothed; undefined until the first sample. */
  mean: Millis | undefined;
  #variance: Millis = 0;
  #doublings = 0;

  /** Of a packet that was sent once only: an answer to one of several says nothing (Karn). */
  sample(took: Millis): void {
    this.#doublings = 0;
    if (this.mean === undefined) {
      this.mean = took;
      this.#variance = took / 2;
      return;
    }
    this.#variance += (Math.abs(this.mean - took) - this.#variance) / 4;
    this.mean += (took - this.mean) / 8;
  }

  /** Nothing came in time: wait twice as long. */
  timedOut(): void {
    this.#doublings++;
  }

  /** Something was acknowledged, though it doesn't tell how long it took. */
  progressed(): void {
    this.#doublings = 0;
  }

  get timeout(): Millis {
    const once = this.mean === undefined ? FIRST_TIMEOUT : Math.max(MIN_TIMEOUT, this.mean + 4 * this.#variance);
    return Math.min(MAX_TIMEOUT, once * 2 ** Math.min(this.#doublings, 10));
  }
}
