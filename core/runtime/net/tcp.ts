import { connect, createServer, type Server, type Socket } from "node:net";
import type { Closing } from "../../model/close-reason.ts";
import { type Endpoint, formatEndpoint, normalHost } from "../../model/endpoint.ts";
import type { ProxyServer } from "../../model/proxy.ts";
import type { Bytes } from "../../model/units.ts";
import type { PeerLink } from "../../peer/ports.ts";
import { TcpLink } from "./tcp-link.ts";
import { ProxyRefusal, proxyName, type TunnelTalk, talkTo } from "./tunnel.ts";

/** One read takes at most this: four blocks at a time cost less than one. */
const READ_BUFFER: Bytes = 256 * 1024;
/** Connections the system may hold for us between two turns of the loop. */
const BACKLOG = 256;

/** What happens on one connection, in this order: `connected` once, `received` often, `ended` once. */
export interface StreamEvents {
  connected(link: PeerLink): void;
  /** `chunk` is valid during the call only. */
  received(chunk: Uint8Array): void;
  ended(closing: Closing): void;
}

/**
 * POSIX reads into the buffer only when bytes are there and hands it over at once, so every socket can share one.
 * Windows gives each pending read its buffer in advance. No Buffer: its `slice` is a view, and who keeps a slice of what
 * arrived means a copy.
 */
const sharedBuffer = process.platform === "win32" ? undefined : new Uint8Array(READ_BUFFER);

/**
 * Dials a peer, from `bindHost` alone when one is given, and through the proxy when there is one.
 * @returns Gives up: nothing is reported after it.
 */
export function dialTcp(
  to: Endpoint,
  bindHost: string | undefined,
  events: StreamEvents,
  proxy?: ProxyServer | undefined,
): () => void {
  // Every address of both families: as if none were given.
  const from = bindHost === "::" ? undefined : bindHost;
  if (from !== undefined && proxy === undefined && isIpv6(from) !== isIpv6(to.host))
    return unreachable(to, from, events);
  const talk = proxy === undefined ? undefined : talkTo(proxy, to);
  const { host, port } = proxy ?? to;
  const socket = connect({
    host,
    port,
    ...(from === undefined ? {} : { localAddress: from }),
    onread: {
      buffer: sharedBuffer ?? new Uint8Array(READ_BUFFER / 4),
      callback: (length, buffer) => {
        const chunk = buffer.subarray(0, length);
        if (hasConnected) events.received(chunk);
        else proxySaid(chunk);
        return true;
      },
    },
  });
  let hasConnected = false;
  const begin = (): void => {
    hasConnected = true;
    events.connected(new TcpLink(socket));
  };
  const proxySaid = (chunk: Uint8Array): void => {
    const progress = (talk as TunnelTalk).receive(chunk);
    if (progress.kind === "refused") socket.destroy(new ProxyRefusal(progress.words));
    else if (progress.kind === "open") {
      begin();
      if (progress.rest.length > 0) events.received(progress.rest);
    } else if (progress.send !== undefined) socket.write(progress.send);
  };
  socket.on("connect", () => {
    if (talk === undefined) begin();
    else socket.write(talk.begin());
  });
  watchEnd(socket, (error) => events.ended(hasConnected ? endOf(error) : dialFault(to, proxy, error)));
  return () => {
    socket.removeAllListeners();
    socket.on("error", () => socket.destroy());
    socket.destroy();
  };
}

function isIpv6(host: string): boolean {
  return host.includes(":");
}

/** From another address of ours it might be reached, but that is what the user does not want. */
function unreachable(to: Endpoint, from: string, events: StreamEvents): () => void {
  let isGivenUp = false;
  queueMicrotask(() => {
    const detail = `${formatEndpoint(to)}: can't be reached from ${from}, and nothing else may be dialled from`;
    if (!isGivenUp) events.ended({ reason: "connect-failed", by: "us", detail });
  });
  return () => {
    isGivenUp = true;
  };
}

/** A listening socket. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on every address of both families, or on `host` alone.
 * @param accept - Called for each connection; returns whom to tell of it.
 */
export function listenTcp(
  host: string | undefined,
  port: number,
  accept: (from: Endpoint, link: TcpLink) => Omit<StreamEvents, "connected">,
): Promise<Listener> {
  const server = createServer((socket) => {
    // A socket that was reset already has no address any more; its end is told like any other's.
    const from = { host: normalHost(socket.remoteAddress ?? "0.0.0.0"), port: socket.remotePort ?? 0 };
    const events = accept(from, new TcpLink(socket));
    socket.on("data", ({ buffer, byteOffset, length }: Buffer) => {
      events.received(new Uint8Array(buffer, byteOffset, length));
    });
    watchEnd(socket, (error) => events.ended(endOf(error)));
  });
  return listen(server, host ?? "::", port).catch((error: NodeJS.ErrnoException) => {
    // A system without IPv6 has no `::`.
    if (host === undefined && (error.code === "EAFNOSUPPORT" || error.code === "EADDRNOTAVAIL")) {
      return listen(server, "0.0.0.0", port);
    }
    throw error;
  });
}

function listen(server: Server, host: string, port: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : port,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}

/** Calls `ended` once, with the error if there was one. A half-closed peer is a gone one. */
function watchEnd(socket: Socket, ended: (error: NodeJS.ErrnoException | undefined) => void): void {
  let failure: NodeJS.ErrnoException | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("end", () => socket.destroy());
  socket.on("close", () => ended(failure));
}

const RESOURCE_ERRORS = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

function endOf(error: NodeJS.ErrnoException | undefined): Closing {
  if (error === undefined) return { reason: "closed-by-peer", by: "peer", detail: "it ended the connection" };
  if (RESOURCE_ERRORS.has(error.code ?? "")) return { reason: "resource", by: "us", detail: error.message };
  const isReset = error.code === "ECONNRESET" || error.code === "EPIPE";
  return {
    reason: "closed-by-peer",
    by: isReset ? "peer" : "network",
    detail: isReset ? "it reset the connection" : error.message,
  };
}

const DIAL_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "timed out",
  ECONNRESET: "connection reset while connecting",
};

function dialFault(to: Endpoint, proxy: ProxyServer | undefined, error: NodeJS.ErrnoException | undefined): Closing {
  const code = error?.code ?? "";
  if (RESOURCE_ERRORS.has(code)) return { reason: "resource", by: "us", detail: error?.message ?? code };
  const way = proxy === undefined ? "" : `the proxy ${proxyName(proxy)}: `;
  const detail = `${formatEndpoint(to)}: ${way}${DIAL_FAULTS[code] ?? error?.message ?? "closed while connecting"}`;
  return { reason: "connect-failed", by: "network", detail };
}
