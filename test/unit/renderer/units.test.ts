import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDistance,
  formatDuration,
  formatMoment,
  formatPercent,
  formatRate,
  formatRatio,
  formatRoundTrip,
  NOTHING,
  share,
} from "../../../renderer/format/units.ts";
import { speak } from "../../../renderer/words/say.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [512, "512 B"],
    [999, "999 B"],
    [1000, "0.98 KiB"],
    [1536, "1.50 KiB"],
    [1024 * 1024, "1.00 MiB"],
    [98.43 * 1024 * 1024, "98.4 MiB"],
    [730 * 1024, "730 KiB"],
    [2 ** 53, "8.00 PiB"],
  ])("%d reads as %s", (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words);
  });

  it("never take more than four characters before the unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^(\d{1,3}|\d\.\d\d|\d\d\.\d) (B|[KMGTP]iB)$/);
      }),
    );
  });

  it("as a rate are a dash when nothing moves", () => {
    expect(formatRate(0.4)).toBe(NOTHING);
    expect(formatRate(2048)).toBe("2.00 KiB/s");
  });
});

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [45 * SECOND, "45 s"],
    [59.6 * SECOND, "1 min"],
    [200 * SECOND, "3 min 20 s"],
    [HOUR - 1, "1 h"],
    [2 * HOUR + 5 * MINUTE, "2 h 5 min"],
    [DAY - 1, "1 d"],
    [3 * DAY + 4 * HOUR, "3 d 4 h"],
    [200 * DAY, "200 d"],
    [800 * DAY, "over a year"],
  ])("%d ms reads as %s", (duration, words) => {
    expect(formatDuration(duration)).toBe(words);
  });

  it("never show sixty of a smaller unit", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(SECOND, MINUTE, HOUR, DAY),
        fc.nat(120),
        fc.integer({ min: -600, max: 600 }),
        (unit, count, off) => {
          expect(formatDuration(unit * count + off)).not.toMatch(/\b60 (s|min)\b|\b24 h\b/);
        },
      ),
    );
  });

  it("tell past from future", () => {
    expect(formatDistance(5000, 5400)).toBe("just now");
    expect(formatDistance(65_000, 5000)).toBe("in 1 min");
    expect(formatDistance(5000, 50_000)).toBe("45 s ago");
  });

  it("of a round trip are in milliseconds below a second", () => {
    expect(formatRoundTrip(36.6)).toBe("37 ms");
    expect(formatRoundTrip(1440)).toBe("1.4 s");
  });
});

describe("shares", () => {
  it("are called whole only when they are", () => {
    expect(formatPercent(9999, 10_000)).toBe("99.9%");
    expect(formatPercent(10_000, 10_000)).toBe("100%");
    expect(formatPercent(0, 10)).toBe("0.0%");
  });

  it("of nothing are everything", () => {
    expect(formatPercent(0, 0)).toBe("100%");
    expect(share(0, 0)).toBe(1);
  });

  it("stay within 0 and 1", () => {
    expect(share(12, 10)).toBe(1);
    expect(share(-1, 10)).toBe(0);
  });

  it("as a ratio need something received", () => {
    expect(formatRatio(10, 0)).toBe(NOTHING);
    expect(formatRatio(137, 100)).toBe("1.37");
  });
});

describe("numbers and dates", () => {
  it("are written as the language that is spoken does", () => {
    speak("de");
    expect(formatBytes(1.25 * 1024 ** 3)).toBe("1,25 GiB");
    expect(formatRate(2048)).toBe("2,00 KiB/s");
    expect(formatPercent(473, 1000)).toBe("47,3\u00a0%");
    expect(formatRatio(137, 100)).toBe("1,37");
    expect(formatCount(12_345)).toBe("12.345");
    expect(formatDistance(5000, 50_000)).toBe("vor 45 s");
    expect(formatDuration(800 * DAY)).toBe("über ein Jahr");
    expect(formatMoment(Date.UTC(2025, 10, 20, 12))).toMatch(/^20\. Nov\. 2025, \d\d:00:00$/);
    speak("en");
    expect(formatCount(12_345)).toBe("12,345");
  });
});
