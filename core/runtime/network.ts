import type { Closing } from "../model/close-reason.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Transport } from "../model/peer-face.ts";
import type { ProxyServer } from "../model/proxy.ts";
import type { Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { PeerLink } from "../peer/ports.ts";
import type { Session } from "../session/session.ts";
import { dialBeside } from "./net/dial-beside.ts";
import { dialTcp, type Listener, listenTcp, type StreamEvents } from "./net/tcp.ts";
import { UdpRelay } from "./net/udp-relay.ts";
import { type UtpOptions, UtpPort } from "./net/utp.ts";

/** A port that the system chose for TCP may be taken for UDP; the next one is free in all likelihood. */
const PORT_TRIES = 5;

/** Ties sockets to the session's peers. */
export class Network {
  readonly #session: () => Session;
  readonly #now: () => Timestamp;
  readonly #bindHost: string | undefined;
  #listener: Listener | undefined;
  #utp: UtpPort | undefined;
  #proxy: ProxyServer | undefined;
  #relay: UdpRelay | undefined;
  #fault: string | undefined;
  readonly #relayChanged: () => void;
  readonly #toDht: (datagram: Uint8Array, from: Endpoint) => void;
  /** Ports we left, whose uTP connections live on. */
  #left: UtpPort[] = [];

  /**
   * @param session - Later than this object, hence a call.
   * @param toDht - Gets each datagram that is for the DHT, valid during the call.
   * @param relayChanged - The proxy passes our datagrams on from now on, or no longer.
   */
  constructor(
    session: () => Session,
    now: () => Timestamp,
    bindHost: string | undefined,
    toDht: (datagram: Uint8Array, from: Endpoint) => void,
    relayChanged: () => void,
  ) {
    this.#toDht = toDht;
    this.#relayChanged = relayChanged;
    this.#session = session;
    this.#now = now;
    this.#bindHost = bindHost;
  }

  /**
   * Listens on `port`, 0 for any, over TCP and UDP, instead of where it did. With a proxy nothing listens, whoever is
   * dialled is dialled through it, and so go datagrams, if it is one that may pass them on.
   */
  async listen(port: number, proxy: ProxyServer | undefined): Promise<void> {
    this.#proxy = proxy;
    this.#fault = undefined;
    await this.close();
    this.#session().listenPort = undefined;
    if (proxy === undefined) this.#fault = await this.#listenHere(port);
    else if (proxy.kind === "socks5") await this.#associate(proxy);
  }

  /** In words who can't connect to us, and why. */
  get words(): string | undefined {
    if (this.#proxy === undefined) return this.#fault;
    if (this.#relay?.isUp === true) {
      return "With a proxy nobody can connect to us over TCP, and local discovery is off. uTP, UDP trackers and the DHT go through it.";
    }
    const why = this.#relay?.fault === undefined ? "" : `: ${this.#relay.fault}`;
    return `With a proxy nobody can connect to us, and uTP, UDP trackers, the DHT and local discovery are off${why}.`;
  }

  /** What passes our datagrams on, while it does. */
  get relay(): UdpRelay | undefined {
    return this.#relay?.isUp === true ? this.#relay : undefined;
  }

  async #associate(proxy: ProxyServer): Promise<void> {
    const changed = (): void => {
      if (this.#relay === relay) this.#relayChanged();
    };
    const relay = new UdpRelay({ proxy, bindHost: this.#bindHost, now: this.#now, changed });
    this.#relay = relay;
    this.#utp = await UtpPort.open({ ...this.#manner(0), relay: (receivers) => relay.feed(receivers) });
  }

  /** @returns In words why it can't. */
  async #listenHere(port: number): Promise<string | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        this.#listener = await listenTcp(this.#bindHost, port, (from, link) => this.#accept(from, "tcp", link));
      } catch (error) {
        return `Nobody can connect to us: ${wordsOf(error)}. Another port may do.`;
      }
      try {
        this.#utp = await this.#openUtp(this.#listener.port);
      } catch (error) {
        if (port === 0 && tries < PORT_TRIES) {
          await this.close();
          continue;
        }
        this.#session().listenPort = this.#listener.port;
        return `uTP does not work: ${wordsOf(error)}. Another port may do.`;
      }
      this.#session().listenPort = this.#listener.port;
      return undefined;
    }
  }

  /** Stops listening; connections live on. */
  async close(): Promise<void> {
    this.#relay = undefined;
    const listener = this.#listener;
    this.#listener = undefined;
    // Resolves when the last accepted socket is gone, which is not what is waited for here.
    void listener?.close();
    if (this.#utp !== undefined) this.#left.push(this.#utp);
    this.#utp?.close();
    this.#utp = undefined;
    await Promise.resolve();
  }

  /** The families of addresses over which datagrams go. */
  get families(): readonly ("ipv4" | "ipv6")[] {
    return this.#relay?.isUp === false ? [] : (this.#utp?.families ?? []);
  }

  /** A datagram of the DHT; lost when there is no socket of its family. */
  send(datagram: Uint8Array, to: Endpoint): void {
    this.#utp?.send(datagram, to);
  }

  dial(peer: Peer): () => void {
    const tcp = (events: StreamEvents) => dialTcp(peer, this.#bindHost, events, this.#proxy);
    const port = this.families.length === 0 ? undefined : this.#utp;
    const connected = (link: PeerLink, transport: Transport): void => {
      peer.transport = transport;
      peer.connected(link, this.#now());
    };
    const rest = this.#eventsOf(peer);
    const choice = this.#session().settings.transport;
    if (port === undefined || choice === "tcp") return tcp({ ...rest, connected: (link) => connected(link, "tcp") });
    // By the time it is tried there may be another port.
    const utp = (events: StreamEvents) => (this.#utp ?? port).dial(peer, events);
    if (choice === "both" && !peer.isHolepunched) return dialBeside(tcp, utp, { ...rest, connected });
    peer.transport = "utp";
    return utp({ ...rest, connected: (link) => connected(link, "utp") });
  }

  async #openUtp(port: number): Promise<UtpPort> {
    this.#left = this.#left.filter((left) => left.isOpen);
    const known = this.#left.find((left) => left.number === port);
    if (known !== undefined) {
      this.#left.splice(this.#left.indexOf(known), 1);
      known.reopen();
      return known;
    }
    return UtpPort.open(this.#manner(port));
  }

  #manner(port: number): UtpOptions {
    return {
      host: this.#bindHost,
      port,
      maxConnections: () => this.#maxUtp(),
      dht: (datagram, from) => this.#toDht(datagram, from),
      accept: (from, link) => this.#accept(from, "utp", link),
    };
  }

  /** The session closes what is beyond its own limit, and says so. */
  #maxUtp(): number {
    const { transport, maxConnections } = this.#session().settings;
    return transport === "tcp" ? 0 : 2 * maxConnections;
  }

  #accept(from: Endpoint, transport: Transport, link: PeerLink): Omit<StreamEvents, "connected"> {
    return this.#eventsOf(this.#session().accept(from, transport, link, this.#now()));
  }

  #eventsOf(peer: Peer): Omit<StreamEvents, "connected"> {
    return {
      received: (chunk: Uint8Array) => peer.receive(chunk, this.#now()),
      ended: (closing: Closing) => peer.disconnected(closing, this.#now()),
    };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
