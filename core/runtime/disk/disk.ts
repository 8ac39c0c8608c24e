import type { Bytes } from "../../model/units.ts";
import { MAX_SLAB } from "../../swarm/ports.ts";
import { DiskThreads } from "./disk-threads.ts";
import { ReadCache } from "./read-cache.ts";
import { SlabArena } from "./slab-arena.ts";
import { Storage, type StorageSpec } from "./storage.ts";

export interface DiskOptions {
  /** The built disk worker. */
  readonly workerFile: URL;
  /** Most threads that hash and write. */
  readonly workers?: number;
  /** Most memory for pieces that are being received or written. At least one slab of {@link MAX_SLAB}. */
  readonly poolBytes?: Bytes;
  /** Most memory for read-ahead. */
  readonly readCacheBytes?: Bytes;
}

/** Two keep up with 3 GiB/s of hashing; more would only take the processor from the sockets. */
const WORKERS = 2;
/** A sixth of a second at 200 MB/s. Only what is used of it is resident. */
const POOL = 32 * 1024 * 1024;
const READ_CACHE = 32 * 1024 * 1024;

/**
 * The one way to files: reserves memory for pieces, has them hashed and written on workers, reads ahead to serve.
 *
 * Single-threaded: call it from one thread, its callbacks come back there. Memory is bounded by construction;
 * when {@link Storage.reserve} has nothing, the caller stops requesting, and that is the only back-pressure.
 */
export class Disk {
  readonly #threads: DiskThreads;
  readonly #pieces: SlabArena;
  readonly #cache: ReadCache;
  readonly #storages = new Set<Storage>();
  #lastStorage = 0;

  constructor(options: DiskOptions) {
    this.#pieces = new SlabArena(Math.max(MAX_SLAB, options.poolBytes ?? POOL));
    const reads = new SlabArena(options.readCacheBytes ?? READ_CACHE);
    const memory = { pieces: this.#pieces.memory, reads: reads.memory };
    this.#threads = new DiskThreads(options.workerFile, options.workers ?? WORKERS, memory);
    this.#cache = new ReadCache(this.#threads, reads);
  }

  /** Orders that the workers have not answered yet. */
  get queueLength(): number {
    return this.#threads.queueLength;
  }

  /** Bytes reserved for pieces right now. */
  get poolUsed(): Bytes {
    return this.#pieces.used;
  }

  /**
   * Touches nothing on disk: folders and files are made when the first piece is written.
   * @throws InvariantError when a path has a part that no file may have (`..`, a separator): sanitise before.
   */
  openStorage(spec: StorageSpec): Storage {
    const storage = new Storage(++this.#lastStorage, spec, this.#threads, this.#pieces, this.#cache);
    this.#storages.add(storage);
    void storage.closed.then(() => this.#storages.delete(storage));
    return storage;
  }

  /** Closes every storage, then ends the workers. */
  async close(): Promise<void> {
    await Promise.all([...this.#storages].map((storage) => storage.close()));
    await this.#threads.close();
  }
}

export type { DiskFault } from "./disk-fault.ts";
export type { Slab } from "./slab-arena.ts";
export { type BlockRead, Storage, type StorageSpec, type StoreResult } from "./storage.ts";
