import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";

/** What goes past a proxy, if anything does; empty when a test begins. */
export interface Leaks {
  /** Names that the system was asked for. */
  readonly names: string[];
  /** Of each UDP socket that was made: where it sends to, once each. */
  readonly sockets: Set<string>[];
}

/** Watches for them in all tests of the file. */
export function watchLeaks(): Leaks {
  const names: string[] = [];
  const sockets: Set<string>[] = [];
  beforeAll(() => {
    const { lookup } = dns;
    const { lookup: lookupLater } = dns.promises;
    const { createSocket } = dgram;
    vi.spyOn(dns, "lookup").mockImplementation(((...args: Parameters<typeof lookup>) => {
      if (args[0] !== "127.0.0.1") names.push(args[0]);
      return lookup(...args);
    }) as unknown as typeof lookup);
    vi.spyOn(dns.promises, "lookup").mockImplementation(((...args: Parameters<typeof lookupLater>) => {
      names.push(args[0]);
      return lookupLater(...args);
    }) as unknown as typeof lookupLater);
    vi.spyOn(dgram, "createSocket").mockImplementation(((...args: [dgram.SocketOptions]) => {
      const socket = createSocket(...args);
      const to = new Set<string>();
      sockets.push(to);
      const { send, connect } = socket;
      socket.send = ((...sent: unknown[]) => {
        const [, port, host] = sent;
        if (typeof host === "string") to.add(`${host}:${port}`);
        return Reflect.apply(send, socket, sent);
      }) as typeof send;
      socket.connect = ((...told: unknown[]) => {
        to.add(`${told[1]}:${told[0]}`);
        return Reflect.apply(connect, socket, told);
      }) as typeof connect;
      return socket;
    }) as typeof createSocket);
    syncBuiltinESMExports();
  });
  afterAll(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  beforeEach(() => {
    names.length = 0;
    sockets.length = 0;
  });
  return { names, sockets };
}
