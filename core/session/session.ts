import type { Settings } from "../contract/views.ts";
import type { Digest } from "../metainfo/metainfo.ts";
import { partyOf } from "../model/address.ts";
import type { Ban } from "../model/ban.ts";
import type { Closing } from "../model/close-reason.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { TorrentId } from "../model/info-hash.ts";
import { IpFilter, type PackedRanges } from "../model/ip-filter.ts";
import type { GonePeer, Transport } from "../model/peer-face.ts";
import { hasPort, type PortRanges, parsePortRanges } from "../model/port-ranges.ts";
import type { Random } from "../model/random.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { PeerLink } from "../peer/ports.ts";
import { Traffic } from "../peer/throttle.ts";
import { blocked, blockedPort } from "../swarm/admission.ts";
import { isLimited, reviewLimits } from "../swarm/allowance.ts";
import { BanList, bannedParty } from "../swarm/ban-list.ts";
import { OwnAddress } from "../swarm/own-address.ts";
import type { SwarmLimits } from "../swarm/ports.ts";
import { Door } from "./door.ts";
import { Places } from "./places.ts";
import type { SessionEffects, TorrentStorage } from "./ports.ts";
import { Torrent } from "./torrent.ts";
import type { TorrentRecord } from "./torrent-record.ts";

/** Peers, rates, choking and deadlines are looked at this often. */
const TICK: Millis = 1000;
/** With a rate limit, allowance is given out this often. */
const LIMITED_TICK: Millis = 50;

export interface SessionOptions {
  readonly settings: Settings;
  readonly ourPeerId: Uint8Array;
  readonly clientName: string;
  readonly random: Random;
  readonly digest: Digest;
  readonly effects: SessionEffects;
  readonly announces: boolean;
}

/** All torrents: who may connect, who is dialled next, what may pass. Deterministic: the runtime tells it the time. */
export class Session {
  readonly torrents = new Map<TorrentId, Torrent>();
  settings: Settings;
  listenPort: number | undefined;
  readonly limits: SwarmLimits;
  readonly bans = new BanList();
  filter = new IpFilter();
  #blockedPorts: PortRanges = [];
  readonly #ownAddress = new OwnAddress(() => this.announcedPort);
  readonly #options: SessionOptions;
  readonly #traffic = new Traffic();
  readonly places: Places = new Places(this);
  readonly #door: Door = new Door(this);
  #mapped: { readonly tcp: number | undefined; readonly udp: number | undefined } | undefined;
  #isRelayed = false;
  #lastPeer = 0;
  #nextTick: Timestamp = 0;
  #turn = 0;
  /** Peers were named, or limits changed, since the last tick. */
  #mayDial = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.#blockPorts();
    this.#limitTraffic();
    this.limits = {
      clientName: options.clientName,
      digest: options.digest,
      cipher: { sha1: options.digest.sha1, random: options.random, torrents: () => this.#infoHashes() },
      bans: this.bans,
      ownAddress: this.#ownAddress,
      blocks: (host, dialled) => this.filter.blocks(host) || (dialled !== undefined && this.blocksPort(dialled)),
      encryptionOutgoing: () => this.settings.encryptionOutgoing,
      listenPort: () => this.announcedPort,
      // It shares the port of uTP, whose number is that of TCP.
      dhtPort: () => (this.settings.dht ? (this.#mapped?.udp ?? this.listenPort) : undefined),
      exchangesPeers: () => this.settings.pex,
      hasUtp: () => this.settings.transport !== "tcp" && (this.settings.proxy === "" || this.#isRelayed),
      maxPeers: () => this.settings.maxConnectionsPerTorrent,
      arePlacesShort: () => this.places.areShort,
      unchokeSlots: () => this.settings.unchokeSlots,
      limitLocalPeers: () => this.settings.limitLocalPeers,
    };
  }

  /** The port that the world is told: the router may have opened another one for it than we listen on. */
  get announcedPort(): number | undefined {
    return this.listenPort === undefined ? undefined : (this.#mapped?.tcp ?? this.listenPort);
  }

  get isMapped(): boolean {
    return this.#mapped?.tcp !== undefined;
  }

  /**
   * What the router lets through to us.
   * @param address - Its own one on its outer side, where it tells: ours, unless there is another router behind it.
   */
  mapped(tcp: number | undefined, udp: number | undefined, address: string | undefined): void {
    this.#mapped = { tcp, udp };
    if (address !== undefined) this.#ownAddress.tell(address, "router", true);
  }

  /** Nodes of the DHT agree that this is our address. */
  learntAddress(address: string): void {
    this.#ownAddress.tell(address, "dht", true);
  }

  /** @param isOn - The proxy passes our datagrams on. */
  relayed(isOn: boolean): void {
    this.#isRelayed = isOn;
  }

  /** Connections, those whose handshake has not named a torrent yet among them. */
  get connections(): number {
    return this.places.taken + this.#door.waiting;
  }

  /** Connections that never were about a torrent of ours, newest last. */
  get refused(): readonly GonePeer[] {
    return this.#door.refused;
  }

  add(record: TorrentRecord, storage: TorrentStorage, now: Timestamp): Torrent {
    const torrent: Torrent = new Torrent(
      record,
      {
        storage,
        limits: this.limits,
        traffic: this.#traffic,
        ourPeerId: this.#options.ourPeerId,
        random: this.#options.random,
        announces: this.#options.announces,
        changed: (isUrgent) => this.#options.effects.keep(torrent, isUrgent),
        wake: () => this.#wake(),
        stored: (piece) => this.#options.effects.stored(torrent, piece),
        openMetadata: (file) => this.#options.effects.openMetadata(torrent, file),
        ban: (peer, evidence) => this.ban(torrent, peer, evidence, "us", torrent.swarm.now),
      },
      now,
    );
    this.torrents.set(torrent.id, torrent);
    return torrent;
  }

  remove(torrent: Torrent, now: Timestamp): void {
    torrent.stop({ reason: "local", by: "user", detail: "the torrent was removed" }, now);
    // Its trackers are told, though nobody will ask it for announces any more.
    for (const order of torrent.announces(now)) this.#options.effects.announce(torrent, order);
    this.torrents.delete(torrent.id);
  }

  changeSettings(settings: Settings): void {
    const areLocalsAffected = settings.limitLocalPeers !== this.settings.limitLocalPeers;
    const arePortsAffected = settings.blockedPorts !== this.settings.blockedPorts;
    this.settings = settings;
    if (arePortsAffected) this.#blockPorts();
    if (areLocalsAffected) for (const { swarm } of this.torrents.values()) reviewLimits(swarm);
    this.#limitTraffic();
    this.#wake();
  }

  /** A peer that the user names. @returns Why it is banned, when it is: then it is not dialled. */
  addPeer(torrent: Torrent, endpoint: Endpoint): Ban | undefined {
    const ban = this.bans.against(endpoint);
    if (ban !== undefined) return ban;
    torrent.swarm.learn(endpoint, { kind: "user" });
    this.#wake();
    return undefined;
  }

  /** From now on we have nothing to do with this peer, nor with who else it is in other torrents. */
  ban(torrent: Torrent, peer: Peer, evidence: string, by: Ban["by"], now: Timestamp): void {
    // Its server may serve others well, and has no address of its own: the torrent asks it no more, that is all.
    if (peer.transport === "web") return torrent.swarm.closePeer(peer, { reason: "banned", by, detail: evidence }, now);
    if (peer.isClosed) {
      if (this.bans.against(peer, peer.peerId) !== undefined) return;
      torrent.note("note", `Banned ${formatEndpoint(peer)}, which is gone: ${evidence}.`);
    }
    const { id, metainfo } = torrent;
    const { client } = peer;
    const about = { evidence, by, at: now, torrent: id, torrentName: metainfo.name };
    this.#enforce({ ...bannedParty(peer), ...about, ...(client === undefined ? {} : { client }) });
  }

  /** The user's word, also about one that is gone. @returns False when nobody here knows it, or it is banned. */
  banPeer(torrent: Torrent, id: number, now: Timestamp): boolean {
    for (const peer of torrent.swarm.peers) {
      if (peer.id !== id) continue;
      this.ban(torrent, peer, "banned by hand", "user", now);
      return true;
    }
    const gone = torrent.gone.findLast(({ peer }) => peer === id);
    if (gone === undefined || gone.transport === "web" || this.bans.against(gone) !== undefined) return false;
    const about = { evidence: "banned by hand", by: "user", at: now, torrent: torrent.id } as const;
    const { client } = gone;
    const party = partyOf(gone);
    const named = { party, torrentName: torrent.metainfo.name, ...(client === undefined ? {} : { client }) };
    this.#enforce({ ...about, ...named });
    return true;
  }

  /** Whoever it is against goes, in every torrent. */
  #enforce(ban: Ban): void {
    this.bans.add(ban);
    this.#options.effects.bansChanged();
    const { by, evidence, at } = ban;
    for (const { swarm } of this.torrents.values()) {
      for (const other of [...swarm.peers]) {
        if (this.bans.against(other, other.peerId) === undefined) continue;
        swarm.closePeer(other, { reason: "banned", by, detail: evidence }, at);
      }
    }
  }

  /** Those of earlier runs, before there are torrents. */
  restoreBans(bans: readonly Ban[]): void {
    for (const ban of bans) this.bans.add(ban);
  }

  /** @returns False when there is no such ban. */
  liftBan(party: string): boolean {
    if (this.bans.lift(party) === undefined) return false;
    this.#options.effects.bansChanged();
    for (const { swarm } of this.torrents.values()) swarm.book.forgive(party);
    this.#wake();
    return true;
  }

  /** From now on we have nothing to do with these addresses, instead of those before. */
  blockAddresses(ipv4: PackedRanges, ipv6: PackedRanges, now: Timestamp): void {
    this.filter = new IpFilter(ipv4, ipv6);
    this.#door.reviewBlocked(now);
    for (const { swarm } of this.torrents.values()) {
      swarm.book.reviewBlocked();
      for (const peer of [...swarm.peers]) {
        if (this.filter.blocks(peer.host)) swarm.closePeer(peer, blocked(peer.host), now);
      }
    }
    this.#wake();
  }

  /** A port that is not dialled. */
  blocksPort(port: number): boolean {
    return hasPort(this.#blockedPorts, port);
  }

  /** Ends every connection, which may then be made again: the way that they go is another from now on. */
  hangUp(detail: string, now: Timestamp): void {
    const closing: Closing = { reason: "local", by: "user", detail };
    this.#door.closeAll(closing, now);
    for (const { swarm } of this.torrents.values()) {
      const { isRunning } = swarm;
      // So that they may be dialled at once.
      swarm.isRunning = false;
      swarm.closeAll(closing, now);
      swarm.isRunning = isRunning;
    }
    this.#wake();
  }

  /** An accepted socket. @returns The peer to feed; it is closed already when there is no room. */
  accept(endpoint: Endpoint, transport: Transport, link: PeerLink, now: Timestamp): Peer {
    return this.#door.accept(endpoint, transport, link, now);
  }

  nextPeerId(): number {
    return ++this.#lastPeer;
  }

  /** Everything that time makes due. @returns When to come back, at the latest. */
  advance(now: Timestamp): Timestamp {
    if (now >= this.#nextTick) {
      this.#nextTick = now + TICK;
      this.#door.tick(now);
      this.places.tick(now);
      for (const torrent of this.torrents.values()) {
        if (torrent.activity.kind !== "paused") torrent.tick(now);
      }
      this.#mayDial = true;
    }
    if (this.#mayDial) {
      this.#mayDial = false;
      this.#dial(now);
    }
    let next = this.#nextTick;
    if (this.#resumeTransfers(now)) next = Math.min(next, now + LIMITED_TICK);
    for (const torrent of this.torrents.values()) {
      if (torrent.announcer.nextDeadline() > now) continue;
      for (const order of torrent.announces(now)) this.#options.effects.announce(torrent, order);
    }
    return next;
  }

  stop(now: Timestamp): void {
    const closing: Closing = { reason: "shutdown", by: "us", detail: "Peerscope is quitting" };
    for (const torrent of this.torrents.values()) torrent.stop(closing, now);
    this.#door.closeAll(closing, now);
  }

  /** Paused ones too: who asks for them is told so, like anyone in plain. */
  *#infoHashes(): Iterable<Uint8Array> {
    for (const { swarm } of this.torrents.values()) {
      yield swarm.residence.infoHash;
      if (swarm.residence.v2Hash !== undefined) yield swarm.residence.v2Hash;
    }
  }

  /** Peers named just now need not wait for the next tick. */
  #wake(): void {
    this.#mayDial = true;
    this.#options.effects.wake();
  }

  /** Where a limit holds, what has waited for it goes on. @returns Whether one holds anywhere. */
  #resumeTransfers(now: Timestamp): boolean {
    const limited: Torrent[] = [];
    for (const torrent of this.torrents.values()) {
      if (torrent.activity.kind === "running" && isLimited(torrent.swarm)) limited.push(torrent);
    }
    if (limited.length === 0) return false;
    // Another torrent is first each time, so that none takes all of a small allowance.
    this.#turn = (this.#turn + 1) % limited.length;
    for (let i = 0; i < limited.length; i++) limited[(i + this.#turn) % limited.length]?.swarm.resumeTransfers(now);
    return true;
  }

  #blockPorts(): void {
    this.#blockedPorts = parsePortRanges(this.settings.blockedPorts) ?? [];
    for (const { swarm } of this.torrents.values()) {
      swarm.book.reviewBlocked();
      for (const peer of [...swarm.peers]) {
        if (peer.direction === "incoming" || peer.transport === "web" || !this.blocksPort(peer.port)) continue;
        swarm.closePeer(peer, blockedPort(peer.port), swarm.now);
      }
    }
  }

  #limitTraffic(): void {
    const { alternativeLimits, alternativeDownLimit, alternativeUpLimit, downLimit, upLimit } = this.settings;
    this.#traffic.down.limit = alternativeLimits ? alternativeDownLimit : downLimit;
    this.#traffic.up.limit = alternativeLimits ? alternativeUpLimit : upLimit;
  }

  /** Dials queued peers of all torrents in turn, as far as the limits let it. */
  #dial(now: Timestamp): void {
    const running = [...this.torrents.values()].filter((torrent) => torrent.activity.kind === "running");
    let halfOpen = 0;
    for (const torrent of this.torrents.values()) {
      for (const peer of torrent.swarm.peers) if (peer.phase === "connecting") halfOpen++;
    }
    let room = Math.min(this.settings.maxHalfOpen - halfOpen, this.settings.maxConnections - this.places.taken);
    for (const torrent of running) torrent.swarm.queueDials(() => this.nextPeerId(), now);
    let isAny = true;
    while (room > 0 && isAny) {
      isAny = false;
      for (const torrent of running) {
        const peer = room > 0 ? torrent.swarm.nextDial(now) : undefined;
        if (peer === undefined) continue;
        isAny = true;
        room--;
        // Callers that say nothing keep nobody from being dialled.
        if (this.connections > this.settings.maxConnections) this.#door.dropSilent(now);
        peer.abortDial = this.#options.effects.dial(peer);
      }
    }
  }
}
