import { writeUint32 } from "../model/bytes.ts";
import type { Bytes, PieceIndex } from "../model/units.ts";
import { MESSAGE } from "./message-id.ts";

/** Small messages gather here between two turns of the engine; a peer that asks for more is slow to read. */
const INITIAL_CAPACITY = 512;

/**
 * Encodes messages one behind the other, so that a turn's messages leave in one write.
 * The header of a `piece` message goes here, its bytes go out straight from their slab.
 */
export class MessageWriter {
  #bytes = new Uint8Array(INITIAL_CAPACITY);
  #length = 0;

  get length(): Bytes {
    return this.#length;
  }

  /** The messages since the last call, as a buffer that is the caller's to keep. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  keepAlive(): void {
    writeUint32(this.#bytes, this.#grow(4), 0);
  }

  /** choke, unchoke, interested, not interested, have all, have none. */
  bare(id: number): void {
    const at = this.#grow(5);
    writeUint32(this.#bytes, at, 1);
    this.#bytes[at + 4] = id;
  }

  /** have, suggest, allowed fast. */
  piece(id: number, piece: PieceIndex): void {
    const at = this.#grow(9);
    writeUint32(this.#bytes, at, 5);
    this.#bytes[at + 4] = id;
    writeUint32(this.#bytes, at + 5, piece);
  }

  /** request, cancel, reject. */
  block(id: number, piece: PieceIndex, begin: Bytes, length: Bytes): void {
    const at = this.#grow(17);
    writeUint32(this.#bytes, at, 13);
    this.#bytes[at + 4] = id;
    writeUint32(this.#bytes, at + 5, piece);
    writeUint32(this.#bytes, at + 9, begin);
    writeUint32(this.#bytes, at + 13, length);
  }

  /** The first 13 bytes of a `piece` message; `length` bytes of the block must follow. */
  blockHeader(piece: PieceIndex, begin: Bytes, length: Bytes): void {
    const at = this.#grow(13);
    writeUint32(this.#bytes, at, 9 + length);
    this.#bytes[at + 4] = MESSAGE.piece;
    writeUint32(this.#bytes, at + 5, piece);
    writeUint32(this.#bytes, at + 9, begin);
  }

  /** bitfield, extended: anything of an id and bytes. */
  payload(id: number, ...parts: readonly Uint8Array[]): void {
    let length = 1;
    for (const part of parts) length += part.length;
    let at = this.#grow(4 + length);
    writeUint32(this.#bytes, at, length);
    this.#bytes[at + 4] = id;
    at += 5;
    for (const part of parts) {
      this.#bytes.set(part, at);
      at += part.length;
    }
  }

  port(port: number): void {
    this.payload(MESSAGE.port, Uint8Array.of(port >>> 8, port));
  }

  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }
}
