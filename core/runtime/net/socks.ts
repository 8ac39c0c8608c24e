import { addressBytes, addressText } from "../../model/address.ts";
import { concatBytes, toLatin1 } from "../../model/bytes.ts";
import type { ProxyServer } from "../../model/proxy.ts";
import type { Destination, TunnelProgress, TunnelTalk } from "./tunnel.ts";

const VERSION = 5;
const COMMAND = { connect: 1, associate: 3 } as const;
const NO_AUTHENTICATION = 0;
const PASSWORD = 2;
const NO_METHOD = 0xff;
/** RFC 1929. */
const PASSWORD_VERSION = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;

const CAN_NOT = 7;
/** What the reply codes of RFC 1928 mean. */
const REPLIES: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "its rules do not allow it",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "timed out on the way",
  [CAN_NOT]: "it can't connect for others",
  8: "it does not know this kind of address",
};

/** Where our datagrams will come from is not known when they are asked to be passed on. */
const UNKNOWN: Destination = { host: "0.0.0.0", port: 0 };

/**
 * Asks a SOCKS5 proxy for a connection, or to pass on datagrams (RFC 1928), with user and password where we have them
 * (RFC 1929).
 */
export class SocksGreeting implements TunnelTalk {
  readonly #proxy: Pick<ProxyServer, "user" | "password">;
  readonly #to: Destination | undefined;
  #phase: "method" | "password" | "reply" = "method";
  /** Of an answer that is not whole: less than 262 bytes. */
  #held = new Uint8Array(0);

  /** @param to - Undefined: datagrams are to be passed on, each where it says itself. */
  constructor(proxy: Pick<ProxyServer, "user" | "password">, to: Destination | undefined) {
    this.#proxy = proxy;
    this.#to = to;
  }

  begin(): Uint8Array {
    return this.#proxy.user === undefined
      ? Uint8Array.of(VERSION, 1, NO_AUTHENTICATION)
      : Uint8Array.of(VERSION, 2, NO_AUTHENTICATION, PASSWORD);
  }

  receive(chunk: Uint8Array): TunnelProgress {
    const bytes = this.#held.length === 0 ? chunk : concatBytes(this.#held, chunk);
    const progress = this.#judge(bytes);
    if (progress === undefined) {
      this.#held = Uint8Array.from(bytes);
      return { kind: "more" };
    }
    this.#held = new Uint8Array(0);
    return progress;
  }

  /** @returns Undefined when the answer is not whole yet. */
  #judge(bytes: Uint8Array): TunnelProgress | undefined {
    const [version, second] = bytes;
    const expected = this.#phase === "password" ? PASSWORD_VERSION : VERSION;
    if (version !== undefined && version !== expected) return refused("it does not speak SOCKS5");
    if (second === undefined) return undefined;
    if (this.#phase === "reply") return this.#opened(bytes, second);
    // It is our turn: who speaks on does not follow the protocol.
    if (bytes.length > 2) return refused("it speaks out of turn");
    if (this.#phase === "password") return second === 0 ? this.#ask() : refused("it refuses user and password");
    if (second === NO_AUTHENTICATION) return this.#ask();
    if (second === PASSWORD && this.#proxy.user !== undefined) return this.#identify();
    if (second !== NO_METHOD) return refused(`it wants method ${second} of authentication, which was not offered`);
    return refused(this.#proxy.user === undefined ? "it wants to know who we are" : "it takes no user and password");
  }

  #identify(): TunnelProgress {
    this.#phase = "password";
    const [user, password] = [this.#proxy.user, this.#proxy.password].map((text) => new TextEncoder().encode(text));
    const send = concatBytes(
      Uint8Array.of(PASSWORD_VERSION, user?.length ?? 0),
      user ?? new Uint8Array(0),
      Uint8Array.of(password?.length ?? 0),
      password ?? new Uint8Array(0),
    );
    return { kind: "more", send };
  }

  #ask(): TunnelProgress {
    this.#phase = "reply";
    const head = Uint8Array.of(VERSION, this.#to === undefined ? COMMAND.associate : COMMAND.connect, 0);
    return { kind: "more", send: concatBytes(head, writeDestination(this.#to ?? UNKNOWN)) };
  }

  #opened(bytes: Uint8Array, reply: number): TunnelProgress | undefined {
    if (reply === CAN_NOT && this.#to === undefined) return refused("it passes on no datagrams");
    if (reply !== 0) return refused(REPLIES[reply] ?? `reply ${reply}, which nobody knows`);
    const told = readDestination(bytes.subarray(3));
    if (told === "malformed") return refused("it does not speak SOCKS5");
    if (told === undefined) return undefined;
    return { kind: "open", rest: told.rest, ...(this.#to === undefined ? { at: told.destination } : {}) };
  }
}

/** How RFC 1928 writes an address or a name, then a port. */
function writeDestination({ host, port }: Destination): Uint8Array {
  const address = addressBytes(host);
  const end = Uint8Array.of(port >>> 8, port);
  if (address !== undefined) {
    return concatBytes(Uint8Array.of(address.length === 4 ? ADDRESS.ipv4 : ADDRESS.ipv6), address, end);
  }
  const name = new TextEncoder().encode(host).subarray(0, 255);
  return concatBytes(Uint8Array.of(ADDRESS.name, name.length), name, end);
}

/** @returns Undefined when it is not whole yet. */
function readDestination(bytes: Uint8Array): { destination: Destination; rest: Uint8Array } | "malformed" | undefined {
  const [type, nameLength] = bytes;
  if (type === undefined || nameLength === undefined) return undefined;
  if (type !== ADDRESS.ipv4 && type !== ADDRESS.ipv6 && type !== ADDRESS.name) return "malformed";
  const begin = type === ADDRESS.name ? 2 : 1;
  const end = begin + { [ADDRESS.ipv4]: 4, [ADDRESS.ipv6]: 16, [ADDRESS.name]: nameLength }[type];
  if (bytes.length < end + 2) return undefined;
  const port = ((bytes[end] as number) << 8) | (bytes[end + 1] as number);
  const name = bytes.subarray(begin, end);
  const host = type === ADDRESS.name ? toLatin1(name) : (addressText(name) as string);
  return { destination: { host, port }, rest: bytes.subarray(end + 2) };
}

/** A datagram as it goes to the proxy, which is to pass it on (RFC 1928, §7). */
export function wrapDatagram(datagram: Uint8Array, to: Destination): Uint8Array {
  return concatBytes(Uint8Array.of(0, 0, 0), writeDestination(to), datagram);
}

/**
 * A datagram that the proxy has passed on.
 * @returns What it holds, a view, and where it comes from: a name, if the proxy knows it as one. Undefined for a part of a
 *   datagram, which we drop as RFC 1928 lets us, and for anything else.
 */
export function unwrapDatagram(bytes: Uint8Array): { from: Destination; datagram: Uint8Array } | undefined {
  const [reserved, alsoReserved, part] = bytes;
  if (reserved !== 0 || alsoReserved !== 0 || part !== 0) return undefined;
  const told = readDestination(bytes.subarray(3));
  return typeof told === "object" ? { from: told.destination, datagram: told.rest } : undefined;
}

function refused(words: string): TunnelProgress {
  return { kind: "refused", words };
}
