import { type Digest, isInfoOf } from "../metainfo/metainfo.ts";
import { layersBeside } from "../metainfo/parse.ts";
import type { InfoHash } from "../model/info-hash.ts";
import type { Bytes, Timestamp } from "../model/units.ts";
import { askForHashes } from "../peer/hashes.ts";
import type { Peer } from "../peer/peer.ts";
import type { Hashes, HashRequest } from "../wire/hash-message.ts";
import { encodeMetadataMessage, METADATA_PART, type MetadataMessage } from "../wire/metadata-message.ts";
import { LayerFetch } from "./layer-fetch.ts";
import { MetadataFetch } from "./metadata-fetch.ts";

/** A peer is told no after it has had the whole this often; an honest one asks once. */
const COPIES_PER_PEER = 3;
/** Bytes waiting in our socket for one peer, beyond which it is told to ask again later. */
const MAX_BACKLOG: Bytes = 1024 * 1024;

/** Requests that are refused to one peer within a second. An honest one asks for what there is, a few parts at a time. */
const MAX_REFUSED = 64;

/** What the torrent does with it. */
export interface MetadataEvents {
  /**
   * Called once.
   * @param info - What the info hash names.
   * @param layers - The piece layers that a v2-only torrent has beside it, by root in hexadecimal.
   */
  metadataComplete(info: Uint8Array, layers: ReadonlyMap<string, Uint8Array>): void;
  metadataFailed(): void;
  /** The peer alone gave what failed. */
  convicted(peer: Peer, evidence: string): void;
}

const NO_LAYERS: ReadonlyMap<string, Uint8Array> = new Map();

/**
 * The `info` dictionary between us and the peers of one torrent (BEP 9): fetched while it is unknown, then served. Of a
 * v2-only torrent it counts as known when the piece layers that belong to it (BEP 52) are there as well.
 */
export class MetadataExchange {
  /** Undefined until it is known. */
  info: Uint8Array | undefined;
  readonly #fetch: MetadataFetch;
  readonly #infoHash: InfoHash;
  readonly #digest: Digest;
  /** The dictionary that came, while its piece layers are fetched. */
  #layered: { readonly info: Uint8Array; readonly fetch: LayerFetch } | undefined;
  readonly #events: MetadataEvents;
  /** Bytes that each peer has had. */
  readonly #given = new Map<number, Bytes>();
  /** Requests refused to each peer since the last tick. */
  readonly #refused = new Map<number, number>();

  constructor(info: Uint8Array | undefined, infoHash: InfoHash, digest: Digest, events: MetadataEvents) {
    this.info = info;
    this.#infoHash = infoHash;
    this.#digest = digest;
    this.#fetch = new MetadataFetch((bytes) => isInfoOf(bytes, infoHash, digest));
    this.#events = events;
  }

  get isKnown(): boolean {
    return this.info !== undefined;
  }

  /** While it is fetched. Size 0: no peer has named one yet. */
  get progress(): { readonly received: Bytes; readonly size: Bytes } {
    if (this.#layered === undefined) return this.#fetch.progress;
    const { info, fetch } = this.#layered;
    const { received, size } = fetch.progress;
    return { received: info.length + received, size: info.length + size };
  }

  forget(peer: Peer): void {
    this.#fetch.gone(peer.id);
    this.#layered?.fetch.gone(peer.id);
    this.#given.delete(peer.id);
  }

  /** Asks the peer for what is missing, when it has it. */
  ask(peer: Peer): void {
    if (this.#layered !== undefined) {
      for (const request of this.#layered.fetch.ask(peer.id, peer.now)) askForHashes(peer, request);
      return;
    }
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
    if (outcome.kind === "complete") return this.#complete(outcome.info);
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
    const idle = this.#layered?.fetch.expire(now) ?? this.#fetch.expire(now);
    for (const peer of [...peers]) {
      if (idle.includes(peer.id)) {
        const what =
          this.#layered === undefined
            ? "announced metadata, and let every request for it"
            : "let every request for hashes";
        const detail = `it ${what} lie`;
        peer.close({ reason: "no-metadata-progress", by: "us", detail }, now);
      } else if (peer.phase === "open") this.ask(peer);
    }
  }

  /** Hashes of a layer that we asked the peer for (BEP 52). */
  hashesGiven(peer: Peer, hashes: Hashes): void {
    if (this.#layered === undefined) return;
    const { info, fetch } = this.#layered;
    const outcome = fetch.received(peer.id, hashes);
    if (outcome.kind === "lie") return this.#events.convicted(peer, outcome.detail);
    if (outcome.kind !== "complete") return;
    this.info = info;
    this.#events.metadataComplete(info, outcome.layers);
  }

  hashesRefused(peer: Peer, request: HashRequest): void {
    this.#layered?.fetch.rejected(peer.id, request, peer.now);
  }

  #complete(info: Uint8Array): void {
    const files = layersBeside(info, this.#infoHash, this.#digest);
    if (files.length > 0) {
      this.#layered = { info, fetch: new LayerFetch(files, this.#digest.sha256) };
      return;
    }
    this.info = info;
    this.#events.metadataComplete(info, NO_LAYERS);
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
