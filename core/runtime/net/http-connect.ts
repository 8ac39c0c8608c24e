import { concatBytes, fromLatin1, toLatin1 } from "../../model/bytes.ts";
import type { ProxyServer } from "../../model/proxy.ts";
import { type Bytes, KIB } from "../../model/units.ts";
import type { Destination, TunnelProgress, TunnelTalk } from "./tunnel.ts";

const MAX_HEADERS: Bytes = 16 * KIB;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?:[ \r]|$)/;

/** Asks an HTTP proxy for a connection (CONNECT, RFC 9110). */
export class HttpConnect implements TunnelTalk {
  readonly #proxy: Pick<ProxyServer, "user" | "password">;
  readonly #to: Destination;
  #held = new Uint8Array(0);

  constructor(proxy: Pick<ProxyServer, "user" | "password">, to: Destination) {
    this.#proxy = proxy;
    this.#to = to;
  }

  begin(): Uint8Array {
    const { host, port } = this.#to;
    const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const credentials = proxyAuthorization(this.#proxy);
    const identity = credentials === undefined ? "" : `Proxy-Authorization: ${credentials}\r\n`;
    return fromLatin1(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n${identity}\r\n`);
  }

  receive(chunk: Uint8Array): TunnelProgress {
    const before = this.#held.length;
    // What is beyond the limit is not looked at.
    const bytes = concatBytes(this.#held, chunk.subarray(0, MAX_HEADERS + 1 - before));
    const text = toLatin1(bytes);
    const status = STATUS_LINE.exec(text)?.[1];
    const isStrange = status === undefined && (text.includes("\n") || !"HTTP/1.".startsWith(text.slice(0, 7)));
    if (isStrange) return { kind: "refused", words: "it does not speak HTTP" };
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      if (bytes.length > MAX_HEADERS) return { kind: "refused", words: "its headers are longer than 16 KiB" };
      this.#held = bytes as Uint8Array<ArrayBuffer>;
      return { kind: "more" };
    }
    if (status?.startsWith("2")) return { kind: "open", rest: chunk.subarray(end + 4 - before) };
    return { kind: "refused", words: refusalOf(Number(status), this.#proxy.user !== undefined) };
  }
}

/** @returns The value of the header, when we have a name for it. */
export function proxyAuthorization({
  user,
  password = "",
}: Pick<ProxyServer, "user" | "password">): string | undefined {
  return user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function refusalOf(status: number, areWeNamed: boolean): string {
  if (status !== 407) return `HTTP status ${status}`;
  return areWeNamed ? "it refuses user and password" : "it wants to know who we are";
}
