import { CHANGE_FIELDS, STANDING } from "../model/peer-history.ts";
import type { Timestamp } from "../model/units.ts";
import { HistorySamples } from "./history-samples.ts";

/** Who changes its mind more often than this is remembered from a later moment on. 10 bytes each. */
export const MAX_CHANGES = 512;
const FORGOTTEN_AT_ONCE = MAX_CHANGES / 4;
const FIRST_CAPACITY = 8;

/**
 * One peer's life as bits that hold from a moment on ({@link STANDING}), and what was measured meanwhile. Changes are
 * noted where they are made, so an idle peer costs nothing; both kinds together take less than 20 KiB at most.
 */
export class PeerHistory {
  /** The claims that hold now. */
  bits: number = STANDING.weChoke | STANDING.peerChokes;
  /** When it begins to be known. */
  since: Timestamp;
  readonly samples: HistorySamples;
  /** Grows with each change. */
  revision = 0;
  /** How often the oldest changes were forgotten: then all are to be read anew. */
  forgotten = 0;
  #count = 1;
  #times: Float64Array | undefined;
  #bits = new Uint16Array(0);

  constructor(begun: Timestamp) {
    this.since = begun;
    this.samples = new HistorySamples(begun);
  }

  /** Changes that are kept; the first one tells how it began. */
  get count(): number {
    return this.#count;
  }

  has(claim: number): boolean {
    return (this.bits & claim) !== 0;
  }

  /** The claim holds from `now` on, or does no longer. */
  set(claim: number, holds: boolean, now: Timestamp): void {
    const bits = holds ? this.bits | claim : this.bits & ~claim;
    if (bits === this.bits) return;
    const before = this.bits;
    this.bits = bits;
    this.revision++;
    if (this.#times === undefined) {
      this.#grow(FIRST_CAPACITY);
      this.#write(0, this.since, before);
    }
    const last = this.#count - 1;
    const lastAt = (this.#times as unknown as Float64Array)[last] as number;
    // What changes twice in a moment has changed once. A clock that was set back does not turn a life around.
    if (now <= lastAt) return this.#write(last, lastAt, bits);
    if (this.#count === MAX_CHANGES) this.#forget();
    if (this.#count === this.#bits.length) this.#grow(Math.min(MAX_CHANGES, 2 * this.#count));
    this.#write(this.#count++, now, bits);
  }

  /** Changes from the given place on, as flat numbers: when, and the bits from then on. */
  from(first: number): number[] {
    const times = this.#times;
    if (times === undefined) return first > 0 ? [] : [this.since, this.bits];
    const numbers = new Array<number>(CHANGE_FIELDS * Math.max(0, this.#count - first));
    for (let i = first, at = 0; i < this.#count; i++) {
      numbers[at++] = times[i] as number;
      numbers[at++] = this.#bits[i] as number;
    }
    return numbers;
  }

  #write(at: number, time: Timestamp, bits: number): void {
    (this.#times as Float64Array)[at] = time;
    this.#bits[at] = bits;
  }

  #forget(): void {
    const times = this.#times as Float64Array;
    times.copyWithin(0, FORGOTTEN_AT_ONCE);
    this.#bits.copyWithin(0, FORGOTTEN_AT_ONCE);
    this.#count -= FORGOTTEN_AT_ONCE;
    this.since = times[0] as number;
    this.forgotten++;
  }

  #grow(capacity: number): void {
    const times = new Float64Array(capacity);
    if (this.#times !== undefined) times.set(this.#times);
    this.#times = times;
    const bits = new Uint16Array(capacity);
    bits.set(this.#bits);
    this.#bits = bits;
  }
}
