import type { Settings } from "../contract/views.ts";
import { isLocalHost } from "../model/address.ts";
import { bytesEqual, toHex } from "../model/bytes.ts";
import type { Closing } from "../model/close-reason.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { TorrentId } from "../model/info-hash.ts";
import type { GonePeer, Transport } from "../model/peer-face.ts";
import type { Timestamp } from "../model/units.ts";
import { gonePeer } from "../peer/face.ts";
import { Peer } from "../peer/peer.ts";
import type { Lobby, PeerEvents, PeerLink, Residence } from "../peer/ports.ts";
import { blocked } from "../swarm/admission.ts";
import type { SwarmLimits } from "../swarm/ports.ts";
import type { Places } from "./places.ts";
import type { Torrent } from "./torrent.ts";

/** Accepted connections beyond the limit, so that a better peer can come before a worse one has gone. */
const ACCEPT_SLACK = 10;
/** Remembered of those that were turned away. */
const REFUSED_PEERS = 20;

/** What the door must know of the house. */
interface House {
  readonly settings: Settings;
  readonly limits: SwarmLimits;
  readonly torrents: ReadonlyMap<TorrentId, Torrent>;
  readonly places: Places;
  nextPeerId(): number;
}

/** Accepted connections, until their handshake names a torrent: who may come in, and who is turned away. */
export class Door {
  /** Connections that never were about a torrent of ours, newest last. */
  readonly refused: GonePeer[] = [];
  readonly #house: House;
  /** Oldest first. */
  readonly #strangers = new Set<Peer>();

  constructor(house: House) {
    this.#house = house;
  }

  get waiting(): number {
    return this.#strangers.size;
  }

  /** @returns The peer to feed; it is closed already when there is no room. */
  accept(endpoint: Endpoint, transport: Transport, link: PeerLink, now: Timestamp): Peer {
    const { settings, limits, places } = this.#house;
    const peer = new Peer({
      id: this.#house.nextPeerId(),
      endpoint,
      direction: "incoming",
      transport,
      source: { kind: "incoming" },
      cipher: limits.cipher,
      now,
    });
    const lobby: Lobby = {
      residenceFor: (infoHash) => this.#residenceFor(infoHash, peer),
      closed: (_, closing) => this.#closed(peer, closing),
    };
    peer.accepted(link, lobby, settings.encryptionIncoming, now);
    const most = settings.maxConnections;
    const connections = places.taken + this.#strangers.size;
    const ban = isLocalHost(endpoint.host) ? undefined : limits.bans.against(endpoint);
    if (limits.blocks(endpoint.host)) peer.close(blocked(endpoint.host), now);
    else if (ban !== undefined) peer.close({ reason: "banned", by: "us", detail: ban.evidence }, now);
    else if (connections >= most + ACCEPT_SLACK && !this.dropSilent(now)) {
      peer.close({ reason: "too-many-peers", by: "us", detail: `${connections} connections, at most ${most}` }, now);
    }
    if (!peer.isClosed) this.#strangers.add(peer);
    return peer;
  }

  /** Who called and has said nothing makes room, the one that is silent longest. @returns False when there is none. */
  dropSilent(now: Timestamp): boolean {
    for (const peer of this.#strangers) {
      if (peer.rawDown > 0) continue;
      const silent = ((now - peer.createdAt) / 1000).toFixed(1);
      peer.close({ reason: "replaced", by: "us", detail: `it called and said nothing for ${silent} s` }, now);
      return true;
    }
    return false;
  }

  tick(now: Timestamp): void {
    for (const peer of [...this.#strangers]) peer.tick(now);
  }

  /** There is another address filter. */
  reviewBlocked(now: Timestamp): void {
    for (const peer of [...this.#strangers]) {
      if (this.#house.limits.blocks(peer.host)) peer.close(blocked(peer.host), now);
    }
  }

  closeAll(closing: Closing, now: Timestamp): void {
    for (const peer of [...this.#strangers]) peer.close(closing, now);
  }

  #closed(peer: Peer, closing: Closing): void {
    this.#strangers.delete(peer);
    this.refused.push(gonePeer(peer, closing));
    if (this.refused.length > REFUSED_PEERS) this.refused.shift();
  }

  #residenceFor(
    infoHash: Uint8Array,
    peer: Peer,
  ): { readonly residence: Residence; readonly events: PeerEvents } | Closing {
    const id = toHex(infoHash);
    const torrent = this.#house.torrents.get(id) ?? this.#hybrid(infoHash);
    if (torrent === undefined) return { reason: "no-such-torrent", by: "us", detail: `it asked for ${id}` };
    const { activity, swarm } = torrent;
    if (activity.kind === "checking") return { reason: "checking", by: "us", detail: "the torrent is being checked" };
    if (activity.kind !== "running") {
      return { reason: "no-such-torrent", by: "us", detail: `${id} is stopped here`, closeReason: 2 };
    }
    const full = this.#house.places.takeFor(peer, torrent, peer.now);
    if (full !== undefined) return { reason: "too-many-peers", by: "us", detail: full };
    this.#strangers.delete(peer);
    swarm.peers.add(peer);
    // It is answered by the name that it used.
    return { residence: { ...swarm.residence, infoHash: infoHash.slice() }, events: swarm };
  }

  /** The torrent that has this hash besides the one that names it here. */
  #hybrid(infoHash: Uint8Array): Torrent | undefined {
    for (const torrent of this.#house.torrents.values()) {
      const { v2Hash } = torrent.swarm.residence;
      if (v2Hash !== undefined && bytesEqual(v2Hash, infoHash)) return torrent;
    }
    return undefined;
  }
}
