import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../../core/model/units.ts";
import { say } from "../words/say.ts";

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
  return `${unit === 0 ? formatCount(Math.round(value)) : threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

/** `1.25 MiB/s`; {@link NOTHING} below one byte a second. */
export function formatRate(rate: BytesPerSecond): string {
  return rate < 1 ? NOTHING : `${formatBytes(rate)}${say.values.perSecond}`;
}

/** The two largest units that matter: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`, `over a year`. */
export function formatDuration(duration: Millis): string {
  const { day, hour, minute, second } = say.values.units;
  // Each step looks at the rounded value, so that 59.9 minutes never read as 60 minutes.
  const seconds = Math.max(0, Math.round(duration / SECOND));
  if (seconds < 60) return `${seconds} ${second}`;
  if (seconds < 3600) return pair(seconds, 60, minute, second);
  const minutes = Math.round(duration / MINUTE);
  if (minutes < 24 * 60) return pair(minutes, 60, hour, minute);
  const hours = Math.round(duration / HOUR);
  if (hours < 100 * 24) return pair(hours, 24, day, hour);
  const days = Math.round(duration / DAY);
  return days < 365 ? `${days} ${day}` : say.values.overAYear;
}

/** `37 ms` below a second, then `1.4 s`. */
export function formatRoundTrip(duration: Millis): string {
  return duration < SECOND
    ? `${Math.round(duration)} ms`
    : `${formats()
        .digits(1)
        .format(duration / SECOND)} s`;
}

/** `47.3%`. Rounds down, so that only what is whole is called `100%`. */
export function formatPercent(part: number, whole: number): string {
  const { whole: all, tenths } = formats().percent;
  return whole <= 0 || part >= whole ? all.format(1) : tenths.format(Math.floor((part / whole) * 1000) / 1000);
}

/** A share of 0 … 1; of nothing, everything is there. */
export function share(part: number, whole: number): number {
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole));
}

/** Sent for each byte received: `1.37`; {@link NOTHING} before anything was received. */
export function formatRatio(uploaded: Bytes, downloaded: Bytes): string {
  return downloaded <= 0
    ? NOTHING
    : formats()
        .digits(2)
        .format(uploaded / downloaded);
}

/** `12,345`. */
export function formatCount(count: number): string {
  return formats().digits(0).format(count);
}

/** The local time of day, `14:05:09`. */
export function formatClock(at: Timestamp): string {
  return formats().clock.format(at);
}

/** `20 Nov 2025, 14:05:09`. */
export function formatMoment(at: Timestamp): string {
  return `${formats().calendar.format(at)}, ${formatClock(at)}`;
}

/** `just now`, `in 3 min 20 s`, `45 s ago`. */
export function formatDistance(at: Timestamp, now: Timestamp): string {
  const distance = at - now;
  if (Math.abs(distance) < SECOND) return say.values.justNow;
  return distance > 0 ? say.values.inTime(formatDuration(distance)) : say.values.ago(formatDuration(-distance));
}

function threeDigits(value: number): string {
  return formats()
    .digits(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
    .format(value);
}

function pair(smalls: number, perLarge: number, large: string, small: string): string {
  const rest = smalls % perLarge;
  const larges = (smalls - rest) / perLarge;
  return rest === 0 ? `${larges} ${large}` : `${larges} ${large} ${rest} ${small}`;
}

interface Formats {
  /** With so many digits behind the point. */
  readonly digits: (count: 0 | 1 | 2) => Intl.NumberFormat;
  readonly percent: { readonly whole: Intl.NumberFormat; readonly tenths: Intl.NumberFormat };
  readonly clock: Intl.DateTimeFormat;
  readonly calendar: Intl.DateTimeFormat;
}

/** They are slow to make, and a table asks for hundreds a second. */
const made = new Map<string, Formats>();

/** How the language that is spoken writes numbers and dates. */
function formats(): Formats {
  const { locale, clockLocale } = say.values;
  const known = made.get(locale);
  if (known !== undefined) return known;
  const number = (digits: number, style: "decimal" | "percent" = "decimal") =>
    new Intl.NumberFormat(locale, { style, minimumFractionDigits: digits, maximumFractionDigits: digits });
  const byDigits = [number(0), number(1), number(2)] as const;
  const fresh: Formats = {
    digits: (count) => byDigits[count],
    percent: { whole: number(0, "percent"), tenths: number(1, "percent") },
    clock: new Intl.DateTimeFormat(clockLocale, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    calendar: new Intl.DateTimeFormat(clockLocale, { day: "numeric", month: "short", year: "numeric" }),
  };
  made.set(locale, fresh);
  return fresh;
}
