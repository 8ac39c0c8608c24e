import { Bitfield } from "../../model/bitfield.ts";
import { fromHex, toHex } from "../../model/bytes.ts";
import type { Timestamp } from "../../model/units.ts";

/** The form of the lines below. Another number: a record that this version can't replay. */
export const TRACE_FORMAT = 1;

/** What JSON can say. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** What a line says beside its time and kind. */
export type Fields = { readonly [field: string]: Plain };

/**
 * What a line is:
 * `head` (the first: what the session began with), `input` (a call into the heart), `order` (what the heart asked of the
 * world), `message` (one peer message, decoded), `decision` (what the heart made of it), `end` (the last, in words why).
 */
export type LineType = "head" | "input" | "order" | "message" | "decision" | "end";

const LINE_TYPES: readonly string[] = ["head", "input", "order", "message", "decision", "end"] satisfies LineType[];

/** One line of a record. */
export interface TraceLine {
  readonly at: Timestamp;
  readonly line: LineType;
  readonly kind: string;
  readonly fields: Fields;
}

/** A record, or a line of it, that is not one. */
export class TraceFault extends Error {
  override name = "TraceFault";
  /** From 1, when it is another than the one read last. */
  line: number | undefined;
}

/** @returns One line of JSON, without its end. */
export function formatLine({ at, line, kind, fields }: TraceLine): string {
  return JSON.stringify({ at, line, kind, ...fields });
}

/** @throws TraceFault when `text` is no line of a record. */
export function parseLine(text: string): TraceLine {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TraceFault("it is no JSON object");
  const { at, line, kind, ...fields } = value as Record<string, Plain>;
  if (typeof at !== "number" || typeof line !== "string" || !LINE_TYPES.includes(line) || typeof kind !== "string") {
    throw new TraceFault("it lacks the time, the type or the kind of a line");
  }
  return { at, line: line as LineType, kind, fields };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TraceFault("it is not JSON");
  }
}

/** Any value of the heart that is data, as JSON can say it: bytes become `{hex}`, bitfields `{bits, hex}`. */
export function toPlain(value: unknown): Plain {
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (value instanceof Bitfield) return { bits: value.length, hex: toHex(value.bytes) };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === "object" && value !== null) return toFields(value);
  return value === undefined ? null : (value as string | number | boolean | null);
}

/** As {@link toPlain}; what is undefined is left out. */
export function toFields(value: object): Fields {
  const known = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(known.map(([key, inner]) => [key, toPlain(inner)]));
}

/** The way back from {@link toPlain}. @throws TraceFault when bytes are not as they are written. */
export function fromPlain(value: Plain | undefined): unknown {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const { hex, bits } = value as Fields;
  if (typeof hex === "string" && entries.length === (bits === undefined ? 1 : 2)) return toBytes(hex, bits);
  return Object.fromEntries(entries.map(([key, inner]) => [key, fromPlain(inner)]));
}

function toBytes(hex: string, bits: Plain | undefined): Uint8Array | Bitfield {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new TraceFault(`${hex.length} hexadecimal digits that are none`);
  if (bits === undefined) return bytes;
  if (typeof bits !== "number" || Bitfield.byteLength(bits) !== bytes.length) {
    throw new TraceFault(`${bytes.length} bytes for ${JSON.stringify(bits)} bits`);
  }
  return Bitfield.fromBytes(bytes, bits);
}

/** A number that the line must have. */
export function numberOf(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number") throw new TraceFault(`${name} is no number`);
  return value;
}
