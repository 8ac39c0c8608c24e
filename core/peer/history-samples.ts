import { SAMPLE_FIELDS } from "../model/peer-history.ts";
import type { Bytes, Timestamp } from "../model/units.ts";

/** 28 bytes each. */
export const MAX_SAMPLES = 480;
const FIRST_CAPACITY = 16;
const VALUES = SAMPLE_FIELDS - 1;
const ROUND_TRIP = 4;
/** A sample of long ago spans at most this part of its age … */
const FINEST = 1 / 64;
/** … or, where they would still be too many, a larger one each time. */
const COARSER = 1.3;

/** What is measured of a peer: totals of payload, and what is outstanding now. */
export interface Measures {
  readonly down: Bytes;
  readonly up: Bytes;
  readonly outstanding: number;
  readonly waiting: number;
  /** Undefined: not known yet. */
  readonly roundTrip: number | undefined;
}

/**
 * What was measured of one peer, from its first moment without a gap.
 *
 * Samples that say the same become one, so an idle peer costs nothing; samples of long ago are joined, so that a life of
 * any length has few, the finer the more recent. Bytes are never lost: the sum of rate × span is what has passed.
 *
 * Invariant: ends ascend, and at most {@link MAX_SAMPLES} are kept.
 */
export class HistorySamples {
  /** How often older ones were joined: then all are to be read anew. */
  joined = 0;
  #count = 0;
  #ends: Float64Array | undefined;
  #values = new Float32Array(0);
  #coarseness = FINEST;
  #until: Timestamp;
  #down: Bytes = 0;
  #up: Bytes = 0;
  readonly #begun: Timestamp;
  readonly #fresh = new Float32Array(VALUES);

  constructor(begun: Timestamp) {
    this.#begun = begun;
    this.#until = begun;
  }

  get count(): number {
    return this.#count;
  }

  /** Until when it was measured. */
  get until(): Timestamp {
    return this.#until;
  }

  add(now: Timestamp, measures: Measures): void {
    const span = now - this.#until;
    if (span <= 0) return;
    const fresh = this.#fresh;
    fresh[0] = ((measures.down - this.#down) * 1000) / span;
    fresh[1] = ((measures.up - this.#up) * 1000) / span;
    fresh[2] = measures.outstanding;
    fresh[3] = measures.waiting;
    fresh[ROUND_TRIP] = measures.roundTrip ?? -1;
    this.#down = measures.down;
    this.#up = measures.up;
    if (this.#count === 0 && isNothing(fresh)) this.#until = now;
    else if (this.#count > 0 && this.#isLast(fresh)) {
      this.#until = now;
      (this.#ends as Float64Array)[this.#count - 1] = now;
    } else {
      if (this.#count === 0 && this.#until > this.#begun) this.#push(this.#until, NOTHING);
      this.#until = now;
      this.#push(now, fresh);
    }
  }

  /** Those from the given place on, as flat numbers ({@link SAMPLE_FIELDS}). The last one may still grow longer. */
  from(first: number): number[] {
    const numbers: number[] = [];
    for (let i = first; i < this.#count; i++) {
      numbers.push((this.#ends as Float64Array)[i] as number);
      for (let value = 0; value < VALUES; value++) {
        numbers.push(Math.round(10 * (this.#values[i * VALUES + value] as number)) / 10);
      }
    }
    return numbers;
  }

  #isLast(fresh: Float32Array): boolean {
    const at = (this.#count - 1) * VALUES;
    for (let i = 0; i < VALUES; i++) if (this.#values[at + i] !== fresh[i]) return false;
    return true;
  }

  #push(end: Timestamp, values: Float32Array): void {
    if (this.#count === MAX_SAMPLES) this.#join();
    const capacity = this.#ends?.length ?? 0;
    if (this.#count === capacity) this.#grow(Math.min(MAX_SAMPLES, Math.max(FIRST_CAPACITY, 2 * capacity)));
    (this.#ends as Float64Array)[this.#count] = end;
    this.#values.set(values, this.#count * VALUES);
    this.#count++;
  }

  #grow(capacity: number): void {
    const ends = new Float64Array(capacity);
    if (this.#ends !== undefined) ends.set(this.#ends);
    this.#ends = ends;
    const values = new Float32Array(capacity * VALUES);
    values.set(this.#values);
    this.#values = values;
  }

  /** Makes room: neighbours become one where both together are short for their age. */
  #join(): void {
    this.joined++;
    const ends = this.#ends as Float64Array;
    const now = this.#until;
    for (;;) {
      let kept = 0;
      let start = this.#begun;
      for (let i = 1; i < this.#count; i++) {
        const end = ends[i] as number;
        if (end - start <= (now - end) * this.#coarseness) this.#absorb(kept, i, start);
        else {
          start = ends[kept] as number;
          kept++;
          ends[kept] = end;
          this.#values.copyWithin(kept * VALUES, i * VALUES, (i + 1) * VALUES);
        }
      }
      this.#count = kept + 1;
      if (this.#count <= (3 * MAX_SAMPLES) / 4) return;
      this.#coarseness *= COARSER;
    }
  }

  /** @param start - Where the sample at `into` begins. */
  #absorb(into: number, from: number, start: Timestamp): void {
    const ends = this.#ends as Float64Array;
    const middle = ends[into] as number;
    const end = ends[from] as number;
    const share = (end - middle) / (end - start);
    for (let i = 0; i < VALUES; i++) {
      const a = this.#values[into * VALUES + i] as number;
      const b = this.#values[from * VALUES + i] as number;
      const isHalfKnown = i === ROUND_TRIP && (a < 0 || b < 0);
      this.#values[into * VALUES + i] = isHalfKnown ? Math.max(a, b) : a + (b - a) * share;
    }
    ends[into] = end;
  }
}

const NOTHING = Float32Array.of(0, 0, 0, 0, -1);

function isNothing(values: Float32Array): boolean {
  return values.every((value, i) => value === NOTHING[i]);
}
