import { readUint32 } from "../model/bytes.ts";
import type { Bytes, Timestamp } from "../model/units.ts";
import { MESSAGE } from "../model/wire-message.ts";
import type { WireTap } from "../peer/message-ring.ts";

/** Of a message `piece`: its length, id, piece and offset. What follows is payload. */
const BLOCK_HEAD: Bytes = 13;
const PREFIX: Bytes = 4;

/** Where a stream is when somebody begins to listen: bytes of a message that is not whole, and how many are passed over first. */
export interface Midway {
  readonly held: Uint8Array;
  readonly rest: Bytes;
}

type Took = (way: "in" | "out", at: Timestamp, bytes: Uint8Array, payload: Bytes) => void;

/** Cuts the two streams of a connection into messages, leaving out the payload of blocks. */
export class WireFramer implements WireTap {
  readonly #ways: { readonly in: Stream; readonly out: Stream };
  readonly #took: Took;

  /** @param midway - Of the stream that comes in; what we send begins with whole messages. */
  constructor(midway: Midway, took: Took) {
    this.#ways = { in: new Stream(midway), out: new Stream({ held: NOTHING, rest: 0 }) };
    this.#took = took;
  }

  passed(way: "in" | "out", bytes: Uint8Array, at: Timestamp): void {
    this.#ways[way].push(bytes, (message, payload) => this.#took(way, at, message, payload));
  }
}

const NOTHING = new Uint8Array(0);

class Stream {
  /** The beginning of a message, with room for more of it. */
  #held: Uint8Array;
  #heldLength: Bytes;
  /** Bytes of payload still to come. */
  #rest: Bytes;

  constructor({ held, rest }: Midway) {
    this.#held = held.slice();
    this.#heldLength = held.length;
    this.#rest = rest;
  }

  push(chunk: Uint8Array, took: (message: Uint8Array, payload: Bytes) => void): void {
    const all = this.#heldLength === 0 ? chunk : this.#append(chunk);
    let bytes = all;
    for (;;) {
      const skipped = Math.min(this.#rest, bytes.length);
      this.#rest -= skipped;
      bytes = bytes.subarray(skipped);
      const length = bytes.length < PREFIX ? undefined : PREFIX + readUint32(bytes, 0);
      const isBlock = bytes[PREFIX] === MESSAGE.piece && length !== undefined && length >= BLOCK_HEAD;
      const kept = isBlock ? BLOCK_HEAD : length;
      // Before the id is there, nobody knows which it is; only a keep-alive has none.
      const isNamed = length === PREFIX || bytes.length > PREFIX;
      if (kept === undefined || length === undefined || !isNamed || bytes.length < kept) break;
      took(bytes.slice(0, kept), length - kept);
      bytes = bytes.subarray(kept);
      this.#rest = length - kept;
    }
    // What was held already stays where it is: a long message that comes in drops must not be copied for each of them.
    if (all !== chunk && bytes.length === all.length) return;
    this.#held = bytes.slice();
    this.#heldLength = bytes.length;
  }

  /** @returns All that is held, valid until the next call. */
  #append(chunk: Uint8Array): Uint8Array {
    const length = this.#heldLength + chunk.length;
    if (length > this.#held.length) {
      const roomier = new Uint8Array(2 * length);
      roomier.set(this.#held.subarray(0, this.#heldLength));
      this.#held = roomier;
    }
    this.#held.set(chunk, this.#heldLength);
    this.#heldLength = length;
    return this.#held.subarray(0, length);
  }
}
