import {
  asBytes,
  asDict,
  asInteger,
  type BencodeDict,
  type BencodeValue,
  decodeBencodePrefix,
} from "../model/bencode.ts";
import { toLatin1 } from "../model/bytes.ts";
import { type Endpoint, formatIpv6, normalHost, readCompactIpv4, readCompactIpv6 } from "../model/endpoint.ts";
import { MIB, type Millis } from "../model/units.ts";
import { plainWords } from "./plain-words.ts";

/** A peer as a tracker names it. */
interface TrackedPeer extends Endpoint {
  /** Only in the dictionary form of BEP 3. */
  readonly peerId?: Uint8Array;
}

/** What a tracker said to an announce. */
export interface AnnounceAnswer {
  readonly peers: readonly TrackedPeer[];
  /** Clamped to 60 s … 1 h. */
  readonly interval?: Millis;
  /** Clamped to 60 s … 1 h. */
  readonly minInterval?: Millis;
  readonly seeds?: number;
  readonly leechers?: number;
  readonly downloads?: number;
  /** To be said in later announces. */
  readonly trackerId?: Uint8Array;
  /** Our address as the tracker sees it (BEP 24). */
  readonly externalIp?: string;
  /** At most 256 characters. */
  readonly warning?: string;
}

export type ParsedAnnounce =
  | { readonly ok: true; readonly answer: AnnounceAnswer }
  /** `retryIn`: when the tracker itself says to come back (BEP 31); Infinity for never. */
  | { readonly ok: false; readonly fault: string; readonly retryIn?: Millis };

/** BEP 48. */
interface ScrapeAnswer {
  readonly seeds: number;
  readonly leechers: number;
  readonly downloads: number;
  /** 0 when the tracker names none. */
  readonly minInterval: Millis;
}

export type ParsedScrape =
  | { readonly ok: true; readonly scrape: ScrapeAnswer }
  | { readonly ok: false; readonly fault: string };

export const MIN_INTERVAL: Millis = 60_000;
const MAX_INTERVAL: Millis = 60 * 60_000;
/** As many as a torrent's peer list holds; the rest of a longer answer is not looked at. */
export const MAX_PEERS_AN_ANSWER = 3000;
const MAX_WORDS = 256;
/** BEP 31 speaks of minutes; a day is as good as never for one run. */
const MAX_RETRY: Millis = 24 * 60 * 60_000;
/** An IPv6 address with an IPv4 address written at its end. */
const MAX_ADDRESS_TEXT = 45;
/** Real ones are some tens of bytes, and each announce repeats them. */
const MAX_TRACKER_ID = 512;

/** An answer is one dictionary, lists in it at the most three deep, an entry of 7 tokens a peer in the old form. */
const LIMITS = { maxDepth: 10, maxTokens: 200_000, maxBytes: 4 * MIB };
/** Some scripts end their answer with a line break. */
const MAX_TRAILING_BLANKS = 4;

/** Reads whatever a tracker sent (BEP 3, 7, 23, 24, 31). Never throws: what is no answer is a fault in words. */
export function parseAnnounceAnswer(body: Uint8Array): ParsedAnnounce {
  const read = readDictionary(body);
  if (!read.ok) return read;
  const { fields } = read;
  const failure = words(fields.get("failure reason"));
  if (failure !== undefined) {
    const retryIn = retryTime(fields.get("retry in"));
    return { ok: false, fault: failure, ...(retryIn === undefined ? {} : { retryIn }) };
  }
  const peers = readPeers(fields);
  if (typeof peers === "string") return { ok: false, fault: peers };
  const trackerId = asBytes(fields.get("tracker id"));
  const answer: { -readonly [K in keyof AnnounceAnswer]: AnnounceAnswer[K] } = { peers };
  const interval = intervalOf(fields.get("interval"));
  const minInterval = intervalOf(fields.get("min interval"));
  const seeds = count(fields.get("complete"));
  const leechers = count(fields.get("incomplete"));
  const downloads = count(fields.get("downloaded"));
  const externalIp = address(fields.get("external ip"));
  const warning = words(fields.get("warning message"));
  if (interval !== undefined) answer.interval = interval;
  if (minInterval !== undefined) answer.minInterval = minInterval;
  if (seeds !== undefined) answer.seeds = seeds;
  if (leechers !== undefined) answer.leechers = leechers;
  if (downloads !== undefined) answer.downloads = downloads;
  if (externalIp !== undefined) answer.externalIp = externalIp;
  if (warning !== undefined) answer.warning = warning;
  // A copy: a view would keep the whole answer in memory.
  if (trackerId !== undefined && trackerId.length > 0 && trackerId.length <= MAX_TRACKER_ID) {
    answer.trackerId = trackerId.slice();
  }
  return { ok: true, answer };
}

/** Reads the counts of one torrent out of a scrape (BEP 48). Never throws. */
export function parseScrapeAnswer(body: Uint8Array, infoHash: Uint8Array): ParsedScrape {
  const read = readDictionary(body);
  if (!read.ok) return read;
  const failure = words(read.fields.get("failure reason"));
  if (failure !== undefined) return { ok: false, fault: failure };
  const files = asDict(read.fields.get("files"));
  if (files === undefined) return { ok: false, fault: "its scrape has no files" };
  const entry = asDict(files.get(toLatin1(infoHash)));
  if (entry === undefined) return { ok: false, fault: "its scrape does not know the torrent" };
  const minInterval = intervalOf(asDict(read.fields.get("flags"))?.get("min_request_interval"));
  return {
    ok: true,
    scrape: {
      seeds: count(entry.get("complete")) ?? 0,
      leechers: count(entry.get("incomplete")) ?? 0,
      downloads: count(entry.get("downloaded")) ?? 0,
      minInterval: minInterval ?? 0,
    },
  };
}

function readDictionary(body: Uint8Array): { ok: true; fields: BencodeDict } | { ok: false; fault: string } {
  if (body.length === 0) return { ok: false, fault: "its answer is empty" };
  const decoded = decodeBencodePrefix(body, LIMITS);
  if (!decoded.ok) return { ok: false, fault: `its answer is malformed: ${decoded.fault.words}`.slice(0, MAX_WORDS) };
  const fields = asDict(decoded.value);
  if (fields === undefined) return { ok: false, fault: "its answer is not a dictionary" };
  const trailing = body.subarray(decoded.end);
  if (trailing.length > MAX_TRAILING_BLANKS || trailing.some((value) => value > 0x20)) {
    return { ok: false, fault: `its answer is malformed: ${trailing.length} bytes after its end` };
  }
  return { ok: true, fields };
}

/** @returns The peers, or in words what is wrong with them. */
function readPeers(fields: BencodeDict): TrackedPeer[] | string {
  const named = fields.get("peers");
  const compact6 = fields.get("peers6");
  if (named === undefined && compact6 === undefined && !fields.has("interval")) {
    return "its answer has neither peers nor an interval";
  }
  const peers: TrackedPeer[] = [];
  if (named instanceof Uint8Array) peers.push(...readCompactIpv4(named.subarray(0, 6 * MAX_PEERS_AN_ANSWER)));
  else if (Array.isArray(named)) readDictionaryPeers(named, peers);
  else if (named !== undefined) return "its peers are neither a string nor a list";
  if (compact6 instanceof Uint8Array) {
    peers.push(...readCompactIpv6(compact6.subarray(0, 18 * (MAX_PEERS_AN_ANSWER - peers.length))));
  } else if (compact6 !== undefined) {
    return "its peers6 are not a string";
  }
  return peers.map((peer) => ({ ...peer, host: normalHost(peer.host) }));
}

/** BEP 3. Entries named by DNS are passed over: a tracker could make us ask for names in bulk. */
function readDictionaryPeers(entries: readonly BencodeValue[], peers: TrackedPeer[]): void {
  for (const item of entries) {
    if (peers.length >= MAX_PEERS_AN_ANSWER) return;
    const entry = asDict(item);
    if (entry === undefined) continue;
    const ip = asBytes(entry.get("ip"));
    const port = asInteger(entry.get("port"));
    const peerId = asBytes(entry.get("peer id"));
    const host = ip !== undefined && ip.length <= MAX_ADDRESS_TEXT ? addressFromText(toLatin1(ip)) : undefined;
    if (host === undefined || port === undefined || port < 0 || port > 65535) continue;
    peers.push(peerId === undefined ? { host, port } : { host, port, peerId });
  }
}

function addressFromText(text: string): string | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four !== null) return four.slice(1).every((part) => Number(part) <= 255) ? text : undefined;
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(":")) return undefined;
  // The URL parser knows every way to spell an IPv6 address, and gives its normal form.
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

function address(value: BencodeValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  if (value.length === 4) return value.join(".");
  return value.length === 16 ? normalHost(formatIpv6(value)) : undefined;
}

function intervalOf(value: BencodeValue | undefined): Millis | undefined {
  if (typeof value === "bigint") return value > 0n ? MAX_INTERVAL : MIN_INTERVAL;
  return typeof value === "number" ? Math.min(Math.max(value * 1000, MIN_INTERVAL), MAX_INTERVAL) : undefined;
}

/** BEP 31: minutes, as a number or in digits, or `never`. */
function retryTime(value: BencodeValue | undefined): Millis | undefined {
  const text = value instanceof Uint8Array && value.length <= 20 ? toLatin1(value) : undefined;
  if (text === "never") return Number.POSITIVE_INFINITY;
  const minutes = typeof value === "number" ? value : text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
  return minutes >= 1 ? Math.min(minutes * 60_000, MAX_RETRY) : undefined;
}

function count(value: BencodeValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
}

const UTF8 = new TextDecoder();

function words(value: BencodeValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  const text = plainWords(UTF8.decode(value.subarray(0, 4 * MAX_WORDS)), MAX_WORDS);
  return text === "" ? "no words given" : text;
}
