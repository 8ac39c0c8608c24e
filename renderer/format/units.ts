import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../../core/model/units.ts";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Nothing to tell: an en dash keeps a column of numbers calm. */
export const NOTHING = "–";

/** Three significant digits in binary units: `512 B`, `1.25 GiB`, `98.4 MiB`, `730 KiB`. */
export function formatBytes(bytes: Bytes): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would round to four digits; 1000 KiB reads better as 0.98 MiB.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

/** `1.25 MiB/s`; {@link NOTHING} below one byte a second. */
export function formatRate(rate: BytesPerSecond): string {
  return rate < 1 ? NOTHING : `${formatBytes(rate)}/s`;
}

/** The two largest units that matter: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`, `over a year`. */
export function formatDuration(duration: Millis): string {
  // Each step looks at the rounded value, so that 59.9 minutes never read as 60 minutes.
  const seconds = Math.max(0, Math.round(duration / SECOND));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  const minutes = Math.round(duration / MINUTE);
  if (minutes < 24 * 60) return pair(minutes, 60, "h", "min");
  const hours = Math.round(duration / HOUR);
  if (hours < 100 * 24) return pair(hours, 24, "d", "h");
  const days = Math.round(duration / DAY);
  return days < 365 ? `${days} d` : "over a year";
}

/** `37 ms` below a second, then `1.4 s`. */
export function formatRoundTrip(duration: Millis): string {
  return duration < SECOND ? `${Math.round(duration)} ms` : `${(duration / SECOND).toFixed(1)} s`;
}

/** `47.3%`. Rounds down, so that only what is whole is called `100%`. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0 || part >= whole) return "100%";
  const tenths = Math.floor((part / whole) * 1000);
  return `${(tenths / 10).toFixed(1)}%`;
}

/** A share of 0 … 1; of nothing, everything is there. */
export function share(part: number, whole: number): number {
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole));
}

/** Sent for each byte received: `1.37`; {@link NOTHING} before anything was received. */
export function formatRatio(uploaded: Bytes, downloaded: Bytes): string {
  return downloaded <= 0 ? NOTHING : (uploaded / downloaded).toFixed(2);
}

const counting = new Intl.NumberFormat("en-US");

/** `12,345`. */
export function formatCount(count: number): string {
  return counting.format(count);
}

/** `1 peer`, `23 peers`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** The local time of day, `14:05:09`. */
export function formatClock(at: Timestamp): string {
  return clock.format(at);
}

/** `20 Nov 2025, 14:05:09`. */
export function formatMoment(at: Timestamp): string {
  return `${calendar.format(at)}, ${clock.format(at)}`;
}

/** `just now`, `in 3 min 20 s`, `45 s ago`. */
export function formatDistance(at: Timestamp, now: Timestamp): string {
  const distance = at - now;
  if (Math.abs(distance) < SECOND) return "just now";
  return distance > 0 ? `in ${formatDuration(distance)}` : `${formatDuration(-distance)} ago`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

function pair(smalls: number, perLarge: number, large: string, small: string): string {
  const rest = smalls % perLarge;
  const larges = (smalls - rest) / perLarge;
  return rest === 0 ? `${larges} ${large}` : `${larges} ${large} ${rest} ${small}`;
}
