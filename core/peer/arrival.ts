import { BLOCK_LENGTH, type Bytes, type PieceIndex, type Timestamp } from "../model/units.ts";
import { MAX_REQUESTS, type OutRequest, type RequestWindow } from "./request-window.ts";

/** Unrequested bytes are thrown away up to this; nobody means more than this well. */
const MAX_UNREQUESTED: Bytes = 2 * 1024 * 1024;
/** What was taken back at once, at most: a whole window. */
const MAX_EXCUSED: Bytes = MAX_REQUESTS * BLOCK_LENGTH;

/** The block that a peer is sending, and what it sent beyond what was asked of it. */
export class Arrival {
  /** True while the block that arrives was asked for and is still wanted. */
  isAsked = false;
  #request: OutRequest | undefined;
  /** Bytes that were asked for and taken back: their blocks may be under way. */
  #excused: Bytes = 0;
  #unrequested: Bytes = 0;

  /** @returns The request that the block answers, or undefined when nobody asked for it. */
  begins(
    window: RequestWindow,
    piece: PieceIndex,
    begin: Bytes,
    length: Bytes,
    now: Timestamp,
  ): OutRequest | undefined {
    const block = begin / BLOCK_LENGTH;
    const request = window.find(piece, block);
    this.isAsked = request !== undefined && request.length === length;
    this.#request = this.isAsked ? request : { piece, block, length, sentAt: now };
    return this.isAsked ? request : undefined;
  }

  /** The block is whole. */
  ends(): OutRequest {
    const request = this.#request as OutRequest;
    this.#request = undefined;
    return request;
  }

  is(piece: PieceIndex, block: number): boolean {
    return this.#request?.piece === piece && this.#request.block === block;
  }

  /** A request was taken back. @returns True when its block is just arriving: the rest of it is no longer asked for. */
  takenBack(request: OutRequest): boolean {
    this.#excused = Math.min(MAX_EXCUSED, this.#excused + request.length);
    if (this.#request !== request) return false;
    this.isAsked = false;
    return true;
  }

  /** A whole block came that nobody waits for. @returns In words why that is too much, or undefined. */
  unrequested(length: Bytes): string | undefined {
    if (this.#excused >= length) {
      this.#excused -= length;
      return undefined;
    }
    this.#unrequested += length;
    if (this.#unrequested <= MAX_UNREQUESTED) return undefined;
    return `${this.#unrequested} bytes that nobody asked for, at most ${MAX_UNREQUESTED}`;
  }
}
