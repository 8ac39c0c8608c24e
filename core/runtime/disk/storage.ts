import type { Bitfield } from "../../model/bitfield.ts";
import { invariant } from "../../model/invariant.ts";
import type { FileLayout, PieceLayout } from "../../model/layout.ts";
import type { Bytes, PieceIndex, Timestamp } from "../../model/units.ts";
import type { TorrentStorage } from "../../session/ports.ts";
import { MAX_SLAB, type StoreResult } from "../../swarm/ports.ts";
import type { DiskFault } from "./disk-fault.ts";
import { type Answer, FILE_KNOWN, type OrderBody, type StorageOpening } from "./disk-orders.ts";
import type { DiskThreads } from "./disk-threads.ts";
import { PieceCheck } from "./piece-check.ts";
import { heightOf, PIECE_HASH_LENGTH, type PieceHashing, treeRoot } from "./piece-hash.ts";
import type { BlockRead, ReadCache } from "./read-cache.ts";
import type { ArenaSlab, Slab, SlabArena } from "./slab-arena.ts";

export interface StorageSpec {
  /** Absolute. Made with its parents when the first piece is written. */
  readonly folder: string;
  readonly files: readonly { readonly path: readonly string[]; readonly length: Bytes; readonly isPadding: boolean }[];
  readonly layout: PieceLayout;
  readonly fileLayout: FileLayout;
  /** Of every piece, one behind the other. */
  readonly pieceHashes: Uint8Array;
  readonly hashing: PieceHashing;
}

/** How a file looked when it was looked at; a difference means that somebody else may have written to it. */
export interface FileStamp {
  readonly size: Bytes;
  /** The file's modification time, with the fractions the system gives. */
  readonly modifiedAt: Timestamp;
}

export type { BlockRead, StoreResult };

/**
 * One torrent's bytes on disk.
 *
 * Every callback comes later, on the caller's thread, except a block that is in the read cache. After
 * {@link close} nothing may be called. A `missing-file` fault means that a file was deleted, replaced or
 * truncated while in use; nothing is written to it until a {@link check} has shown what is left.
 */
export class Storage implements TorrentStorage {
  readonly id: number;
  readonly folder: string;
  /** Resolves when {@link close} has. */
  readonly closed: Promise<void>;
  readonly #spec: StorageSpec;
  readonly #threads: DiskThreads;
  readonly #arena: SlabArena;
  readonly #cache: ReadCache;
  readonly #check: PieceCheck;
  #known: Uint8Array | undefined;
  #needsEmptyFiles: boolean;
  #mustFlushEverything = false;
  #pending = 0;
  #isClosing = false;
  readonly #idle: (() => void)[] = [];
  #reportClosed: () => void = () => {};

  constructor(id: number, spec: StorageSpec, threads: DiskThreads, arena: SlabArena, cache: ReadCache) {
    for (const file of spec.files) if (!file.isPadding) judgePath(file.path);
    const hashes = spec.layout.pieceCount * PIECE_HASH_LENGTH[spec.hashing];
    invariant(spec.pieceHashes.length === hashes, `${spec.pieceHashes.length} bytes of hashes, ${hashes} expected`);
    this.id = id;
    this.folder = spec.folder;
    this.#spec = spec;
    this.#threads = threads;
    this.#arena = arena;
    this.#cache = cache;
    this.#needsEmptyFiles = hasEmptyFiles(spec);
    this.closed = new Promise((resolve) => {
      this.#reportClosed = resolve;
    });
    const send = (body: OrderBody, answered: (answer: Answer) => void) => this.#send(body, answered);
    this.#check = new PieceCheck(spec.layout, spec.pieceHashes, threads.most, send);
  }

  /**
   * Memory for one piece, or a part of one, of `length` bytes, at most {@link MAX_SLAB}.
   * @returns Undefined when the pool is full: request no new piece until something was released.
   */
  reserve(length: Bytes): Slab | undefined {
    invariant(length > 0 && length <= MAX_SLAB, `a slab of ${length} bytes, at most ${MAX_SLAB}`);
    const { layout, hashing } = this.#spec;
    return this.#arena.take(length, layout.pieceLength <= MAX_SLAB ? hashing : undefined);
  }

  /** Also while an order is under way with it: it is given back after. */
  release(slab: Slab): void {
    this.#arena.release(slab as ArenaSlab);
  }

  /**
   * Writes the whole piece only when its hash is right. The slab stays the caller's; its bytes must not
   * change before `done`. After a fault the piece may be stored again from the same slab.
   */
  storePiece(piece: PieceIndex, slab: Slab, done: (result: StoreResult) => void): void {
    const length = this.#spec.layout.lengthOf(piece);
    invariant(slab.length === length, `a slab of ${slab.length} bytes for piece ${piece} of ${length}`);
    this.#makeEmptyFiles();
    const held = slab as ArenaSlab;
    held.orders++;
    const hash = this.#hashOf(piece);
    const offset = this.#spec.layout.pieceOffset(piece);
    // What is right is only to be written; of what is wrong or not known yet the worker has the last word.
    const isRight = this.#isRight(piece, held, hash);
    const order: OrderBody = isRight
      ? { kind: "write", offset, length, at: held.at }
      : { kind: "store", piece, at: held.at, hash };
    this.#send(order, (answer) => {
      this.#arena.orderDone(held);
      // Also after a fault: some of it may have been written.
      this.#cache.forget(this.id, offset, length);
      done(storeResult(answer));
    });
  }

  /** Writes the slab's first `length` bytes unverified at `begin` of a piece longer than {@link MAX_SLAB}. */
  writePart(piece: PieceIndex, begin: Bytes, length: Bytes, slab: Slab, done: (result: StoreResult) => void): void {
    const fits =
      begin >= 0 && length > 0 && length <= slab.length && begin + length <= this.#spec.layout.lengthOf(piece);
    invariant(fits, `a part of ${length} bytes at ${begin} of piece ${piece}`);
    this.#makeEmptyFiles();
    const held = slab as ArenaSlab;
    held.orders++;
    const offset = this.#spec.layout.pieceOffset(piece) + begin;
    this.#send({ kind: "write", offset, length, at: held.at }, (answer) => {
      this.#arena.orderDone(held);
      this.#cache.forget(this.id, offset, length);
      done(storeResult(answer));
    });
  }

  /** Hashes a piece from disk when all of its parts are written. `stored` when it is right. */
  verifyPiece(piece: PieceIndex, done: (result: StoreResult) => void): void {
    this.#send({ kind: "verify", first: piece, hashes: this.#hashOf(piece), mustExist: true }, (answer) => {
      if (answer.fault) done({ kind: "fault", fault: answer.fault });
      else done({ kind: answer.right?.[0] === 1 ? "stored" : "wrong-hash" });
    });
  }

  /**
   * Bytes to serve, of a piece that is verified. At most 128 KiB of them, at any `begin`.
   *
   * Synchronous when they are in the cache. The view is pinned until its `release`: hold no more of them than a
   * socket is about to send, for when all of the cache is pinned everyone waits.
   */
  readBlock(piece: PieceIndex, begin: Bytes, length: Bytes, done: (result: BlockRead) => void): void {
    const fits = begin >= 0 && length > 0 && begin + length <= this.#spec.layout.spaceOf(piece);
    invariant(fits && !this.#isClosing, `a block of ${length} bytes at ${begin} of piece ${piece} of ${this.folder}`);
    const offset = this.#spec.layout.pieceOffset(piece) + begin;
    const { totalLength } = this.#spec.layout;
    this.#cache.read({ client: this, totalLength, offset, length, done });
  }

  /** SHA-256 of each block of what begins a piece that is verified; undefined when it can't be read. */
  readLeaves(piece: PieceIndex, length: Bytes, done: (leaves: Uint8Array | undefined) => void): void {
    this.#send({ kind: "leaves", piece, length }, ({ leaves }) => done(leaves));
  }

  /**
   * Hashes what is on disk. Pieces of absent or short files are simply not there, and such files may be made anew.
   * @param each - Called once for every piece in `pieces`, in no particular order.
   * @param done - Once, after the last piece or at the first fault.
   * @returns Cancels: nothing is called after it.
   */
  check(
    pieces: Bitfield,
    each: (piece: PieceIndex, isRight: boolean) => void,
    done: (fault: DiskFault | undefined) => void,
  ): () => void {
    this.#known?.fill(FILE_KNOWN.not);
    this.#needsEmptyFiles = hasEmptyFiles(this.#spec);
    this.#cache.drop(this.id);
    return this.#check.start(pieces, each, done);
  }

  /** How every file looks now, in the order of the spec; undefined for an absent one and for padding. */
  stat(): Promise<(FileStamp | undefined)[] | DiskFault> {
    return new Promise((resolve) => {
      this.#send({ kind: "stat" }, ({ stamps, fault }) => {
        if (stamps) resolve(this.#spec.files.map((_, index) => stampAt(stamps, index)));
        else if (fault) resolve(fault);
      });
    });
  }

  /** Makes durable what was stored before the call (fsync). Only then may kept state claim it. */
  flush(): Promise<DiskFault | undefined> {
    if (!this.#mustFlushEverything) return this.#sendToAll({ kind: "flush", everything: false });
    this.#mustFlushEverything = false;
    return new Promise((resolve) => {
      this.#send({ kind: "flush", everything: true }, ({ fault }) => {
        if (fault) this.#mustFlushEverything = true;
        resolve(fault);
      });
    });
  }

  /** Closes the storage and deletes the torrent's own files, then those of its folders that are empty. */
  async removeData(): Promise<DiskFault | undefined> {
    await this.#quiesce();
    await this.#sendToAll({ kind: "close" });
    const fault = await new Promise<DiskFault | undefined>((resolve) => {
      this.#threads.send(this, { kind: "remove" }, (answer) => resolve(answer.fault));
    });
    await this.#finish();
    return fault;
  }

  /** Waits for its own orders, then gives back what it holds. */
  async close(): Promise<void> {
    if (this.#isClosing) return this.closed;
    await this.#quiesce();
    await this.#finish();
  }

  /** What a worker is told of this storage. */
  opening(): StorageOpening {
    const { files, layout } = this.#spec;
    this.#known ??= new Uint8Array(new SharedArrayBuffer(files.length));
    return {
      storage: this.id,
      folder: this.folder,
      paths: files.map((file) => (file.isPadding ? "" : file.path.join("/"))),
      lengths: Float64Array.from(files, (file) => file.length),
      padding: Uint8Array.from(files, (file) => (file.isPadding ? 1 : 0)),
      totalLength: layout.totalLength,
      pieceLength: layout.pieceLength,
      hashing: this.#spec.hashing,
      known: this.#known,
    };
  }

  workerDied(): void {
    this.#mustFlushEverything = true;
  }

  #isRight(piece: PieceIndex, slab: ArenaSlab, hash: Uint8Array): boolean {
    const digest = slab.digest();
    if (digest === undefined) return false;
    const { layout, fileLayout, hashing } = this.#spec;
    const found = hashing === "sha1" ? digest : treeRoot(digest, heightOf(piece, layout, fileLayout));
    return Buffer.compare(found, hash) === 0;
  }

  #hashOf(piece: PieceIndex): Uint8Array {
    const length = PIECE_HASH_LENGTH[this.#spec.hashing];
    return this.#spec.pieceHashes.slice(piece * length, (piece + 1) * length);
  }

  /** Files without bytes belong to no piece: they come with the first one. A fault there is a piece's fault too. */
  #makeEmptyFiles(): void {
    if (!this.#needsEmptyFiles) return;
    this.#needsEmptyFiles = false;
    this.#send({ kind: "make-empty" }, (answer) => {
      if (answer.fault) this.#needsEmptyFiles = true;
    });
  }

  #send(body: OrderBody, answered: (answer: Answer) => void): void {
    invariant(!this.#isClosing, `${body.kind} after the storage in ${this.folder} was closed`);
    this.#pending++;
    this.#threads.send(this, body, (answer) => {
      answered(answer);
      this.#answered();
    });
  }

  #sendToAll(body: OrderBody): Promise<DiskFault | undefined> {
    this.#pending++;
    return new Promise((resolve) => {
      this.#threads.sendToAll(this, body, (fault) => {
        resolve(fault);
        this.#answered();
      });
    });
  }

  #answered(): void {
    this.#pending--;
    if (this.#pending === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #quiesce(): Promise<void> {
    invariant(!this.#isClosing, `the storage in ${this.folder} is closed already`);
    this.#check.cancelAll();
    this.#isClosing = true;
    this.#cache.drop(this.id);
    if (this.#pending > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #finish(): Promise<void> {
    await this.#sendToAll({ kind: "close" });
    this.#reportClosed();
  }
}

function hasEmptyFiles(spec: StorageSpec): boolean {
  return spec.files.some((file) => file.length === 0 && !file.isPadding);
}

function storeResult(answer: Answer): StoreResult {
  if (answer.fault) return { kind: "fault", fault: answer.fault };
  return { kind: answer.isWrong ? "wrong-hash" : "stored" };
}

function stampAt(stamps: Float64Array, index: number): FileStamp | undefined {
  const size = stamps[2 * index] as number;
  return size < 0 ? undefined : { size, modifiedAt: stamps[2 * index + 1] as number };
}

/** The sanitiser of names stands before this; here is the last door. */
function judgePath(path: readonly string[]): void {
  const isFit = (part: string) => part !== "" && part !== "." && part !== ".." && !/[/\\\0]/.test(part);
  invariant(path.length > 0 && path.every(isFit), `a file may not be called ${JSON.stringify(path)}`);
}
