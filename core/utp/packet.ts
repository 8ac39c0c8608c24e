import { readUint32, writeUint32 } from "../model/bytes.ts";
import type { Bytes } from "../model/units.ts";

/** BEP 29, version 1. */
export const PACKET = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const;
const VERSION = 1;

export const HEADER_LENGTH: Bytes = 20;

const EXTENSION = {
  none: 0,
  selectiveAck: 1,
  /** libtorrent's: two reserved bytes, then its `close_reason_t`. */
  closeReason: 3,
  /** Not in use by anybody: skipped by all who follow BEP 29. Makes a packet longer, to probe the path. */
  padding: 0x7f,
} as const;

/** Header and value of the close reason. */
export const CLOSE_REASON_LENGTH: Bytes = 6;
/** Nobody has use for more; a chain of empty ones is not worth walking. */
const MAX_EXTENSIONS = 16;
const MAX_EXTENSION_VALUE: Bytes = 255;
/** The shortest padding is an extension without a value. */
export const MIN_PADDING: Bytes = 2;

/** What the header of a packet says beside the numbers of its connection. */
export interface HeaderFields {
  /** One of {@link PACKET}. */
  readonly type: number;
  readonly connectionId: number;
  /** Microseconds modulo 2^32 of the sender's clock. */
  readonly timestamp: number;
  /** How much later than its timestamp the last packet from the other side came, by our clock, in microseconds. */
  readonly difference: number;
  /** Bytes that may be under way to the sender of this. */
  readonly window: Bytes;
  readonly sequence: number;
  readonly acknowledged: number;
}

/** Writes the 20 bytes of a header that is followed by no extension. */
export function writeHeader(
  bytes: Uint8Array,
  type: number,
  connectionId: number,
  timestamp: number,
  difference: number,
  window: Bytes,
  sequence: number,
  acknowledged: number,
): void {
  bytes[0] = (type << 4) | VERSION;
  bytes[1] = EXTENSION.none;
  bytes[2] = connectionId >>> 8;
  bytes[3] = connectionId;
  writeUint32(bytes, 4, timestamp);
  writeUint32(bytes, 8, difference);
  writeUint32(bytes, 12, window);
  bytes[16] = sequence >>> 8;
  bytes[17] = sequence;
  bytes[18] = acknowledged >>> 8;
  bytes[19] = acknowledged;
}

/**
 * Writes the extensions that follow a header, each where the last one ended. The header is written first: it names the
 * first of them, each of them the next.
 */
export class ExtensionWriter {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where the kind of the next extension goes. */
  #link = 1;
  length: Bytes = HEADER_LENGTH;

  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#link = 1;
    this.length = HEADER_LENGTH;
  }

  /** @returns Where to write the mask of `length` bytes, all zero now. */
  selectiveAck(length: Bytes): number {
    return this.#extend(EXTENSION.selectiveAck, length);
  }

  closeReason(reason: number): void {
    const at = this.#extend(EXTENSION.closeReason, 4);
    this.#bytes[at + 2] = reason >>> 8;
    this.#bytes[at + 3] = reason;
  }

  /** Adds exactly `length` bytes that mean nothing, at least {@link MIN_PADDING}. */
  padding(length: Bytes): void {
    let left = length;
    while (left > 0) {
      // What would be left must have room for a header of its own.
      const value = Math.min(MAX_EXTENSION_VALUE, left - MIN_PADDING);
      const rest = left - MIN_PADDING - value;
      const taken = rest > 0 && rest < MIN_PADDING ? value - MIN_PADDING : value;
      this.#extend(EXTENSION.padding, taken);
      left -= MIN_PADDING + taken;
    }
  }

  #extend(kind: number, length: Bytes): number {
    const at = this.length;
    this.#bytes[this.#link] = kind;
    this.#link = at;
    this.#bytes[at] = EXTENSION.none;
    this.#bytes[at + 1] = length;
    this.#bytes.fill(0, at + 2, at + 2 + length);
    this.length = at + 2 + length;
    return at + 2;
  }
}

/** Reads one packet after the other, into itself. Undefined in meaning until `read` said true. */
export class PacketReader implements HeaderFields {
  bytes: Uint8Array = new Uint8Array(0);
  type = 0;
  connectionId = 0;
  timestamp = 0;
  difference = 0;
  window: Bytes = 0;
  sequence = 0;
  acknowledged = 0;
  /** The mask of the selective acknowledgement is in `bytes` here; empty when there is none. */
  selectiveStart = 0;
  selectiveEnd = 0;
  /** As sent, or undefined. */
  closeReason: number | undefined;
  /** The payload goes from here to the end. */
  payloadStart = 0;

  get payloadLength(): Bytes {
    return this.bytes.length - this.payloadStart;
  }

  /** @returns False when it is not a uTP packet of version 1, or its extensions leave it. */
  read(bytes: Uint8Array): boolean {
    if (bytes.length < HEADER_LENGTH) return false;
    const first = bytes[0] as number;
    if ((first & 0x0f) !== VERSION || first >>> 4 > PACKET.syn) return false;
    this.bytes = bytes;
    this.type = first >>> 4;
    this.connectionId = ((bytes[2] as number) << 8) | (bytes[3] as number);
    this.timestamp = readUint32(bytes, 4);
    this.difference = readUint32(bytes, 8);
    this.window = readUint32(bytes, 12);
    this.sequence = ((bytes[16] as number) << 8) | (bytes[17] as number);
    this.acknowledged = ((bytes[18] as number) << 8) | (bytes[19] as number);
    this.selectiveStart = 0;
    this.selectiveEnd = 0;
    this.closeReason = undefined;
    this.payloadStart = HEADER_LENGTH;
    return bytes[1] === EXTENSION.none || this.#readExtensions();
  }

  #readExtensions(): boolean {
    const { bytes } = this;
    let kind = bytes[1] as number;
    let at = HEADER_LENGTH;
    for (let count = 0; kind !== EXTENSION.none; count++) {
      if (count === MAX_EXTENSIONS || at + 2 > bytes.length) return false;
      const next = bytes[at] as number;
      const start = at + 2;
      const end = start + (bytes[at + 1] as number);
      if (end > bytes.length) return false;
      if (kind === EXTENSION.selectiveAck) {
        this.selectiveStart = start;
        this.selectiveEnd = end;
      } else if (kind === EXTENSION.closeReason && end - start === 4) {
        this.closeReason = ((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number);
      }
      kind = next;
      at = end;
    }
    this.payloadStart = at;
    return true;
  }
}
