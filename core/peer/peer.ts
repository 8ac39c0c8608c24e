import { isLocalHost } from "../model/address.ts";
import { Bitfield } from "../model/bitfield.ts";
import { CLOSE_REASONS, type Closing, isAbrupt } from "../model/close-reason.ts";
import type { Direction, Encryption, PeerPhase, PeerSource, Transport } from "../model/peer-face.ts";
import { STANDING } from "../model/peer-history.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex, type Timestamp } from "../model/units.ts";
import { type BlockTarget, WireDecoder, type WireFault, type WireSink } from "../wire/decoder.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { Arrival } from "./arrival.ts";
import type { EncryptionPolicy } from "./cipher-link.ts";
import { KEEP_ALIVE_AFTER, overdue } from "./deadlines.ts";
import type { EarlyPieces } from "./early-pieces.ts";
import { Greeting } from "./greeting.ts";
import { receiveMessage } from "./incoming.ts";
import type { FruitlessSearch, InRequest, Lobby, PeerEvents, PeerLink, PeerOptions, Residence } from "./ports.ts";
import { RateMeter } from "./rate-meter.ts";
import { type OutRequest, RequestWindow } from "./request-window.ts";
import { Speech } from "./speech.ts";
import { measure } from "./standing.ts";
import { Overhead, type Traffic } from "./throttle.ts";

/**
 * One connection to one peer, from the wish to dial it to the reason it ended: its public face, its side of the
 * protocol, and the requests outstanding both ways. Deterministic: bytes and `now` in, bytes out through the link.
 *
 * Invariant: `phase` only moves forward, and a peer in phase `closed` has a `closing`.
 */
export class Peer extends Speech implements WireSink {
  readonly id: number;
  readonly host: string;
  port: number;
  /** It is in a private network, or on this machine. */
  readonly isLocal: boolean;
  readonly direction: Direction;
  /** Until it is connected, how it is dialled first. */
  transport: Transport;
  readonly sources: PeerSource[];
  phase: PeerPhase = "queued";
  encryption: Encryption = "none";
  peerId: Uint8Array | undefined;
  client: string | undefined;
  reserved: Uint8Array | undefined;
  /** The listen port of an incoming peer, once it told it. */
  listenPort: number | undefined;
  /** Where its DHT node listens, as it told (BEP 5). */
  dhtPort: number | undefined;
  residence: Residence | undefined;
  pieces: Bitfield | undefined;
  /** What it told of its pieces while nobody knows how many there are. */
  early: EarlyPieces | undefined;
  saysUploadOnly = false;
  /** What our extension handshake told it last, of all that may change. */
  introduction = "";
  snubbedSince: Timestamp | undefined;
  isEndgame = false;
  isHolepunched = false;
  closing: Closing | undefined;
  /** The phase before it was closed. */
  lastPhase: PeerPhase = "queued";

  readonly createdAt: Timestamp;
  dialedAt: Timestamp | undefined;
  /** Dials of this peer that failed before this one. */
  dialAttempt = 0;
  /** Gives a half-open connection up. */
  abortDial: (() => void) | undefined;
  connectedAt: Timestamp | undefined;
  openedAt: Timestamp | undefined;
  lastReceivedAt: Timestamp | undefined;
  lastSentAt: Timestamp;
  /** When something of a block that we asked for came last. */
  lastBlockAt: Timestamp | undefined;
  /** When we sent it a block last. */
  lastServedAt: Timestamp | undefined;
  /** When one side began or ceased to be interested. */
  interestChangedAt: Timestamp | undefined;
  /** When it last became choked or unchoked by us, and since when it has waited for a slot. */
  chokeChangedAt: Timestamp;
  readonly down: RateMeter;
  readonly up: RateMeter;
  /** What it had taken when `chokeChangedAt` was. */
  upBeforeTurn: Bytes = 0;
  /** All bytes, headers and payload. */
  rawDown: Bytes = 0;
  rawUp: Bytes = 0;
  timesChoked = 0;
  timesUnchoked = 0;
  hashFailures = 0;
  wasted: Bytes = 0;
  unknownMessages = 0;
  /** Requests since we choked it last. */
  requestsWhileChoked = 0;
  /** Requests that came while as many waited as may. */
  requestsBeyond = 0;
  /** Requests for hashes that it has neither granted nor refused (BEP 52). */
  hashesAwaited = 0;
  /** Rejects of what was not asked. */
  strayRejects = 0;
  /** The picker's note of a search in vain. */
  fruitless: FruitlessSearch | undefined;
  /** Requests that it rejected without choking us, in a row, and when it may be asked again for that. Kept by the torrent. */
  refusals = 0;
  askNotBefore: Timestamp = 0;
  /** Pieces it has that we want: interest is this number being above zero. Kept by the torrent. */
  wantedPieces = 0;
  readonly window = new RequestWindow();
  /** Limits of its own; undefined: its torrent's alone. */
  traffic: Traffic | undefined;
  readonly overhead = new Overhead();
  readonly requestsIn: InRequest[] = [];
  /** Blocks being read from disk for it. */
  reading = 0;
  /** Pieces it lets us ask for while it chokes us (BEP 6). */
  readonly allowedFast = new Set<PieceIndex>();
  /** Pieces that it would rather give than others, the latest last (BEP 6). */
  readonly suggested = new Set<PieceIndex>();
  /** Pieces we let it ask for while we choke it. */
  grantedFast: ReadonlySet<PieceIndex> = new Set();
  /** How we dial it; only `prefer` and `require` begin encrypted. */
  dialPolicy: EncryptionPolicy = "off";

  readonly #greeting: Greeting;
  #link: PeerLink | undefined;
  #events: PeerEvents | undefined;
  readonly #decoder = new WireDecoder();
  readonly #arrival = new Arrival();

  constructor(options: PeerOptions) {
    super(options.now);
    this.id = options.id;
    this.host = options.endpoint.host;
    this.port = options.endpoint.port;
    this.isLocal = isLocalHost(this.host);
    this.direction = options.direction;
    this.transport = options.transport;
    this.sources = [options.source];
    this.#greeting = new Greeting(this, options.cipher);
    this.down = new RateMeter(options.now);
    this.up = new RateMeter(options.now);
    this.createdAt = options.now;
    this.lastSentAt = options.now;
    this.chokeChangedAt = options.now;
  }

  get isSeed(): boolean {
    return this.pieces?.isFull === true;
  }

  get isUploadOnly(): boolean {
    return this.saysUploadOnly || this.isSeed;
  }

  /** May it ask for the piece as things are? */
  mayAsk(piece: PieceIndex): boolean {
    return !this.weChoke || this.grantedFast.has(piece);
  }

  get backlog(): Bytes {
    return this.#link?.backlog ?? 0;
  }

  /** Of what it sends, for {@link MessageRing.tap}: see {@link WireDecoder.midway}. */
  get midway(): WireDecoder["midway"] {
    return this.#decoder.midway;
  }

  get isClosed(): boolean {
    return this.phase === "closed";
  }

  addSource(source: PeerSource): void {
    const known = this.sources.some(
      (other) =>
        other.kind === source.kind &&
        (other.kind !== "tracker" || source.kind !== "tracker" || other.tracker === source.tracker),
    );
    if (!known) this.sources.push(source);
  }

  /** We dial it for `residence`. */
  dialing(residence: Residence, events: PeerEvents, now: Timestamp): void {
    this.phase = "connecting";
    this.dialedAt = now;
    this.now = now;
    this.settle(residence, events);
  }

  /** It is known which torrent it is about. */
  settle(residence: Residence, events: PeerEvents): void {
    this.residence = residence;
    this.#events = events;
    this.#decoder.pieceCount = residence.pieceCount === 0 ? undefined : residence.pieceCount;
  }

  /** Our dial got through. */
  connected(link: PeerLink, now: Timestamp): void {
    this.abortDial = undefined;
    this.#linked(now);
    this.#link = this.#greeting.initiate(link, this.dialPolicy);
    this.flush();
  }

  /** Our dial got through to one that greets nobody: it has everything, and lets us take it. */
  protected connectedToSeed(link: PeerLink, now: Timestamp): void {
    this.abortDial = undefined;
    this.#linked(now);
    this.#link = link;
    this.#greeting.skip();
    this.#nowOpen();
    this.peerChokes = false;
    this.pieces = Bitfield.full(this.residence?.pieceCount ?? 0);
    this.#events?.piecesReplaced(this, undefined);
    this.#events?.turnEnded(this);
    this.flush();
  }

  accepted(link: PeerLink, lobby: Lobby, policy: EncryptionPolicy, now: Timestamp): void {
    this.#linked(now);
    this.#link = this.#greeting.respond(link, lobby, policy);
  }

  /** Both handshakes are complete. */
  open(): void {
    this.#nowOpen();
    this.#events?.opened(this);
  }

  /** @param chunk - What arrived; it may be decrypted in place. */
  receive(chunk: Uint8Array, now: Timestamp): void {
    if (this.isClosed) return;
    this.now = now;
    this.lastReceivedAt = now;
    this.rawDown += chunk.length;
    const rest = this.#greeting.read(chunk);
    if (rest === undefined) return;
    if (rest.length > 0) this.messages.tap?.passed("in", rest, now);
    const fault = rest.length > 0 ? this.#decoder.push(rest, this) : undefined;
    if (fault !== undefined && !this.isClosed) this.#misbehaved(fault);
    if (this.isClosed) return;
    this.history.set(STANDING.uploadOnly, this.isUploadOnly, now);
    this.#events?.turnEnded(this);
    this.flush();
  }

  /** The other side ended the stream, or the network did. */
  disconnected(closing: Closing, now: Timestamp): void {
    this.now = now;
    this.#link = undefined;
    this.abortDial = undefined;
    this.#finish(closing);
  }

  /** Ends the connection. The first reason given is the one that counts. */
  close(closing: Closing, now: Timestamp): void {
    if (this.isClosed) return;
    this.now = now;
    if (this.#link !== undefined) this.flush();
    this.#link?.close(isAbrupt(closing.reason), closing.closeReason ?? CLOSE_REASONS[closing.reason].closeReason);
    this.#link = undefined;
    this.abortDial?.();
    this.#finish(closing);
  }

  /** Sends what has gathered. */
  flush(): void {
    if (this.writer.length === 0 || this.#link === undefined) return;
    const bytes = this.writer.take();
    if (this.phase === "open") this.messages.tap?.passed("out", bytes, this.now);
    this.rawUp += bytes.length;
    this.lastSentAt = this.now;
    this.#link.send(bytes);
  }

  /** Keep-alives and deadlines, once a second. */
  tick(now: Timestamp): void {
    this.now = now;
    this.down.sample(now);
    this.up.sample(now);
    this.window.adjust(this.down.rate, this.down.latest, now);
    measure(this);
    const closing = overdue(this, now);
    if (closing !== undefined) return this.close(closing, now);
    if (this.phase !== "open" || now - this.lastSentAt < KEEP_ALIVE_AFTER) return;
    this.writer.keepAlive();
    this.messages.noteKeepAlive("out", now);
    this.flush();
  }

  // What the torrent tells the peer. Each goes out with the next flush.

  setChoke(choke: boolean): void {
    if (this.weChoke === choke) return;
    this.weChoke = choke;
    this.chokeChangedAt = this.now;
    this.sendBare(choke ? MESSAGE.choke : MESSAGE.unchoke);
    this.requestsWhileChoked = 0;
    this.upBeforeTurn = this.up.total;
    if (!choke) return;
    this.isOptimistic = false;
    const unserved = this.requestsIn.splice(0);
    for (const request of unserved) {
      if (this.grantedFast.has(request.piece)) this.requestsIn.push(request);
      else if (this.supports.fast) this.sendReject(request);
    }
  }

  setInterest(interested: boolean): void {
    if (this.weAreInterested === interested) return;
    this.weAreInterested = interested;
    this.interestChangedAt = this.now;
    this.sendBare(interested ? MESSAGE.interested : MESSAGE.notInterested);
  }

  request(piece: PieceIndex, block: number, length: Bytes): void {
    this.window.sent({ piece, block, length, sentAt: this.now });
    this.writer.block(MESSAGE.request, piece, block * BLOCK_LENGTH, length);
    this.messages.note("out", MESSAGE.request, this.now, piece, block * BLOCK_LENGTH, length);
  }

  /** Takes a request back. Its answer may be under way already. */
  cancel(piece: PieceIndex, block: number): void {
    const request = this.window.remove(piece, block);
    if (request === undefined) return;
    this.writer.block(MESSAGE.cancel, piece, block * BLOCK_LENGTH, request.length);
    this.messages.note("out", MESSAGE.cancel, this.now, piece, block * BLOCK_LENGTH, request.length);
    if (this.#arrival.takenBack(request)) this.#decoder.discardBlock();
  }

  /** It choked us: requests that it will not answer. Blocks may still be under way. */
  dropRequests(): OutRequest[] {
    const dropped = this.window.clear();
    for (const request of dropped) this.#arrival.takenBack(request);
    return dropped;
  }

  /** Requests taken back of which it has not said yet that it won't answer them: only with the fast extension it does. */
  get takenBack(): number {
    return this.supports.fast ? this.#arrival.underWay : 0;
  }

  /** A reject of what we took back is its answer to that. */
  isStrayReject(piece: PieceIndex, block: number, length: Bytes): boolean {
    return !this.#arrival.rejected(piece, block, length);
  }

  /** Another peer's bytes go to the place of this block now: the rest of ours must not. */
  displace(piece: PieceIndex, block: number): void {
    if (this.#arrival.is(piece, block)) this.#decoder.discardBlock();
  }

  /** @param released - Called once when the bytes are no longer needed, also when the peer is gone. */
  sendBlock({ piece, begin, length }: InRequest, bytes: Uint8Array, released: () => void): void {
    if (this.#link === undefined) return released();
    this.writer.blockHeader(piece, begin, length);
    this.messages.note("out", MESSAGE.piece, this.now, piece, begin, length);
    const header = this.writer.take();
    this.up.add(length);
    this.rawUp += header.length + length;
    this.lastSentAt = this.now;
    this.lastServedAt = this.now;
    this.messages.tap?.passed("out", header, this.now);
    this.messages.tap?.passed("out", bytes, this.now);
    this.#link.sendBlock(header, bytes, released);
  }

  // WireSink: what the decoder finds.

  keepAlive(): void {
    this.messages.noteKeepAlive("in", this.now);
  }

  message(id: number, payload: Uint8Array): WireFault | undefined {
    const fault = receiveMessage(this, this.#events as PeerEvents, id, payload);
    this.#decoder.stopped = this.isClosed;
    return fault;
  }

  blockBegins(piece: PieceIndex, begin: Bytes, length: Bytes): BlockTarget | undefined {
    this.messages.note("in", MESSAGE.piece, this.now, piece, begin, length);
    const request = this.#arrival.begins(this.window, piece, begin, length, this.now);
    if (request === undefined) return undefined;
    if (!this.#arrival.isAsked) {
      if (this.#events?.isStillWanted(this, request) !== true) return undefined;
      this.#arrival.isAsked = true;
      this.window.restore(request);
    }
    return this.#events?.placeBlock(this, request);
  }

  blockProgress(bytes: Bytes): void {
    if (!this.#arrival.isAsked) return;
    this.down.add(bytes);
    this.lastBlockAt = this.now;
  }

  blockEnds(): WireFault | undefined {
    const request = this.#arrival.ends();
    if (this.#arrival.isAsked) {
      this.window.remove(request.piece, request.block);
      this.refusals = 0;
      this.#events?.blockArrived(this, request);
      // Whether it came in time is judged by those before it.
      this.window.answered(request, this.now);
    } else {
      this.#unwanted(request.length, this.#arrival.unrequestedBlock(request.length));
    }
    this.#decoder.stopped = this.isClosed;
    return undefined;
  }

  /** Metadata came that nobody waits for. */
  receivedUnasked(length: Bytes): void {
    this.#unwanted(length, this.#arrival.unrequested(length));
  }

  #nowOpen(): void {
    this.phase = "open";
    this.openedAt = this.now;
    this.history.set(STANDING.open, true, this.now);
  }

  /** @param fault - Why nobody means that well any more, if so. */
  #unwanted(length: Bytes, fault: string | undefined): void {
    this.#events?.blockWasted(this, length);
    if (fault !== undefined) this.close({ reason: "unrequested-block", by: "us", detail: fault }, this.now);
  }

  #linked(now: Timestamp): void {
    this.connectedAt = now;
    this.lastSentAt = now;
    this.now = now;
  }

  #misbehaved(fault: WireFault): void {
    this.close(
      { reason: "bad-message", by: "us", detail: `${fault.message}: ${fault.detail}`, closeReason: fault.closeReason },
      this.now,
    );
  }

  #finish(closing: Closing): void {
    if (this.isClosed) return;
    this.closing = closing;
    this.lastPhase = this.phase;
    this.phase = "closed";
    this.history.set(STANDING.open, false, this.now);
    this.#decoder.stopped = true;
    this.#decoder.discardBlock();
    this.requestsIn.length = 0;
    (this.#events ?? this.#greeting.lobby)?.closed(this, closing);
  }
}
