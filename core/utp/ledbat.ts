import type { Random } from "../model/random.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { MAX_OUTSTANDING } from "./sent-packets.ts";

/** Waiting in queues that we allow ourselves to cause (BEP 29). */
export const TARGET_DELAY: Millis = 100;
/** The window grows by this a round trip when queues are empty (libutp's and libtorrent's). */
const GAIN: Bytes = 3000;
/** Slow start ends here, as it would overshoot by as much again before it hears of it (LEDBAT++). */
const SLOW_START_DELAY: Millis = 0.75 * TARGET_DELAY;
/** However long the queue is, the window shrinks to no less than this part in a round trip. */
const LEAST_PART = 0.5;
/** Packets in the smallest window that is not the answer to silence. */
const LEAST_PACKETS = 2;
/** RFC 3390. */
const FIRST_WINDOW: Bytes = 4380;
/** Samples of which the least counts: one packet's wait for a busy processor is not a queue. */
const FILTER = 4;
/** Pauses take a tenth of the time at most, and don't come more often than this. */
const PAUSE_SHARE = 9;
const PAUSE_EVERY: Millis = 10_000;

/**
 * How many bytes may be under way: LEDBAT (RFC 6817, BEP 29) with two changes of LEDBAT++ (draft-irtf-iccrg-ledbat-
 * plus-plus). Past the target the window shrinks by a part of itself rather than by a constant, so that flows sharing a
 * queue become equal and a queue that others fill is left to them. And now and then a flow that fills a queue pauses for
 * two round trips, so that everybody sees the path without it: who comes late would else take its queue for the path.
 */
export class Ledbat {
  window: Bytes = FIRST_WINDOW;
  /** Slow start ends here at the latest. */
  threshold = Number.POSITIVE_INFINITY;
  isSlowStart = true;
  readonly #random: Random;
  readonly #samples = new Float64Array(FILTER);
  #sampled = 0;
  #pausedUntil: Timestamp | undefined;
  #pauseBegan: Timestamp | undefined;
  #nextPause: Timestamp | undefined;
  /** A queue was ours since the last pause. */
  #hasQueued = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The least of the last few waits in queues. */
  get delay(): Millis {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < Math.min(this.#sampled, FILTER); i++) least = Math.min(least, this.#samples[i] as number);
    return Number.isFinite(least) ? least : 0;
  }

  /** A packet waited this long in the queues on its way to the other side. */
  sample(delay: Millis): void {
    this.#samples[this.#sampled % FILTER] = delay;
    this.#sampled++;
    if (this.delay > TARGET_DELAY / 2) this.#hasQueued = true;
  }

  /**
   * @param acked - Bytes that just arrived.
   * @param isFull - The window is what limits: one that isn't used says nothing about what the path can bear.
   * @param packet - Length of a full one.
   */
  acknowledged(acked: Bytes, isFull: boolean, packet: Bytes, roundTrip: Millis, now: Timestamp): void {
    if (this.#isPaused(now)) return;
    const { delay } = this;
    if (this.isSlowStart) {
      if (delay > SLOW_START_DELAY) this.#endSlowStart(this.window, roundTrip, now);
      else if (isFull) {
        this.window += acked;
        if (this.window >= this.threshold) this.#endSlowStart(this.threshold, roundTrip, now);
      }
    } else {
      const offTarget = (TARGET_DELAY - delay) / TARGET_DELAY;
      if (offTarget < 0) this.window += Math.max(-LEAST_PART, offTarget) * acked;
      else if (isFull) this.window += (GAIN * offTarget * acked) / this.window;
      this.#pauseIfDue(packet, roundTrip, now);
    }
    this.window = Math.min(MAX_OUTSTANDING * packet, Math.max(LEAST_PACKETS * packet, this.window));
  }

  /** A packet was overtaken. The caller asks at most once a round trip. */
  lost(packet: Bytes, roundTrip: Millis, now: Timestamp): void {
    if (this.#isPaused(now)) {
      this.threshold = Math.max(LEAST_PACKETS * packet, this.threshold / 2);
      return;
    }
    this.window = Math.max(LEAST_PACKETS * packet, this.window / 2);
    this.threshold = this.window;
    if (this.isSlowStart) this.#endSlowStart(this.window, roundTrip, now);
  }

  /** Nothing was heard for too long: begin again with one packet. */
  timedOut(packet: Bytes): void {
    this.threshold = Math.max(LEAST_PACKETS * packet, this.window / 2);
    this.window = packet;
    this.isSlowStart = true;
    this.#pausedUntil = undefined;
    this.#pauseBegan = undefined;
  }

  #isPaused(now: Timestamp): boolean {
    if (this.#pausedUntil === undefined) return false;
    if (now < this.#pausedUntil) return true;
    this.#pausedUntil = undefined;
    this.isSlowStart = true;
    return false;
  }

  #endSlowStart(window: Bytes, roundTrip: Millis, now: Timestamp): void {
    this.window = window;
    this.threshold = window;
    this.isSlowStart = false;
    if (this.#pauseBegan === undefined) {
      // The first pause comes soon: what was learnt so far may be somebody else's queue.
      this.#nextPause ??= now + 2 * roundTrip;
      return;
    }
    const jitter = 0.75 + this.#random.uint32() / 0x2_0000_0000;
    this.#nextPause = now + jitter * Math.max(PAUSE_EVERY, PAUSE_SHARE * (now - this.#pauseBegan));
    this.#pauseBegan = undefined;
  }

  #pauseIfDue(packet: Bytes, roundTrip: Millis, now: Timestamp): void {
    if (this.#nextPause === undefined || now < this.#nextPause) return;
    this.#nextPause = now + PAUSE_EVERY;
    if (!this.#hasQueued) return;
    this.#hasQueued = false;
    this.threshold = this.window;
    this.window = LEAST_PACKETS * packet;
    this.#pauseBegan = now;
    this.#pausedUntil = now + 2 * roundTrip;
  }
}
