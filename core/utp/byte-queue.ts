import type { Bytes } from "../model/units.ts";

interface Chunk {
  readonly bytes: Uint8Array;
  readonly released: (() => void) | undefined;
}

/** Bytes on their way out, in the pieces in which they were given. */
export class ByteQueue {
  length: Bytes = 0;
  #chunks: Chunk[] = [];
  /** The chunk that is first now, and how much of it is gone. */
  #first = 0;
  #taken: Bytes = 0;

  /** @param released - Called once, when `bytes` are needed no longer. */
  push(bytes: Uint8Array, released?: () => void): void {
    if (bytes.length === 0) return released?.();
    this.#chunks.push({ bytes, released });
    this.length += bytes.length;
  }

  /** Bytes that were taken are to go out again, before all others. They are copied. */
  putBack(bytes: Uint8Array): void {
    const first = this.#chunks[this.#first];
    // What is left of the first chunk is behind them from now on.
    const rest = first === undefined ? [] : [{ bytes: first.bytes.subarray(this.#taken), released: first.released }];
    this.#chunks = [{ bytes: bytes.slice(), released: undefined }, ...rest, ...this.#chunks.slice(this.#first + 1)];
    this.#first = 0;
    this.#taken = 0;
    this.length += bytes.length;
  }

  /** Moves the next `count` bytes into `target`; there must be as many. */
  take(target: Uint8Array, at: number, count: Bytes): void {
    let left = count;
    let to = at;
    while (left > 0) {
      const chunk = this.#chunks[this.#first] as Chunk;
      const size = Math.min(left, chunk.bytes.length - this.#taken);
      target.set(chunk.bytes.subarray(this.#taken, this.#taken + size), to);
      to += size;
      left -= size;
      this.#taken += size;
      if (this.#taken < chunk.bytes.length) break;
      this.#taken = 0;
      this.#first++;
      chunk.released?.();
    }
    this.length -= count;
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0;
      this.#first = 0;
    } else if (this.#first > 64) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    const dropped = this.#chunks.slice(this.#first);
    this.#chunks = [];
    this.#first = 0;
    this.#taken = 0;
    this.length = 0;
    for (const { released } of dropped) released?.();
  }
}
