import { isLocalHost } from "../model/address.ts";
import { bytesEqual, toHex } from "../model/bytes.ts";
import type { DhtFamilyView } from "../model/dht-view.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import { type Random, randomBytes, shuffle } from "../model/random.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import { AddressVotes } from "./address-votes.ts";
import { Lookup } from "./lookup.ts";
import { type Answer, type Contact, type Family, familyOf, type Question } from "./message.ts";
import { ID_BITS, ID_LENGTH, idForHost, mayHaveId, type NodeId, randomIdSharing, sharedBits } from "./node-id.ts";
import { Reachability } from "./reachability.ts";
import { BUCKET_SIZE, RoutingTable } from "./routing-table.ts";
import { type Asker, Rpc } from "./rpc.ts";

/** Nodes that were named to us, and are asked when there is time; the farthest make room. */
const MAX_NAMED = 300;
/** Named nodes that are asked a second: many while we know few. */
const NAMED_A_TICK = 1;
const NAMED_A_TICK_WHEN_LONELY = 8;
/** Fewer nodes are few. */
const LONELY = 32;
/** Who is near us is looked for this often. */
const REFRESH: Millis = 15 * 60_000;
const FIRST_RETRY: Millis = 5_000;
const LAST_RETRY: Millis = 5 * 60_000;
/** A search for our place begins with so many places, when few nodes are known. */
const FIRST_ASKED = 24;
/** One silent node is asked this often: 180 of them in the time that makes one silent. */
const LOOK_EVERY: Millis = 5_000;
/** And asked again after. */
const ASK_AGAIN: Millis = 10_000;

interface Named {
  readonly endpoint: Endpoint;
  /** Higher is asked sooner. */
  readonly worth: number;
}

export interface NodeOptions {
  readonly family: Family;
  readonly random: Random;
  /** As it was kept. */
  readonly id: NodeId | undefined;
  send(node: DhtNode, transaction: Uint8Array, question: Question, to: Endpoint, now: Timestamp): void;
}

/** Our node in one of the two networks (BEP 32): its id, whom it knows, what it asks. */
export class DhtNode {
  readonly family: Family;
  table: RoutingTable;
  readonly rpc: Rpc;
  readonly reachability = new Reachability();
  /** Where a search for our place begins when we know hardly anybody, by endpoint. */
  readonly #starts = new Map<string, { readonly endpoint: Endpoint; readonly isNode: boolean }>();
  readonly #options: NodeOptions;
  readonly #votes = new AddressVotes();
  /** Nodes that were named to us, by endpoint. */
  readonly #named = new Map<string, Named>();
  #isSearching = false;
  #nextSearch: Timestamp = 0;
  #retry: Millis = FIRST_RETRY;
  #nextLook: Timestamp = 0;
  #now: Timestamp = 0;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.family = options.family;
    this.table = new RoutingTable(options.id ?? randomBytes(options.random, ID_LENGTH));
    this.rpc = new Rpc(options.random, (transaction, question, to) =>
      options.send(this, transaction, question, to, this.#now),
    );
  }

  get id(): NodeId {
    return this.table.ownId;
  }

  /** It knows enough nodes, or has found all there are. */
  get isReady(): boolean {
    const { healthy } = this.table;
    return healthy >= BUCKET_SIZE || (healthy > 0 && !this.#isSearching);
  }

  /** Ours, as enough others agree on. */
  get address(): string | undefined {
    return this.#votes.settled;
  }

  /** @param isNode - False: it is not entered in the table, for it has enough to do. */
  addStart(endpoint: Endpoint, isNode: boolean): void {
    this.#starts.set(formatEndpoint(endpoint), { endpoint, isNode });
    this.#searchSoon();
  }

  /** Somebody trusted says that there is a node. */
  named(endpoint: Endpoint): void {
    if (this.table.find(endpoint) === undefined) this.#note(endpoint, Number.POSITIVE_INFINITY);
    if (this.table.size === 0) this.#searchSoon();
  }

  /**
   * A node that somebody names; it may find a place once it has answered.
   * @param isItself - It names itself: should it be known by another id, then it is asked which holds.
   */
  heardOf({ id, host, port }: Contact, isItself: boolean): void {
    if (familyOf(host) !== this.family || !this.table.hasUseFor(id)) return;
    const known = this.table.find({ host, port });
    if (known !== undefined && (!isItself || bytesEqual(known.id, id))) return;
    // Near ones matter most, unless they chose to be near.
    this.#note({ host, port }, sharedBits(this.id, id) - (mayHaveId(host, id) ? 0 : ID_BITS));
  }

  /** See {@link Rpc.ask}. Whoever answers is entered, and whoever does not loses its place in time. */
  ask(to: Endpoint, question: Question, asker: Asker, now: Timestamp): boolean {
    this.#now = now;
    const isAsked = this.rpc.ask(
      to,
      question,
      {
        answered: (told, later) => {
          const answer = isLocalHost(to.host) ? told : withoutLocals(told);
          this.#answered(answer, to, later);
          for (const contact of answer.nodes) this.heardOf(contact, false);
          asker.answered(answer, later);
        },
        slow: (later) => asker.slow(later),
        failed: (later) => {
          this.table.failed(to);
          asker.failed(later);
        },
      },
      now,
    );
    if (isAsked) this.table.asked(to, now);
    return isAsked;
  }

  /** Does what time has made due: once a second or so. */
  tick(now: Timestamp): void {
    this.#now = now;
    this.reachability.begin(now);
    this.#askNamed(now);
    this.#askSilent(now);
    if (!this.#isSearching && now >= this.#nextSearch) this.#findPlace(now);
  }

  view(now: Timestamp): DhtFamilyView {
    const { settled } = this.#votes;
    return {
      family: this.family,
      id: toHex(this.id),
      ...(settled === undefined ? {} : { address: settled }),
      isProper: settled !== undefined && mayHaveId(settled, this.id),
      votes: this.#votes.counts.map(([address, votes]) => ({ address, votes })),
      isReadOnly: this.reachability.isReadOnly(now),
      nodes: this.table.size,
      buckets: this.table.buckets.map(({ nodes, spare }, at) => ({
        sharedBits: at,
        nodes: nodes.length,
        proper: nodes.filter((node) => node.isProper).length,
        silent: nodes.filter((node) => node.failures > 0).length,
        spare: spare.length,
      })),
    };
  }

  #searchSoon(): void {
    this.#retry = FIRST_RETRY;
    this.#nextSearch = 0;
  }

  #answered(answer: Answer, from: Endpoint, now: Timestamp): void {
    const isNode = this.#starts.get(formatEndpoint(from))?.isNode ?? true;
    if (isNode) this.table.answered({ id: answer.id, host: from.host, port: from.port }, now);
    const { ourAddress } = answer;
    if (ourAddress === undefined || familyOf(ourAddress.host) !== this.family || isLocalHost(ourAddress.host)) return;
    this.#votes.vote(from.host, ourAddress.host);
    if (mayHaveId(ourAddress.host, this.id)) return;
    const { settled } = this.#votes;
    if (settled !== undefined && !mayHaveId(settled, this.id)) this.#rename(idForHost(settled, this.#options.random));
  }

  /** A new id: the same nodes, in other places. */
  #rename(id: NodeId): void {
    const before = [...this.table.nodes()];
    this.table = new RoutingTable(id);
    for (const node of before) this.table.answered(node, node.answeredAt);
    this.#searchSoon();
  }

  #note(endpoint: Endpoint, worth: number): void {
    const key = formatEndpoint(endpoint);
    if (this.#named.has(key)) return;
    this.#named.set(key, { endpoint, worth });
    if (this.#named.size <= MAX_NAMED) return;
    let least: [key: string, named: Named] | undefined;
    for (const entry of this.#named) if (least === undefined || entry[1].worth < least[1].worth) least = entry;
    if (least !== undefined) this.#named.delete(least[0]);
  }

  #askNamed(now: Timestamp): void {
    const most = this.table.size < LONELY ? NAMED_A_TICK_WHEN_LONELY : NAMED_A_TICK;
    for (let asked = 0; asked < most; asked++) {
      let best: Named | undefined;
      for (const named of this.#named.values()) if (best === undefined || named.worth > best.worth) best = named;
      if (best === undefined) return;
      const { endpoint } = best;
      this.#named.delete(formatEndpoint(endpoint));
      this.ask(endpoint, { method: "ping" }, NOBODY, now);
    }
  }

  /** Keeps the table true, and gets to know more of the kind. */
  #askSilent(now: Timestamp): void {
    if (now < this.#nextLook) return;
    this.#nextLook = now + LOOK_EVERY;
    const node = this.table.stalest(now, now - ASK_AGAIN);
    if (node === undefined) return;
    const target = randomIdSharing(this.id, sharedBits(this.id, node.id), this.#options.random);
    this.ask(node, { method: "find_node", target }, NOBODY, now);
  }

  /** Looks for our own id: those near us come to know us, and we them. */
  #findPlace(now: Timestamp): void {
    const isLonely = this.table.healthy < BUCKET_SIZE;
    const named = [...this.#starts.values(), ...this.#named.values()].map(({ endpoint }) => endpoint);
    const places = isLonely ? shuffle(this.#options.random, named).slice(0, FIRST_ASKED) : [];
    const contacts = isLonely ? [...this.table.nodes()] : this.table.closest(this.id, 2 * BUCKET_SIZE);
    this.#nextSearch = now + this.#retry;
    if (places.length + contacts.length === 0) return;
    this.#retry = Math.min(LAST_RETRY, 2 * this.#retry);
    this.#isSearching = true;
    const lookup = new Lookup(
      this.id,
      { method: "find_node", target: this.id },
      this.id,
      {
        ask: (to, question, asker, later) => this.ask(to, question, asker, later),
        heard: () => undefined,
        done: (_, later) => {
          this.#isSearching = false;
          if (this.table.healthy < BUCKET_SIZE) return;
          this.#retry = FIRST_RETRY;
          this.#nextSearch = later + REFRESH;
        },
      },
      now,
    );
    lookup.start(contacts, places, now);
  }
}

/** Who is outside knows nobody within our network, and is not to make us talk to anybody there. */
function withoutLocals(answer: Answer): Answer {
  const isOutside = ({ host }: Endpoint) => !isLocalHost(host);
  return { ...answer, nodes: answer.nodes.filter(isOutside), peers: answer.peers.filter(isOutside) };
}

/** What comes of it is for the table alone. */
const NOBODY: Asker = { answered: () => undefined, slow: () => undefined, failed: () => undefined };
