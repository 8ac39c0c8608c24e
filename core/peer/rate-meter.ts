import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../model/units.ts";

/** Samples in the mean: at one a second, long enough to be calm and short enough to be true. */
const SAMPLES = 5;
const SAMPLE_SPAN: Millis = 1000;
/** The rate is the mean of so long. */
export const MEAN_SPAN: Millis = SAMPLE_SPAN * SAMPLES;

/** A shorter span says more of the timer than of the rate. */
const LEAST_SPAN: Millis = 200;

/**
 * Bytes counted as they pass, and the mean rate of the last seconds. Sampled once a second by its owner; while nothing
 * passes that may be left out.
 */
export class RateMeter {
  total: Bytes = 0;
  rate: BytesPerSecond = 0;
  /** Of the last second alone. */
  latest: BytesPerSecond = 0;
  #lastTotal: Bytes = 0;
  #lastAt: Timestamp;
  readonly #samples: { bytes: Bytes; span: number }[] = [];

  constructor(now: Timestamp) {
    this.#lastAt = now;
  }

  /** Counted since the last sample: what the rate does not know yet. */
  get unsampled(): Bytes {
    return this.total - this.#lastTotal;
  }

  /** The rate of what is not worth the sampling is as good as none. */
  rest(): void {
    this.rate = 0;
    this.latest = 0;
    this.#samples.length = 0;
  }

  add(bytes: Bytes): void {
    this.total += bytes;
  }

  sample(now: Timestamp): void {
    const since = now - this.#lastAt;
    if (since < LEAST_SPAN) return;
    // Left out while nothing passed: what came since came within the last second.
    const span = this.rate === 0 && since > 2 * SAMPLE_SPAN ? SAMPLE_SPAN : since;
    this.#lastAt = now;
    this.latest = ((this.total - this.#lastTotal) * 1000) / span;
    this.#samples.push({ bytes: this.total - this.#lastTotal, span });
    this.#lastTotal = this.total;
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    let bytes = 0;
    let time = 0;
    for (const sample of this.#samples) {
      bytes += sample.bytes;
      time += sample.span;
    }
    this.rate = Math.round((bytes * 1000) / time);
  }
}
