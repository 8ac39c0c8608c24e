import { fromHex, toHex } from "../model/bytes.ts";
import { Credit } from "../model/credit.ts";
import { type Endpoint, normalHost } from "../model/endpoint.ts";
import type { TorrentId } from "../model/info-hash.ts";
import type { Random } from "../model/random.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";

/** Where everybody on the local network listens (BEP 14). */
export const LOCAL_GROUPS = { ipv4: "239.192.152.143", ipv6: "ff15::efc0:988f" } as const;
export const LOCAL_PORT = 6771;

const EVERY: Millis = 5 * 60_000;
/** No torrent is announced sooner, also when it stops and starts. */
const LEAST_PAUSE: Millis = 60_000;
/** Info hashes in one datagram: it stays below 1400 bytes. */
const MOST_HASHES = 20;
const MAX_DATAGRAM: Bytes = 1500;
/** What one machine may say at once, and after which time one thing more. It has several interfaces. */
const MOST_AT_ONCE = 40;
const ONE_MORE: Millis = 1_000;
/** Machines whose say is counted; beyond them the count begins anew. */
const MOST_MACHINES = 1000;

/** What one announcement says: somebody listens for the peers of these torrents. */
export interface LocalAnnounce {
  readonly port: number;
  readonly infoHashes: readonly TorrentId[];
  /** By which its sender knows its own. */
  readonly cookie?: string;
}

/** A peer on the local network. */
export interface LocalPeer {
  readonly torrent: TorrentId;
  readonly endpoint: Endpoint;
}

/** @param host - The group it goes to. */
export function encodeLocalAnnounce(host: string, { port, infoHashes, cookie }: LocalAnnounce): Uint8Array {
  const group = host.includes(":") ? `[${host}]` : host;
  const lines = [
    "BT-SEARCH * HTTP/1.1",
    `Host: ${group}:${LOCAL_PORT}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${infoHash}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
  ];
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n\r\n`);
}

/** @returns Undefined when it names no port or no torrent, or is something else. */
export function decodeLocalAnnounce(datagram: Uint8Array): LocalAnnounce | undefined {
  if (datagram.length > MAX_DATAGRAM) return undefined;
  const [first, ...lines] = new TextDecoder().decode(datagram).split(/\r?\n/);
  if (!/^BT-SEARCH \* HTTP\/1\.\d$/.test(first ?? "")) return undefined;
  let port = 0;
  let cookie: string | undefined;
  const infoHashes: TorrentId[] = [];
  for (const line of lines) {
    const [, name, value] = /^([a-z-]+):[ \t]*(.*?)[ \t]*$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (/^port$/i.test(name) && /^\d{1,5}$/.test(value)) port = Number(value);
    else if (/^cookie$/i.test(name)) cookie = value;
    else if (/^infohash$/i.test(name)) {
      const infoHash = fromHex(value);
      if (infoHash?.length === 20) infoHashes.push(toHex(infoHash));
    }
  }
  if (port < 1 || port > 65_535 || infoHashes.length === 0) return undefined;
  return { port, infoHashes, ...(cookie === undefined ? {} : { cookie }) };
}

/** Who is on the local network for the same torrents: when to say what, and what is heard (BEP 14). */
export class LocalDiscovery {
  readonly #cookie: string;
  readonly #announcedAt = new Map<TorrentId, Timestamp>();
  readonly #credits = new Map<string, Credit>();

  constructor(random: Random) {
    this.#cookie = random.uint32().toString(16).padStart(8, "0");
  }

  /**
   * @param torrents - All that may be announced: no private one.
   * @param port - Where we listen for peers.
   * @returns What is to be said now, each in a datagram for every group.
   */
  due(torrents: Iterable<TorrentId>, port: number, now: Timestamp): LocalAnnounce[] {
    const present = new Set(torrents);
    for (const [torrent, at] of this.#announcedAt) {
      if (now - at >= (present.has(torrent) ? EVERY : LEAST_PAUSE)) this.#announcedAt.delete(torrent);
    }
    const silent = [...present].filter((torrent) => !this.#announcedAt.has(torrent));
    for (const torrent of silent) this.#announcedAt.set(torrent, now);
    const announces: LocalAnnounce[] = [];
    for (let at = 0; at < silent.length; at += MOST_HASHES) {
      announces.push({ port, infoHashes: silent.slice(at, at + MOST_HASHES), cookie: this.#cookie });
    }
    return announces;
  }

  /** @param host - Where it came from; an IPv6 address may have a zone. */
  received(datagram: Uint8Array, host: string, now: Timestamp): LocalPeer[] {
    const from = normalHost(host);
    if (!this.#creditOf(from, now).take(now)) return [];
    const announce = decodeLocalAnnounce(datagram);
    if (announce === undefined || announce.cookie === this.#cookie) return [];
    return announce.infoHashes.map((torrent) => ({ torrent, endpoint: { host: from, port: announce.port } }));
  }

  #creditOf(host: string, now: Timestamp): Credit {
    let credit = this.#credits.get(host);
    if (credit === undefined) {
      if (this.#credits.size >= MOST_MACHINES) this.#credits.clear();
      credit = new Credit(MOST_AT_ONCE, ONE_MORE, now);
      this.#credits.set(host, credit);
    }
    return credit;
  }
}
