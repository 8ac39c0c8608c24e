import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket, Server as TcpServer } from "node:net";

/** An HTTP server on loopback whose manners a test scripts. */
export interface HttpFixture {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly port: number;
  /** Requests seen, `GET /path?query`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startHttpFixture(listener: RequestListener, host = "127.0.0.1"): Promise<HttpFixture> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  return { ...(await listen(server, host)), requests };
}

/** Listens on a port of the system's choice; closing also ends what is open. */
export async function listen(server: Server | TcpServer, host = "127.0.0.1") {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    openSockets: () => sockets.size,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
