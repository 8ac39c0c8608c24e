import { isLocalHost } from "../model/address.ts";
import { Credit } from "../model/credit.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { PeerSource } from "../model/peer-face.ts";
import { type Bytes, KIB, type Millis, type Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { contentFault, type WireFault } from "../wire/decoder.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { decodePexMessage, encodePexMessage, PEX_FLAG, type PexMessage, type ToldPeer } from "../wire/pex-message.ts";
import { MAX_KNOWN_PEERS } from "./peer-book.ts";

const EVERY: Millis = 60_000;
/** Who has just come is told once there has been time for others to come, too. */
const FIRST_AFTER: Millis = 3_000;
/** Nothing to tell: looked at again after. */
const LOOK_AGAIN: Millis = 5_000;
/** In one message, of added and of dropped (BEP 11). */
const MOST_TOLD = 50;
/** Messages that may come at once: the one that is due, and a grace of three. */
const MOST_MESSAGES = 4;
/** The first message may tell more (BEP 11), and libtorrent tells 100: the rest is passed over. Nobody needs more than this. */
const MOST_ADDED = 200;
/** Room for that, and for all that a crowd may have dropped. */
const MAX_MESSAGE: Bytes = 16 * KIB;
/** Endpoints at one address that are taken: more are a way to have many of us call at somebody's door. */
const ENDPOINTS_AN_ADDRESS = 4;
/** Peers that one peer is remembered to have told of. */
const MOST_HEARD = 500;
/** libtorrent's `pex_message_too_big` and `pex_too_frequent`. */
const TOO_BIG = 287;
const TOO_FREQUENT = 288;

/** Messages made in one second: in a crowd all would fall due at once. */
const MOST_A_TICK = 20;

/** What the exchange needs of the torrent. */
interface Exchanging {
  readonly peers: Iterable<Peer>;
  /** No private torrent, and the user wants it. */
  readonly exchangesPeers: boolean;
  learn(endpoint: Endpoint, source: PeerSource): void;
}

/** What passed between us and one peer. */
interface Conversation {
  readonly told: Map<string, Endpoint>;
  nextMessage: Timestamp;
  readonly heard: Set<string>;
  readonly credit: Credit;
  /** The roster that it was told of last, in full. */
  upTo: number;
}

/** Whom we are connected to, where others can reach them, by endpoint. */
type Roster = ReadonlyMap<string, { readonly peer: Peer; readonly entry: ToldPeer }>;

/** The peers of one torrent tell each other of their peers (BEP 11). */
export class PeerExchange {
  readonly #swarm: Exchanging;
  readonly #conversations = new Map<Peer, Conversation>();
  /** Endpoints taken, by address. Forgotten when there are too many: the peer book has its own bound. */
  readonly #taken = new Map<string, number>();
  /** Grows with each change of whom we are connected to. */
  #rosters = 1;

  constructor(swarm: Exchanging) {
    this.#swarm = swarm;
  }

  /** It is connected, or tells another port or what it understands. */
  introduced(peer: Peer): void {
    this.#rosters++;
    if (messageId(peer) > 0) this.#with(peer);
  }

  forget(peer: Peer): void {
    this.#rosters++;
    this.#conversations.delete(peer);
  }

  /** Who told us of this peer, and has not told that it is gone. */
  *introducersOf(endpoint: Endpoint): Iterable<Peer> {
    const key = formatEndpoint(endpoint);
    for (const [peer, { heard }] of this.#conversations) if (heard.has(key)) yield peer;
  }

  /** @param payload - Behind the extended id. */
  received(peer: Peer, payload: Uint8Array): WireFault | undefined {
    if (!this.#swarm.exchangesPeers) return undefined;
    const { credit, heard } = this.#with(peer);
    if (!credit.take(peer.now)) {
      return abuse(peer, `more than ${MOST_MESSAGES} messages of peers within a minute`, TOO_FREQUENT);
    }
    if (payload.length > MAX_MESSAGE) {
      return abuse(peer, `a message of peers of ${payload.length} bytes, at most ${MAX_MESSAGE}`, TOO_BIG);
    }
    const message = decodePexMessage(payload);
    if ("fault" in message) return contentFault(MESSAGE.extended, message.fault);
    const { length } = message.added;
    if (length > MOST_ADDED) return abuse(peer, `${length} peers in one message, at most ${MOST_ADDED}`, TOO_BIG);
    for (const endpoint of message.dropped) heard.delete(formatEndpoint(endpoint));
    for (const { host, port } of message.added.slice(0, MOST_TOLD)) {
      // Who is outside is not to make us talk to anybody within our network.
      if (isLocalHost(host) && !peer.isLocal) continue;
      const key = formatEndpoint({ host, port });
      if (heard.has(key) || heard.size >= MOST_HEARD || !this.#takes(host)) continue;
      heard.add(key);
      this.#swarm.learn({ host, port }, { kind: "pex" });
    }
    return undefined;
  }

  /** Once a second. */
  tick(now: Timestamp): void {
    if (!this.#swarm.exchangesPeers) return;
    let roster: Roster | undefined;
    let looked = 0;
    for (const [peer, conversation] of this.#conversations) {
      const id = messageId(peer);
      if (now < conversation.nextMessage || id === 0 || peer.phase !== "open") continue;
      if (conversation.upTo === this.#rosters) {
        conversation.nextMessage = now + LOOK_AGAIN;
        continue;
      }
      if (++looked > MOST_A_TICK) return;
      // Whose turn it was comes last.
      this.#conversations.delete(peer);
      this.#conversations.set(peer, conversation);
      roster ??= this.#roster();
      const message = whatIsNew(conversation.told, roster, peer);
      const isAny = message.added.length + message.dropped.length > 0;
      const isAll = Math.max(message.added.length, message.dropped.length) < MOST_TOLD;
      if (isAll) conversation.upTo = this.#rosters;
      conversation.nextMessage = now + (isAny ? EVERY : LOOK_AGAIN);
      if (!isAny) continue;
      peer.now = now;
      peer.sendExtended(id, encodePexMessage(message));
      peer.flush();
    }
  }

  #with(peer: Peer): Conversation {
    let conversation = this.#conversations.get(peer);
    if (conversation === undefined) {
      const nextMessage = peer.now + FIRST_AFTER;
      const credit = new Credit(MOST_MESSAGES, EVERY, peer.now);
      conversation = { told: new Map(), nextMessage, heard: new Set(), credit, upTo: 0 };
      this.#conversations.set(peer, conversation);
    }
    return conversation;
  }

  #roster(): Roster {
    const roster = new Map<string, { readonly peer: Peer; readonly entry: ToldPeer }>();
    for (const peer of this.#swarm.peers) {
      const port = peer.direction === "outgoing" ? peer.port : peer.listenPort;
      if (peer.phase === "open" && port !== undefined && peer.transport !== "web") {
        const entry = { host: peer.host, port, flags: flagsOf(peer) };
        roster.set(formatEndpoint(entry), { peer, entry });
      }
    }
    return roster;
  }

  #takes(host: string): boolean {
    // Behind one address within our network there may be many.
    if (isLocalHost(host)) return true;
    const count = this.#taken.get(host) ?? 0;
    if (count >= ENDPOINTS_AN_ADDRESS) return false;
    if (this.#taken.size >= MAX_KNOWN_PEERS) this.#taken.clear();
    this.#taken.set(host, count + 1);
    return true;
  }
}

/** Those that `peer` is to be told of. `told` is what it knows already, and then knows. */
function whatIsNew(told: Map<string, Endpoint>, roster: Roster, peer: Peer): PexMessage {
  const added: ToldPeer[] = [];
  const dropped: Endpoint[] = [];
  for (const [key, { peer: other, entry }] of roster) {
    if (added.length >= MOST_TOLD) break;
    if (told.has(key) || other === peer || (other.isLocal && !peer.isLocal)) continue;
    added.push(entry);
    told.set(key, entry);
  }
  for (const [key, { host, port }] of told) {
    if (roster.has(key) || dropped.length >= MOST_TOLD) continue;
    dropped.push({ host, port });
    told.delete(key);
  }
  return { added, dropped };
}

/** 0: it does not know of it. */
function messageId(peer: Peer): number {
  return peer.extension?.extensions.get("ut_pex") ?? 0;
}

function flagsOf(peer: Peer): number {
  return (
    (peer.encryption === "none" ? 0 : PEX_FLAG.encrypts) |
    (peer.isUploadOnly ? PEX_FLAG.uploadOnly : 0) |
    (peer.transport === "utp" ? PEX_FLAG.utp : 0) |
    ((peer.extension?.extensions.get("ut_holepunch") ?? 0) > 0 ? PEX_FLAG.holepunch : 0) |
    (peer.direction === "outgoing" && !peer.isHolepunched ? PEX_FLAG.reachable : 0)
  );
}

function abuse(peer: Peer, detail: string, closeReason: number): undefined {
  peer.close({ reason: "pex-abuse", by: "us", detail, closeReason }, peer.now);
}
