import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Tracker {
  /** `http://127.0.0.1:PORT/announce`. */
  readonly url: string;
  /** Given to whoever asks from now on. */
  peers: readonly number[];
  close(): Promise<void>;
}

/** An HTTP tracker that names peers on loopback, in the compact form (BEP 23). */
export async function startTracker(): Promise<Tracker> {
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/announce?")) {
      response.writeHead(404).end();
      return;
    }
    const compact = Buffer.alloc(6 * tracker.peers.length);
    tracker.peers.forEach((port, index) => {
      compact.set([127, 0, 0, 1], 6 * index);
      compact.writeUInt16BE(port, 6 * index + 4);
    });
    response.end(Buffer.concat([Buffer.from(`d8:intervali1800e5:peers${compact.length}:`), compact, Buffer.from("e")]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const tracker: Tracker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`,
    peers: [],
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return tracker;
}
