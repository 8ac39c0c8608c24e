import { partyOf } from "../model/address.ts";
import { bytesEqual, toHex } from "../model/bytes.ts";
import type { DhtView } from "../model/dht-view.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { type Random, randomBytes } from "../model/random.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { decodeMessage } from "./decode.ts";
import { encodeQuery, encodeRefusal, type Sender } from "./encode.ts";
import { Guard } from "./guard.ts";
import type { Verify } from "./item.ts";
import { ItemStore } from "./item-store.ts";
import { ERROR_UNKNOWN_METHOD, type Family, familyOf, type MessageFault, type Query } from "./message.ts";
import { DhtNode } from "./node.ts";
import type { NodeId } from "./node-id.ts";
import { PeerSearch, type PeerSearchOptions } from "./peer-search.ts";
import { PeerStore } from "./peer-store.ts";
import { MAX_ANSWER, Responder } from "./responder.ts";
import type { DhtState } from "./state.ts";
import { Tokens } from "./tokens.ts";

const TICK: Millis = 1000;
/** Searches under way at once; the others wait. */
const MAX_SEARCHES = 16;
/** Nodes that are kept of each family: enough that some of them live. */
const MAX_KEPT = 200;
/** Other questions have two bytes. */
const GREETING_LENGTH: Bytes = 4;
/** A torrent names a handful of nodes. */
const MAX_GREETED = 64;

export interface DhtOptions {
  /** The networks that we have sockets for. */
  readonly families: readonly Family[];
  /** Not to be foretold: tokens and transaction ids come of it. */
  readonly random: Random;
  /** @returns 20 bytes. */
  readonly sha1: (bytes: Uint8Array) => Uint8Array;
  /** Of what others keep with us; absent: nothing that is signed is taken. */
  readonly verify?: Verify;
  /** Client and version, 4 bytes (BEP 5 `v`). */
  readonly version: Uint8Array;
  /** What {@link Dht.save} gave in an earlier run. */
  readonly state?: DhtState;
  send(datagram: Uint8Array, to: Endpoint): void;
}

/**
 * The distributed hash table (BEP 5, 32, 33, 42, 43, 51): finds peers of a torrent without a tracker, and helps others
 * to. Deterministic: datagrams come in by {@link received}, time by {@link advance}.
 */
export class Dht {
  readonly #options: DhtOptions;
  readonly #nodes: readonly DhtNode[];
  readonly #guard = new Guard();
  readonly #store = new PeerStore();
  readonly #items = new ItemStore();
  readonly #tokens: Tokens;
  readonly #responder: Responder;
  readonly #waiting: PeerSearch[] = [];
  readonly #underWay = new Set<PeerSearch>();
  /** Who was asked by name, by our number. */
  readonly #greeted = new Map<string, (from: Endpoint) => void>();
  readonly #traffic = {
    bytesIn: 0,
    bytesOut: 0,
    queriesIn: 0,
    queriesOut: 0,
    answersIn: 0,
    answersOut: 0,
    malformed: 0,
    dropped: 0,
  };
  #nextTick: Timestamp = 0;

  constructor(options: DhtOptions) {
    this.#options = options;
    const { random, sha1, state } = options;
    this.#tokens = new Tokens(random, sha1);
    this.#nodes = options.families.map((family) => this.#newNode(family, state?.[family]?.id));
    for (const family of options.families) {
      for (const endpoint of state?.[family]?.nodes ?? []) this.addNode(endpoint);
    }
    this.#responder = new Responder({
      random,
      sha1,
      store: this.#store,
      tokens: this.#tokens,
      items: this.#items,
      verify: options.verify ?? (() => false),
      closest: (target, family, most) => this.#nodeOf(family)?.table.closest(target, most) ?? [],
    });
  }

  /** There is a node, as a torrent, a peer or the user says. It is asked before it is believed. */
  addNode(endpoint: Endpoint): void {
    this.#nodeOf(familyOf(endpoint.host))?.named(endpoint);
  }

  /**
   * A place to begin at, asked for as long as we know hardly anybody.
   * @param isNode - It is a node like others, and not one of those at which everybody begins.
   */
  addStart(endpoint: Endpoint, isNode: boolean): void {
    this.#nodeOf(familyOf(endpoint.host))?.addStart(endpoint, isNode);
  }

  /**
   * Asks a node that has a name alone, which is looked up on the way there: whoever answers our number is that node.
   * @param heard - Called with its address, once, if it answers.
   */
  greet(name: Endpoint, heard: (from: Endpoint) => void, now: Timestamp): void {
    const [node] = this.#nodes;
    if (node === undefined) return;
    const transaction = randomBytes(this.#options.random, GREETING_LENGTH);
    this.#greeted.set(toHex(transaction), heard);
    const [oldest] = this.#greeted.keys();
    if (this.#greeted.size > MAX_GREETED) this.#greeted.delete(oldest as string);
    this.#traffic.queriesOut++;
    this.#send(encodeQuery(this.#sender(node, now), transaction, { method: "ping" }), name);
  }

  /**
   * Looks for peers of a torrent in every network we have; as soon as there is a node to ask.
   * @returns Ends it.
   */
  lookup(infoHash: NodeId, options: PeerSearchOptions): () => void {
    const searches = this.#nodes.map((node) => new PeerSearch(infoHash, node, options));
    this.#waiting.push(...searches);
    this.#nextTick = 0;
    return () => {
      for (const search of searches) search.cancel();
    };
  }

  /** A datagram that came from `from`; valid during the call. */
  received(datagram: Uint8Array, from: Endpoint, now: Timestamp): void {
    const node = this.#nodeOf(familyOf(from.host));
    if (node === undefined || from.port === 0) return;
    this.#traffic.bytesIn += datagram.length;
    const party = partyOf(from);
    if (this.#guard.isSilenced(party, now)) {
      this.#traffic.dropped++;
      return;
    }
    const message = decodeMessage(datagram);
    if ((message.kind === "answer" || message.kind === "refusal") && node.rpc.received(message, from, now)) {
      this.#guard.proved(party, now);
      this.#traffic.answersIn++;
      return;
    }
    if (message.kind === "answer" && this.#isGreeted(message.transaction, from)) return;
    if (message.kind === "fault") this.#traffic.malformed++;
    if (!this.#guard.mayCall(party, now)) this.#traffic.dropped++;
    else if (message.kind === "fault") this.#complain(node, message, datagram.length, from, now);
    else if (message.kind === "query") this.#asked(node, message, datagram.length, from, now);
  }

  /** Does what time has made due. @returns When to come back, at the latest; sooner after a {@link lookup}. */
  advance(now: Timestamp): Timestamp {
    if (now >= this.#nextTick) {
      this.#nextTick = now + TICK;
      this.#store.expire(now);
      this.#items.expire(now);
      for (const node of this.#nodes) node.tick(now);
    }
    this.#startWaiting(now);
    let next = this.#nextTick;
    for (const node of this.#nodes) next = Math.min(next, node.rpc.advance(now));
    return next;
  }

  /** What helps the next run to begin. */
  save(): DhtState {
    const state: DhtState = {};
    for (const { family, id, table } of this.#nodes) {
      const nodes = [...table.nodes()].filter((node) => node.failures === 0);
      // The nearest come last: they are few, and whoever lives next to us finds us by them.
      state[family] = { id, nodes: nodes.slice(-MAX_KEPT).map(({ host, port }) => ({ host, port })) };
    }
    return state;
  }

  /** Nodes in the tables of both networks. */
  get size(): number {
    return this.#nodes.reduce((sum, { table }) => sum + table.size, 0);
  }

  /** Our own, one a network, where enough others agree on them. */
  get addresses(): readonly string[] {
    return this.#nodes.flatMap(({ address }) => address ?? []);
  }

  view(now: Timestamp): DhtView {
    return {
      families: this.#nodes.map((node) => node.view(now)),
      lookups: [...this.#underWay].flatMap((search) => search.view() ?? []),
      lookupsWaiting: this.#waiting.length,
      stored: { torrents: this.#store.torrentCount, peers: this.#store.peerCount },
      silenced: this.#guard.silenced(now),
      traffic: { ...this.#traffic },
    };
  }

  #isGreeted(transaction: Uint8Array, from: Endpoint): boolean {
    const number = toHex(transaction);
    const heard = this.#greeted.get(number);
    this.#greeted.delete(number);
    heard?.(from);
    return heard !== undefined;
  }

  #newNode(family: Family, id: NodeId | undefined): DhtNode {
    return new DhtNode({
      family,
      random: this.#options.random,
      id,
      send: (node, transaction, question, to, now) => {
        // One network helps with nodes of the other only where both are there.
        const want = this.#nodes.length > 1 && question.method === "find_node" ? this.#options.families : undefined;
        this.#traffic.queriesOut++;
        this.#send(encodeQuery(this.#sender(node, now), transaction, question, want), to);
      },
    });
  }

  #nodeOf(family: Family): DhtNode | undefined {
    return this.#nodes.find((node) => node.family === family);
  }

  #sender(node: DhtNode, now: Timestamp): Sender {
    return { id: node.id, version: this.#options.version, isReadOnly: node.reachability.isReadOnly(now) };
  }

  #asked(node: DhtNode, query: Query, length: Bytes, from: Endpoint, now: Timestamp): void {
    if (bytesEqual(query.id, node.id)) return;
    this.#traffic.queriesIn++;
    if (!node.rpc.hasAsked(from)) node.reachability.reached(now);
    const longest = this.#guard.longestAnswer(partyOf(from), length, MAX_ANSWER, now);
    const answer = this.#responder.answer(this.#sender(node, now), query, from, longest, now);
    if (answer !== undefined) this.#reply(answer, from, now);
    if (!query.isReadOnly) node.heardOf({ id: query.id, host: from.host, port: from.port }, true);
  }

  #complain(node: DhtNode, { refusal }: MessageFault, length: Bytes, to: Endpoint, now: Timestamp): void {
    if (refusal === undefined) return;
    const words = refusal.code === ERROR_UNKNOWN_METHOD ? "unknown method" : "malformed query";
    const datagram = encodeRefusal(this.#sender(node, now), refusal.transaction, refusal.code, words);
    if (datagram.length <= this.#guard.longestAnswer(partyOf(to), length, MAX_ANSWER, now))
      this.#reply(datagram, to, now);
  }

  #reply(datagram: Uint8Array, to: Endpoint, now: Timestamp): void {
    if (!this.#guard.mayAnswer(datagram.length, now)) {
      this.#traffic.dropped++;
      return;
    }
    this.#traffic.answersOut++;
    this.#send(datagram, to);
  }

  #send(datagram: Uint8Array, to: Endpoint): void {
    this.#traffic.bytesOut += datagram.length;
    this.#options.send(datagram, to);
  }

  #startWaiting(now: Timestamp): void {
    for (const search of [...this.#waiting]) {
      if (this.#underWay.size >= MAX_SEARCHES) return;
      if (!search.isCancelled && !search.node.isReady) continue;
      this.#waiting.splice(this.#waiting.indexOf(search), 1);
      if (search.isCancelled) continue;
      this.#underWay.add(search);
      search.start(now, () => this.#underWay.delete(search));
    }
  }
}
