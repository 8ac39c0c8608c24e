import type { Bytes } from "../model/units.ts";

/** `paused`: a partial seed, in each of its announces (BEP 21). */
export type AnnounceEvent = "started" | "completed" | "stopped" | "paused";

/** What one announce tells the tracker (BEP 3, 7, 23). */
export interface AnnounceParameters {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** Lets a tracker know us again when our address changes; never shown to other peers. */
  readonly key: string;
  /** The port that listens; 0 when none does. */
  readonly port: number;
  readonly uploaded: Bytes;
  readonly downloaded: Bytes;
  readonly left: Bytes;
  /** Peers wanted. */
  readonly numwant: number;
  readonly event?: AnnounceEvent;
  /** As the tracker gave it in an earlier answer. */
  readonly trackerId?: Uint8Array;
  /** Only when the user names one: the tracker sees our address by itself. */
  readonly ip?: string;
  /** BEP 7; only when the user names one. */
  readonly ipv6?: string;
}

/** What a tracker's address allows. */
export type TrackerSupport =
  | { readonly kind: "http" | "udp" }
  | { readonly kind: "unsupported"; readonly words: string };

/** Longer addresses are no tracker's: servers refuse request lines past 8 KiB, and ours adds some 300 bytes. */
const MAX_URL = 4096;

export function trackerSupport(tracker: string): TrackerSupport {
  if (tracker.length > MAX_URL) return unsupported(`its address has ${tracker.length} characters, at most ${MAX_URL}`);
  if (!URL.canParse(tracker)) return unsupported("it is not a valid address");
  const url = new URL(tracker);
  if (url.protocol === "http:" || url.protocol === "https:") return { kind: "http" };
  if (url.protocol === "udp:") return Number(url.port) === 0 ? unsupported("it names no port") : { kind: "udp" };
  return unsupported(`${url.protocol.slice(0, -1)} trackers are not supported`);
}

/**
 * The address of one announce. What the tracker's own address has in its query is kept: private trackers keep
 * their pass keys there.
 *
 * @param tracker - Judged by {@link trackerSupport} before.
 */
export function announceUrl(tracker: string, parameters: AnnounceParameters): string {
  const { infoHash, peerId, key, port, uploaded, downloaded, left, numwant, event, trackerId, ip, ipv6 } = parameters;
  const query = [
    `info_hash=${percentEncode(infoHash)}`,
    `peer_id=${percentEncode(peerId)}`,
    `port=${port}`,
    `uploaded=${uploaded}`,
    `downloaded=${downloaded}`,
    `left=${left}`,
    `key=${encodeURIComponent(key)}`,
    `numwant=${numwant}`,
    "compact=1",
    "no_peer_id=1",
  ];
  if (event !== undefined) query.push(`event=${event}`);
  if (trackerId !== undefined) query.push(`trackerid=${percentEncode(trackerId)}`);
  if (ip !== undefined) query.push(`ip=${encodeURIComponent(ip)}`);
  if (ipv6 !== undefined) query.push(`ipv6=${encodeURIComponent(ipv6)}`);
  return withQuery(tracker, query.join("&"));
}

/**
 * The address of a scrape (BEP 48): `announce` after the last slash becomes `scrape`.
 *
 * @returns Undefined when the text after the last slash does not begin with `announce`: the tracker can't be scraped.
 */
export function scrapeUrl(tracker: string, infoHash: Uint8Array): string | undefined {
  const scrape = scrapeAddress(tracker);
  return scrape === undefined ? undefined : withQuery(scrape, `info_hash=${percentEncode(infoHash)}`);
}

function scrapeAddress(tracker: string): string | undefined {
  const url = withoutFragment(tracker);
  const slash = url.lastIndexOf("/");
  if (slash < 0 || !url.startsWith("announce", slash + 1)) return undefined;
  return `${url.slice(0, slash + 1)}scrape${url.slice(slash + 1 + "announce".length)}`;
}

function withQuery(address: string, query: string): string {
  const base = withoutFragment(address);
  const at = base.indexOf("?");
  if (at < 0) return `${base}?${query}`;
  return at === base.length - 1 || base.endsWith("&") ? base + query : `${base}&${query}`;
}

function withoutFragment(address: string): string {
  const at = address.indexOf("#");
  return at < 0 ? address : address.slice(0, at);
}

/** One byte a character or `%XX` (RFC 3986): what is not text must not pass through a text encoder. */
export function percentEncode(bytes: Uint8Array): string {
  let text = "";
  for (const value of bytes) text += PERCENT_ENCODED[value];
  return text;
}

const PERCENT_ENCODED = Array.from({ length: 256 }, (_, value) => {
  const character = String.fromCharCode(value);
  return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${value.toString(16).toUpperCase().padStart(2, "0")}`;
});

function unsupported(words: string): TrackerSupport {
  return { kind: "unsupported", words };
}
