import { partyOf } from "../model/address.ts";
import { fromHex, toHex } from "../model/bytes.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { type Random, shuffle } from "../model/random.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import { BloomFilter } from "./bloom-filter.ts";
import { type Family, familyOf } from "./message.ts";
import type { NodeId } from "./node-id.ts";

/** Who announced itself is forgotten then, unless it comes again: clients come every 15 minutes or so. */
const PEER_LIFE: Millis = 30 * 60_000;
/** More than an answer can hold is of no use; libtorrent keeps as many. */
const MAX_PEERS_PER_TORRENT = 500;
/** As libtorrent; the least wanted makes room. */
const MAX_TORRENTS = 2000;
/** In all: a few megabytes. */
const MAX_PEERS = 20_000;

interface StoredPeer extends Endpoint {
  readonly isSeed: boolean;
  readonly announcedAt: Timestamp;
}

/** Peers that announced themselves to us, by info hash. One an address, bounded in number and in time. */
export class PeerStore {
  /** By info hash in hex, then by who stands behind the address; oldest announce first. */
  readonly #torrents = new Map<string, Map<string, StoredPeer>>();
  #count = 0;

  get torrentCount(): number {
    return this.#torrents.size;
  }

  get peerCount(): number {
    return this.#count;
  }

  has(infoHash: NodeId): boolean {
    return this.#torrents.has(toHex(infoHash));
  }

  /** It can take no more peers of this torrent: they are not to announce themselves (BEP 33). */
  isFull(infoHash: NodeId): boolean {
    return (this.#torrents.get(toHex(infoHash))?.size ?? 0) >= MAX_PEERS_PER_TORRENT;
  }

  /** Keeps a peer, when there is room for it. What fewest announced themselves for makes room. */
  announce(infoHash: NodeId, peer: Endpoint, isSeed: boolean, now: Timestamp): void {
    const key = toHex(infoHash);
    const party = partyOf(peer);
    const peers = this.#torrents.get(key) ?? new Map<string, StoredPeer>();
    if (peers.delete(party)) this.#count--;
    else if (peers.size >= MAX_PEERS_PER_TORRENT) return;
    if (this.#count >= MAX_PEERS || (peers.size === 0 && this.#torrents.size >= MAX_TORRENTS))
      this.#forgetLeastWanted();
    peers.set(party, { host: peer.host, port: peer.port, isSeed, announcedAt: now });
    this.#torrents.set(key, peers);
    this.#count++;
  }

  /** Peers of one family, in random order, those that are no seeds first when seeds are not wanted. */
  peers(infoHash: NodeId, family: Family, noSeeds: boolean, random: Random): Endpoint[] {
    const stored = [...(this.#torrents.get(toHex(infoHash))?.values() ?? [])];
    const peers = stored.filter((peer) => familyOf(peer.host) === family && !(noSeeds && peer.isSeed));
    return shuffle(random, peers);
  }

  /** Both sets as bloom filters (BEP 33), or undefined when nothing is stored. */
  filters(
    infoHash: NodeId,
    sha1: (bytes: Uint8Array) => Uint8Array,
  ): { readonly seeds: Uint8Array; readonly peers: Uint8Array } | undefined {
    const stored = this.#torrents.get(toHex(infoHash));
    if (stored === undefined) return undefined;
    const seeds = new BloomFilter();
    const peers = new BloomFilter();
    for (const peer of stored.values()) (peer.isSeed ? seeds : peers).add(peer.host, sha1);
    return { seeds: seeds.bytes, peers: peers.bytes };
  }

  /** At most `most` info hashes, one after the other, chosen at random (BEP 51). */
  sample(most: number, random: Random): Uint8Array {
    const chosen = shuffle(random, [...this.#torrents.keys()]).slice(0, most);
    const bytes = new Uint8Array(20 * chosen.length);
    chosen.forEach((key, at) => bytes.set(fromHex(key) as Uint8Array, 20 * at));
    return bytes;
  }

  /** Forgets whom nobody has heard of for too long. */
  expire(now: Timestamp): void {
    for (const [key, peers] of this.#torrents) {
      for (const [party, peer] of peers) {
        if (peer.announcedAt > now - PEER_LIFE) break;
        peers.delete(party);
        this.#count--;
      }
      if (peers.size === 0) this.#torrents.delete(key);
    }
  }

  #forgetLeastWanted(): void {
    let least: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [key, peers] of this.#torrents) {
      if (peers.size >= fewest) continue;
      least = key;
      fewest = peers.size;
    }
    if (least === undefined) return;
    this.#torrents.delete(least);
    this.#count -= fewest;
  }
}
