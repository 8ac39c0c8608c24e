import { createHash } from "node:crypto";
import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import type { Bitfield } from "../../../core/model/bitfield.ts";
import { leavesOf } from "../../../core/model/merkle.ts";
import type { Millis } from "../../../core/model/units.ts";
import { newPieceHash, PIECE_HASH_LENGTH, sha256 } from "../../../core/runtime/disk/piece-hash.ts";
import type { TorrentStorage } from "../../../core/session/ports.ts";
import type { DiskFault, PieceSlab, ReadResult, StoreResult } from "../../../core/swarm/ports.ts";
import type { VirtualClock } from "./clock.ts";

/** How a disk behaves. */
export interface DiskManner {
  /** Time for one piece to be hashed and written. */
  readonly storing: Millis;
  readonly reading: Millis;
  /** Memory for pieces, shared with nobody. */
  readonly memory: number;
  /** Blocks of these pieces are given out with a byte wrong. */
  readonly corrupts?: (piece: number) => boolean;
  /** Requests for these are not answered while it is so. */
  readonly withholds?: (piece: number) => boolean;
}

const GOOD: DiskManner = { storing: 5, reading: 2, memory: 64 * 1024 * 1024 };

interface Slab extends PieceSlab {
  isHeld: boolean;
}

/** A torrent's bytes in memory, hashed for real. */
export class SimStorage implements TorrentStorage {
  readonly metainfo: Metainfo;
  readonly bytes: Uint8Array;
  manner: DiskManner;
  /** The next order ends with this, until it is taken away. */
  fault: DiskFault | undefined;
  held = 0;
  checks = 0;
  readonly #clock: VirtualClock;

  /** @param bytes - What is on the disk; becomes the storage's own. */
  constructor(clock: VirtualClock, metainfo: Metainfo, bytes: Uint8Array, manner: Partial<DiskManner> = {}) {
    this.#clock = clock;
    this.metainfo = metainfo;
    this.bytes = bytes;
    this.manner = { ...GOOD, ...manner };
  }

  isRight(piece: number): boolean {
    const { layout } = this.metainfo;
    const at = layout.pieceOffset(piece);
    return this.#isHash(piece, this.bytes.subarray(at, at + layout.lengthOf(piece)));
  }

  reserve(length: number): PieceSlab | undefined {
    if (this.held + length > this.manner.memory) return undefined;
    this.held += length;
    const slab: Slab = { bytes: new Uint8Array(length), isHeld: true };
    return slab;
  }

  release(slab: PieceSlab): void {
    if (!(slab as Slab).isHeld) throw new Error("a slab is released twice");
    (slab as Slab).isHeld = false;
    this.held -= slab.bytes.length;
  }

  storePiece(piece: number, slab: PieceSlab, done: (result: StoreResult) => void): void {
    const hash = createHash("sha1").update(slab.bytes).digest();
    this.#later(this.manner.storing, done, () => {
      if (createHash("sha1").update(slab.bytes).digest().compare(hash) !== 0)
        throw new Error("bytes changed while hashed");
      if (!this.#isHash(piece, slab.bytes)) return { kind: "wrong-hash" };
      this.bytes.set(slab.bytes, this.metainfo.layout.pieceOffset(piece));
      return { kind: "stored" };
    });
  }

  writePart(piece: number, begin: number, length: number, slab: PieceSlab, done: (result: StoreResult) => void): void {
    this.#later(this.manner.storing, done, () => {
      this.bytes.set(slab.bytes.subarray(0, length), this.metainfo.layout.pieceOffset(piece) + begin);
      return { kind: "stored" };
    });
  }

  verifyPiece(piece: number, done: (result: StoreResult) => void): void {
    this.#later(this.manner.storing, done, () => ({ kind: this.isRight(piece) ? "stored" : "wrong-hash" }));
  }

  readBlock(piece: number, begin: number, length: number, done: (result: ReadResult) => void): void {
    if (this.manner.withholds?.(piece)) {
      this.#clock.after(1000, () => this.readBlock(piece, begin, length, done));
      return;
    }
    this.#clock.after(this.manner.reading, () => {
      if (this.fault !== undefined) return done({ kind: "fault", fault: this.fault });
      const at = this.metainfo.layout.pieceOffset(piece) + begin;
      const bytes = this.bytes.slice(at, at + length);
      if (this.manner.corrupts?.(piece)) bytes[0] = (bytes[0] as number) ^ 1;
      done({ kind: "block", bytes, release: () => {} });
    });
  }

  readLeaves(piece: number, length: number, done: (leaves: Uint8Array | undefined) => void): void {
    this.#clock.after(this.manner.reading, () => {
      const at = this.metainfo.layout.pieceOffset(piece);
      const leaves = leavesOf(this.bytes.subarray(at, at + length), sha256);
      done(this.fault === undefined ? leaves : undefined);
    });
  }

  check(
    pieces: Bitfield,
    each: (piece: number, isRight: boolean) => void,
    done: (fault: DiskFault | undefined) => void,
  ): () => void {
    this.checks++;
    const queue: number[] = [];
    pieces.forEach((piece) => queue.push(piece));
    let isCancelled = false;
    const next = () => {
      if (isCancelled) return;
      const piece = queue.shift();
      if (this.fault !== undefined || piece === undefined) return done(this.fault);
      each(piece, this.isRight(piece));
      this.#clock.after(1, next);
    };
    this.#clock.after(1, next);
    return () => {
      isCancelled = true;
    };
  }

  #later(wait: Millis, done: (result: StoreResult) => void, result: () => StoreResult): void {
    this.#clock.after(wait, () => done(this.fault === undefined ? result() : { kind: "fault", fault: this.fault }));
  }

  #isHash(piece: number, bytes: Uint8Array): boolean {
    const { pieceHashes, infoHash, layout, fileLayout } = this.metainfo;
    const hashing = infoHash.kind === "v2" ? "tree" : "sha1";
    const length = PIECE_HASH_LENGTH[hashing];
    const sum = newPieceHash(hashing, piece, layout, fileLayout);
    sum.update(bytes);
    return Buffer.compare(sum.digest(), pieceHashes.subarray(length * piece, length * (piece + 1))) === 0;
  }
}
