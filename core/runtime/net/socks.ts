import { addressBytes } from "../../model/address.ts";
import { concatBytes } from "../../model/bytes.ts";
import type { ProxyServer } from "../../model/proxy.ts";
import type { Destination, TunnelProgress, TunnelTalk } from "./tunnel.ts";

const VERSION = 5;
const CONNECT = 1;
const NO_AUTHENTICATION = 0;
const PASSWORD = 2;
const NO_METHOD = 0xff;
/** RFC 1929. */
const PASSWORD_VERSION = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** What the reply codes of RFC 1928 mean. */
const REPLIES: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "its rules do not allow it",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "timed out on the way",
  7: "it can't connect for others",
  8: "it does not know this kind of address",
};

/** Asks a SOCKS5 proxy for a connection (RFC 1928), with user and password where we have them (RFC 1929). */
export class SocksGreeting implements TunnelTalk {
  readonly #proxy: Pick<ProxyServer, "user" | "password">;
  readonly #to: Destination;
  #phase: "method" | "password" | "reply" = "method";
  /** Of an answer that is not whole: less than 262 bytes. */
  #held = new Uint8Array(0);

  constructor(proxy: Pick<ProxyServer, "user" | "password">, to: Destination) {
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
    const { host, port } = this.#to;
    const head = Uint8Array.of(VERSION, CONNECT, 0);
    return { kind: "more", send: concatBytes(head, destination(host), Uint8Array.of(port >>> 8, port)) };
  }

  #opened(bytes: Uint8Array, reply: number): TunnelProgress | undefined {
    if (reply !== 0) return refused(REPLIES[reply] ?? `reply ${reply}, which nobody knows`);
    const [, , , type, nameLength] = bytes;
    if (type === undefined || nameLength === undefined) return undefined;
    if (type !== ADDRESS.ipv4 && type !== ADDRESS.ipv6 && type !== ADDRESS.name) {
      return refused("it does not speak SOCKS5");
    }
    const length = { [ADDRESS.ipv4]: 10, [ADDRESS.ipv6]: 22, [ADDRESS.name]: 7 + nameLength }[type];
    return bytes.length < length ? undefined : { kind: "open", rest: bytes.subarray(length) };
  }
}

function destination(host: string): Uint8Array {
  const address = addressBytes(host);
  if (address !== undefined) {
    return concatBytes(Uint8Array.of(address.length === 4 ? ADDRESS.ipv4 : ADDRESS.ipv6), address);
  }
  const name = new TextEncoder().encode(host).subarray(0, 255);
  return concatBytes(Uint8Array.of(ADDRESS.name, name.length), name);
}

function refused(words: string): TunnelProgress {
  return { kind: "refused", words };
}
