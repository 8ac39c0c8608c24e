import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HISTORY_SPANS, type HistorySpan, SampleRings } from "../../../core/model/sample-rings.ts";

const SPANS = Object.keys(HISTORY_SPANS) as HistorySpan[];
const HOUR = 3_600_000;

describe("a history", () => {
  test("keeps no more than its spans say, oldest first, whatever is measured when", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 0, max: 1000 })), { maxLength: 900 }),
        (samples) => {
          const rings = new SampleRings(1);
          let at = 1_700_000_000_000;
          for (const [wait, value] of samples) {
            at += wait;
            rings.add(at, [value]);
          }
          for (const span of SPANS) {
            const { times, values } = rings.read(span, 0);
            expect(times.length).toBeLessThanOrEqual(HISTORY_SPANS[span].count);
            expect(values[0]).toHaveLength(times.length);
            expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
            for (const value of values[0] ?? []) expect(value >= 0 && value <= 1000).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("has means over its steps, and what is asked for since a time is the rest of the whole", () => {
    const rings = new SampleRings(2);
    const start = 1_699_999_200_000;
    for (let second = 0; second < 2 * 3600; second++) rings.add(start + second * 1000, [second, 7]);
    const whole = rings.read("1h", 0);
    expect(whole.times).toHaveLength(360);
    // The mean of ten seconds in a row, in the middle of them.
    expect(whole.values[0]?.at(-1)).toBeCloseTo(2 * 3600 - 10 - 5.5, 3);
    expect(new Set(whole.values[1])).toEqual(new Set([7]));
    const since = whole.times[100] as number;
    const rest = rings.read("1h", since);
    expect(rest.times).toEqual(whole.times.slice(101));
    expect(rest.values[0]).toEqual(whole.values[0]?.slice(101));
    expect(rings.read("24h", 0).times.at(-1)).toBeLessThanOrEqual(start + 2 * HOUR);
    expect(rings.read("5m", 0).times).toHaveLength(300);
  });
});
