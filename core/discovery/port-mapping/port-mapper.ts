import { isLocalHost } from "../../model/address.ts";
import type { MappingMethod, MappingView } from "../../model/mapping-view.ts";
import { type Random, randomBelow, randomBytes } from "../../model/random.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import type { GatewayAnswer, MappedFamily, MappedProtocol, MappingOrder } from "./order.ts";

/** In this order: the first two are one datagram each, and say at once when a router does not know them. */
const METHODS: Readonly<Record<MappedFamily, readonly MappingMethod[]>> = {
  ipv4: ["pcp", "nat-pmp", "upnp"],
  ipv6: ["pcp", "upnp"],
};
const PROTOCOLS: readonly MappedProtocol[] = ["tcp", "udp"];
/** Asked for; routers may give less. A port stays open no longer than this when we end without a word. */
const LEASE: Millis = 60 * 60_000;
/** What the router gave for longer, or for good, is asked for again this often: it may have forgotten. */
const MOST_UNTIL_RENEWAL: Millis = 60 * 60_000;
/** However short the lease. */
const LEAST_UNTIL_RENEWAL: Millis = 30_000;
/** A router that would not, or was not there, is asked again after. */
const AGAIN: Millis = 10 * 60_000;
/** External ports tried besides our own number, where that one is taken. */
const MAX_OTHER_PORTS = 4;
/** The dynamic ports: nobody relies on one of them. */
const OTHER_PORTS = { from: 49_152, count: 16_384 };

/** A port that is open at the router. */
interface Held {
  readonly method: MappingMethod;
  readonly protocol: MappedProtocol;
  readonly internalPort: number;
  readonly externalPort: number;
  readonly renewAt: Timestamp;
}

interface Fault {
  readonly protocol: MappedProtocol;
  readonly method: MappingMethod;
  readonly isSilence: boolean;
  readonly words: string;
}

/** What is open to the world. */
export interface ExternalPorts {
  readonly tcp?: number;
  readonly udp?: number;
  readonly address?: string;
}

/**
 * Keeps our port open at the router, over TCP and UDP, by the first method that works.
 *
 * Deterministic: answers and the time in, orders out, one at a time. A mapping is held from the answer that grants it to
 * the one to its unmapping; what is held for another port than the one wanted is unmapped before anything else.
 */
export class PortMapper {
  readonly #random: Random;
  readonly #family: MappedFamily;
  readonly #nonce: Uint8Array;
  #port: number | undefined;
  readonly #held = new Map<MappedProtocol, Held>();
  /** Of {@link METHODS}: the one that is tried, or that works. */
  #method = 0;
  #isForGood = false;
  /** Tried and taken, for the protocol that is asked for now. */
  #otherPorts = 0;
  #wantedExternal: number | undefined;
  #address: string | undefined;
  #underWay: MappingOrder | undefined;
  #lastId = 0;
  /** Nothing is mapped before. */
  readonly #restUntil = new Map<MappedProtocol, Timestamp>();
  /** Of this search; the last one's, while at rest. */
  #faults: Fault[] = [];

  constructor(random: Random, family: MappedFamily = "ipv4") {
    this.#random = random;
    this.#family = family;
    this.#nonce = randomBytes(random, 12);
  }

  /** @param port - Where we listen; undefined: what is open is to be closed. */
  want(port: number | undefined): void {
    if (port === this.#port) return;
    this.#port = port;
    this.#search();
    this.#restUntil.clear();
  }

  /** Nothing is open by our doing, and nothing is under way. */
  get isIdle(): boolean {
    return this.#held.size === 0 && this.#underWay === undefined;
  }

  /** What others reach us by. */
  get external(): ExternalPorts {
    const ports: { tcp?: number; udp?: number; address?: string } = {};
    for (const held of this.#current()) ports[held.protocol] = held.externalPort;
    if (this.#address !== undefined && this.#held.size > 0) ports.address = this.#address;
    return ports;
  }

  /** @returns What to ask of the router now; undefined when nothing is due or an order is under way. */
  poll(now: Timestamp): MappingOrder | undefined {
    if (this.#underWay !== undefined) return undefined;
    for (const held of this.#held.values()) {
      if (held.internalPort !== this.#port) return this.#order({ ...held, kind: "unmap", lifetime: 0 });
    }
    const port = this.#port;
    if (port === undefined) return undefined;
    for (const protocol of PROTOCOLS) {
      if (now < this.#dueAt(protocol)) continue;
      const held = this.#held.get(protocol);
      const method = held?.method ?? (METHODS[this.#family][this.#method] as MappingMethod);
      const externalPort = held?.externalPort ?? this.#wantedExternal ?? this.#held.get("tcp")?.externalPort ?? port;
      const lifetime = this.#isForGood ? Number.POSITIVE_INFINITY : LEASE;
      return this.#order({ kind: "map", method, protocol, internalPort: port, externalPort, lifetime });
    }
    return undefined;
  }

  /** When to {@link poll} again, unless an answer comes first. */
  get deadline(): Timestamp {
    if (this.#port === undefined || this.#underWay !== undefined) return Number.POSITIVE_INFINITY;
    return Math.min(...PROTOCOLS.map((protocol) => this.#dueAt(protocol)));
  }

  /** @param id - Of the order; an answer to any other is passed over. */
  answered(id: number, answer: GatewayAnswer, now: Timestamp): void {
    const order = this.#underWay;
    if (order?.id !== id) return;
    this.#underWay = undefined;
    if (order.kind === "unmap") {
      // Whatever it says: there is nothing more to be done about it, and the lease ends.
      this.#held.delete(order.protocol);
    } else if (answer.kind === "mapped") this.#mapped(order, answer, now);
    else if (answer.kind !== "unmapped") this.#failed(order, answer, now);
  }

  /** The router has lost what it knew: what was open is due to be opened again. */
  forgotten(now: Timestamp): void {
    for (const [protocol, held] of this.#held) this.#held.set(protocol, { ...held, renewAt: now });
  }

  /** There is a router, and it would not. */
  get isRefused(): boolean {
    return this.#state() === "closed" && this.#refusal !== undefined;
  }

  view(): MappingView {
    const { address, tcp, udp } = this.external;
    const method = [...this.#current()][0]?.method;
    const state = this.#state();
    return {
      state,
      words: this.#words(state),
      ...(method === undefined ? {} : { method }),
      ...(tcp === undefined ? {} : { tcpPort: tcp }),
      ...(udp === undefined ? {} : { udpPort: udp }),
      ...(address === undefined ? {} : { address }),
    };
  }

  /** Those held for the port that is wanted. */
  *#current(): Generator<Held> {
    for (const held of this.#held.values()) if (held.internalPort === this.#port) yield held;
  }

  #dueAt(protocol: MappedProtocol): Timestamp {
    // What UDP is to be follows from what TCP got.
    if (protocol === "udp" && this.#held.size === 0) return Number.POSITIVE_INFINITY;
    return this.#held.get(protocol)?.renewAt ?? this.#restUntil.get(protocol) ?? 0;
  }

  #order(order: Omit<MappingOrder, "id" | "family" | "nonce">): MappingOrder {
    const { kind, method, protocol, internalPort, externalPort, lifetime } = order;
    const id = ++this.#lastId;
    const family = this.#family;
    this.#underWay = { id, kind, method, family, protocol, internalPort, externalPort, lifetime, nonce: this.#nonce };
    return this.#underWay;
  }

  #mapped(order: MappingOrder, answer: Extract<GatewayAnswer, { kind: "mapped" }>, now: Timestamp): void {
    const { method, protocol, internalPort } = order;
    const { externalPort, lifetime, address } = answer;
    const wait = Math.max(LEAST_UNTIL_RENEWAL, Math.min(lifetime / 2, MOST_UNTIL_RENEWAL));
    this.#held.set(protocol, { method, protocol, internalPort, externalPort, renewAt: now + wait });
    if (address !== undefined) this.#address = address;
    this.#faults = this.#faults.filter((fault) => fault.protocol !== protocol);
    this.#settle();
  }

  #failed(order: MappingOrder, answer: Extract<GatewayAnswer, { kind: "refused" | "silent" }>, now: Timestamp): void {
    if (order.internalPort !== this.#port) return;
    if (this.#held.has(order.protocol)) {
      // It was open until now: the router is another one, or has forgotten us. Everything from the start.
      this.#held.clear();
      this.#restUntil.clear();
      return this.#search();
    }
    // Nobody translates ports of IPv6.
    const remedy = answer.kind === "refused" && this.#family === "ipv4" ? answer.remedy : undefined;
    if (remedy === "another-port" && this.#otherPorts < MAX_OTHER_PORTS) {
      this.#otherPorts++;
      this.#wantedExternal = OTHER_PORTS.from + randomBelow(this.#random, OTHER_PORTS.count);
      return;
    }
    if (remedy === "for-good" && !this.#isForGood && order.method === "upnp") {
      this.#isForGood = true;
      return;
    }
    const { method, protocol } = order;
    this.#faults.push({ method, protocol, isSilence: answer.kind === "silent", words: answer.words });
    this.#settle();
    if (this.#held.size === 0 && ++this.#method < METHODS[this.#family].length) return;
    // Tried by every way there is; of two, one is open.
    this.#restUntil.set(protocol, now + AGAIN);
    if (this.#held.size > 0) return;
    const faults = this.#faults;
    this.#search();
    this.#faults = faults;
  }

  /** What was tried for one protocol and method is no matter for the next. */
  #settle(): void {
    this.#otherPorts = 0;
    this.#wantedExternal = undefined;
  }

  #search(): void {
    this.#settle();
    this.#method = 0;
    this.#isForGood = false;
    this.#faults = [];
    this.#address = undefined;
  }

  #state(): MappingView["state"] {
    if (this.#port === undefined) return "off";
    for (const _ of this.#current()) return "open";
    return this.#underWay === undefined && this.#restUntil.has("tcp") ? "closed" : "asking";
  }

  get #refusal(): Fault | undefined {
    return this.#faults.find(({ isSilence }) => !isSilence);
  }

  #words(state: MappingView["state"]): string {
    const port = this.#port;
    if (port === undefined || state === "off") return "The router is not asked to open our port.";
    if (state === "asking") return `Asking the router to open port ${port}.`;
    const refusal = this.#refusal;
    if (this.#family === "ipv6") {
      if (state !== "open") return `Over IPv6 the router refused: ${refusal?.words}.`;
      const [held] = [...this.#current()];
      return `Over IPv6 it lets others through, too (${METHOD_NAMES[held?.method ?? "pcp"]}).`;
    }
    if (state === "open") return openWords(port, this.external, [...this.#current()][0]?.method, refusal);
    if (refusal !== undefined) {
      return `The router refused to open port ${port}: ${refusal.words} (${METHOD_NAMES[refusal.method]}).`;
    }
    const silence = this.#faults.at(-1)?.words ?? "no router answered";
    return `Port ${port} was not opened: ${silence}.`;
  }
}

const METHOD_NAMES: Readonly<Record<MappingMethod, string>> = { pcp: "PCP", "nat-pmp": "NAT-PMP", upnp: "UPnP" };

function openWords(
  port: number,
  { tcp, udp, address }: ExternalPorts,
  method: MappingMethod | undefined,
  refusal: Fault | undefined,
): string {
  const by = method === undefined ? "" : ` (${METHOD_NAMES[method]})`;
  const outside = [...new Set([tcp, udp])].filter((external) => external !== undefined);
  const seen = outside.every((external) => external === port) ? "" : `, seen outside as port ${outside.join(" and ")}`;
  const only = tcp === undefined ? "UDP" : udp === undefined ? "TCP" : undefined;
  const why = refusal === undefined ? "" : `; for the other the router refused: ${refusal.words}`;
  const part = only === undefined ? "" : `, for ${only} only${why}`;
  const open = `Port ${port} is open through the router${by}${seen}${part}.`;
  if (address === undefined || !isLocalHost(address)) return open;
  return `${open} But the router's own address, ${address}, is a private one: another router stands between it and the internet, and keeps others out unless it lets this port through as well.`;
}
