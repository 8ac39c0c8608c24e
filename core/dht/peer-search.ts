import { toHex } from "../model/bytes.ts";
import type { DhtLookupResult, DhtLookupView } from "../model/dht-view.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { Timestamp } from "../model/units.ts";
import { BloomFilter } from "./bloom-filter.ts";
import { Lookup } from "./lookup.ts";
import { type Answer, familyOf } from "./message.ts";
import type { DhtNode } from "./node.ts";
import type { NodeId } from "./node-id.ts";

/** Peers that one search finds, at most: more than a torrent keeps. */
const MAX_PEERS = 3000;

/** A search begins with so many nodes of ours: should the closest be gone, others are not. */
const FIRST_ASKED = 32;

export interface PeerSearchOptions {
  /** What we tell those closest, so that others find us. Undefined: nothing. */
  readonly announce?: {
    readonly port: number;
    /** Our port as others see it counts: they and our peers talk to the same socket. */
    readonly impliedPort: boolean;
  };
  /** We have all of it: seeds are of no use to us. */
  readonly isSeed: boolean;
  /** Also ask how many there are (BEP 33). */
  readonly scrape?: boolean;
  /** Peers that were not named before in this search. */
  found(peers: readonly Endpoint[]): void;
  done?(result: DhtLookupResult): void;
}

/** One search for the peers of a torrent, in one network, and the announce that follows. */
export class PeerSearch {
  readonly infoHash: NodeId;
  readonly #options: PeerSearchOptions;
  readonly #node: DhtNode;
  readonly #peers = new Set<string>();
  readonly #seedFilter = new BloomFilter();
  readonly #peerFilter = new BloomFilter();
  #hasFilters = false;
  #isCancelled = false;
  #lookup: Lookup | undefined;

  constructor(infoHash: NodeId, node: DhtNode, options: PeerSearchOptions) {
    this.infoHash = infoHash;
    this.#node = node;
    this.#options = options;
  }

  get node(): DhtNode {
    return this.#node;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Nothing more is found, nor announced. */
  cancel(): void {
    this.#isCancelled = true;
  }

  /** @param ended - Called once, when all that are near have answered. */
  start(now: Timestamp, ended: () => void): void {
    const { infoHash } = this;
    const node = this.#node;
    const { isSeed, scrape = false } = this.#options;
    this.#lookup = new Lookup(
      infoHash,
      { method: "get_peers", infoHash, noSeeds: isSeed, scrape },
      node.id,
      {
        ask: (to, question, asker, later) => node.ask(to, question, asker, later),
        heard: (answer) => this.#heard(answer),
        done: (lookup, later) => {
          ended();
          this.#finish(lookup, later);
        },
      },
      now,
    );
    this.#lookup.start(node.table.closest(infoHash, FIRST_ASKED), [], now);
  }

  view(): DhtLookupView | undefined {
    if (this.#lookup === undefined) return undefined;
    const { startedAt, asked, answered } = this.#lookup;
    return {
      target: toHex(this.infoHash),
      family: this.#node.family,
      purpose: "peers",
      startedAt,
      asked,
      answered,
      peers: this.#peers.size,
    };
  }

  #heard(answer: Answer): void {
    if (this.#isCancelled) return;
    if (answer.seedFilter !== undefined && answer.peerFilter !== undefined) {
      this.#hasFilters = true;
      this.#seedFilter.join(answer.seedFilter);
      this.#peerFilter.join(answer.peerFilter);
    }
    const fresh: Endpoint[] = [];
    for (const peer of answer.peers) {
      const key = formatEndpoint(peer);
      if (this.#peers.size >= MAX_PEERS || this.#peers.has(key) || familyOf(peer.host) !== this.#node.family) continue;
      this.#peers.add(key);
      fresh.push(peer);
    }
    if (fresh.length > 0) this.#options.found(fresh);
  }

  #finish(lookup: Lookup, now: Timestamp): void {
    if (this.#isCancelled) return;
    const { announce, isSeed, done } = this.#options;
    const { infoHash } = this;
    let announcedTo = 0;
    if (announce !== undefined) {
      for (const { token, ...taker } of lookup.takers) {
        const question = { method: "announce_peer", infoHash, token, ...announce, isSeed } as const;
        if (this.#node.ask(taker, question, NOBODY, now)) announcedTo++;
      }
    }
    const { asked, answered } = lookup;
    const took = now - lookup.startedAt;
    const filters = this.#hasFilters
      ? { seeds: this.#seedFilter.estimate, leechers: this.#peerFilter.estimate }
      : undefined;
    done?.({ peers: this.#peers.size, asked, answered, announcedTo, took, ...filters });
  }
}

const NOBODY = { answered: () => undefined, slow: () => undefined, failed: () => undefined };
