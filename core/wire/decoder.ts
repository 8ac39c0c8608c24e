import { Bitfield } from "../model/bitfield.ts";
import { readUint32 } from "../model/bytes.ts";
import type { Bytes, PieceIndex } from "../model/units.ts";
import { MAX_EXTENSION_HANDSHAKE } from "./extension-handshake.ts";
import {
  hashesFault,
  INVALID_MESSAGE,
  MAX_MESSAGE_LENGTH,
  MAX_PIECE_MESSAGE,
  MESSAGE,
  messageName,
  messageRule,
  TOO_BIG,
} from "./message-id.ts";

/** A message that can't be what it claims. The connection ends with it. */
export interface WireFault {
  readonly message: string;
  /** With the numbers: `have of 9 bytes, 5 expected`. */
  readonly detail: string;
  readonly closeReason: number;
}

/** Where a block's bytes go as they arrive. */
export interface BlockTarget {
  readonly bytes: Uint8Array;
  /** Offset of the block in `bytes`. */
  readonly at: number;
}

/** Who is told of messages. Called in order, while {@link WireDecoder.push} runs. */
export interface WireSink {
  keepAlive(): void;
  /**
   * Any message but `piece`.
   * @param payload - Without the id; a view that is valid during the call only. Of a message that nobody could mean for
   *   us (an unknown id, an extension of a length that none has) only the bytes that name it are there.
   * @returns A fault when its content is impossible; the decoder stops at once.
   */
  message(id: number, payload: Uint8Array): WireFault | undefined;
  /**
   * The header of a `piece` message has arrived.
   * @returns Where its bytes are to be copied, or undefined to discard them.
   */
  blockBegins(piece: PieceIndex, begin: Bytes, length: Bytes): BlockTarget | undefined;
  /** All bytes of the block announced last have arrived. */
  blockEnds(): WireFault | undefined;
  /**
   * Some bytes of a block arrived.
   * @param behind - Bytes of the chunk that come after them.
   */
  blockProgress(bytes: Bytes, behind: Bytes): void;
}

const INITIAL_BUFFER = 64;
/** A buffer larger than this is given back once its message is read: few have another. */
const KEPT_BUFFER = 4096;
/** With its id. One longer than the largest handshake is of no extension that we speak. */
const MAX_EXTENDED = 1 + MAX_EXTENSION_HANDSHAKE;

/**
 * Turns a stream of bytes, cut anywhere, into messages. Blocks are copied once, from the chunk to their place;
 * small messages are read where they stand. What is held back is a bitfield or {@link MAX_EXTENSION_HANDSHAKE} bytes
 * at most.
 *
 * @see BEP 3 "peer messages"
 */
export class WireDecoder {
  /** Pieces of the torrent: makes the length of a bitfield exact. Undefined until the metadata is known. */
  pieceCount: number | undefined;
  /** Set by the sink when it has closed the connection; the rest of the chunk is not read. */
  stopped = false;

  #pending: Uint8Array = new Uint8Array(INITIAL_BUFFER);
  #pendingLength = 0;
  /** Bytes still to come of a block, or of a message that is passed over, its head read; −1 otherwise. */
  #rest = -1;
  /** The message that is passed over, and what names it. */
  #skipped: { readonly id: number; readonly name: Uint8Array } | undefined;
  #target: BlockTarget | undefined;
  #targetAt = 0;

  constructor(pieceCount?: number) {
    this.pieceCount = pieceCount;
  }

  /**
   * Where it is in the stream, for who begins to listen now: the beginning of a message that is held back, and the bytes
   * still to come of a block, or of a message that is passed over.
   */
  get midway(): { readonly held: Uint8Array; readonly rest: Bytes } {
    return { held: this.#pending.subarray(0, this.#pendingLength), rest: Math.max(0, this.#rest) };
  }

  /** @returns The fault that ended the reading; the decoder must not be used after it. */
  push(chunk: Uint8Array, sink: WireSink): WireFault | undefined {
    let at = 0;
    while (at < chunk.length && !this.stopped) {
      if (this.#rest >= 0) {
        at = this.#skipped === undefined ? this.#copyBlock(chunk, at, sink) : this.#skip(chunk, at);
        if (this.#rest > 0) return undefined;
        const fault = this.#skipped === undefined ? this.#endBlock(sink) : this.#endSkip(this.#skipped, sink);
        if (fault !== undefined) return fault;
        continue;
      }
      const outcome = this.#pendingLength > 0 ? this.#readHeld(chunk, at, sink) : this.#readInPlace(chunk, at, sink);
      if (typeof outcome !== "number") return outcome;
      at = outcome;
    }
    return undefined;
  }

  /** Nothing is held back: the message is read where it stands, or its beginning is kept. */
  #readInPlace(chunk: Uint8Array, at: number, sink: WireSink): number | WireFault {
    const available = chunk.length - at;
    if (available < 5) {
      if (available >= 4 && readUint32(chunk, at) === 0) {
        sink.keepAlive();
        return at + 4;
      }
      return this.#hold(chunk, at);
    }
    const length = readUint32(chunk, at);
    if (length === 0) {
      sink.keepAlive();
      return at + 4;
    }
    const id = chunk[at + 4] as number;
    const fault = this.#judge(id, length);
    if (fault !== undefined) return fault;
    const head = headLength(id, length);
    if (available < head) return this.#hold(chunk, at);
    return this.#read(chunk, at, id, length, sink) ?? at + head;
  }

  /** A message's beginning is held back: bytes are added until its next stage is whole. */
  #readHeld(chunk: Uint8Array, from: number, sink: WireSink): number | WireFault {
    let at = this.#fill(chunk, from, 4);
    if (this.#pendingLength < 4) return at;
    const length = readUint32(this.#pending, 0);
    if (length === 0) {
      this.#pendingLength = 0;
      sink.keepAlive();
      return at;
    }
    at = this.#fill(chunk, at, 5);
    if (this.#pendingLength < 5) {
      return length > MAX_MESSAGE_LENGTH ? tooBig(length) : at;
    }
    const id = this.#pending[4] as number;
    const fault = this.#judge(id, length);
    if (fault !== undefined) return fault;
    const head = headLength(id, length);
    at = this.#fill(chunk, at, head);
    if (this.#pendingLength < head) return at;
    this.#pendingLength = 0;
    const found = this.#read(this.#pending, 0, id, length, sink);
    if (this.#pending.length > KEPT_BUFFER) this.#pending = new Uint8Array(INITIAL_BUFFER);
    return found ?? at;
  }

  /** The head of a message is whole: all of it, but for blocks and what is passed over. */
  #read(bytes: Uint8Array, at: number, id: number, length: number, sink: WireSink): WireFault | undefined {
    if (id === MESSAGE.piece) {
      this.#beginBlock(bytes, at, length, sink);
      return undefined;
    }
    const head = headLength(id, length);
    if (head === 4 + length) return sink.message(id, bytes.subarray(at + 5, at + head));
    if (id === MESSAGE.extended && bytes[at + 5] === 0) return oversizedHandshake(length);
    this.#skipped = { id, name: bytes.slice(at + 5, at + head) };
    this.#rest = 4 + length - head;
    return undefined;
  }

  #judge(id: number, length: number): WireFault | undefined {
    if (length > MAX_MESSAGE_LENGTH) return tooBig(length);
    const rule = messageRule(id);
    if (rule === undefined) return undefined;
    if (id === MESSAGE.piece) {
      if (length >= 10 && length <= MAX_PIECE_MESSAGE) return undefined;
      const detail = `block length ${length - 9}, between 1 and ${MAX_PIECE_MESSAGE - 9} expected`;
      return { message: messageName(id), detail, closeReason: rule.closeReason };
    }
    if (id === MESSAGE.hashes) {
      const detail = hashesFault(length);
      return detail === undefined ? undefined : contentFault(id, detail);
    }
    if (id === MESSAGE.extended && length < 2) {
      return { message: messageName(id), detail: "extended message without an id", closeReason: rule.closeReason };
    }
    const expected = id === MESSAGE.bitfield ? this.#bitfieldLength() : rule.length;
    if (expected === undefined || expected === length) return undefined;
    const detail = `${messageName(id)} of ${length} bytes, ${expected} expected`;
    return { message: messageName(id), detail, closeReason: rule.closeReason };
  }

  #bitfieldLength(): number | undefined {
    return this.pieceCount === undefined ? undefined : 1 + Bitfield.byteLength(this.pieceCount);
  }

  #beginBlock(header: Uint8Array, at: number, length: number, sink: WireSink): void {
    const blockLength = length - 9;
    this.#target = sink.blockBegins(readUint32(header, at + 5), readUint32(header, at + 9), blockLength);
    this.#targetAt = this.#target?.at ?? 0;
    this.#rest = blockLength;
  }

  #copyBlock(chunk: Uint8Array, at: number, sink: WireSink): number {
    const length = Math.min(this.#rest, chunk.length - at);
    if (this.#target !== undefined) {
      const part = at === 0 && length === chunk.length ? chunk : chunk.subarray(at, at + length);
      this.#target.bytes.set(part, this.#targetAt);
      this.#targetAt += length;
    }
    this.#rest -= length;
    sink.blockProgress(length, chunk.length - at - length);
    return at + length;
  }

  #endBlock(sink: WireSink): WireFault | undefined {
    this.#rest = -1;
    this.#target = undefined;
    return sink.blockEnds();
  }

  #skip(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.#rest, chunk.length - at);
    this.#rest -= length;
    return at + length;
  }

  #endSkip({ id, name }: { readonly id: number; readonly name: Uint8Array }, sink: WireSink): WireFault | undefined {
    this.#rest = -1;
    this.#skipped = undefined;
    return sink.message(id, name);
  }

  /** The place of a block that is arriving is no longer to be written to: the rest of it is discarded. */
  discardBlock(): void {
    this.#target = undefined;
  }

  #hold(chunk: Uint8Array, at: number): number | WireFault {
    const available = chunk.length - at;
    if (available >= 4) {
      const length = readUint32(chunk, at);
      if (length > MAX_MESSAGE_LENGTH) return tooBig(length);
    }
    this.#pendingLength = 0;
    return this.#fill(chunk, at, available);
  }

  /** Copies from `chunk` until `wanted` bytes are held. @returns Where reading goes on. */
  #fill(chunk: Uint8Array, at: number, wanted: number): number {
    const length = Math.min(wanted - this.#pendingLength, chunk.length - at);
    if (length <= 0) return at;
    if (this.#pendingLength + length > this.#pending.length) {
      // Grows with what has arrived, not with what was promised; bounded by MAX_MESSAGE_LENGTH.
      const grown = new Uint8Array(Math.max(this.#pendingLength + length, 2 * this.#pending.length));
      grown.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = grown;
    }
    this.#pending.set(chunk.subarray(at, at + length), this.#pendingLength);
    this.#pendingLength += length;
    return at + length;
  }
}

/** Bytes of a message, prefix and id among them, that are collected before it is acted upon. */
function headLength(id: number, length: number): number {
  if (id === MESSAGE.piece) return 13;
  if (messageRule(id) === undefined) return 5;
  return id === MESSAGE.extended && length > MAX_EXTENDED ? 6 : 4 + length;
}

function oversizedHandshake(length: number): WireFault {
  return contentFault(MESSAGE.extended, `handshake of ${length - 1} bytes, at most ${MAX_EXTENSION_HANDSHAKE}`);
}

function tooBig(length: number): WireFault {
  return {
    message: "length prefix",
    detail: `message of ${length} bytes, at most ${MAX_MESSAGE_LENGTH}`,
    closeReason: TOO_BIG,
  };
}

/** A fault in the content of a message whose length is right. */
export function contentFault(id: number, detail: string): WireFault {
  return { message: messageName(id), detail, closeReason: messageRule(id)?.closeReason ?? INVALID_MESSAGE };
}
