import { fromHex, toHex } from "../model/bytes.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../model/endpoint.ts";
import type { InfoHash } from "../model/info-hash.ts";
import { displayText } from "./display-text.ts";
import { MAX_TRACKERS, MAX_WEB_SEEDS, normalUrl } from "./sources.ts";

/** Far more than any link in use; 500 trackers need less. */
const MAX_LENGTH = 64 * 1024;
const MAX_PEERS = 100;
/** Numbers and ranges of files (BEP 53). */
const MAX_SELECTIONS = 1000;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Files from the first to the last, both included, counted from 0 (BEP 53). */
export type FileRange = readonly [first: number, last: number];

/** What a magnet link says (BEP 9, 53). */
export interface Magnet {
  readonly infoHash: InfoHash;
  /** `dn`: a name for the eye until the metadata is there. */
  readonly name?: string;
  /** `tr`, each a tier of its own. */
  readonly trackerTiers: readonly (readonly string[])[];
  /** `ws`. http(s) only. */
  readonly webSeeds: readonly string[];
  /** `x.pe`. A host may be a name. */
  readonly peers: readonly Endpoint[];
  /** `so`: the files that are wanted; undefined: all. */
  readonly selected?: readonly FileRange[];
}

export type ParsedMagnet =
  | { readonly ok: true; readonly magnet: Magnet }
  /** One line, in words. */
  | { readonly ok: false; readonly fault: string };

/**
 * Reads a magnet link. What it names beside the torrent and can't be read is passed over; a torrent it must name.
 *
 * @see BEP 9, BEP 53. `xs` and `as` are not followed: they would have us ask an address of a stranger's choice.
 */
export function parseMagnet(text: string): ParsedMagnet {
  if (text.length > MAX_LENGTH) return refused(`${text.length} characters, at most ${MAX_LENGTH} are read`);
  const query = /^\s*magnet:\?(.*)$/is.exec(text)?.[1];
  if (query === undefined) return refused("it does not begin with magnet:?");
  let v1: Uint8Array | undefined;
  let v2: Uint8Array | undefined;
  const trackers = new Set<string>();
  const webSeeds = new Set<string>();
  const peers = new Map<string, Endpoint>();
  const selected: FileRange[] = [];
  let name: string | undefined;
  for (const [key, value] of new URLSearchParams(query.trim())) {
    // `xt.1` and `tr.2` stand for several of a kind.
    switch (key.toLowerCase().replace(/\.\d+$/, "")) {
      case "xt": {
        const topic = /^urn:(btih|btmh):(.*)$/is.exec(value.trim());
        if (topic === null) break;
        const isV1 = topic[1]?.toLowerCase() === "btih";
        const hash = isV1 ? readV1(topic[2] as string) : readV2(topic[2] as string);
        if (hash === undefined) return refused(`"${displayText(value.slice(0, 80))}" is no info hash`);
        if (isV1) v1 ??= hash;
        else v2 ??= hash;
        break;
      }
      case "dn":
        name ??= displayText(value) || undefined;
        break;
      case "tr": {
        const url = normalUrl(value.trim());
        if (url !== undefined && trackers.size < MAX_TRACKERS) trackers.add(url);
        break;
      }
      case "ws": {
        const url = normalUrl(value.trim());
        if (url !== undefined && /^https?:/i.test(url) && webSeeds.size < MAX_WEB_SEEDS) webSeeds.add(url);
        break;
      }
      case "x.pe": {
        const peer = parseEndpoint(value);
        if (peer !== undefined && peers.size < MAX_PEERS) peers.set(formatEndpoint(peer), peer);
        break;
      }
      case "so":
        readRanges(value, selected);
        break;
    }
  }
  const infoHash = infoHashOf(v1, v2);
  if (infoHash === undefined) return refused("it names no torrent: xt=urn:btih: or xt=urn:btmh: is missing");
  return {
    ok: true,
    magnet: {
      infoHash,
      ...(name === undefined ? {} : { name }),
      trackerTiers: [...trackers].map((url) => [url]),
      webSeeds: [...webSeeds],
      peers: [...peers.values()],
      ...(selected.length === 0 ? {} : { selected }),
    },
  };
}

/** The link that names a torrent, and where its peers are found. */
export function formatMagnet(magnet: Omit<Magnet, "selected">): string {
  const { infoHash, name, trackerTiers, webSeeds, peers } = magnet;
  const parts: string[] = [];
  if (infoHash.kind !== "v2") parts.push(`xt=urn:btih:${toHex(infoHash.v1)}`);
  if (infoHash.kind !== "v1") parts.push(`xt=urn:btmh:1220${toHex(infoHash.v2)}`);
  if (name !== undefined) parts.push(`dn=${encodeURIComponent(name)}`);
  for (const url of trackerTiers.flat()) parts.push(`tr=${encodeURIComponent(url)}`);
  for (const url of webSeeds) parts.push(`ws=${encodeURIComponent(url)}`);
  for (const peer of peers) parts.push(`x.pe=${formatEndpoint(peer)}`);
  return `magnet:?${parts.join("&")}`;
}

function infoHashOf(v1: Uint8Array | undefined, v2: Uint8Array | undefined): InfoHash | undefined {
  if (v2 === undefined) return v1 && { kind: "v1", v1 };
  return v1 === undefined ? { kind: "v2", v2 } : { kind: "hybrid", v1, v2 };
}

/** 40 hexadecimal digits, or 32 of base 32. */
function readV1(text: string): Uint8Array | undefined {
  if (text.length === 40) return fromHex(text);
  if (text.length !== 32) return undefined;
  const bytes = new Uint8Array(20);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of text.toLowerCase()) {
    const value = BASE32.indexOf(digit);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
}

/** A multihash: SHA-256 (0x12), 32 bytes (0x20). */
function readV2(text: string): Uint8Array | undefined {
  return /^1220[0-9a-f]{64}$/i.test(text) ? fromHex(text.slice(4)) : undefined;
}

function readRanges(text: string, into: FileRange[]): void {
  for (const part of text.split(",")) {
    const [, first, last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first) || into.length >= MAX_SELECTIONS) continue;
    into.push([Number(first), Number(last)]);
  }
}

function refused(words: string): ParsedMagnet {
  return { ok: false, fault: `not a magnet link: ${words}` };
}
