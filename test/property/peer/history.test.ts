import fc from "fast-check";
import { expect, test } from "vitest";
import { SAMPLE_FIELDS, STANDING } from "../../../core/model/peer-history.ts";
import { MAX_CHANGES, PeerHistory } from "../../../core/peer/history.ts";
import { HistorySamples, MAX_SAMPLES } from "../../../core/peer/history-samples.ts";

interface Sample {
  readonly start: number;
  readonly end: number;
  readonly down: number;
  readonly up: number;
  readonly outstanding: number;
  readonly roundTrip: number;
}

function samplesOf(history: HistorySamples, begun: number): Sample[] {
  const numbers = history.from(0);
  const samples: Sample[] = [];
  for (let i = 0; i < numbers.length; i += SAMPLE_FIELDS) {
    const [end, down, up, outstanding, , roundTrip] = numbers.slice(i) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    samples.push({ start: samples.at(-1)?.end ?? begun, end, down, up, outstanding, roundTrip });
  }
  return samples;
}

/** Seconds of idleness, or of work at some rate: lives of minutes and of days. */
const stretch = fc.record({
  seconds: fc.integer({ min: 1, max: 4000 }),
  rate: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50_000_000 })),
  isSteady: fc.boolean(),
});
const BEGUN = 1_700_000_000_000;

test("samples are few however long the life, cover it without a gap, lose no byte, and are fine where they are recent", () => {
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1, maxLength: 30 }), (life) => {
      const history = new HistorySamples(BEGUN);
      let now = BEGUN;
      let [down, up] = [0, 0];
      let seconds = 0;
      for (const { seconds: length, rate, isSteady } of life) {
        for (let i = 0; i < length; i++) {
          now += 1000;
          down += isSteady ? rate : Math.floor(rate * ((i * 7919) % 13)) / 6;
          up += rate >> 3;
          const outstanding = rate === 0 ? 0 : (i % 5) + 1;
          history.add(now, { down, up, outstanding, waiting: 0, roundTrip: rate === 0 ? undefined : 40 });
          if (++seconds % 500 === 0) expect(history.count).toBeLessThanOrEqual(MAX_SAMPLES);
        }
      }
      const samples = samplesOf(history, BEGUN);
      expect(samples.length).toBeLessThanOrEqual(MAX_SAMPLES);
      if (samples.length === 0) {
        expect(down).toBe(0);
        return;
      }
      for (const { start, end } of samples) expect(end).toBeGreaterThan(start);
      expect(samples.at(-1)?.end).toBe(now);
      expect(history.until).toBe(now);
      const bytes = samples.reduce((sum, sample) => sum + (sample.down * (sample.end - sample.start)) / 1000, 0);
      expect(Math.abs(bytes - down)).toBeLessThanOrEqual(1 + down / 10_000 + 0.05 * seconds);
      for (const { roundTrip } of samples) expect([-1, 40]).toContain(roundTrip);
      const busiest = Math.max(...life.map(({ rate }) => rate));
      // What is joined was short for its age: an eighth of it at the very most, in a life of a day.
      const changing = samples.filter((sample) => sample.down > 0 && sample.down < busiest);
      for (const { start, end } of changing) {
        if (end - start <= 1000 || life.some(({ isSteady, rate }) => isSteady && rate > 0)) continue;
        expect(end - start).toBeLessThanOrEqual((now - start) / 8);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a peer that does nothing is one moment, however long it does it", () => {
  const history = new HistorySamples(BEGUN);
  const idle = { down: 0, up: 0, outstanding: 0, waiting: 0, roundTrip: undefined };
  for (let second = 1; second <= 100_000; second++) history.add(BEGUN + 1000 * second, idle);
  expect(history.count).toBe(0);
  expect(history.until).toBe(BEGUN + 100_000_000);
  history.add(history.until + 1000, { ...idle, outstanding: 3 });
  expect(history.from(0)).toEqual([history.until - 1000, 0, 0, 0, 0, -1, history.until, 0, 0, 3, 0, -1]);
});

const change = fc.record({
  claim: fc.constantFrom(...Object.values(STANDING)),
  holds: fc.boolean(),
  wait: fc.constantFrom(0, 1, 3, 1000),
});

test("the changes that are kept tell what held at each moment since they are known", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 * MAX_CHANGES, size: "max" }), (changes) => {
      const history = new PeerHistory(BEGUN);
      const truth: { at: number; bits: number }[] = [{ at: BEGUN, bits: history.bits }];
      let now = BEGUN;
      for (const { claim, holds, wait } of changes) {
        now += wait;
        history.set(claim, holds, now);
        truth.push({ at: now, bits: history.bits });
      }
      expect(history.count).toBeLessThanOrEqual(MAX_CHANGES);
      const told = history.from(0);
      expect(told).toHaveLength(2 * history.count);
      expect(told[0]).toBe(history.since);
      for (let i = 2; i < told.length; i += 2) expect(told[i]).toBeGreaterThan(told[i - 2] as number);
      const bitsAt = (at: number) => {
        let bits = -1;
        for (let i = 0; i < told.length && (told[i] as number) <= at; i += 2) bits = told[i + 1] as number;
        return bits;
      };
      for (const [i, { at, bits }] of truth.entries()) {
        if (at < history.since || truth[i + 1]?.at === at) continue;
        expect(bitsAt(at)).toBe(bits);
      }
      for (let first = 0; first <= history.count; first += 37)
        expect(history.from(first)).toEqual(told.slice(2 * first));
    }),
    { numRuns: 60 },
  );
});
