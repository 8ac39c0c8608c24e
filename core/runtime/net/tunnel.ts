import type { ProxyServer } from "../../model/proxy.ts";
import { HttpConnect } from "./http-connect.ts";
import { SocksGreeting } from "./socks.ts";

/** What came of the proxy's words so far. */
export type TunnelProgress =
  | { readonly kind: "more"; readonly send?: Uint8Array }
  /**
   * The way is open; `rest` came through it already, and is valid as long as the chunk. `at`: where datagrams are passed
   * on, when that is what was asked for.
   */
  | { readonly kind: "open"; readonly rest: Uint8Array; readonly at?: Destination }
  | { readonly kind: "refused"; readonly words: string };

/** The conversation that opens a way through a proxy: bytes in, bytes out. */
export interface TunnelTalk {
  /** What we say first. */
  begin(): Uint8Array;
  receive(chunk: Uint8Array): TunnelProgress;
}

/** Whom to reach: a name is for the proxy to look up. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

export function talkTo(proxy: ProxyServer, to: Destination): TunnelTalk {
  return proxy.kind === "socks5" ? new SocksGreeting(proxy, to) : new HttpConnect(proxy, to);
}

/** What a proxy says instead of opening a way; the message is for people. */
export class ProxyRefusal extends Error {
  override name = "ProxyRefusal";
}

/** `[::1]:1080`, without who we are to it. */
export function proxyName({ host, port }: ProxyServer): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
