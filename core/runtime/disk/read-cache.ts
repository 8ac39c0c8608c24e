import { invariant } from "../../model/invariant.ts";
import type { Bytes } from "../../model/units.ts";
import type { DiskFault } from "./disk-fault.ts";
import type { DiskThreads, ThreadClient } from "./disk-threads.ts";
import type { ArenaSlab, SlabArena } from "./slab-arena.ts";

export type BlockRead =
  | {
      readonly kind: "block";
      /** Over a SharedArrayBuffer; not to be written to. */
      readonly bytes: Uint8Array;
      /** Once, when the bytes are sent or no longer wanted. */
      release(): void;
    }
  | { readonly kind: "fault"; readonly fault: DiskFault };

/** Read-ahead: peers ask for a piece's blocks in order, and one order to a worker costs as much as 64 KiB. */
const CHUNK: Bytes = 256 * 1024;
/** The longest block anyone may be served. */
const MAX_READ: Bytes = 128 * 1024;
/** Storages times chunks of the largest torrent fit a number exactly. */
const CHUNKS_PER_STORAGE = 2 ** 31;

type Done = (result: BlockRead) => void;

/** A block that somebody wants. `offset` within the torrent. */
interface Wanted {
  readonly client: ThreadClient;
  readonly totalLength: Bytes;
  readonly offset: Bytes;
  readonly length: Bytes;
  readonly done: Done;
}

/** A stretch of one torrent that is being read, or is in memory. Keeps its slab until its last pin is gone. */
class Chunk {
  /** Undefined: not to be found by others, because it is one block only or its bytes have changed on disk. */
  key: number | undefined;
  readonly storage: number;
  readonly start: Bytes;
  readonly slab: ArenaSlab;
  /** The blocks wanted of it while it is being read; undefined when it is in memory. */
  waiting: Wanted[] | undefined;
  pins = 0;

  constructor(key: number | undefined, start: Bytes, slab: ArenaSlab, first: Wanted) {
    this.key = key;
    this.storage = first.client.id;
    this.start = start;
    this.slab = slab;
    this.waiting = [first];
  }
}

/**
 * Serves blocks from chunks of {@link CHUNK} bytes at multiples of it within the torrent, the least recently
 * used first to go.
 *
 * A block that lies across two chunks, or whose chunk can't be read as a whole (it may reach into a file that
 * is not wanted and not there), is read by itself.
 */
export class ReadCache {
  readonly #threads: DiskThreads;
  readonly #arena: SlabArena;
  /** In the order of last use. */
  readonly #chunks = new Map<number, Chunk>();
  /** Found no memory, because all of it is pinned. As many as the callers ask for at a time. */
  #waitingForMemory: Wanted[] = [];

  constructor(threads: DiskThreads, arena: SlabArena) {
    invariant(arena.size >= CHUNK, `a read cache of ${arena.size} bytes, at least ${CHUNK}`);
    this.#threads = threads;
    this.#arena = arena;
  }

  read(wanted: Wanted): void {
    const { client, totalLength, offset, length } = wanted;
    invariant(length <= MAX_READ, `a block of ${length} bytes, at most ${MAX_READ}`);
    const index = Math.floor(offset / CHUNK);
    const start = index * CHUNK;
    const chunkLength = Math.min(CHUNK, totalLength - start);
    if (offset + length > start + chunkLength) {
      this.#load(undefined, offset, length, wanted);
      return;
    }
    const key = client.id * CHUNKS_PER_STORAGE + index;
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      this.#load(key, start, chunkLength, wanted);
      return;
    }
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    if (chunk.waiting) chunk.waiting.push(wanted);
    else this.#deliver(chunk, wanted);
  }

  /** The bytes have changed on disk: what is cached of them is not to be served any more. */
  forget(storage: number, offset: Bytes, length: Bytes): void {
    if (this.#chunks.size === 0) return;
    const last = Math.floor((offset + length - 1) / CHUNK);
    for (let index = Math.floor(offset / CHUNK); index <= last; index++) {
      const chunk = this.#chunks.get(storage * CHUNKS_PER_STORAGE + index);
      if (chunk) this.#uncache(chunk);
    }
  }

  /** The storage closes. Pinned blocks stay until they are released; what waits for memory is never answered. */
  drop(storage: number): void {
    this.#waitingForMemory = this.#waitingForMemory.filter((wanted) => wanted.client.id !== storage);
    for (const chunk of [...this.#chunks.values()]) if (chunk.storage === storage) this.#uncache(chunk);
  }

  #load(key: number | undefined, start: Bytes, length: Bytes, first: Wanted): void {
    const slab = this.#memoryFor(length);
    if (!slab) {
      this.#waitingForMemory.push(first);
      return;
    }
    const chunk = new Chunk(key, start, slab, first);
    if (key !== undefined) this.#chunks.set(key, chunk);
    this.#threads.send(first.client, { kind: "read", offset: start, length, at: slab.at }, ({ fault }) => {
      const waiting = chunk.waiting ?? [];
      chunk.waiting = undefined;
      // Ours, so that it stays while the first of them is delivered and released at once.
      chunk.pins++;
      if (!fault) for (const wanted of waiting) this.#deliver(chunk, wanted);
      else this.#failed(chunk, waiting, fault);
      this.#unpin(chunk);
    });
  }

  #failed(chunk: Chunk, waiting: readonly Wanted[], fault: DiskFault): void {
    if (chunk.key !== undefined) {
      this.#chunks.delete(chunk.key);
      chunk.key = undefined;
    }
    for (const wanted of waiting) {
      if (chunk.slab.length === wanted.length) wanted.done({ kind: "fault", fault });
      else this.#load(undefined, wanted.offset, wanted.length, wanted);
    }
  }

  #deliver(chunk: Chunk, { offset, length, done }: Wanted): void {
    chunk.pins++;
    const from = offset - chunk.start;
    let isPinned = true;
    const release = () => {
      invariant(isPinned, "a block was released twice");
      isPinned = false;
      this.#unpin(chunk);
    };
    done({ kind: "block", bytes: chunk.slab.bytes.subarray(from, from + length), release });
  }

  #unpin(chunk: Chunk): void {
    chunk.pins--;
    if (chunk.pins > 0) return;
    if (chunk.key === undefined) this.#giveBack(chunk);
    else this.#wake();
  }

  #memoryFor(length: Bytes): ArenaSlab | undefined {
    for (;;) {
      const slab = this.#arena.take(length);
      if (slab) return slab;
      const oldest = this.#oldestUnused();
      if (!oldest) return undefined;
      this.#chunks.delete(oldest.key as number);
      oldest.key = undefined;
      this.#arena.release(oldest.slab);
    }
  }

  #oldestUnused(): Chunk | undefined {
    for (const chunk of this.#chunks.values()) if (chunk.pins === 0 && !chunk.waiting) return chunk;
    return undefined;
  }

  #uncache(chunk: Chunk): void {
    this.#chunks.delete(chunk.key as number);
    chunk.key = undefined;
    if (chunk.pins === 0 && !chunk.waiting) this.#giveBack(chunk);
  }

  #giveBack(chunk: Chunk): void {
    this.#arena.release(chunk.slab);
    this.#wake();
  }

  #wake(): void {
    while (this.#waitingForMemory.length > 0) {
      const before = this.#waitingForMemory.length;
      const wanted = this.#waitingForMemory.shift() as Wanted;
      this.read(wanted);
      if (this.#waitingForMemory.length < before) continue;
      // It found none again and has gone to the end: the first stays the first.
      this.#waitingForMemory.unshift(this.#waitingForMemory.pop() as Wanted);
      return;
    }
  }
}
