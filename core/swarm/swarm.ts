import { partyOf } from "../model/address.ts";
import { Bitfield } from "../model/bitfield.ts";
import type { Closing } from "../model/close-reason.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { InfoHash } from "../model/info-hash.ts";
import type { PieceLayout } from "../model/layout.ts";
import type { PeerSource } from "../model/peer-face.ts";
import type { Random } from "../model/random.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex, type Timestamp } from "../model/units.ts";
import { understandPieces } from "../peer/incoming.ts";
import type { Peer } from "../peer/peer.ts";
import type { PeerEvents, Residence } from "../peer/ports.ts";
import type { OutRequest } from "../peer/request-window.ts";
import type { Traffic } from "../peer/throttle.ts";
import type { BlockTarget, WireFault } from "../wire/decoder.ts";
import type { Hashes, HashRequest } from "../wire/hash-message.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { judgeIdentity } from "./admission.ts";
import { trafficOf } from "./allowance.ts";
import { Choker } from "./choker.ts";
import { Dialling } from "./dialling.ts";
import { introduce, receiveExtended, tellDhtPort } from "./extensions.ts";
import { grantFast } from "./fast-grants.ts";
import type { HashService } from "./hash-service.ts";
import { Holepunch } from "./holepunch.ts";
import { changeInterest, countPiece, countPieces, reviewInterest, uncountPieces } from "./interest.ts";
import { MetadataExchange } from "./metadata-exchange.ts";
import type { PartialPiece } from "./partial-piece.ts";
import { closeIfBothSeeds, noteRefusal } from "./patience.ts";
import type { PeerBook } from "./peer-book.ts";
import { PeerExchange } from "./pex.ts";
import { pick } from "./picker.ts";
import { PieceHistory } from "./piece-history.ts";
import { PieceLedger } from "./piece-ledger.ts";
import type { PieceOrder } from "./piece-order.ts";
import type { DiskFault, StoreResult, SwarmDisk, SwarmEvents, SwarmLimits } from "./ports.ts";
import { RarestFirst } from "./rarest-first.ts";
import { abandon, drop, giveBack, isStillWanted, placeBlock, receiveBlock, reviewEndgame, waste } from "./receiving.ts";
import { refuseImpossible, serve, wouldAskFor } from "./serving.ts";
import { SuperSeeding } from "./super-seeding.ts";
import { Upkeep } from "./upkeep.ts";
import { Verdicts } from "./verdicts.ts";
import type { WebSeedAddress } from "./web-seed-urls.ts";

export interface SwarmOptions {
  readonly residence: Residence;
  readonly layout: PieceLayout;
  readonly verified: Bitfield;
  readonly wanted: Bitfield;
  readonly order?: PieceOrder | undefined;
  /** The info dictionary; undefined while it is to be fetched from peers, and there are no pieces. */
  readonly info: Uint8Array | undefined;
  readonly infoHash: InfoHash;
  readonly hashes: HashService;
  /** Its peers come from its trackers alone (BEP 27). */
  readonly isPrivate: boolean;
  readonly webSeeds: readonly WebSeedAddress[];
  readonly book: PeerBook;
  readonly disk: SwarmDisk;
  readonly limits: SwarmLimits;
  readonly traffic: Traffic;
  readonly events: SwarmEvents;
  readonly random: Random;
}

/**
 * One torrent among its peers: what we have and want, whom to ask for it, whom to serve.
 *
 * Invariant: a peer is interesting to us exactly while it has a piece we need, and we have told it so.
 */
export class Swarm implements PeerEvents {
  readonly residence: Residence;
  readonly ledger: PieceLedger;
  readonly rarest: RarestFirst;
  /** By the user's wish; undefined: the rarest pieces first. */
  order: PieceOrder | undefined;
  /** How the latest pieces came. */
  readonly history = new PieceHistory();
  readonly metadata: MetadataExchange;
  readonly book: PeerBook;
  readonly dialling: Dialling;
  readonly exchange: PeerExchange = new PeerExchange(this);
  readonly holepunch: Holepunch = new Holepunch(this);
  /** Every peer from the wish to dial it until it is closed. */
  readonly peers = new Set<Peer>();
  readonly disk: SwarmDisk;
  readonly limits: SwarmLimits;
  /** What the torrent may take and give. */
  readonly traffic: Traffic;
  readonly events: SwarmEvents;
  isRunning = false;
  /** The time of the input that is being worked on. */
  now: Timestamp = 0;
  /** Payload bytes of this run. */
  downloaded: Bytes = 0;
  uploaded: Bytes = 0;
  wasted: Bytes = 0;
  /** Blocks that came though nobody waited for them any more. */
  surplus = 0;
  readonly #isPrivate: boolean;
  readonly #random: Random;
  readonly #choker = new Choker();
  readonly #hashes: HashService;
  readonly superSeeding: SuperSeeding;
  readonly #verdicts = new Verdicts(this);
  readonly #upkeep: Upkeep = new Upkeep(this);

  constructor(options: SwarmOptions) {
    this.residence = options.residence;
    this.book = options.book;
    this.#isPrivate = options.isPrivate;
    this.dialling = new Dialling(options, this.peers, () => this.events.dialWanted());
    this.disk = options.disk;
    this.order = options.order;
    this.limits = options.limits;
    this.traffic = options.traffic;
    this.events = options.events;
    this.#hashes = options.hashes;
    this.metadata = new MetadataExchange(options.info, options.infoHash, options.limits.digest, options.events);
    this.#random = options.random;
    this.rarest = new RarestFirst(options.layout.pieceCount, options.random);
    this.superSeeding = new SuperSeeding(this, options.random);
    this.ledger = new PieceLedger(options.layout, options.verified, options.wanted, this.rarest);
  }

  get isSeeding(): boolean {
    return this.metadata.isKnown && this.ledger.isComplete;
  }

  /** We want nothing of it, and say so (BEP 21). */
  uploadsOnlyTo(peer: Peer): boolean {
    return this.isSeeding && !this.superSeeding.hidesFrom(peer);
  }

  get exchangesPeers(): boolean {
    return !this.#isPrivate && this.limits.exchangesPeers();
  }

  get punchesHoles(): boolean {
    return !this.#isPrivate && this.limits.hasUtp();
  }

  /** Peers that are connected, or being dialled. */
  get seats(): number {
    let seats = 0;
    for (const peer of this.peers) if (peer.phase !== "queued") seats++;
    return seats;
  }

  // What the session asks.

  learn(endpoint: Endpoint, source: PeerSource): void {
    this.book.add(endpoint, source);
    this.dialling.connectedAt(endpoint)?.addSource(source);
  }

  /** Takes over the peers of the swarm that fetched the metadata; what they told of their pieces is understood now. */
  adopt(peers: Iterable<Peer>): void {
    for (const peer of [...peers]) {
      this.peers.add(peer);
      if (peer.phase === "queued") continue;
      peer.settle(this.residence, this);
      this.rouse(peer, peer.now);
      if (peer.phase !== "open") continue;
      this.exchange.introduced(peer);
      introduce(this, peer);
      understandPieces(peer, this);
      peer.flush();
    }
  }

  /** Turns known peers into queued ones, as far as limits allow. */
  queueDials(nextId: () => number, now: Timestamp): void {
    this.dialling.queue(nextId, this.metadata.isKnown && !this.isSeeding, now);
  }

  /** Who would be dialled if there were room. */
  nextCandidate(now: Timestamp): Endpoint | undefined {
    return this.dialling.nextQueued() ?? this.book.nextToDial(now)?.endpoint;
  }

  /** The next queued peer, now connecting: the caller dials it. */
  nextDial(now: Timestamp): Peer | undefined {
    const next = this.dialling.nextQueued();
    if (next === undefined) return undefined;
    next.dialing(this.residence, this, now);
    this.rouse(next, now);
    return next;
  }

  /** Pieces the user wants or no longer wants. */
  setWanted(piece: PieceIndex, wanted: boolean): void {
    this.ledger.setWanted(piece, wanted);
    const partial = wanted ? undefined : this.ledger.partials.get(piece);
    if (partial !== undefined) abandon(this, partial);
  }

  /** After the wanted pieces changed. */
  reviewInterest(now: Timestamp): void {
    this.now = now;
    for (const peer of this.peers) {
      peer.now = now;
      reviewInterest(this.ledger, peer);
      this.turnEnded(peer);
      peer.flush();
    }
  }

  get isSuperSeeding(): boolean {
    return this.superSeeding.isOn;
  }

  /** While we have everything, peers learn of our pieces one by one (BEP 16). Who knows better by now has to come again. */
  superSeed(isOn: boolean, now: Timestamp): void {
    if (isOn === this.superSeeding.isOn) return;
    this.now = now;
    this.superSeeding.isOn = isOn;
    if (!isOn) return this.superSeeding.end(now);
    if (!this.isRunning || !this.ledger.verified.isFull) return;
    // So that they may be dialled at once.
    this.isRunning = false;
    this.closeAll({ reason: "local", by: "user", detail: "it knew our pieces when super-seeding began" }, now);
    this.isRunning = true;
  }

  closeAll(closing: Closing, now: Timestamp): void {
    this.now = now;
    for (const peer of [...this.peers]) this.closePeer(peer, closing, now);
  }

  closePeer(peer: Peer, closing: Closing, now: Timestamp): void {
    if (peer.phase === "queued") peer.dialing(this.residence, this, now);
    peer.close(closing, now);
  }

  /** A fault or a pause: what is in flight is given up. Closing all peers comes first. */
  dropPartials(): void {
    for (const partial of [...this.ledger.partials.values()]) drop(this, partial);
  }

  /** Another swarm takes over the torrent: what the disk still has to say is no longer of interest. */
  retire(): void {
    this.#verdicts.retire();
  }

  /** The peer is to be looked at: something is up with it, or somebody looks at it. */
  rouse(peer: Peer, now: Timestamp): void {
    this.#upkeep.rouse(peer, now);
  }

  tick(now: Timestamp): void {
    this.now = now;
    this.#upkeep.tick(now);
    this.superSeeding.tick(now);
    this.exchange.tick(now);
    this.metadata.tick(this.peers, now);
    this.#hashes.tick();
    if (this.metadata.isKnown && this.#choker.isDue(now)) this.#chokeRound();
  }

  /** After a limit let go: everybody may be asked and served again. */
  resumeTransfers(now: Timestamp): void {
    this.now = now;
    this.#upkeep.resumeTransfers(now);
  }

  // PeerEvents.

  opened(peer: Peer): void {
    this.now = peer.now;
    this.peers.add(peer);
    const refusal = judgeIdentity(peer, this.peers, this.residence, this.limits.bans);
    refusal?.peer.close(refusal.closing, peer.now);
    if (peer.isClosed) return;
    this.events.peerOpened(peer);
    this.rouse(peer, peer.now);
    this.dialling.opened(peer);
    this.exchange.introduced(peer);
    const { verified } = this.ledger;
    const isHidden = this.superSeeding.isOn && verified.isFull;
    if (isHidden) this.superSeeding.hideFrom(peer);
    if (!this.metadata.isKnown) peer.sendNoPieces();
    else peer.sendPieces(isHidden ? new Bitfield(verified.length) : verified);
    introduce(this, peer);
    tellDhtPort(peer);
    this.holepunch.opened(peer);
  }

  introduced(peer: Peer): void {
    this.exchange.introduced(peer);
    const { ourAddress } = peer.extension ?? {};
    if (ourAddress !== undefined) this.limits.ownAddress.tell(ourAddress, partyOf(peer), false);
  }

  piecesReplaced(peer: Peer, before: Bitfield | undefined): void {
    const pieces = peer.pieces as Bitfield;
    if (!this.superSeeding.hidesFrom(peer))
      grantFast(peer, this.ledger.verified, this.residence, this.limits.cipher.sha1);
    countPieces(this.rarest, pieces, before);
    reviewInterest(this.ledger, peer);
  }

  pieceGained(peer: Peer, piece: PieceIndex): void {
    countPiece(this.rarest, peer.pieces as Bitfield, piece);
    this.superSeeding.gained(peer, piece);
    if (this.ledger.needs(piece)) changeInterest(peer, peer.wantedPieces + 1);
  }

  choked(_peer: Peer, dropped: readonly OutRequest[]): void {
    giveBack(this, dropped);
  }

  unchoked(): void {
    // The turn's end asks for blocks.
  }

  interestChanged(peer: Peer): void {
    peer.interestChangedAt = peer.now;
    if (peer.peerIsInterested === peer.weChoke) this.#choker.requestRound();
    if (peer.peerIsInterested || peer.weChoke) return;
    peer.setChoke(true);
  }

  requested(peer: Peer): void {
    if (!refuseImpossible(this, peer)) serve(this, peer);
  }

  rejected(peer: Peer, request: OutRequest): void {
    noteRefusal(peer);
    giveBack(this, [request]);
  }

  isStillWanted(peer: Peer, request: OutRequest): boolean {
    return isStillWanted(this, peer, request);
  }

  placeBlock(peer: Peer, request: OutRequest): BlockTarget | undefined {
    return placeBlock(this, peer, request);
  }

  blockArrived(peer: Peer, request: OutRequest): void {
    receiveBlock(this, peer, request);
  }

  takeBack(holder: Peer, piece: PieceIndex, block: number): void {
    holder.now = this.now;
    holder.cancel(piece, block);
    holder.flush();
  }

  extended(peer: Peer, id: number, payload: Uint8Array): WireFault | undefined {
    this.now = peer.now;
    return receiveExtended(this, peer, id, payload);
  }

  hashesAsked(peer: Peer, request: HashRequest): void {
    this.#hashes.asked(this, peer, request);
  }

  hashesGiven(peer: Peer, hashes: Hashes): void {
    this.now = peer.now;
    this.metadata.hashesGiven(peer, hashes);
  }

  hashesRefused(peer: Peer, request: HashRequest): void {
    this.metadata.hashesRefused(peer, request);
  }

  blockWasted(peer: Peer, length: Bytes): void {
    waste(this, peer, length);
  }

  turnEnded(peer: Peer): void {
    this.rouse(peer, peer.now);
    if (!this.isRunning || peer.phase !== "open") return;
    if (!this.metadata.isKnown) return this.metadata.ask(peer);
    if (this.isSeeding) return closeIfBothSeeds(peer);
    if (this.ledger.isDiskBehind) return;
    if (!peer.weAreInterested || (peer.peerChokes && peer.allowedFast.size === 0)) return;
    if (peer.now < peer.askNotBefore) return;
    const room = peer.isSnubbed ? 1 - peer.window.outstanding.length : peer.window.room;
    if (room <= 0) return;
    const { down } = trafficOf(this, peer);
    const allowed = Math.min(room, Math.ceil(down.available(peer.now) / BLOCK_LENGTH));
    pick(this, peer, allowed, (partial, block) => {
      partial.begunAt ??= peer.now;
      const length = this.ledger.layout.blockLength(partial.piece, block);
      down.spend(length, peer.now);
      peer.request(partial.piece, block, length);
    });
    reviewEndgame(this, peer);
  }

  closed(peer: Peer, closing: Closing): void {
    giveBack(this, peer.window.clear());
    this.ledger.openToOthers(peer.id);
    if (peer.pieces !== undefined && peer.openedAt !== undefined) uncountPieces(this.rarest, peer.pieces);
    if (!this.peers.delete(peer)) return;
    this.#verdicts.closed(peer, closing);
    this.superSeeding.forget(peer);
    this.metadata.forget(peer);
    this.#hashes.forget(peer);
    this.#upkeep.forget(peer);
    this.exchange.forget(peer);
    this.holepunch.forget(peer);
    this.holepunch.dialFailed(peer, closing);
    if (!peer.weChoke) this.#choker.requestRound();
    this.dialling.note(peer, closing, this.isRunning, this.isSeeding);
    this.events.peerClosed(peer, closing);
  }

  // Below: how the swarm keeps its word.

  stored(partial: PartialPiece, result: StoreResult): void {
    this.#verdicts.stored(partial, result);
  }

  /** A piece is there. */
  announce(piece: PieceIndex): void {
    const wasNeeded = this.ledger.needs(piece);
    this.ledger.verify(piece);
    for (const peer of this.peers) {
      if (peer.phase !== "open") continue;
      this.rouse(peer, this.now);
      // Also to who has it: only so does it know when we have everything.
      peer.sendPiece(MESSAGE.have, piece);
      const gathered = peer.writer.length;
      if (wasNeeded && peer.pieces?.has(piece) === true) changeInterest(peer, peer.wantedPieces - 1);
      this.turnEnded(peer);
      // The word alone is not worth a write: it goes with the next, or with the next tick.
      if (peer.writer.length > gathered || wouldAskFor(peer, piece)) peer.flush();
    }
    this.events.pieceVerified(piece);
    if (!wasNeeded || !this.ledger.isComplete) return;
    this.events.completed();
    for (const peer of this.peers) this.turnEnded(peer);
  }

  askAll(): void {
    for (const peer of this.peers) {
      this.rouse(peer, this.now);
      this.turnEnded(peer);
      peer.flush();
    }
  }

  /** A disk that can't be read when somebody asks for a block. */
  readFailed(fault: DiskFault): void {
    this.events.faulted(fault);
  }

  #chokeRound(): void {
    const open: Peer[] = [];
    for (const peer of this.peers) if (peer.phase === "open") open.push(peer);
    const slots = this.limits.unchokeSlots();
    const { pieceLength } = this.ledger.layout;
    const decision = this.#choker.decide(open, slots, this.isSeeding, pieceLength, this.#random, this.now);
    for (const peer of open) {
      peer.now = this.now;
      peer.setChoke(!decision.unchoked.has(peer));
      peer.isOptimistic = decision.optimistic.has(peer);
      peer.flush();
    }
  }
}
