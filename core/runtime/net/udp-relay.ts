import { createSocket, type Socket as DatagramHandle } from "node:dgram";
import { isIP, type Socket } from "node:net";
import { type Endpoint, normalHost } from "../../model/endpoint.ts";
import type { ProxyServer } from "../../model/proxy.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import { isAnyAddress } from "../http/families.ts";
import { leadsInwards, type Reach, reachOf } from "../http/reach.ts";
import { converse } from "./open-tunnel.ts";
import { SocksGreeting, unwrapDatagram, wrapDatagram } from "./socks.ts";
import { type Destination, proxyName } from "./tunnel.ts";
import { type DatagramReceivers, type DatagramSocket, isForDht } from "./udp-socket.ts";

const TIMEOUT: Millis = 15_000;
/** After an association that came to nothing, the next is asked for; twice as late each time. */
const FIRST_RETRY: Millis = 1_000;
const LAST_RETRY: Millis = 5 * 60_000;
/** One that lasted for so long came to something. */
const LASTING: Millis = 60_000;
/** So that a proxy that is gone without a word is noticed. */
const PROBE_EVERY: Millis = 60_000;
/** The first byte of every answer of a UDP tracker (BEP 15). No uTP packet, and no message of the DHT, begins like this. */
const TRACKER = 0;

/** Hears what a tracker answers, valid during the call; `from` is a name if the proxy tells no address. */
export type TrackerListener = (datagram: Uint8Array, from: Destination) => void;

export interface UdpRelayOptions {
  readonly proxy: ProxyServer;
  /** The address to send from; any when absent. */
  readonly bindHost: string | undefined;
  readonly now: () => Timestamp;
  /** It has come or gone. */
  changed(): void;
}

/**
 * Datagrams through a SOCKS5 proxy that passes them on (RFC 1928, §7): as long as the connection lives over which it was
 * asked to, and asked again after. Names are looked up by the proxy. Until it agrees, all that is sent is lost.
 */
export class UdpRelay implements DatagramSocket {
  readonly families = ["ipv4", "ipv6"] as const;
  /** What others see us come from is the proxy's. */
  readonly port = 0;
  readonly isBehind = false;
  readonly #options: UdpRelayOptions;
  readonly #trackers = new Set<TrackerListener>();
  #receivers: DatagramReceivers | undefined;
  #way: { readonly control: Socket; readonly datagrams: DatagramHandle } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: Millis = FIRST_RETRY;
  #fault: string | undefined;
  readonly #ending = new AbortController();
  #isClosing = false;

  constructor(options: UdpRelayOptions) {
    this.#options = options;
    void this.#associate();
  }

  /** Whom others see. */
  get name(): string {
    return proxyName(this.#options.proxy);
  }

  /** Whom what arrives is for. */
  feed(receivers: DatagramReceivers): this {
    this.#receivers = receivers;
    return this;
  }

  /** The proxy passes our datagrams on. */
  get isUp(): boolean {
    return this.#way !== undefined;
  }

  /** Why it does not, in words; undefined as long as it has not answered. */
  get fault(): string | undefined {
    return this.#fault;
  }

  send(datagram: Uint8Array, to: Destination): void {
    this.#way?.datagrams.send(wrapDatagram(datagram, to));
  }

  /** @returns Ends it: while somebody listens, it is not closed. */
  listen(listener: TrackerListener): () => void {
    this.#trackers.add(listener);
    return () => {
      this.#trackers.delete(listener);
      if (this.#isClosing) this.close();
    };
  }

  /** Nothing is for it any more but what lives on. */
  unref(): void {
    this.#ref(false);
  }

  ref(): void {
    this.#ref(true);
  }

  close(): void {
    this.#isClosing = true;
    if (this.#trackers.size > 0) return;
    this.#ending.abort();
    clearTimeout(this.#timer);
    this.#way?.control.destroy();
  }

  #ref(isOn: boolean): void {
    const { control, datagrams } = this.#way ?? {};
    for (const handle of [control, datagrams, this.#timer]) {
      if (isOn) handle?.ref();
      else handle?.unref();
    }
  }

  async #associate(): Promise<void> {
    const { proxy, bindHost, now, changed } = this.#options;
    const localAddress = isAnyAddress(bindHost) ? undefined : bindHost;
    const begun = now();
    let fault: string;
    try {
      const ways = { localAddress, timeout: TIMEOUT, signal: this.#ending.signal };
      const { socket, at } = await converse(proxy, new SocksGreeting(proxy, undefined), ways);
      fault = await this.#passOn(socket, at as Destination, localAddress);
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
    }
    if (this.#ending.signal.aborted) return;
    this.#fault = fault;
    this.#retry = now() - begun >= LASTING ? FIRST_RETRY : Math.min(LAST_RETRY, 2 * this.#retry);
    this.#timer = setTimeout(() => void this.#associate(), this.#retry);
    if (this.#isClosing) this.#timer.unref();
    changed();
  }

  /** @returns When it is over, in words why. @throws As the system says. */
  async #passOn(control: Socket, at: Destination, localAddress: string | undefined): Promise<string> {
    let failure = "";
    const ended = new Promise<void>((resolve) => control.once("close", () => resolve()));
    control.on("error", (error) => {
      failure = `: ${error.message}`;
    });
    control.on("end", () => control.destroy());
    control.setKeepAlive(true, PROBE_EVERY);
    control.resume();
    try {
      if (at.port === 0) return "the proxy tells no port to send datagrams to";
      const datagrams = await this.#openSocket(relayOf(at, control), localAddress);
      this.#way = { control, datagrams };
      // What it says meanwhile belongs to it: without it, nothing is passed on.
      if (control.destroyed) return "it ended the association";
      if (this.#ending.signal.aborted) return "it was stopped here";
      this.#fault = undefined;
      this.#options.changed();
      await ended;
      return `the proxy ended the association${failure}`;
    } finally {
      control.destroy();
      this.#way?.datagrams.close();
      this.#way = undefined;
    }
  }

  /** @returns A socket that sends to the proxy alone, and hears nobody else. */
  #openSocket({ host, port }: Destination, localAddress: string | undefined): Promise<DatagramHandle> {
    const family = isIP(host) === 6 ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    socket.on("message", (bytes) => this.#received(bytes));
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        socket.close();
        reject(error);
      };
      socket.once("error", fail);
      socket.bind({ port: 0, ...(localAddress === undefined ? {} : { address: localAddress }) }, () => {
        socket.connect(port, host, (fault?: Error) => {
          if (fault !== undefined) return fail(fault);
          socket.off("error", fail);
          // What a datagram meets on its way is the business of whoever waits for an answer.
          socket.on("error", () => undefined);
          resolve(socket);
        });
      });
    });
  }

  #received(bytes: Uint8Array): void {
    const { from, datagram } = unwrapDatagram(bytes) ?? {};
    if (from === undefined || datagram === undefined) return;
    if (datagram[0] === TRACKER) {
      for (const listener of [...this.#trackers]) listener(datagram, from);
      return;
    }
    // Who is not told by an address is nobody that we know.
    if (isIP(from.host) === 0) return;
    const { host, port }: Endpoint = { host: normalHost(from.host), port: from.port };
    if (isForDht(datagram)) this.#receivers?.dht?.(datagram, host, port);
    else this.#receivers?.utp(datagram, host, port);
  }
}

/**
 * Where to send to: where the proxy says, and at its own address when it says none, or one that is nearer to us than itself,
 * as it may know itself by an address of its own network.
 */
function relayOf({ host, port }: Destination, { remoteAddress = "" }: Socket): Destination {
  const own = normalHost(remoteAddress);
  const isNowhere = isIP(host) === 0 || host === "0.0.0.0" || host === "::";
  if (isNowhere || leadsInwards(reachOf(own) as Reach, reachOf(host) as Reach)) return { host: own, port };
  return { host, port };
}
