import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Closing } from "../../model/close-reason.ts";
import { type Endpoint, formatEndpoint } from "../../model/endpoint.ts";
import { seededRandom } from "../../model/random.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import type { UtpConnection } from "../../utp/connection.ts";
import type { UtpEnd, UtpEvents } from "../../utp/context.ts";
import { UtpMultiplexer } from "../../utp/multiplexer.ts";
import type { StreamEvents } from "./tcp.ts";
import { type DatagramReceivers, type DatagramSocket, UdpSocket } from "./udp-socket.ts";
import { UtpLink } from "./utp-link.ts";

/** Timers are no finer than this. */
const TICK: Millis = 1;

/** Milliseconds since the epoch with their fractions; unlike the system's clock it never goes back. */
function preciseNow(): Timestamp {
  return performance.timeOrigin + performance.now();
}

export interface UtpOptions {
  /** An address of this machine; undefined: all of both families. */
  readonly host: string | undefined;
  /** 0: chosen by the system. */
  readonly port: number;
  /** What everything goes through, instead of sockets of its own. */
  relay?(receivers: DatagramReceivers): DatagramSocket;
  readonly maxConnections: () => number;
  /** What is for the DHT: valid during the call. */
  dht?(datagram: Uint8Array, from: Endpoint): void;
  /** Called for each connection that comes. @returns Whom to tell of it. */
  accept(from: Endpoint, link: UtpLink): Omit<StreamEvents, "connected">;
}

/** uTP over the sockets of one port: what {@link UtpMultiplexer} decides is sent, and it is told the time. */
export class UtpPort {
  readonly #options: UtpOptions;
  readonly #multiplexer: UtpMultiplexer;
  readonly #sockets: DatagramSocket[] = [];
  /** The time of this turn of the loop, once it is known. */
  #turn: Timestamp | undefined;
  #isFlushPlanned = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Timestamp = Number.POSITIVE_INFINITY;
  #isClosing = false;
  #isOpen = true;

  private constructor(options: UtpOptions) {
    this.#options = options;
    this.#multiplexer = new UtpMultiplexer({
      random: seededRandom(randomBytes(4).readUInt32LE()),
      maxConnections: () => (this.#isClosing ? 0 : options.maxConnections()),
      send: (datagram, to) => this.#socketTo(to)?.send(datagram, to),
      accept: (connection) => this.#accept(connection),
      wanted: () => this.#planFlush(),
    });
  }

  /** @throws As the system says, when no family has the port free. */
  static async open(options: UtpOptions): Promise<UtpPort> {
    const port = new UtpPort(options);
    const receivers = {
      utp: port.#received.bind(port),
      dht: (datagram: Uint8Array, host: string, from: number) => options.dht?.(datagram, { host, port: from }),
    };
    if (options.relay !== undefined) {
      port.#sockets.push(options.relay(receivers));
      return port;
    }
    if (options.host !== undefined) {
      port.#sockets.push(await UdpSocket.open(options.host, options.port, receivers));
      return port;
    }
    const ipv4 = await UdpSocket.open("0.0.0.0", options.port, receivers);
    // A system without IPv6 does without.
    const ipv6 = await UdpSocket.open("::", ipv4.port, receivers).catch(() => undefined);
    port.#sockets.push(ipv4, ...(ipv6 === undefined ? [] : [ipv6]));
    return port;
  }

  /** The number of the port. */
  get number(): number {
    return this.#sockets[0]?.port ?? 0;
  }

  /** Where its datagrams can go. */
  get families(): readonly ("ipv4" | "ipv6")[] {
    return this.#sockets.flatMap((socket) => socket.families);
  }

  /** A datagram that has nothing to do with uTP. */
  send(datagram: Uint8Array, to: Endpoint): void {
    this.#socketTo(to)?.send(datagram, to);
  }

  /** Dials a peer. @returns Gives up: nothing is reported after it. */
  dial(to: Endpoint, events: StreamEvents): () => void {
    const end = (detail: string, reason: "connect-failed" | "resource"): void => {
      events.ended({
        reason,
        by: reason === "resource" ? "us" : "network",
        detail: `${formatEndpoint(to)}: ${detail}`,
      });
    };
    let isGivenUp = false;
    const failLater = (detail: string, reason: "connect-failed" | "resource"): (() => void) => {
      queueMicrotask(() => {
        if (!isGivenUp) end(detail, reason);
      });
      return () => {
        isGivenUp = true;
      };
    };
    if (this.#socketTo(to) === undefined) return failLater("no uTP socket of its family", "connect-failed");
    const now = this.#now();
    const connection = this.#multiplexer.dial(
      to,
      {
        connected: () => events.connected(new UtpLink(connection as UtpConnection, () => this.#now())),
        received: (bytes) => events.received(bytes),
        closed: (cause) => events.ended(closingOf(to, cause)),
      },
      now,
    );
    if (connection === undefined) return failLater("as many uTP connections as may be", "resource");
    this.#arm();
    return () => connection.end(0, true, this.#now());
  }

  /** It has its sockets, be it for connections from before {@link close} alone. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes no new connections. Those that are there live on, and the sockets with them. */
  close(): void {
    this.#isClosing = true;
    for (const socket of this.#sockets) socket.unref();
    this.#timer?.unref();
    this.#closeWhenIdle();
  }

  /** Takes connections again. */
  reopen(): void {
    this.#isClosing = false;
    for (const socket of this.#sockets) socket.ref();
    this.#timer?.ref();
  }

  #accept(connection: UtpConnection): UtpEvents {
    const from = connection.remote;
    const link = new UtpLink(connection, () => this.#now());
    const events = this.#options.accept(from, link);
    return {
      connected: () => undefined,
      received: (bytes) => events.received(bytes),
      closed: (end) => events.ended(closingOf(from, end)),
    };
  }

  #received(datagram: Uint8Array, host: string, port: number): void {
    this.#multiplexer.receive(datagram, host, port, this.#now());
  }

  #now(): Timestamp {
    if (this.#turn === undefined) {
      this.#turn = preciseNow();
      this.#planFlush();
    }
    return this.#turn;
  }

  /** Once for all that happens in one turn of the loop: one acknowledgement, one hand-over. */
  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.#turn = preciseNow();
      this.#multiplexer.flush(this.#turn);
      this.#turn = undefined;
      this.#settle();
    });
  }

  /** After anything was sent. */
  #settle(): void {
    this.#multiplexer.context.packets.mayBeRead = this.#sockets.some((socket) => socket.isBehind);
    this.#closeWhenIdle();
    this.#arm();
  }

  #arm(): void {
    const { deadline } = this.#multiplexer;
    if (deadline >= this.#timerAt) return;
    this.#timerAt = deadline;
    clearTimeout(this.#timer);
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#turn = preciseNow();
        this.#multiplexer.advance(this.#turn);
        this.#turn = undefined;
        this.#settle();
      },
      Math.max(TICK, Math.ceil(deadline - preciseNow())),
    );
    if (this.#isClosing) this.#timer.unref();
  }

  #closeWhenIdle(): void {
    if (!this.#isClosing || !this.#isOpen || this.#multiplexer.count > 0) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }

  #socketTo({ host }: Endpoint): DatagramSocket | undefined {
    const family = host.includes(":") ? "ipv6" : "ipv4";
    return this.#sockets.find(({ families }) => families.includes(family));
  }
}

function closingOf(remote: Endpoint, end: UtpEnd): Closing {
  const told = end.kind === "silent" || end.closeReason === undefined ? {} : { closeReason: end.closeReason };
  if (end.kind === "finished")
    return { reason: "closed-by-peer", by: "peer", detail: "it ended the connection", ...told };
  const where = formatEndpoint(remote);
  if (end.kind === "reset") {
    return end.wasConnected
      ? { reason: "closed-by-peer", by: "peer", detail: "it reset the connection", ...told }
      : { reason: "connect-failed", by: "network", detail: `${where}: connection refused over uTP`, ...told };
  }
  return end.wasConnected
    ? { reason: "closed-by-peer", by: "network", detail: `no answer to ${end.tries} packets in a row` }
    : { reason: "connect-failed", by: "network", detail: `${where}: no answer over uTP to ${end.tries} tries` };
}
