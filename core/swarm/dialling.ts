import { type CloseReason, type Closing, reasonCode } from "../model/close-reason.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { PeerSource } from "../model/peer-face.ts";
import type { Timestamp } from "../model/units.ts";
import type { EncryptionPolicy } from "../peer/cipher-link.ts";
import { Peer } from "../peer/peer.ts";
import type { KnownPeer, PeerBook } from "./peer-book.ts";
import type { SwarmLimits } from "./ports.ts";
import type { WebSeedAddress } from "./web-seed-urls.ts";
import { WebSeeds } from "./web-seeds.ts";

/** Peers shown as waiting for a dial; the book holds the rest. */
const MAX_QUEUED = 50;
/** How a peer ends that does not understand, or not want, our kind of handshake. */
const HANDSHAKE_REFUSALS: ReadonlySet<CloseReason> = new Set([
  "closed-by-peer",
  "bad-handshake",
  "handshake-timeout",
  "encryption-sync",
  "encryption-no-common-method",
]);

/** How a peer ends that we would do without for a good while. */
const RESTS: ReadonlySet<CloseReason> = new Set(["local", "banned", "useless", "replaced"]);

/** Who is there to be dialled, and how. */
interface Known {
  readonly book: PeerBook;
  readonly limits: SwarmLimits;
  readonly webSeeds: readonly WebSeedAddress[];
}

/** Whom a torrent dials next and how, and what each dial teaches the peer book. */
export class Dialling {
  readonly #book: PeerBook;
  readonly #peers: Set<Peer>;
  readonly #limits: SwarmLimits;
  readonly #wake: () => void;
  /** To be dialled over uTP as soon as may be: they dial us at this moment. */
  readonly #punches: KnownPeer[] = [];

  readonly webSeeds: WebSeeds;

  /**
   * @param peers - The torrent's peers; queued ones are added to it.
   * @param wake - Called when somebody is to be dialled at once.
   */
  constructor({ book, limits, webSeeds }: Known, peers: Set<Peer>, wake: () => void) {
    this.#wake = wake;
    this.#book = book;
    this.#peers = peers;
    this.#limits = limits;
    this.webSeeds = new WebSeeds(webSeeds, peers, limits);
  }

  /** Turns known peers into queued ones, as far as limits allow; web seeds too where `needsPieces`. */
  queue(nextId: () => number, needsPieces: boolean, now: Timestamp): void {
    if (needsPieces) this.webSeeds.queue(nextId, now);
    for (const known of this.#punches.splice(0)) {
      if (known.isConnected || this.#peers.size >= this.#limits.maxPeers()) continue;
      const peer = this.#enqueue(known, nextId(), now);
      peer.transport = "utp";
      peer.isHolepunched = true;
    }
    let queued = 0;
    for (const peer of this.#peers) if (peer.phase === "queued") queued++;
    let free = Math.min(this.#limits.maxPeers() - this.#peers.size, MAX_QUEUED - queued);
    for (; free > 0; free--) {
      const known = this.#nextUnconnected(now);
      if (known === undefined) return;
      this.#enqueue(known, nextId(), now);
    }
  }

  /** Dials a peer that dials us at this moment, each through its own router (BEP 55). */
  punch(endpoint: Endpoint): void {
    const present = this.connectedAt(endpoint);
    if (present !== undefined) {
      // A dial under way is tried over uTP, too.
      if (present.phase === "queued") present.isHolepunched = true;
      return;
    }
    const known = this.#book.add(endpoint, { kind: "pex" });
    if (known === undefined || known.isBarred || known.isBlocked || this.#limits.bans.has(known.party)) return;
    this.#punches.push(known);
    this.#wake();
  }

  /** Who is to be dialled next of those that wait. */
  nextQueued(): Peer | undefined {
    let next: Peer | undefined;
    for (const peer of this.#peers) {
      // Who dials us at this moment can't wait.
      if (peer.phase === "queued" && (next === undefined || peer.isHolepunched)) next = peer;
    }
    return next;
  }

  /** A peer of ours has answered our handshake, or given its own. */
  opened(peer: Peer): void {
    const known = this.#book.find(peer);
    if (known !== undefined) this.#book.answered(known);
  }

  /** A peer of ours is gone. */
  note(peer: Peer, closing: Closing, isRunning: boolean, isSeeding: boolean): void {
    if (peer.transport === "web") return this.webSeeds.note(peer, closing, isRunning);
    const { reason } = closing;
    const { now } = peer;
    const known = this.#book.find({ host: peer.host, port: peer.listenPort ?? peer.port });
    if (known === undefined) return;
    known.lastEnd = { reason, by: closing.by, detail: closing.detail, code: reasonCode(reason), at: now };
    if (reason === "self") this.#book.bar(known);
    else if (!isRunning) this.#book.released(known);
    else if (RESTS.has(reason) || (isSeeding && peer.isUploadOnly)) this.#book.rest(known, now);
    else if (isHandshakeRefusal(peer, reason)) this.#book.refusedHandshake(known, now);
    else if (peer.openedAt === undefined || reason === "already-connected") this.#book.failed(known, now);
    else this.#book.left(known, now);
  }

  /** The peer at this address, as dialled or as it told. */
  connectedAt({ host, port }: Endpoint): Peer | undefined {
    for (const peer of this.#peers) {
      // A web server and a peer may share an address; they are two.
      if ((peer.listenPort ?? peer.port) === port && peer.host === host && peer.transport !== "web") return peer;
    }
    return undefined;
  }

  #enqueue(known: KnownPeer, id: number, now: Timestamp): Peer {
    this.#book.connecting(known);
    const [source, ...more] = known.sources;
    const peer = new Peer({
      id,
      endpoint: known.endpoint,
      direction: "outgoing",
      transport: "tcp",
      source: source as PeerSource,
      cipher: this.#limits.cipher,
      now,
    });
    for (const other of more) peer.addSource(other);
    peer.dialAttempt = known.failures;
    peer.dialPolicy = dialPolicy(this.#limits.encryptionOutgoing(), known);
    this.#peers.add(peer);
    return peer;
  }

  /** The next to dial that isn't connected: who dialled us tells its port late. */
  #nextUnconnected(now: Timestamp): KnownPeer | undefined {
    for (;;) {
      const known = this.#book.nextToDial(now);
      if (known === undefined || this.connectedAt(known.endpoint) === undefined) return known;
      this.#book.connecting(known);
    }
  }
}

/** Where both are allowed, a peer that did not answer one kind of handshake is tried with the other. */
function dialPolicy(policy: EncryptionPolicy, known: KnownPeer): EncryptionPolicy {
  if (policy === "prefer") return known.otherWay ? "allow" : "prefer";
  if (policy === "allow") return known.otherWay ? "prefer" : "allow";
  return policy;
}

function isHandshakeRefusal(peer: Peer, reason: CloseReason): boolean {
  const isUnanswered = peer.direction === "outgoing" && peer.connectedAt !== undefined && peer.openedAt === undefined;
  // Who answered in kind before closing had another reason.
  const isSilent = peer.rawDown === 0 || reason !== "closed-by-peer";
  return isUnanswered && isSilent && HANDSHAKE_REFUSALS.has(reason);
}
