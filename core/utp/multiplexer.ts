import type { Endpoint } from "../model/endpoint.ts";
import { type Random, randomBelow } from "../model/random.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { UtpConnection } from "./connection.ts";
import { RunPool, type UtpContext, type UtpEvents } from "./context.ts";
import { HEADER_LENGTH, PACKET, PacketReader, writeHeader } from "./packet.ts";
import { PacketPool } from "./sent-packets.ts";

/** Who asked for a connection and has not shown that its address is its own: the oldest makes room for the next. */
export const MAX_UNCONFIRMED = 128;
/** Resets in answer to packets of connections that nobody here knows. */
const RESETS_A_SECOND = 50;
/** For packets that came before their turn, of all connections together. */
const MAX_REORDERED: Bytes = 32 * 1024 * 1024;
const SECOND: Millis = 1000;

export interface MultiplexerOptions {
  readonly random: Random;
  readonly maxConnections: () => number;
  /** See {@link UtpContext.send}. */
  send(datagram: Uint8Array, to: Endpoint): void;
  /** A connection was asked for, from an address that is not forged. @returns Whom to tell of it. */
  accept(connection: UtpConnection): UtpEvents;
  /** {@link UtpMultiplexer.flush} is wanted soon. */
  wanted(): void;
}

/** The uTP connections of one socket: which packet is whose, who may come, what is due. Deterministic. */
export class UtpMultiplexer {
  readonly context: UtpContext;
  readonly #options: MultiplexerOptions;
  readonly #packet = new PacketReader();
  /** By the id in packets to us. Few share one. */
  readonly #connections = new Map<number, UtpConnection[]>();
  readonly #unconfirmed = new Set<UtpConnection>();
  readonly #touched = new Set<UtpConnection>();
  #count = 0;
  #isFlushing = false;
  #deadline: Timestamp = Number.POSITIVE_INFINITY;
  #resets = 0;
  #resetsSince: Timestamp = 0;

  constructor(options: MultiplexerOptions) {
    this.#options = options;
    this.context = {
      random: options.random,
      packets: new PacketPool(),
      runs: new RunPool(),
      reordered: { used: 0, limit: MAX_REORDERED },
      send: (datagram, to) => options.send(datagram, to),
      touched: (connection) => this.#touch(connection),
    };
  }

  /** Connections of every state but closed. */
  get count(): number {
    return this.#count;
  }

  /** @returns Undefined when there are as many connections as may be. */
  dial(to: Endpoint, events: UtpEvents, now: Timestamp): UtpConnection | undefined {
    if (!this.#hasRoom()) return undefined;
    const { random } = this.#options;
    let id = randomBelow(random, 0x10000);
    while (this.#find(id, to.host, to.port) !== undefined) id = (id + 1) & 0xffff;
    const connection = new UtpConnection(this.context, "outgoing", to, id, now);
    connection.events = events;
    this.#add(connection);
    connection.connect(now);
    this.#noteDeadline(connection);
    return connection;
  }

  /**
   * Takes a datagram. What it leads to happens in the next {@link flush}.
   * @returns False when it is not uTP, or comes from port 0, where nobody can be answered.
   */
  receive(datagram: Uint8Array, host: string, port: number, now: Timestamp): boolean {
    const packet = this.#packet;
    if (port === 0 || !packet.read(datagram)) return false;
    if (packet.type === PACKET.syn) this.#asked(packet, host, port, now);
    else if (packet.type === PACKET.reset) this.#reset(packet, host, port, now);
    else {
      const connection = this.#find(packet.connectionId, host, port);
      if (connection === undefined) this.#answerStranger(packet, { host, port }, now);
      else this.#give(connection, packet, now);
    }
    return true;
  }

  /** Lets every connection that has news hand it over, acknowledge it, and send what it may. */
  flush(now: Timestamp): void {
    this.#isFlushing = true;
    // What is touched meanwhile comes at the end of the same set.
    for (const connection of this.#touched) {
      this.#touched.delete(connection);
      connection.flush(now);
      this.#settle(connection);
    }
    this.#isFlushing = false;
  }

  /** When {@link advance} is to be called at the latest. */
  get deadline(): Timestamp {
    return this.#deadline;
  }

  /** Does what time has made due. */
  advance(now: Timestamp): void {
    if (now < this.#deadline) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const sharers of [...this.#connections.values()]) {
      for (const connection of [...sharers]) {
        if (connection.nextDeadline() <= now) connection.advance(now);
        this.#settle(connection);
      }
    }
    this.flush(now);
  }

  /** Forgets all connections without a word. */
  abandon(): void {
    for (const sharers of this.#connections.values()) for (const connection of sharers) connection.abandon();
    this.#connections.clear();
    this.#unconfirmed.clear();
    this.#touched.clear();
    this.#count = 0;
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  #touch(connection: UtpConnection): void {
    if (this.#touched.size === 0 && !this.#isFlushing) this.#options.wanted();
    this.#touched.add(connection);
  }

  #give(connection: UtpConnection, packet: PacketReader, now: Timestamp): void {
    if (connection.receive(packet, now)) this.#touch(connection);
    else this.#settle(connection);
  }

  #asked(packet: PacketReader, host: string, port: number, now: Timestamp): void {
    const known = this.#find((packet.connectionId + 1) & 0xffff, host, port);
    if (known !== undefined) return this.#give(known, packet, now);
    if (this.#unconfirmed.size >= MAX_UNCONFIRMED) this.#forgetUnconfirmed();
    if (!this.#hasRoom()) return;
    const connection = new UtpConnection(this.context, "incoming", { host, port }, packet.connectionId, now);
    connection.events = {
      connected: () => {
        this.#unconfirmed.delete(connection);
        connection.events = this.#options.accept(connection);
      },
      received: () => undefined,
      closed: () => undefined,
    };
    this.#add(connection);
    this.#unconfirmed.add(connection);
    this.#give(connection, packet, now);
  }

  /** Who only knocked takes nobody's place. */
  #hasRoom(): boolean {
    const most = this.#options.maxConnections();
    if (this.#count >= most && most > 0) this.#forgetUnconfirmed();
    return this.#count < most;
  }

  #forgetUnconfirmed(): void {
    const [oldest] = this.#unconfirmed;
    if (oldest === undefined) return;
    oldest.abandon();
    this.#settle(oldest);
  }

  /** Who doesn't know a connection sends back the id it was given: that of packets from us. */
  #reset(packet: PacketReader, host: string, port: number, now: Timestamp): void {
    const id = packet.connectionId;
    for (const candidate of [id, (id - 1) & 0xffff, (id + 1) & 0xffff]) {
      const connection = this.#find(candidate, host, port);
      if (connection === undefined || (connection.receiveId !== id && connection.sendId !== id)) continue;
      if (connection.receive(packet, now)) return this.#settle(connection);
    }
  }

  #answerStranger(packet: PacketReader, to: Endpoint, now: Timestamp): void {
    if (now - this.#resetsSince >= SECOND) {
      this.#resetsSince = now;
      this.#resets = 0;
    }
    if (this.#resets >= RESETS_A_SECOND) return;
    this.#resets++;
    const reset = this.context.packets.take();
    reset.resize(HEADER_LENGTH);
    const sequence = this.#options.random.uint32() & 0xffff;
    const micros = Math.floor(now * 1000) >>> 0;
    writeHeader(reset.buffer, PACKET.reset, packet.connectionId, micros, 0, 0, sequence, packet.sequence);
    this.#options.send(reset.bytes, to);
    this.context.packets.give(reset);
  }

  #find(id: number, host: string, port: number): UtpConnection | undefined {
    const sharers = this.#connections.get(id);
    if (sharers === undefined) return undefined;
    for (const connection of sharers) {
      if (connection.remote.port === port && connection.remote.host === host) return connection;
    }
    return undefined;
  }

  #add(connection: UtpConnection): void {
    const sharers = this.#connections.get(connection.receiveId);
    if (sharers === undefined) this.#connections.set(connection.receiveId, [connection]);
    else sharers.push(connection);
    this.#count++;
  }

  /** After a connection did something: it may be over, or have another deadline. */
  #settle(connection: UtpConnection): void {
    if (connection.state === "closed") this.#remove(connection);
    else this.#noteDeadline(connection);
  }

  #noteDeadline(connection: UtpConnection): void {
    this.#deadline = Math.min(this.#deadline, connection.nextDeadline());
  }

  #remove(connection: UtpConnection): void {
    const sharers = this.#connections.get(connection.receiveId);
    const at = sharers?.indexOf(connection) ?? -1;
    if (sharers === undefined || at < 0) return;
    if (sharers.length === 1) this.#connections.delete(connection.receiveId);
    else sharers.splice(at, 1);
    this.#unconfirmed.delete(connection);
    this.#touched.delete(connection);
    this.#count--;
  }
}
