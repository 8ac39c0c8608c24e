import { toHex } from "../model/bytes.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { PeerSource } from "../model/peer-face.ts";
import type { Millis, Timestamp } from "../model/units.ts";

/** Peers known a torrent, at most: more than can be dialled in hours. */
export const MAX_KNOWN_PEERS = 3000;
const FIRST_RETRY: Millis = 20_000;
const LAST_RETRY: Millis = 30 * 60_000;
/** Failures after which a peer makes room for another. */
const HOPELESS = 5;

/** A peer that we know of. */
export interface KnownPeer {
  readonly endpoint: Endpoint;
  readonly sources: PeerSource[];
  isConnected: boolean;
  /** The handshake we would begin with failed: the next dial begins with the other, plain for encrypted or back. */
  otherWay: boolean;
  /** Never to be dialled: it is banned, or ourselves. The user's word lifts it. */
  isBarred: boolean;
  failures: number;
  /** Not to be dialled before. */
  nextDial: Timestamp;
}

/** Every peer that somebody named to us, and when it may be dialled. Bounded by {@link MAX_KNOWN_PEERS}. */
export class PeerBook {
  readonly #peers = new Map<string, KnownPeer>();
  /** Evidence by peer id, in hex. */
  readonly #banned = new Map<string, string>();

  get size(): number {
    return this.#peers.size;
  }

  /** Learns of a peer, or of one more source. @returns Undefined when the book is full of better ones. */
  add(endpoint: Endpoint, source: PeerSource): KnownPeer | undefined {
    const key = formatEndpoint(endpoint);
    const known = this.#peers.get(key);
    if (known !== undefined) {
      const isNew = !known.sources.some(
        (other) => other.kind === source.kind && JSON.stringify(other) === JSON.stringify(source),
      );
      if (isNew) known.sources.push(source);
      if (source.kind === "user" && !known.isConnected) {
        known.nextDial = 0;
        known.isBarred = false;
      }
      return known;
    }
    if (this.#peers.size >= MAX_KNOWN_PEERS && !this.#forgetHopeless()) return undefined;
    const peer: KnownPeer = {
      endpoint,
      sources: [source],
      isConnected: false,
      otherWay: false,
      isBarred: false,
      failures: 0,
      nextDial: 0,
    };
    this.#peers.set(key, peer);
    return peer;
  }

  find(endpoint: Endpoint): KnownPeer | undefined {
    return this.#peers.get(formatEndpoint(endpoint));
  }

  /** The next peer to dial: fewest failures first, then in the order we learnt of them. */
  nextToDial(now: Timestamp): KnownPeer | undefined {
    let best: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.isConnected || peer.isBarred || peer.nextDial > now) continue;
      if (best === undefined || peer.failures < best.failures) best = peer;
      if (best.failures === 0) break;
    }
    return best;
  }

  connecting(peer: KnownPeer): void {
    peer.isConnected = true;
  }

  /** It went well for a while: the next dial is soon. */
  left(peer: KnownPeer, now: Timestamp): void {
    peer.isConnected = false;
    peer.failures = 0;
    peer.nextDial = now + FIRST_RETRY;
  }

  /** The dial or the handshake failed: twice as long as last time. */
  failed(peer: KnownPeer, now: Timestamp): void {
    peer.isConnected = false;
    peer.failures++;
    peer.nextDial = now + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (peer.failures - 1));
  }

  /** The stream was open, and our kind of handshake was not answered: the other kind is tried at once, but once only. */
  refusedHandshake(peer: KnownPeer, now: Timestamp): void {
    const wasFirst = peer.failures === 0;
    this.failed(peer, now);
    peer.otherWay = !peer.otherWay;
    if (wasFirst) peer.nextDial = now;
  }

  /** It has nothing for us and wants nothing, for the time being. */
  rest(peer: KnownPeer, now: Timestamp): void {
    peer.isConnected = false;
    peer.nextDial = now + LAST_RETRY;
  }

  /** We let it go for reasons of our own: it may be dialled whenever we want to. */
  released(peer: KnownPeer): void {
    peer.isConnected = false;
    peer.nextDial = 0;
  }

  /** It is not to be dialled again, whoever names it. */
  bar(peer: KnownPeer): void {
    peer.isConnected = false;
    peer.isBarred = true;
  }

  /** Also when it comes from another address, it is known by its id. */
  ban(peerId: Uint8Array, evidence: string): void {
    if (this.#banned.size < MAX_KNOWN_PEERS) this.#banned.set(toHex(peerId), evidence);
  }

  /** Why the owner of this id is banned, or undefined. */
  evidenceAgainst(peerId: Uint8Array): string | undefined {
    return this.#banned.get(toHex(peerId));
  }

  #forget(peer: KnownPeer): void {
    this.#peers.delete(formatEndpoint(peer.endpoint));
  }

  /** Endpoints for resume data, those that answered first. */
  endpoints(most: number): Endpoint[] {
    const peers = [...this.#peers.values()].filter((peer) => !peer.isBarred);
    peers.sort((a, b) => Number(b.isConnected) - Number(a.isConnected) || a.failures - b.failures);
    return peers.slice(0, most).map((peer) => peer.endpoint);
  }

  #forgetHopeless(): boolean {
    for (const peer of this.#peers.values()) {
      if (peer.isConnected || peer.isBarred || peer.failures < HOPELESS) continue;
      this.#forget(peer);
      return true;
    }
    return false;
  }
}
