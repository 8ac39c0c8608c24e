import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Endpoint } from "../../model/endpoint.ts";
import type { Bytes } from "../../model/units.ts";

/** A burst of one round trip waits here while the loop is busy: what doesn't fit is lost, and slows everybody down. */
const BUFFER: Bytes = 4 * 1024 * 1024;
/** The system's own default; smaller is not worth asking for. */
const LEAST_BUFFER: Bytes = 256 * 1024;

/** The first byte of every DHT message: a bencoded dictionary (BEP 5). No uTP packet begins like this. */
const DICTIONARY = 0x64;

export function isForDht(datagram: Uint8Array): boolean {
  return datagram[0] === DICTIONARY;
}

/** Who hears what arrives. Datagrams are valid during the call; many come in one turn of the loop. */
export interface DatagramReceivers {
  utp(datagram: Uint8Array, host: string, port: number): void;
  dht?(datagram: Uint8Array, host: string, port: number): void;
}

/** What datagrams go out by. */
export interface DatagramSocket {
  /** Where they can go. */
  readonly families: readonly ("ipv4" | "ipv6")[];
  /** Ours, as far as we know it. */
  readonly port: number;
  /** Sends a datagram, or loses it, as networks do. The system may still read the bytes while {@link isBehind}. */
  send(datagram: Uint8Array, to: Endpoint): void;
  /** The system has not taken all that was sent. */
  readonly isBehind: boolean;
  /** The process need not live on for it, until {@link ref}. */
  unref(): void;
  ref(): void;
  close(): void;
}

/** One bound UDP socket, shared by uTP and DHT as the port is. */
export class UdpSocket implements DatagramSocket {
  readonly families: readonly ["ipv4" | "ipv6"];
  readonly port: number;
  readonly #socket: Socket;
  #isOpen = true;

  private constructor(socket: Socket, isIpv6: boolean, receivers: DatagramReceivers) {
    this.#socket = socket;
    this.families = [isIpv6 ? "ipv6" : "ipv4"];
    this.port = socket.address().port;
    widen((size) => socket.setRecvBufferSize(size));
    widen((size) => socket.setSendBufferSize(size));
    socket.on("message", (datagram: Buffer, from: RemoteInfo) => {
      if (isForDht(datagram)) receivers.dht?.(datagram, from.address, from.port);
      else receivers.utp(datagram, from.address, from.port);
    });
    // What a datagram meets on its way is the business of whoever waits for an answer.
    socket.on("error", () => undefined);
  }

  /**
   * @param host - An address of this machine, or the one that means all of a family.
   * @throws As the system says, for instance EADDRINUSE, EAFNOSUPPORT.
   */
  static open(host: string, port: number, receivers: DatagramReceivers): Promise<UdpSocket> {
    const isIpv6 = host.includes(":");
    const family = isIpv6 ? 6 : 4;
    const socket = createSocket({
      type: isIpv6 ? "udp6" : "udp4",
      ipv6Only: isIpv6,
      // Only addresses are sent to: nothing is to be looked up, nor waited for.
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    return new Promise((resolve, reject) => {
      socket.once("error", (error) => {
        socket.close();
        reject(error);
      });
      socket.bind(port, host, () => {
        socket.removeAllListeners("error");
        resolve(new UdpSocket(socket, isIpv6, receivers));
      });
    });
  }

  send(datagram: Uint8Array, to: Endpoint): void {
    // At a port that is none, which anybody can make us believe in, the system's socket throws.
    const isPort = Number.isInteger(to.port) && to.port > 0 && to.port < 65_536;
    if (this.#isOpen && isPort) this.#socket.send(datagram, to.port, to.host);
  }

  get isBehind(): boolean {
    return this.#isOpen && this.#socket.getSendQueueCount() > 0;
  }

  unref(): void {
    this.#socket.unref();
  }

  ref(): void {
    this.#socket.ref();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.close();
  }
}

/** Asks for as large a buffer as the system gives. Linux gives less without a word; others refuse. */
function widen(ask: (size: Bytes) => void): void {
  for (let size = BUFFER; size >= LEAST_BUFFER; size /= 2) {
    try {
      return ask(size);
    } catch {
      // It was too much: half of it may do, and without any the socket works all the same.
    }
  }
}
