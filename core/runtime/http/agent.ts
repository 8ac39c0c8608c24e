import type { Agent } from "undici";
import type { ProxyServer } from "../../model/proxy.ts";
import type { Millis } from "../../model/units.ts";
import { proxyAuthorization } from "../net/http-connect.ts";
import { openTunnel } from "../net/open-tunnel.ts";
import type { HopGate } from "./fetch-limited.ts";

/** What one request of an agent says beside its own headers. */
interface Target {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The connections of a hop: to where its name leads, if the gate admits it, or through the proxy, which looks the name
 * up itself. An HTTP proxy is told the whole address of what is not encrypted, as many allow no tunnel to it.
 */
export async function agentFor(
  gate: HopGate,
  { timeout, signal, ...options }: Agent.Options & { readonly timeout: Millis; readonly signal: AbortSignal },
): Promise<Agent> {
  // Loading it takes a third of all that starting takes, and many a run asks nobody.
  const undici = await import("undici");
  const { proxy, localAddress, url } = gate;
  const from = { timeout, rejectUnauthorized: true, ...(localAddress === undefined ? {} : { localAddress }) };
  if (proxy === undefined || isToldInFull(url, proxy)) {
    const connect = proxy === undefined ? { ...from, lookup: gate.lookup } : from;
    return new undici.Agent({ ...options, autoSelectFamily: true, connect });
  }
  const secure = undici.buildConnector(from);
  return new undici.Agent({
    ...options,
    connect: (to, done) => {
      const port = Number(to.port) || (to.protocol === "https:" ? 443 : 80);
      openTunnel(proxy, { host: to.hostname.replace(/^\[|\]$/g, ""), port }, { localAddress, timeout, signal }).then(
        (socket) => (to.protocol === "https:" ? secure({ ...to, httpSocket: socket }, done) : done(null, socket)),
        (error: Error) => done(error, null),
      );
    },
  });
}

/** Where a request to `url` is sent, of an agent for it. */
export function targetOf(url: URL, proxy: ProxyServer | undefined): Target {
  const path = `${url.pathname}${url.search}`;
  if (proxy === undefined || !isToldInFull(url, proxy)) return { origin: url.origin, path, headers: {} };
  const credentials = proxyAuthorization(proxy);
  const identity = credentials === undefined ? {} : { "proxy-authorization": credentials };
  const host = proxy.host.includes(":") ? `[${proxy.host}]` : proxy.host;
  return {
    origin: `http://${host}:${proxy.port}`,
    path: `${url.origin}${path}`,
    headers: { host: url.host, ...identity },
  };
}

function isToldInFull(url: URL, proxy: ProxyServer): boolean {
  return proxy.kind === "http" && url.protocol === "http:";
}
