import type { Bytes, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { encodeMetadataMessage, METADATA_PART, type MetadataMessage } from "../wire/metadata-message.ts";
import { MetadataFetch } from "./metadata-fetch.ts";

/** A peer is told no after it has had the whole this often; an honest one asks once. */
const COPIES_PER_PEER = 3;
/** Bytes waiting in our socket for one peer, beyond which it is told to ask again later. */
const MAX_BACKLOG: Bytes = 1024 * 1024;

/** Requests that are refused to one peer within a second. An honest one asks for what there is, a few parts at a time. */
const MAX_REFUSED = 64;

/** What the torrent does with it. */
export interface MetadataEvents {
  /** @param info - What the info hash names. Called once. */
  metadataComplete(info: Uint8Array): void;
  metadataFailed(): void;
  /** The peer alone gave what failed. */
  convicted(peer: Peer, evidence: string): void;
}

/** The `info` dictionary between us and the peers of one torrent (BEP 9): fetched while it is unknown, then served. */
export class MetadataExchange {
  /** Undefined until it is known. */
  info: Uint8Array | undefined;
  readonly #fetch: MetadataFetch;
  readonly #events: MetadataEvents;
  /** Bytes that each peer has had. */
  readonly #given = new Map<number, Bytes>();
  /** Requests refused to each peer since the last tick. */
  readonly #refused = new Map<number, number>();

  constructor(
    info: Uint8Array | undefined,
    infoHash: Uint8Array,
    sha1: (bytes: Uint8Array) => Uint8Array,
    events: MetadataEvents,
  ) {
    this.info = info;
    this.#fetch = new MetadataFetch(infoHash, sha1);
    this.#events = events;
  }

  get isKnown(): boolean {
    return this.info !== undefined;
  }

  /** While it is fetched. Size 0: no peer has named one yet. */
  get progress(): { readonly received: Bytes; readonly size: Bytes } {
    return this.#fetch.progress;
  }

  forget(peer: Peer): void {
    this.#fetch.gone(peer.id);
    this.#given.delete(peer.id);
  }

  /** Asks the peer for what is missing, when it has it. */
  ask(peer: Peer): void {
    const { extension } = peer;
    const id = extension?.extensions.get("ut_metadata") ?? 0;
    if (this.isKnown || id === 0 || extension?.metadataSize === undefined) return;
    this.#fetch.offered(peer.id, extension.metadataSize);
    for (const part of this.#fetch.ask(peer.id, peer.now)) {
      peer.sendExtended(id, encodeMetadataMessage({ kind: "request", part }));
    }
  }

  received(peer: Peer, message: MetadataMessage): void {
    if (message.kind === "request") return this.#serve(peer, message.part);
    if (this.isKnown) {
      if (message.kind === "data") peer.receivedUnasked(message.bytes.length);
      return;
    }
    if (message.kind === "reject") return this.#fetch.rejected(peer.id, message.part, peer.now);
    const outcome = this.#fetch.received(peer.id, message.part, message.size, message.bytes);
    if (outcome.kind === "complete") {
      this.info = outcome.info;
      return this.#events.metadataComplete(outcome.info);
    }
    if (outcome.kind === "unasked") peer.receivedUnasked(message.bytes.length);
    if (outcome.kind !== "failed") return;
    this.#events.metadataFailed();
    if (outcome.liars.includes(peer.id)) {
      this.#events.convicted(peer, `metadata of ${message.size} bytes failed its hash, all of it came from it`);
    }
  }

  /** Once a second. @param peers - All of the torrent. */
  tick(peers: Iterable<Peer>, now: Timestamp): void {
    this.#refused.clear();
    if (this.isKnown) return;
    const idle = this.#fetch.expire(now);
    for (const peer of [...peers]) {
      if (idle.includes(peer.id)) {
        const detail = "it announced metadata, and let every request for it lie";
        peer.close({ reason: "no-metadata-progress", by: "us", detail }, now);
      } else if (peer.phase === "open") this.ask(peer);
    }
  }

  #serve(peer: Peer, part: number): void {
    const id = peer.extension?.extensions.get("ut_metadata") ?? 0;
    if (id === 0) return;
    const { info } = this;
    const begin = part * METADATA_PART;
    const given = this.#given.get(peer.id) ?? 0;
    const isGiven =
      info !== undefined && begin < info.length && given < COPIES_PER_PEER * info.length && peer.backlog < MAX_BACKLOG;
    if (!isGiven) return this.#refuse(peer, id, part);
    const bytes = info.subarray(begin, begin + METADATA_PART);
    this.#given.set(peer.id, given + bytes.length);
    peer.sendExtended(id, encodeMetadataMessage({ kind: "data", part, size: info.length, bytes }));
  }

  #refuse(peer: Peer, id: number, part: number): void {
    const refused = (this.#refused.get(peer.id) ?? 0) + 1;
    this.#refused.set(peer.id, refused);
    if (refused <= MAX_REFUSED) return peer.sendExtended(id, encodeMetadataMessage({ kind: "reject", part }));
    const detail = `${refused} requests within a second for metadata that it is not given, at most ${MAX_REFUSED}`;
    peer.close({ reason: "bad-request", by: "us", detail }, peer.now);
  }
}
