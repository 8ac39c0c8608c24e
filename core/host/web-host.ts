import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Millis } from "../model/units.ts";
import { AccessGuard, type Refusal, type RequestFacts } from "./web/access.ts";
import { type Asset, type Assets, readAssets } from "./web/assets.ts";
import { type EngineAccess, MAX_FRAME, serveEngine } from "./web/engine-socket.ts";
import { SECURITY_HEADERS } from "./web/security-headers.ts";

export interface WebHostOptions {
  readonly engine: EngineAccess;
  /** 0 or absent: a free port, chosen by the system. */
  readonly port?: number;
  /** The built interface, e.g. `dist/renderer/`. */
  readonly rendererFolder: URL;
}

export interface WebHost {
  /** `http://127.0.0.1:PORT/?token=HEX`: who has it is in. */
  readonly address: string;
  /** Closes the server and every page's socket. The engine goes on. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** A request here is a few hundred bytes from the same machine. */
const REQUEST_TIMEOUT: Millis = 10_000;
const MAX_HEADERS = 16 * 1024;
/** Far more than the tabs of one person. */
const MAX_CONNECTIONS = 256;
const MAX_SOCKETS = 32;

/**
 * Serves the interface to a browser on this machine: the built files, and the engine's socket at `/engine`.
 *
 * Listens on 127.0.0.1 only. Every request needs the token of this run, first in the address, then by a cookie, or as
 * `Authorization: Bearer`. See {@link AccessGuard} for what is refused, and with which status.
 *
 * @throws When the port is taken (`EADDRINUSE`), or the interface was not built.
 */
export async function startWebHost({ engine, port = 0, rendererFolder }: WebHostOptions): Promise<WebHost> {
  const assets = await readAssets(rendererFolder);
  const server = createServer({
    maxHeaderSize: MAX_HEADERS,
    headersTimeout: REQUEST_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: HOST, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const boundPort = (server.address() as AddressInfo).port;
  const guard = new AccessGuard(boundPort);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false });

  server.on("request", (request, response) => {
    // Nothing that is served here reads a body.
    request.resume();
    answer(guard, assets, request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    const access = guard.upgrade(factsOf(request), Date.now());
    if (access.kind === "refused") return refuseUpgrade(socket, access.status, access.words);
    if (pathOf(request) !== "/engine") return refuseUpgrade(socket, 404, "the engine's socket is at /engine");
    if (sockets.clients.size >= MAX_SOCKETS) return refuseUpgrade(socket, 503, "too many pages are open");
    sockets.handleUpgrade(request, socket, head, (webSocket) => serveEngine(engine, webSocket));
  });
  server.on("clientError", (_error, socket) => refuseUpgrade(socket, 400, "not a request"));

  return {
    address: `http://${HOST}:${boundPort}/?token=${guard.token}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(guard: AccessGuard, assets: Assets, request: IncomingMessage, response: ServerResponse): void {
  const access = guard.request(factsOf(request), Date.now());
  const asset = assets.get(pathOf(request));
  if (access.kind === "refused") refuse(response, access);
  else if (access.kind === "entering") admit(response, guard.cookie);
  else if (asset === undefined) refuse(response, { status: 404, words: "there is no such file" });
  else serve(response, asset, request.method === "HEAD");
}

function admit(response: ServerResponse, cookie: string): void {
  response.writeHead(303, { ...SECURITY_HEADERS, "cache-control": "no-store", "set-cookie": cookie, location: "/" });
  response.end();
}

function serve(response: ServerResponse, asset: Asset, isHead: boolean): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    "content-type": asset.contentType,
    "content-length": asset.bytes.length,
    "cache-control": asset.isImmutable ? "private, max-age=31536000, immutable" : "no-cache",
  });
  response.end(isHead ? undefined : asset.bytes);
}

function refuse(response: ServerResponse, { status, words }: { status: Refusal["status"] | 404; words: string }): void {
  const extra: Record<string, string> = {};
  if (status === 405) extra.allow = "GET, HEAD";
  if (status === 429) extra["retry-after"] = "60";
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...extra,
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(`${words}\n`);
}

function refuseUpgrade(socket: Duplex, status: number, words: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${words}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    "content-type: text/plain; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
  ];
  // Whoever is refused may be gone already.
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function factsOf(request: IncomingMessage): RequestFacts {
  return { method: request.method ?? "", target: request.url ?? "", headers: request.headers };
}

/** Compared as it came: nothing is decoded or resolved, so nothing can be disguised. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] as string;
}
