import { connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";

const HEADER = Buffer.from("\x13BitTorrent protocol", "latin1");

/** One message as it came: the test's own reading of BEP 3. */
export interface RawMessage {
  readonly id: number;
  readonly payload: Buffer;
}

/** Integers of 32 bits, one behind the other. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

/** One end of a connection that says exactly what the test wants. */
export class RawPeer<Stream extends Duplex = Socket> {
  readonly socket: Stream;
  /** The engine's handshake, once it came. */
  readonly handshake: Promise<{ readonly reserved: Buffer; readonly infoHash: Buffer; readonly peerId: Buffer }>;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  readonly messages: RawMessage[] = [];
  onMessage: (message: RawMessage) => void = () => {};
  /** Bytes that the engine took from us. */
  sent = 0;
  #held = Buffer.alloc(0);
  #hasHandshake = false;
  readonly #waiting: (() => void)[] = [];

  constructor(socket: Stream) {
    this.socket = socket;
    let shaken: (handshake: Awaited<RawPeer["handshake"]>) => void = () => {};
    this.handshake = new Promise((resolve) => {
      shaken = resolve;
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        resolve();
        this.#tell();
      });
    });
    // A reset is one of the ways in which the engine hangs up.
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk]);
      if (!this.#hasHandshake && this.#held.length >= 68) {
        this.#hasHandshake = true;
        const [reserved, infoHash, peerId] = [
          this.#held.subarray(20, 28),
          this.#held.subarray(28, 48),
          this.#held.subarray(48, 68),
        ];
        this.#held = this.#held.subarray(68);
        shaken({ reserved, infoHash, peerId });
      }
      while (this.#hasHandshake && this.#held.length >= 4) {
        const length = this.#held.readUInt32BE(0);
        if (this.#held.length < 4 + length) break;
        const body = this.#held.subarray(4, 4 + length);
        this.#held = this.#held.subarray(4 + length);
        if (length === 0) continue;
        const message = { id: body[0] as number, payload: body.subarray(1) };
        this.messages.push(message);
        this.onMessage(message);
      }
      this.#tell();
    });
  }

  static async dial(port: number, localAddress = "127.0.0.1"): Promise<RawPeer> {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawPeer(socket);
  }

  raw(...parts: readonly (Buffer | Uint8Array)[]): void {
    const bytes = Buffer.concat(parts);
    this.sent += bytes.length;
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  shake(infoHash: Uint8Array, peerId: Uint8Array, reserved: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0]): void {
    this.raw(HEADER, Buffer.from(reserved), infoHash, peerId);
  }

  say(id: number, ...parts: readonly (Buffer | Uint8Array)[]): void {
    const payload = Buffer.concat(parts);
    this.raw(uint32(1 + payload.length), Buffer.of(id), payload);
  }

  /** Resolves when the engine has said a message with this id, or rejects when it hung up. */
  async heard(id: number): Promise<RawMessage> {
    for (;;) {
      const message = this.messages.find((other) => other.id === id);
      if (message !== undefined) return message;
      if (this.socket.destroyed) throw new Error(`it hung up before message ${id}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A port at which raw peers wait to be dialled. */
export class RawListener {
  readonly port: number;
  readonly peers: RawPeer[] = [];
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(accept: (peer: RawPeer) => void): Promise<RawListener> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const listener = new RawListener(server, typeof address === "object" && address !== null ? address.port : 0);
    server.on("connection", (socket) => {
      const peer = new RawPeer(socket);
      listener.peers.push(peer);
      accept(peer);
    });
    return listener;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
