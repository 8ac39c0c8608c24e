import { addressBytes } from "./address.ts";
import { concatBytes } from "./bytes.ts";
import { type IpFilter, IpRanges } from "./ip-filter.ts";
import { P2B_HEAD, P2bReader } from "./ip-filter-p2b.ts";

/** What came of a list. */
export interface IpFilterList {
  readonly filter: IpFilter;
  /** Lines that say nothing we understand, and the first of them. */
  readonly badLines: number;
  readonly firstBad?: { readonly line: number; readonly text: string };
  /** There were more ranges than are kept. */
  readonly isCut: boolean;
}

/** Four times the largest lists there are. */
const MAX_RANGES = 2_000_000;
/** Characters of one line: a name and two addresses. */
const MAX_LINE = 2048;
const SHOWN_OF_A_LINE = 80;
/** Ranges of a .dat with this level or a higher one are allowed. */
const ALLOWED_LEVEL = 128;

/**
 * Reads a list of blocked addresses as it comes, line by line. A line is one of
 *
 * - `name:192.0.2.0-192.0.2.255` (PeerGuardian text, .p2p), the name may be absent and have colons,
 * - `192.000.002.000 - 192.000.002.255 , 000 , name` (eMule, .dat), from level 128 on it blocks nothing,
 * - `192.0.2.0/24`, `2001:db8::/32`, or one address, and whatever follows a space,
 * - a comment (`#`, `;`, `//`) or nothing.
 *
 * Addresses are of IPv4, zeros in front allowed, or of IPv6. Or it is a PeerGuardian binary list: see {@link P2bReader},
 * whose entries count as lines.
 */
export class IpFilterReader {
  readonly #ranges = new IpRanges();
  /** Names may be in any encoding; a byte is a character, wherever a chunk ends. */
  readonly #decoder = new TextDecoder("latin1");
  /** The first bytes, until they tell which kind of list it is. */
  #begin: Uint8Array | undefined = new Uint8Array(0);
  #binary: P2bReader | undefined;
  #carry = "";
  #line = 0;
  #badLines = 0;
  #firstBad: { readonly line: number; readonly text: string } | undefined;
  #isCut = false;

  write(chunk: Uint8Array): void {
    if (this.#binary !== undefined) return this.#binary.write(chunk);
    if (this.#begin === undefined) return this.#writeText(chunk);
    const begin = concatBytes(this.#begin, chunk);
    const mayBeBinary = P2B_HEAD.every((byte, at) => at >= begin.length || begin[at] === byte);
    this.#begin = mayBeBinary && begin.length <= P2B_HEAD.length ? begin : undefined;
    if (this.#begin !== undefined) return;
    if (!mayBeBinary) return this.#writeText(begin);
    this.#binary = new P2bReader(begin[P2B_HEAD.length] as number, {
      range: (first, last) => this.#add({ first, last }),
      bad: (entry, words) => this.#bad(entry, words),
    });
    this.#binary.write(begin.subarray(P2B_HEAD.length + 1));
  }

  #writeText(chunk: Uint8Array): void {
    const text = this.#carry + this.#decoder.decode(chunk);
    let begin = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
      this.#read(text.slice(begin, end));
      begin = end + 1;
    }
    // Of a line that is too long, enough is kept to know that it is.
    this.#carry = text.slice(begin, begin + MAX_LINE + 1);
  }

  end(): IpFilterList {
    if (this.#begin !== undefined) this.#writeText(this.#begin);
    this.#binary?.end();
    if (this.#carry !== "") this.#read(this.#carry);
    return {
      filter: this.#ranges.filter(),
      badLines: this.#badLines,
      ...(this.#firstBad === undefined ? {} : { firstBad: this.#firstBad }),
      isCut: this.#isCut,
    };
  }

  #read(raw: string): void {
    this.#line++;
    const line = (this.#line === 1 ? raw.replace(/^\u00ef\u00bb\u00bf/, "") : raw).trim();
    if (line === "" || /^(#|;|\/\/)/.test(line)) return;
    const range = line.length > MAX_LINE ? undefined : rangeOf(line);
    if (range === undefined) this.#bad(this.#line, line);
    else if (range !== "allowed") this.#add(range);
  }

  #add({ first, last }: Range): void {
    if (this.#ranges.size >= MAX_RANGES) this.#isCut = true;
    else if (typeof first === "number") this.#ranges.add(first, last as number);
    else this.#ranges.addIpv6(first, last as bigint);
  }

  #bad(line: number, text: string): void {
    this.#badLines++;
    this.#firstBad ??= { line, text: text.slice(0, SHOWN_OF_A_LINE) };
  }
}

/** Two of IPv4, or two of IPv6. */
interface Range {
  readonly first: number | bigint;
  readonly last: number | bigint;
}

function rangeOf(line: string): Range | "allowed" | undefined {
  const comma = line.indexOf(",");
  const listed = comma < 0 ? undefined : span(line.slice(0, comma));
  if (listed !== undefined) {
    const level = /^,\s*(\d{1,9})\s*(,|$)/.exec(line.slice(comma))?.[1];
    if (level === undefined) return undefined;
    return Number(level) >= ALLOWED_LEVEL ? "allowed" : listed;
  }
  return span(line) ?? network(line);
}

/** `A-B`, with or without a name in front. */
function span(text: string): Range | undefined {
  const dash = text.lastIndexOf("-");
  if (dash < 0) return undefined;
  const last = address(text.slice(dash + 1).trim());
  if (last === undefined) return undefined;
  const head = text.slice(0, dash).trimEnd();
  // Nearly every line is of IPv4: there the name ends at the last colon.
  let first = typeof last === "number" ? address(head.slice(head.lastIndexOf(":") + 1).trim()) : address(head);
  for (let at = 0; first === undefined && typeof last === "bigint"; ) {
    at = head.indexOf(":", at) + 1;
    if (at === 0) return undefined;
    first = address(head.slice(at).trim());
  }
  return first !== undefined && typeof first === typeof last && first <= last ? { first, last } : undefined;
}

/** `A` or `A/BITS`. */
function network(line: string): Range | undefined {
  const match = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?(?:\s|$)/i.exec(line);
  const first = match?.[1] === undefined ? undefined : address(match[1]);
  if (first === undefined) return undefined;
  const width = typeof first === "number" ? 32 : 128;
  const bits = match?.[2] === undefined ? width : Number(match[2]);
  if (bits > width) return undefined;
  const free = (1n << BigInt(width - bits)) - 1n;
  const begin = (BigInt(first) | free) - free;
  const end = begin + free;
  return width === 32 ? { first: Number(begin), last: Number(end) } : { first: begin, last: end };
}

/** @returns A number of IPv4, a bigint of IPv6. An IPv4 address inside of an IPv6 one is itself. */
function address(text: string): number | bigint | undefined {
  if (!text.includes(":")) return ipv4(text);
  const bytes = addressBytes(text);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return view.getUint32(0);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/** As {@link addressBytes} reads it; a list has a million of them. */
function ipv4(text: string): number | undefined {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return undefined;
      value = value * 256 + part;
      part = 0;
      digits = 0;
    } else {
      part = part * 10 + code - ZERO;
      if (code < ZERO || code > ZERO + 9 || ++digits > 3 || part > 255) return undefined;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : undefined;
}

const DOT = 0x2e;
const ZERO = 0x30;
