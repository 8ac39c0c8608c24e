import { BLOCK_LENGTH, type Bytes, type PieceIndex, type Timestamp } from "../model/units.ts";
import { MAX_REQUESTS, type OutRequest, type RequestWindow } from "./request-window.ts";

/** Unrequested bytes are thrown away up to this; nobody means more than this well. */
const MAX_UNREQUESTED: Bytes = 2 * 1024 * 1024;
/** What was taken back at once, at most: a whole window. */
const MAX_TAKEN_BACK = MAX_REQUESTS;

/** The block that a peer is sending, and what it sent beyond what was asked of it. */
export class Arrival {
  /** True while the block that arrives was asked for and is still wanted. */
  isAsked = false;
  #request: OutRequest | undefined;
  /** It was asked for, and then no longer: nobody is to blame for it. */
  #isExcused = false;
  /** Requests that were taken back and neither answered nor rejected, oldest first: their blocks may be under way. */
  readonly #takenBack: OutRequest[] = [];
  /** How often something was taken back without a reject since. */
  #unrejected = 0;
  #unrequested: Bytes = 0;

  /** @returns The request that the block answers, also one that was taken back; undefined when nobody asked for it. */
  begins(
    window: RequestWindow,
    piece: PieceIndex,
    begin: Bytes,
    length: Bytes,
    now: Timestamp,
  ): OutRequest | undefined {
    const block = begin / BLOCK_LENGTH;
    const asked = window.find(piece, block);
    this.isAsked = asked !== undefined && asked.length === length;
    const request = this.isAsked ? asked : this.#forget(piece, block, length);
    this.#isExcused = request !== undefined;
    this.#request = request ?? { piece, block, length, sentAt: now };
    return request;
  }

  /** Blocks that may come though they were taken back. */
  get underWay(): number {
    return this.#takenBack.length;
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
    this.#unrejected++;
    if (this.#request === request) {
      this.isAsked = false;
      return true;
    }
    this.#takenBack.push(request);
    if (this.#takenBack.length > MAX_TAKEN_BACK) this.#takenBack.shift();
    return false;
  }

  /** What was taken back will not come, or has before. @returns False when nothing was. */
  rejected(piece: PieceIndex, block: number, length: Bytes): boolean {
    this.#forget(piece, block, length);
    if (this.#unrejected === 0) return false;
    this.#unrejected--;
    return true;
  }

  /** A whole block came that nobody waits for. @returns In words why that is too much, or undefined. */
  unrequestedBlock(length: Bytes): string | undefined {
    return this.#isExcused ? undefined : this.unrequested(length);
  }

  /** @returns In words why that is too much, or undefined. */
  unrequested(length: Bytes): string | undefined {
    this.#unrequested += length;
    if (this.#unrequested <= MAX_UNREQUESTED) return undefined;
    return `${this.#unrequested} bytes that nobody asked for, at most ${MAX_UNREQUESTED}`;
  }

  #forget(piece: PieceIndex, block: number, length: Bytes): OutRequest | undefined {
    const at = this.#takenBack.findIndex(
      (request) => request.piece === piece && request.block === block && request.length === length,
    );
    return at < 0 ? undefined : this.#takenBack.splice(at, 1)[0];
  }
}
