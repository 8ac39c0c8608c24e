import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { BLOCK_LENGTH } from "../../core/model/units.ts";
import { WireDecoder, type WireSink } from "../../core/wire/decoder.ts";
import { encodeHandshake, HANDSHAKE_LENGTH } from "../../core/wire/handshake.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { MessageWriter } from "../../core/wire/writer.ts";

/** Connections that are opened at once. */
const WAVE = 100;

let lastId = 0;

function handshake(infoHash: Uint8Array): Uint8Array {
  const peerId = Buffer.from(`-XX0001-${String(++lastId).padStart(12, "0")}`);
  return encodeHandshake({ reserved: new Uint8Array(8), infoHash, peerId });
}

/** Connects and shakes hands, and says nothing more. Resolves when the other side has answered. */
export function idlePeer(port: number, infoHash: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(handshake(infoHash)));
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received >= HANDSHAKE_LENGTH) resolve(socket);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("an idle peer was turned away")));
  });
}

/** Who is neither spoken to nor turned away by then gives up. */
const PATIENCE = 2000;

/** Opens `count` connections, some at a time, that say nothing, and waits until each is turned away. */
export async function flood(port: number, count: number): Promise<void> {
  let opened = 0;
  const one = async (): Promise<void> => {
    while (opened++ < count) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => undefined);
        socket.on("close", () => resolve());
        socket.setTimeout(PATIENCE, () => socket.destroy());
        socket.resume();
      });
    }
  };
  await Promise.all(Array.from({ length: WAVE }, one));
}

/** A peer that asks for one block after the other, and notes how long the slowest answer took. */
export class Probe implements WireSink {
  /** Milliseconds. */
  slowest = 0;
  readonly #socket: Socket;
  readonly #decoder = new WireDecoder();
  #askedAt = 0;
  #toSkip = HANDSHAKE_LENGTH;

  /** @param ready - Called when the first block was answered. */
  constructor(port: number, infoHash: Uint8Array, ready: () => void) {
    this.#socket = connect(port, "127.0.0.1", () => {
      this.#socket.write(handshake(infoHash));
      this.#send((writer) => writer.bare(MESSAGE.interested));
    });
    this.#socket.on("error", () => undefined);
    this.#socket.on("data", (chunk: Buffer) => {
      const skipped = Math.min(this.#toSkip, chunk.length);
      this.#toSkip -= skipped;
      this.#decoder.push(chunk.subarray(skipped), this);
    });
    this.#ready = ready;
  }
  #ready: (() => void) | undefined;

  close(): void {
    this.#socket.destroy();
  }

  keepAlive(): void {}

  message(id: number): undefined {
    if (id === MESSAGE.unchoke) this.#ask();
  }

  blockBegins(): undefined {}

  blockProgress(): void {}

  blockEnds(): undefined {
    this.slowest = Math.max(this.slowest, performance.now() - this.#askedAt);
    this.#ready?.();
    this.#ready = undefined;
    // Now and then is often enough to meet a stall that is worth the name.
    setTimeout(() => this.#ask(), 5);
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.#send((writer) => writer.block(MESSAGE.request, 0, 0, BLOCK_LENGTH));
  }

  #send(write: (writer: MessageWriter) => void): void {
    const writer = new MessageWriter();
    write(writer);
    this.#socket.write(writer.take());
  }
}
