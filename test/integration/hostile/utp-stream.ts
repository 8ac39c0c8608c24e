import { Duplex } from "node:stream";
import type { Closing } from "../../../core/model/close-reason.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import { UtpPort } from "../../../core/runtime/net/utp.ts";
import { RawPeer } from "./raw-peer.ts";

const HOST = "127.0.0.1";

/** A uTP connection as a stream, which remembers how the other side ended it. */
export class UtpStream extends Duplex {
  readonly localPort: number;
  link: PeerLink | undefined;
  /** What the other side told, with the number of its reason. */
  closing: Closing | undefined;

  constructor(localPort: number) {
    super();
    this.localPort = localPort;
  }

  /** Ends the connection and says why, in libtorrent's number. */
  hangUp(closeReason: number): void {
    this.link?.close(false, closeReason);
    this.link = undefined;
    this.destroy();
  }

  // What the port tells.

  connected(link: PeerLink): void {
    this.link = link;
  }

  received(chunk: Uint8Array): void {
    this.push(Buffer.from(chunk));
  }

  ended(closing: Closing): void {
    this.closing = closing;
    this.link = undefined;
    this.destroy();
  }

  override _read(): void {
    // It comes by itself.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.link?.send(Uint8Array.from(chunk));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.link?.close(true, 0);
    done(error);
  }
}

/** Dials the engine over uTP, from a port of its own. */
export async function dialUtp(to: number): Promise<RawPeer<UtpStream>> {
  const port = await UtpPort.open({ host: HOST, port: 0, maxConnections: () => 1, accept: () => new UtpStream(0) });
  const stream = new UtpStream(port.number);
  await new Promise<void>((resolve, reject) => {
    port.dial(
      { host: HOST, port: to },
      {
        connected: (link) => {
          stream.connected(link);
          resolve();
        },
        received: (chunk) => stream.received(chunk),
        ended: (closing) => {
          stream.ended(closing);
          reject(new Error(closing.detail));
        },
      },
    );
  });
  // Its connection lives on, and the port no longer than that.
  stream.on("close", () => port.close());
  return new RawPeer(stream);
}

/** A port at which raw peers wait to be dialled over uTP alone. */
export class UtpListener {
  readonly port: number;
  readonly peers: RawPeer<UtpStream>[] = [];
  readonly #port: UtpPort;

  private constructor(port: UtpPort) {
    this.#port = port;
    this.port = port.number;
  }

  static async open(accept: (peer: RawPeer<UtpStream>) => void): Promise<UtpListener> {
    const port = await UtpPort.open({
      host: HOST,
      port: 0,
      maxConnections: () => 10,
      accept: (_from, link) => {
        const stream = new UtpStream(port.number);
        stream.link = link;
        const peer = new RawPeer(stream);
        listener.peers.push(peer);
        accept(peer);
        return stream;
      },
    });
    const listener = new UtpListener(port);
    return listener;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    this.#port.close();
    await Promise.resolve();
  }
}
