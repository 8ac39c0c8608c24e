import { addressBytes, partyOf } from "../model/address.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import { type LastEnd, type PeerSource, sourceKey } from "../model/peer-face.ts";
import type { Millis, Timestamp } from "../model/units.ts";

/** Peers known a torrent, at most: more than can be dialled in hours. */
export const MAX_KNOWN_PEERS = 3000;
/** Sources that are counted, at most: all trackers of a torrent, with room for those that the user changes. */
const MAX_SOURCES = 1000;
const FIRST_RETRY: Millis = 20_000;
const LAST_RETRY: Millis = 30 * 60_000;
/** Failures after which a peer makes room for another. */
const HOPELESS = 5;
/** Dials to one party that nobody has answered yet: whoever pushes somebody's address at us gains no more by it. */
const UNANSWERED_DIALS = 2;

/** A peer that we know of. */
export interface KnownPeer {
  readonly endpoint: Endpoint;
  /** Who stands behind it: see {@link partyOf}. */
  readonly party: string;
  readonly sources: PeerSource[];
  isConnected: boolean;
  /** The handshake we would begin with failed: the next dial begins with the other, plain for encrypted or back. */
  otherWay: boolean;
  /** Never to be dialled: it is ourselves. The user's word lifts it. */
  isBarred: boolean;
  /** The filter has its address or its port. */
  isBlocked: boolean;
  failures: number;
  /** How the last connection or try ended; undefined before the first did. */
  lastEnd: LastEnd | undefined;
  /** Not to be dialled before. */
  nextDial: Timestamp;
  /** BEP 40, as computed for the address that we had at `epoch`. */
  priority: number;
  epoch: number;
}

/** What the session knows of those behind addresses, and of our own. */
interface Standing {
  /** The filter has its address or its port. */
  blocks(host: string, dialled: number): boolean;
  readonly bans: { has(party: string): boolean };
  readonly ownAddress: { readonly epoch: number; priorityOf(peer: Endpoint): number | undefined };
}

/** One party that has not answered any of our dials. */
interface Unanswered {
  readonly underWay: Set<KnownPeer>;
  failures: number;
  nextDial: Timestamp;
}

/** Every peer that somebody named to us, and when it may be dialled. Bounded by {@link MAX_KNOWN_PEERS}. */
export class PeerBook {
  readonly #peers = new Map<string, KnownPeer>();
  readonly #unanswered = new Map<string, Unanswered>();
  readonly #standing: Standing;
  readonly #given = new Map<string, number>();

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** All that are known, in the order we learnt of them. */
  peers(): Iterable<KnownPeer> {
    return this.#peers.values();
  }

  /** When it may be dialled, as far as it goes by time; what others at its address did counts, too. */
  nextTry({ party, nextDial }: KnownPeer): Timestamp {
    return Math.max(nextDial, this.#unanswered.get(party)?.nextDial ?? 0);
  }

  /** Different peers that a source has named so far, those that are forgotten by now among them. */
  givenBy(source: PeerSource): number {
    return this.#given.get(sourceKey(source)) ?? 0;
  }

  /**
   * Learns of a peer, or of one more source.
   * @returns Undefined when the book is full of better ones; and for a name, which nobody has looked up yet.
   */
  add(endpoint: Endpoint, source: PeerSource): KnownPeer | undefined {
    if (addressBytes(endpoint.host) === undefined) return undefined;
    const key = formatEndpoint(endpoint);
    const known = this.#peers.get(key);
    if (known !== undefined) {
      const name = sourceKey(source);
      if (source.kind === "user") {
        // Not how we learnt of it: the user wants it tried again.
        if (known.isConnected) return known;
        known.nextDial = 0;
        known.isBarred = false;
        this.#unanswered.delete(known.party);
      } else if (!known.sources.some((other) => sourceKey(other) === name)) {
        known.sources.push(source);
        this.#count(name);
      }
      return known;
    }
    if (this.#peers.size >= MAX_KNOWN_PEERS && !this.#forgetHopeless()) return undefined;
    const peer: KnownPeer = {
      endpoint,
      party: partyOf(endpoint),
      sources: [source],
      isConnected: false,
      otherWay: false,
      isBarred: false,
      isBlocked: this.#standing.blocks(endpoint.host, endpoint.port),
      failures: 0,
      lastEnd: undefined,
      nextDial: 0,
      priority: 0,
      epoch: 0,
    };
    this.#peers.set(key, peer);
    this.#count(sourceKey(source));
    return peer;
  }

  find(endpoint: Endpoint): KnownPeer | undefined {
    return this.#peers.get(formatEndpoint(endpoint));
  }

  /** The next peer to dial: fewest failures first, then by canonical priority, then in the order we learnt of them. */
  nextToDial(now: Timestamp): KnownPeer | undefined {
    const { epoch } = this.#standing.ownAddress;
    let best: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.isConnected || peer.isBarred || peer.isBlocked || peer.nextDial > now) continue;
      if (!this.#mayDial(peer, now)) continue;
      if (peer.epoch !== epoch) {
        peer.priority = this.#standing.ownAddress.priorityOf(peer.endpoint) ?? 0;
        peer.epoch = epoch;
      }
      if (best === undefined || peer.failures < best.failures) best = peer;
      else if (peer.failures === best.failures && peer.priority > best.priority) best = peer;
      // In the order we learnt of them nobody can come before it.
      if (epoch === 0 && best.failures === 0) break;
    }
    return best;
  }

  connecting(peer: KnownPeer): void {
    peer.isConnected = true;
    const party = this.#unanswered.get(peer.party) ?? { underWay: new Set(), failures: 0, nextDial: 0 };
    this.#unanswered.set(peer.party, party);
    party.underWay.add(peer);
  }

  /** It speaks BitTorrent: what else is known at its address is dialled as anywhere. */
  answered(peer: KnownPeer): void {
    this.#unanswered.delete(peer.party);
  }

  /** It went well for a while: the next dial is soon. */
  left(peer: KnownPeer, now: Timestamp): void {
    this.#disconnected(peer);
    peer.failures = 0;
    peer.nextDial = now + FIRST_RETRY;
  }

  /** The dial or the handshake failed: twice as long as last time. */
  failed(peer: KnownPeer, now: Timestamp): void {
    this.#disconnected(peer);
    peer.failures++;
    peer.nextDial = now + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (peer.failures - 1));
    const party = this.#unanswered.get(peer.party) ?? { underWay: new Set(), failures: 0, nextDial: 0 };
    this.#unanswered.set(peer.party, party);
    party.failures++;
    const beyond = party.failures - UNANSWERED_DIALS;
    if (beyond >= 0) party.nextDial = now + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** beyond);
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
    this.#disconnected(peer);
    peer.nextDial = now + LAST_RETRY;
  }

  /** We let it go for reasons of our own: it may be dialled whenever we want to. */
  released(peer: KnownPeer): void {
    this.#disconnected(peer);
    peer.nextDial = 0;
  }

  /** It is not to be dialled again, whoever names it. */
  bar(peer: KnownPeer): void {
    this.#disconnected(peer);
    peer.isBarred = true;
  }

  /** Its ban was lifted: it may be dialled again. */
  forgive(party: string): void {
    for (const peer of this.#peers.values()) if (peer.party === party) peer.nextDial = 0;
  }

  /** There is another filter. */
  reviewBlocked(): void {
    for (const peer of this.#peers.values()) {
      peer.isBlocked = this.#standing.blocks(peer.endpoint.host, peer.endpoint.port);
    }
  }

  /** Nothing is known of those any more. @returns How many they are. */
  forget(isOver: (peer: KnownPeer) => boolean): number {
    const before = this.#peers.size;
    for (const [key, peer] of this.#peers) if (isOver(peer)) this.#peers.delete(key);
    return before - this.#peers.size;
  }

  /** Endpoints for resume data, those that answered first. */
  endpoints(most: number): Endpoint[] {
    const peers = [...this.#peers.values()].filter(
      (peer) => !peer.isBarred && !peer.isBlocked && !this.#standing.bans.has(peer.party),
    );
    peers.sort((a, b) => Number(b.isConnected) - Number(a.isConnected) || a.failures - b.failures);
    return peers.slice(0, most).map((peer) => peer.endpoint);
  }

  #count(source: string): void {
    const before = this.#given.get(source);
    if (before !== undefined || this.#given.size < MAX_SOURCES) this.#given.set(source, (before ?? 0) + 1);
  }

  #forgetHopeless(): boolean {
    for (const peer of this.#peers.values()) {
      if (peer.isConnected || peer.isBarred || peer.failures < HOPELESS) continue;
      this.#peers.delete(formatEndpoint(peer.endpoint));
      this.#unanswered.delete(peer.party);
      return true;
    }
    return false;
  }

  #mayDial(peer: KnownPeer, now: Timestamp): boolean {
    if (this.#standing.bans.has(peer.party)) return false;
    const party = this.#unanswered.get(peer.party);
    return party === undefined || (party.underWay.size < UNANSWERED_DIALS && party.nextDial <= now);
  }

  #disconnected(peer: KnownPeer): void {
    peer.isConnected = false;
    const party = this.#unanswered.get(peer.party);
    party?.underWay.delete(peer);
    if (party?.underWay.size === 0 && party.failures === 0) this.#unanswered.delete(peer.party);
  }
}
