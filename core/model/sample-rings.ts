import type { Millis, Timestamp } from "./units.ts";

/** How long back a history goes, and how fine it is there. */
export const HISTORY_SPANS = {
  "5m": { step: 1000, count: 300 },
  "1h": { step: 10_000, count: 360 },
  "24h": { step: 120_000, count: 720 },
} as const satisfies Record<string, { readonly step: Millis; readonly count: number }>;
export type HistorySpan = keyof typeof HISTORY_SPANS;

const SPANS = Object.keys(HISTORY_SPANS) as HistorySpan[];

export interface Samples {
  /** When each was taken; the means of a longer step at its end. Oldest first. */
  readonly times: readonly Timestamp[];
  /** The values of each series at those times. */
  readonly values: readonly (readonly number[])[];
}

/** Values that are measured every second, kept for a day: the longer ago, the coarser. Memory is bounded by the spans. */
export class SampleRings {
  readonly #rings: Readonly<Record<HistorySpan, Ring>>;

  /** @param series - Values of each sample. */
  constructor(series: number) {
    this.#rings = Object.fromEntries(SPANS.map((span) => [span, new Ring(HISTORY_SPANS[span], series)])) as Record<
      HistorySpan,
      Ring
    >;
  }

  /** Once a second. @param values - As many as there are series. */
  add(at: Timestamp, values: readonly number[]): void {
    for (const span of SPANS) this.#rings[span].add(at, values);
  }

  /** @returns Samples after `since`. */
  read(span: HistorySpan, since: Timestamp): Samples {
    return this.#rings[span].read(since);
  }
}

/** The newest means over one step each. */
class Ring {
  readonly #step: Millis;
  readonly #count: number;
  readonly #series: number;
  readonly #times: Float64Array;
  readonly #values: Float32Array;
  readonly #sums: Float64Array;
  #summed = 0;
  /** Which step is being summed. */
  #current = -1;
  #written = 0;

  constructor({ step, count }: { readonly step: Millis; readonly count: number }, series: number) {
    this.#step = step;
    this.#count = count;
    this.#series = series;
    this.#times = new Float64Array(count);
    this.#values = new Float32Array(count * series);
    this.#sums = new Float64Array(series);
  }

  add(at: Timestamp, values: readonly number[]): void {
    const step = Math.floor(at / this.#step);
    if (step !== this.#current) this.#finish();
    this.#current = step;
    for (let i = 0; i < this.#series; i++) this.#sums[i] = (this.#sums[i] as number) + (values[i] as number);
    this.#summed++;
  }

  read(since: Timestamp): Samples {
    const times: Timestamp[] = [];
    const values = Array.from({ length: this.#series }, (): number[] => []);
    for (let number = Math.max(0, this.#written - this.#count); number < this.#written; number++) {
      const place = number % this.#count;
      const at = this.#times[place] as number;
      if (at <= since) continue;
      times.push(at);
      for (let i = 0; i < this.#series; i++) values[i]?.push(this.#values[place * this.#series + i] as number);
    }
    return { times, values };
  }

  #finish(): void {
    if (this.#summed === 0) return;
    const place = this.#written % this.#count;
    this.#times[place] = (this.#current + 1) * this.#step;
    for (let i = 0; i < this.#series; i++) {
      this.#values[place * this.#series + i] = (this.#sums[i] as number) / this.#summed;
    }
    this.#sums.fill(0);
    this.#summed = 0;
    this.#written++;
  }
}
