import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type BencodeInput, encodeBencode } from "../../model/bencode.ts";
import { fromLatin1, toHex } from "../../model/bytes.ts";
import { type Endpoint, normalHost } from "../../model/endpoint.ts";
import type { Bytes } from "../../model/units.ts";

/** One announce as it came. */
export interface SeenAnnounce {
  /** 40 hex digits. */
  readonly infoHash: string;
  readonly peerId: Uint8Array;
  readonly endpoint: Endpoint;
  readonly event?: string;
  readonly uploaded: Bytes;
  readonly downloaded: Bytes;
  readonly left: Bytes;
}

/** Someone in a swarm, as announced or as {@link DemoTracker.register} says. */
interface Registration {
  readonly endpoint: Endpoint;
  readonly isSeed: boolean;
  readonly peerId?: Uint8Array;
  /** Counted, but not told to others: it can't be reached and connects by itself. */
  readonly isUnreachable?: boolean;
}

export interface DemoTrackerOptions {
  /** Named in answers, in seconds. */
  readonly interval?: number;
  readonly onAnnounce?: (announce: SeenAnnounce) => void;
}

/** A plain HTTP tracker (BEP 3, 23, 48) on loopback. It believes whoever announces. */
export interface DemoTracker {
  readonly url: string;
  /** Puts someone into a swarm without an announce, or changes them. */
  register(infoHash: Uint8Array, registration: Registration): void;
  unregister(infoHash: Uint8Array, endpoint: Endpoint): void;
  members(infoHash: Uint8Array): readonly Registration[];
  close(): Promise<void>;
}

const DEFAULT_INTERVAL = 60;
const MAX_MEMBERS = 1000;
const MAX_PEERS_GIVEN = 200;

interface Swarm {
  readonly members: Map<string, Registration>;
  completed: number;
}

export async function startDemoTracker(options: DemoTrackerOptions = {}): Promise<DemoTracker> {
  const swarms = new Map<string, Swarm>();
  const swarmOf = (infoHash: string) => {
    const swarm = swarms.get(infoHash) ?? { members: new Map(), completed: 0 };
    swarms.set(infoHash, swarm);
    return swarm;
  };
  const server = createServer((request, response) => {
    const query = parseQuery(request.url ?? "");
    if (request.method !== "GET") response.writeHead(405).end();
    else if (query.path === "/announce") announce(request, response, query);
    else if (query.path === "/scrape") scrape(response, query);
    else response.writeHead(404).end();
  });

  function announce(request: IncomingMessage, response: ServerResponse, { one }: Query): void {
    const infoHash = fromLatin1(one("info_hash") ?? "");
    const peerId = fromLatin1(one("peer_id") ?? "");
    const port = Number(one("port"));
    const host = normalHost(request.socket.remoteAddress ?? "");
    const refusal = judge(infoHash, peerId, port);
    if (refusal !== undefined) {
      answer(response, { "failure reason": refusal });
      return;
    }
    const seen: SeenAnnounce = {
      infoHash: toHex(infoHash),
      peerId,
      endpoint: { host, port },
      uploaded: Number(one("uploaded")),
      downloaded: Number(one("downloaded")),
      left: Number(one("left")),
    };
    const event = one("event");
    const swarm = swarmOf(seen.infoHash);
    const key = nameOf(seen.endpoint);
    if (event === "stopped") swarm.members.delete(key);
    else if (swarm.members.size < MAX_MEMBERS || swarm.members.has(key)) {
      swarm.members.set(key, { endpoint: seen.endpoint, isSeed: seen.left === 0, peerId });
    }
    if (event === "completed") swarm.completed++;
    const others = [...swarm.members.values()].filter((member) => {
      return member.isUnreachable !== true && nameOf(member.endpoint) !== key;
    });
    const numwant = Math.min(Number(one("numwant") ?? MAX_PEERS_GIVEN), MAX_PEERS_GIVEN);
    const given = event === "stopped" ? [] : others.slice(0, numwant);
    answer(response, {
      ...counts(swarm),
      interval: options.interval ?? DEFAULT_INTERVAL,
      ...peers(given, one("compact")),
    });
    options.onAnnounce?.(event === undefined ? seen : { ...seen, event });
  }

  function scrape(response: ServerResponse, { all }: Query): void {
    const files = new Map<string, BencodeInput>();
    for (const infoHash of all("info_hash")) {
      const swarm = swarms.get(toHex(fromLatin1(infoHash)));
      if (swarm !== undefined) files.set(infoHash, { ...counts(swarm), downloaded: swarm.completed });
    }
    answer(response, { files });
  }

  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/announce`,
    register: (infoHash, registration) => {
      swarmOf(toHex(infoHash)).members.set(nameOf(registration.endpoint), registration);
    },
    unregister: (infoHash, endpoint) => {
      swarmOf(toHex(infoHash)).members.delete(nameOf(endpoint));
    },
    members: (infoHash) => [...swarmOf(toHex(infoHash)).members.values()],
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function judge(infoHash: Uint8Array, peerId: Uint8Array, port: number): string | undefined {
  if (infoHash.length !== 20) return `info_hash of ${infoHash.length} bytes, 20 expected`;
  if (peerId.length !== 20) return `peer_id of ${peerId.length} bytes, 20 expected`;
  return Number.isInteger(port) && port >= 0 && port <= 65535 ? undefined : "port is missing";
}

function counts({ members }: Swarm): { complete: number; incomplete: number } {
  let complete = 0;
  for (const member of members.values()) if (member.isSeed) complete++;
  return { complete, incomplete: members.size - complete };
}

/** Compact (BEP 23) unless the dictionary form is asked for. Members with an IPv6 address only fit the latter. */
function peers(members: readonly Registration[], compact: string | undefined): { peers: BencodeInput } {
  if (compact === "0") {
    return {
      peers: members.map(({ endpoint, peerId }) => ({
        ip: endpoint.host,
        port: endpoint.port,
        ...(peerId === undefined ? {} : { "peer id": peerId }),
      })),
    };
  }
  const entries = members.flatMap(({ endpoint: { host, port } }) => {
    const address = host.split(".").map(Number);
    return address.length === 4 ? [...address, port >>> 8, port & 0xff] : [];
  });
  return { peers: Uint8Array.from(entries) };
}

function answer(response: ServerResponse, fields: { readonly [key: string]: BencodeInput }): void {
  const body = encodeBencode(fields);
  response
    .writeHead(200, { "content-type": "text/plain", "content-length": body.length, connection: "close" })
    .end(body);
}

function nameOf({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}

interface Query {
  readonly path: string;
  /** Values hold one byte a character: `info_hash` is no text. */
  one(name: string): string | undefined;
  all(name: string): readonly string[];
}

function parseQuery(url: string): Query {
  const at = url.indexOf("?");
  const pairs = (at < 0 ? "" : url.slice(at + 1)).split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0
      ? { name: pair, value: "" }
      : { name: pair.slice(0, equals), value: decodeBytes(pair.slice(equals + 1)) };
  });
  const all = (name: string) => pairs.filter((pair) => pair.name === name).map((pair) => pair.value);
  return { path: at < 0 ? url : url.slice(0, at), one: (name) => all(name)[0], all };
}

function decodeBytes(text: string): string {
  return text.replaceAll("+", " ").replace(/%([0-9a-f]{2})/gi, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}
