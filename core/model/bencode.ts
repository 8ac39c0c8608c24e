import bencode from "bencode";
import { invariant } from "./invariant.ts";
import { MIB } from "./units.ts";

/**
 * Bencode (BEP 3), and the one guard in front of the `bencode` package.
 *
 * Writing is the package's. Reading never reaches it: its decoder believes truncated strings and `i03e`, never returns
 * on `l-3:e`, rounds integers past 2^53, turns binary keys into hexadecimal and lets a key `__proto__` replace the
 * prototype of its result. The strict scan that would have to precede it sees every value anyway, so it keeps them.
 */

/** Integers are numbers where those are exact, else bigints up to 64 bits. Keys are latin1: one byte a character. */
export type BencodeValue = number | bigint | Uint8Array | readonly BencodeValue[] | BencodeDict;

/** Keys in the order they came. A `Map`, so no key has a meaning of its own: `__proto__` is one like any other. */
export type BencodeDict = ReadonlyMap<string, BencodeValue>;

/** Where a value lies in the input: `start` its first byte, `end` one past its last. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

export interface BencodeLimits {
  /** Most bytes of input. */
  readonly maxBytes?: number;
  /** Most lists and dictionaries inside one another. */
  readonly maxDepth?: number;
  /** Most values, keys among them: each costs memory beyond its bytes. */
  readonly maxTokens?: number;
}

const MAX_BYTES = 64 * MIB;
const MAX_DEPTH = 100;
const MAX_TOKENS = 3_000_000;

export interface BencodeFault {
  readonly kind:
    | "empty"
    | "too-large"
    | "truncated"
    | "trailing"
    | "syntax"
    | "integer"
    | "too-deep"
    | "too-many"
    | "duplicate-key";
  /** Where in the input, in bytes. */
  readonly offset: number;
  /** With the numbers that matter, printable ASCII. */
  readonly words: string;
}

export interface DecodedBencode {
  readonly ok: true;
  readonly value: BencodeValue;
  /** One past the last byte of the value: what follows belongs to somebody else. */
  readonly end: number;
  /** Keys out of order, printable ASCII; at most {@link MAX_WARNINGS}. */
  readonly warnings: readonly string[];
  /** Where the values of the outermost dictionary lie, by key; empty when the value is no dictionary. */
  readonly spans: ReadonlyMap<string, ByteSpan>;
}

export type BencodeResult = DecodedBencode | { readonly ok: false; readonly fault: BencodeFault };

/** Enough to see that a file was written by something careless. */
const MAX_WARNINGS = 20;

/**
 * Decodes `bytes`, which must be one whole value and nothing else.
 *
 * Byte strings are views of `bytes`: copy what outlives a buffer that is used again. Never throws, never recurses.
 */
export function decodeBencode(bytes: Uint8Array, limits: BencodeLimits = {}): BencodeResult {
  const result = decodeBencodePrefix(bytes, limits);
  if (!result.ok || result.end === bytes.length) return result;
  const words = `${bytes.length - result.end} bytes after the end of the value at byte ${result.end}`;
  return { ok: false, fault: { kind: "trailing", offset: result.end, words } };
}

/** Decodes the value that `bytes` start with, as {@link decodeBencode}; raw bytes may follow (BEP 9 `data`). */
export function decodeBencodePrefix(bytes: Uint8Array, limits: BencodeLimits = {}): BencodeResult {
  return new Decoder(bytes, limits).run();
}

const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DICT = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;

const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);
/** Fifteen digits are always exact in a number. */
const EXACT_DIGITS = 15;
/** `-9223372036854775808` has 19 digits. */
const MAX_INTEGER_DIGITS = 19;
/** Digits of the longest length that any allowed input can have. */
const MAX_LENGTH_DIGITS = 10;

/** Keys that are longer are names of files or hashes, and do not repeat. */
const MAX_KNOWN_KEY = 20;
const KNOWN_KEYS = 64;

interface OpenList {
  readonly kind: "list";
  readonly items: BencodeValue[];
}

interface OpenDict {
  readonly kind: "dict";
  readonly map: Map<string, BencodeValue>;
  /** The key whose value comes next. */
  key: string | undefined;
  highestKey: string | undefined;
  valueStart: number;
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #maxBytes: number;
  readonly #maxDepth: number;
  readonly #maxTokens: number;
  readonly #open: (OpenList | OpenDict)[] = [];
  readonly #warnings: string[] = [];
  readonly #spans = new Map<string, ByteSpan>();
  readonly #knownKeys: (string | undefined)[] = [];
  #at = 0;
  #tokens = 0;
  #fault: BencodeFault | undefined;

  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    this.#bytes = bytes;
    this.#maxBytes = limits.maxBytes ?? MAX_BYTES;
    this.#maxDepth = limits.maxDepth ?? MAX_DEPTH;
    this.#maxTokens = limits.maxTokens ?? MAX_TOKENS;
  }

  run(): BencodeResult {
    const value = this.#value();
    if (value === undefined) return { ok: false, fault: this.#fault as BencodeFault };
    return { ok: true, value, end: this.#at, warnings: this.#warnings, spans: this.#spans };
  }

  /** @returns The outermost value, or undefined with `#fault` set. */
  #value(): BencodeValue | undefined {
    const bytes = this.#bytes;
    if (bytes.length > this.#maxBytes) {
      return this.#fail("too-large", 0, `${bytes.length} bytes, at most ${this.#maxBytes}`);
    }
    if (bytes.length === 0) return this.#fail("empty", 0, "no bytes at all");
    for (;;) {
      const parent = this.#open.at(-1);
      const type = bytes[this.#at];
      let done: BencodeValue | undefined;
      if (type === undefined) {
        return this.#truncated(
          parent === undefined ? "a value" : `a ${parent.kind === "list" ? "list" : "dictionary"}`,
        );
      }
      if (type === END && parent !== undefined) {
        if (parent.kind === "dict" && parent.key !== undefined) {
          return this.#fail("syntax", this.#at, `key ${printable(parent.key)} without a value at byte ${this.#at}`);
        }
        this.#at++;
        this.#open.pop();
        done = parent.kind === "list" ? parent.items : parent.map;
      } else {
        if (++this.#tokens > this.#maxTokens) {
          return this.#fail("too-many", this.#at, `more than ${this.#maxTokens} values`);
        }
        if (parent?.kind === "dict" && parent.key === undefined) {
          if (!this.#key(parent)) return undefined;
          continue;
        }
        if (type === DICT || type === LIST) {
          if (this.#open.length >= this.#maxDepth) {
            return this.#fail("too-deep", this.#at, `more than ${this.#maxDepth} levels deep at byte ${this.#at}`);
          }
          this.#at++;
          this.#open.push(
            type === LIST
              ? { kind: "list", items: [] }
              : { kind: "dict", map: new Map(), key: undefined, highestKey: undefined, valueStart: 0 },
          );
          continue;
        }
        if (type === INTEGER) {
          done = this.#integer();
          if (done === undefined) return undefined;
        } else {
          const from = this.#string("a string");
          if (from < 0) return undefined;
          done = bytes.subarray(from, this.#at);
        }
      }
      const holder = this.#open.at(-1);
      if (holder === undefined) return done;
      if (holder.kind === "list") {
        holder.items.push(done);
      } else {
        const key = holder.key as string;
        holder.map.set(key, done);
        if (this.#open.length === 1) this.#spans.set(key, { start: holder.valueStart, end: this.#at });
        holder.key = undefined;
      }
    }
  }

  #key(dict: OpenDict): boolean {
    const start = this.#at;
    const from = this.#string("a key");
    if (from < 0) return false;
    const key = this.#keyText(from, this.#at);
    if (dict.highestKey !== undefined && key <= dict.highestKey) {
      if (dict.map.has(key)) {
        this.#fail("duplicate-key", start, `key ${printable(key)} twice in one dictionary, again at byte ${start}`);
        return false;
      }
      if (this.#warnings.length < MAX_WARNINGS) {
        this.#warnings.push(`key ${printable(key)} at byte ${start} is not in sorted order`);
      }
    }
    if (dict.highestKey === undefined || key > dict.highestKey) dict.highestKey = key;
    dict.key = key;
    dict.valueStart = this.#at;
    return true;
  }

  /** Keys repeat file after file: the same string each time spares the memory of hundreds of thousands. */
  #keyText(from: number, to: number): string {
    const bytes = this.#bytes;
    const length = to - from;
    if (length === 0 || length > MAX_KNOWN_KEY) return latin1(bytes.subarray(from, to));
    const slot = ((bytes[from] as number) * 7 + (bytes[to - 1] as number) * 3 + length) % KNOWN_KEYS;
    const known = this.#knownKeys[slot];
    if (known !== undefined && known.length === length) {
      let at = 0;
      while (at < length && known.charCodeAt(at) === bytes[from + at]) at++;
      if (at === length) return known;
    }
    const key = latin1(bytes.subarray(from, to));
    this.#knownKeys[slot] = key;
    return key;
  }

  /** @returns Where the string's bytes start, `#at` being their end; -1 with `#fault` set. */
  #string(what: string): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let length = 0;
    for (;;) {
      const digit = bytes[at];
      if (digit === undefined) {
        this.#truncated("the length of a string");
        return -1;
      }
      if (digit === COLON && at > start) break;
      if (digit < ZERO || digit > NINE) {
        const found = `0x${digit.toString(16).padStart(2, "0")} at byte ${at}`;
        this.#fail("syntax", at, at === start ? `${found} where ${what} begins` : `${found} in the length of ${what}`);
        return -1;
      }
      if (at > start && length === 0) {
        this.#fail("syntax", start, `leading zero in the length of ${what} at byte ${start}`);
        return -1;
      }
      if (at - start >= MAX_LENGTH_DIGITS) {
        this.#fail("syntax", start, `a length of more than ${MAX_LENGTH_DIGITS} digits at byte ${start}`);
        return -1;
      }
      length = length * 10 + (digit - ZERO);
      at++;
    }
    at++;
    if (length > bytes.length - at) {
      const words = `a string of ${length} bytes at byte ${start}, only ${bytes.length - at} are left`;
      this.#fail("truncated", start, words);
      return -1;
    }
    this.#at = at + length;
    return at;
  }

  #integer(): number | bigint | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start + 1;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const first = at;
    let sum = 0;
    for (;;) {
      const digit = bytes[at];
      if (digit === undefined) return this.#truncated("an integer");
      if (digit === END && at > first) break;
      if (digit < ZERO || digit > NINE) {
        const found = digit === END ? "no digits" : `0x${digit.toString(16).padStart(2, "0")}`;
        return this.#fail("integer", start, `${found} in the integer at byte ${start}`);
      }
      if (at === first + 1 && bytes[first] === ZERO) {
        return this.#fail("integer", start, `leading zero in the integer at byte ${start}`);
      }
      if (at - first >= MAX_INTEGER_DIGITS) {
        return this.#fail("integer", start, `the integer at byte ${start} is beyond 64 bits`);
      }
      sum = sum * 10 + (digit - ZERO);
      at++;
    }
    if (isNegative && bytes[first] === ZERO) {
      return this.#fail("integer", start, `negative zero at byte ${start}`);
    }
    this.#at = at + 1;
    if (at - first <= EXACT_DIGITS) return isNegative ? -sum : sum;
    const exact = BigInt(latin1(bytes.subarray(start + 1, at)));
    if (exact > MAX_INTEGER || exact < MIN_INTEGER) {
      return this.#fail("integer", start, `the integer at byte ${start} is beyond 64 bits`);
    }
    const rounded = Number(exact);
    return Number.isSafeInteger(rounded) ? rounded : exact;
  }

  #truncated(inside: string): undefined {
    const { length } = this.#bytes;
    return this.#fail("truncated", length, `ends after ${length} bytes, inside ${inside}`);
  }

  #fail(kind: BencodeFault["kind"], offset: number, words: string): undefined {
    this.#fault = { kind, offset, words };
  }
}

/** Most arguments that a call takes safely. */
const CHUNK = 8192;

function latin1(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += latin1(bytes.subarray(at, at + CHUNK));
  return text;
}

/** Keys in messages are cut here: a file may have one of megabytes. */
const PRINTED_LENGTH = 40;

/** A key for the eye: in quotes, printable ASCII only, cut. */
function printable(key: string): string {
  const shown = key.slice(0, PRINTED_LENGTH).replace(/[^\x20-\x7e]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${shown}"${key.length > PRINTED_LENGTH ? "..." : ""}`;
}

export function asDict(value: BencodeValue | undefined): BencodeDict | undefined {
  return value instanceof Map ? value : undefined;
}

export function asList(value: BencodeValue | undefined): readonly BencodeValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function asBytes(value: BencodeValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

/** @returns The integer where a number is exact; undefined for anything else, bigints too. */
export function asInteger(value: BencodeValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** @returns A byte string as UTF-8, with U+FFFD for what is not. */
export function asText(value: BencodeValue | undefined): string | undefined {
  return value instanceof Uint8Array ? utf8.decode(value) : undefined;
}

/**
 * What {@link encodeBencode} takes. Strings become UTF-8. Keys of a `Map` are latin1, one byte a character, as
 * {@link decodeBencode} gives them; those of an object are ASCII, and undefined values are left out.
 */
export type BencodeInput =
  | number
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | ReadonlyMap<string, BencodeInput>
  | { readonly [key: string]: BencodeInput | undefined };

/**
 * Encodes with keys in the order of their bytes, as BEP 3 asks.
 * @throws InvariantError for integers that a number can't hold exactly: nothing we write needs them.
 */
export function encodeBencode(value: BencodeInput): Uint8Array {
  return bencode.encode(prepared(value));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const ASCII = /^[\x00-\x7f]*$/;

/** A key as bytes. The package sorts keys by their text: as latin1 that is the order of the bytes. */
class KeyBytes extends Uint8Array {
  override toString(): string {
    return latin1(this);
  }
}

/** The package's dialect: maps of byte keys, and nothing that it would round or leave out silently. */
function prepared(value: BencodeInput): unknown {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (typeof value === "number") {
    invariant(Number.isSafeInteger(value), `bencode of ${value}, an integer up to 2^53 expected`);
    return value;
  }
  if (Array.isArray(value)) return value.map(prepared);
  const entries: Iterable<[string, BencodeInput | undefined]> = value instanceof Map ? value : Object.entries(value);
  const dict = new Map<string | KeyBytes, unknown>();
  for (const [key, item] of entries) {
    // As text an ASCII key has the same bytes, and the package is quicker with it.
    const packed = ASCII.test(key) ? key : KeyBytes.from(key, (character) => character.charCodeAt(0));
    if (item !== undefined) dict.set(packed, prepared(item));
  }
  return dict;
}
