import type { Bytes, BytesPerSecond, Millis } from "../../model/units.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `1023 B`, `1.0 KiB`, `12.3 GiB`. */
export function formatBytes(bytes: Bytes): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

export function formatRate(rate: BytesPerSecond): string {
  return `${formatBytes(Math.round(rate))}/s`;
}

/** Two units at most: `45 s`, `2 min 5 s`, `3 h 10 min`, `4 d 2 h`. */
export function formatSpan(span: Millis): string {
  const seconds = Math.max(0, Math.round(span / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** Part of a whole, one decimal, and 100.0 only when all is there. */
export function formatPercent(part: number, whole: number): string {
  const percent = whole === 0 ? 100 : (100 * part) / whole;
  return `${(part < whole ? Math.min(99.9, Math.floor(percent * 10) / 10) : 100).toFixed(1)} %`;
}

/** East Asian letters and pictures are two columns wide, combining marks none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that `text` takes on a terminal, nearly. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (WIDE.test(character)) columns += 2;
    else if (!/\p{M}/u.test(character)) columns++;
  }
  return columns;
}

/** `text` in exactly `columns`, cut with an ellipsis or filled with spaces. */
export function fitted(text: string, columns: number): string {
  const width = columnsOf(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  let shown = "";
  let used = 0;
  for (const character of text) {
    const next = columnsOf(character);
    if (used + next > columns - 1) break;
    shown += character;
    used += next;
  }
  return `${shown}…${" ".repeat(Math.max(0, columns - 1 - used))}`;
}

/** A number and what it counts. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
