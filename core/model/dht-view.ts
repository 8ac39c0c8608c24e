import type { Bytes, Millis, Timestamp } from "./units.ts";

/** One bucket of a routing table: the nodes that share so many leading bits with our id. */
export interface DhtBucketView {
  readonly sharedBits: number;
  readonly nodes: number;
  /** Nodes of it whose id is bound to their address (BEP 42). */
  readonly proper: number;
  /** Nodes that did not answer of late. */
  readonly silent: number;
  /** Nodes that wait for a place. */
  readonly spare: number;
}

export interface DhtLookupView {
  /** 40 hexadecimal digits: an info hash, or an id. */
  readonly target: string;
  readonly family: "ipv4" | "ipv6";
  readonly purpose: "peers" | "nodes";
  readonly startedAt: Timestamp;
  readonly asked: number;
  readonly answered: number;
  /** Different peers found so far. */
  readonly peers: number;
}

/** One of the two networks that the DHT is (BEP 32). */
export interface DhtFamilyView {
  readonly family: "ipv4" | "ipv6";
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** Our address as most see it, and whether our id fits it (BEP 42). Undefined until they agree. */
  readonly address?: string;
  readonly isProper: boolean;
  readonly votes: readonly { readonly address: string; readonly votes: number }[];
  /** Nobody asks us but whom we asked: others are told not to rely on us (BEP 43). */
  readonly isReadOnly: boolean;
  readonly nodes: number;
  /** Nearest last. */
  readonly buckets: readonly DhtBucketView[];
}

/** Counted since the start. */
export interface DhtTraffic {
  readonly bytesIn: Bytes;
  readonly bytesOut: Bytes;
  readonly queriesIn: number;
  readonly queriesOut: number;
  readonly answersIn: number;
  readonly answersOut: number;
  /** Datagrams that were no messages. */
  readonly malformed: number;
  /** Messages not heard, and queries not answered, since there were too many. */
  readonly dropped: number;
}

/** The DHT as an interface shows it. */
export interface DhtView {
  readonly families: readonly DhtFamilyView[];
  readonly lookups: readonly DhtLookupView[];
  /** Lookups that wait until others are done, or a node is known. */
  readonly lookupsWaiting: number;
  /** What others announced to us. */
  readonly stored: { readonly torrents: number; readonly peers: number };
  readonly silenced: number;
  readonly traffic: DhtTraffic;
}

/** What a lookup for peers came to. */
export interface DhtLookupResult {
  readonly peers: number;
  readonly asked: number;
  readonly answered: number;
  /** Nodes that were told of us. */
  readonly announcedTo: number;
  readonly took: Millis;
  /** About how many there are, when it was asked for and somebody knew (BEP 33). */
  readonly seeds?: number;
  readonly leechers?: number;
}
