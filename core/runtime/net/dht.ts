import { createHash, randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { Dht } from "../../dht/dht.ts";
import { decodeDhtState, encodeDhtState } from "../../dht/state.ts";
import { isLocalHost } from "../../model/address.ts";
import type { DhtView } from "../../model/dht-view.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import type { Random } from "../../model/random.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import type { DhtSearch } from "../../session/sources-view.ts";
import type { Torrent } from "../../session/torrent.ts";
import { isSignedBy } from "../signature.ts";
import { DHT_VERSION } from "../version.ts";
import { DhtAnnounces, type Torrents } from "./dht-announces.ts";

/** What is known is kept this often, besides at the end. */
const KEEP_EVERY: Millis = 10 * 60_000;
/** Names that could not be resolved are tried again after. */
const RESOLVE_AGAIN: Millis = 60_000;

export interface DhtHostOptions {
  /** Whose peers are looked for. */
  readonly torrents: Torrents;
  /** Names of places where everybody begins, to be resolved. */
  readonly routers: readonly Endpoint[];
  /** Nodes that the user names. */
  readonly nodes: readonly Endpoint[];
  /** Whether local addresses may be told by torrents: when we are bound to one ourselves. */
  readonly isLocal: boolean;
  readonly now: () => Timestamp;
  /** False: names are looked up on the way there, as datagrams are sent to names. */
  looksUpNames?(): boolean;
  /** The port that is announced. */
  port(): number | undefined;
  /** Peers reach us over uTP too: by the port that DHT nodes see. */
  hasUtp(): boolean;
  send(datagram: Uint8Array, to: Endpoint): void;
  /** Others agree that this address is ours. */
  learnt?(address: string): void;
  load(): Promise<Uint8Array | undefined>;
  save(state: Uint8Array): Promise<void>;
}

/** The DHT on the sockets of the uTP port, with its timer, its names and its file. */
export class DhtHost {
  readonly #options: DhtHostOptions;
  readonly #announces: DhtAnnounces;
  #dht: Dht | undefined;
  #families: readonly ("ipv4" | "ipv6")[] = [];
  #timer: NodeJS.Timeout | undefined;
  #keepAt: Timestamp = 0;
  /** Names that have no address yet. */
  #names: { readonly name: Endpoint; readonly isNode: boolean }[] = [];
  #resolveAt: Timestamp = 0;
  /** Addresses of ours, as others agreed on them last. */
  #told: ReadonlySet<string> = new Set();
  /** Counts stops: a start that still waits for its file gives way to what came after it. */
  #stops = 0;

  constructor(options: DhtHostOptions) {
    this.#options = options;
    this.#announces = new DhtAnnounces(options.torrents, options);
  }

  /** Begins, or goes on over other sockets. */
  async start(families: readonly ("ipv4" | "ipv6")[]): Promise<void> {
    if (this.#dht !== undefined && families.join() === this.#families.join()) return;
    await this.stop();
    const stops = this.#stops;
    const kept = await this.#options.load();
    if (stops !== this.#stops) return;
    const { routers, nodes, now, send } = this.#options;
    this.#families = families;
    this.#dht = new Dht({
      families,
      random: cryptoRandom(),
      sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
      verify: isSignedBy,
      version: DHT_VERSION,
      state: kept === undefined ? {} : decodeDhtState(kept),
      send,
    });
    this.#keepAt = now() + KEEP_EVERY;
    this.#resolveAt = 0;
    this.#names = [
      ...routers.map((name) => ({ name, isNode: false })),
      ...nodes.map((name) => ({ name, isNode: true })),
    ];
    this.#announces.begin(this.#dht);
    this.#advance();
  }

  /** Ends, and keeps what the next start begins with. */
  async stop(): Promise<void> {
    this.#stops++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#announces.end();
    const dht = this.#dht;
    this.#dht = undefined;
    if (dht !== undefined) await this.#options.save(encodeDhtState(dht.save()));
  }

  /** A torrent began, or another thing happened that need not wait. */
  wake(): void {
    if (this.#dht !== undefined) this.#arm(0);
  }

  received(datagram: Uint8Array, from: Endpoint): void {
    this.#dht?.received(datagram, from, this.#options.now());
  }

  view(): DhtView | undefined {
    return this.#dht?.view(this.#options.now());
  }

  /** Nodes that it knows; undefined while it is off. */
  get nodes(): number | undefined {
    return this.#dht?.size;
  }

  /** How the search for a torrent's peers stands; undefined while there is nobody to ask. */
  searchOf(torrent: Torrent): DhtSearch | undefined {
    return this.nodes ? this.#announces.searchOf(torrent) : undefined;
  }

  #advance(): void {
    const dht = this.#dht;
    if (dht === undefined) return;
    const now = this.#options.now();
    if (now >= this.#resolveAt && this.#names.length > 0) {
      this.#resolveAt = now + RESOLVE_AGAIN;
      this.#resolve(dht);
    }
    const { addresses } = dht;
    for (const address of addresses) if (!this.#told.has(address)) this.#options.learnt?.(address);
    this.#told = new Set(addresses);
    this.#announces.tick(now, (name) => this.#addNamed(dht, name));
    if (now >= this.#keepAt) {
      this.#keepAt = now + KEEP_EVERY;
      void this.#options.save(encodeDhtState(dht.save()));
    }
    this.#arm(dht.advance(now) - now);
  }

  #arm(wait: Millis): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#advance(), Math.max(1, wait));
  }

  #resolve(dht: Dht): void {
    for (const entry of this.#names.splice(0)) {
      const { name, isNode } = entry;
      if (this.#isUnresolved(name)) {
        // Until it has answered.
        this.#names.push(entry);
        const heard = (from: Endpoint): void => {
          this.#names = this.#names.filter((other) => other !== entry);
          dht.addStart(from, isNode);
          if (this.#dht === dht) this.#arm(0);
        };
        dht.greet(name, heard, this.#options.now());
        continue;
      }
      void addressesOf(name).then((endpoints) => {
        for (const endpoint of endpoints) dht.addStart(endpoint, isNode);
        if (endpoints.length === 0) this.#names.push(entry);
        if (this.#dht === dht) this.#arm(0);
      });
    }
  }

  #isUnresolved({ host }: Endpoint): boolean {
    return isIP(host) === 0 && this.#options.looksUpNames?.() === false;
  }

  /** A node that a torrent names: it is not to make us talk to whoever is in our own network. */
  #addNamed(dht: Dht, name: Endpoint): void {
    const add = (endpoint: Endpoint): void => {
      if (this.#options.isLocal || !isLocalHost(endpoint.host)) dht.addNode(endpoint);
    };
    if (this.#isUnresolved(name)) dht.greet(name, add, this.#options.now());
    else void addressesOf(name).then((endpoints) => endpoints.forEach(add));
  }
}

/** @returns None when the name can't be resolved. */
async function addressesOf({ host, port }: Endpoint): Promise<Endpoint[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => ({ host: address, port }));
  } catch {
    return [];
  }
}

/** Tokens and transaction ids must not be foretold. */
function cryptoRandom(): Random {
  let pool = Buffer.alloc(0);
  let at = 0;
  return {
    uint32: () => {
      if (at >= pool.length) {
        pool = randomBytes(4096);
        at = 0;
      }
      at += 4;
      return pool.readUInt32LE(at - 4);
    },
  };
}
