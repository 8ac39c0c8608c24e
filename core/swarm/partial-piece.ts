import { fnv1a } from "../model/bytes.ts";
import type { PieceLayout } from "../model/layout.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex, type Timestamp } from "../model/units.ts";
import type { BlockTarget } from "../wire/decoder.ts";
import { MAX_SLAB, type PieceSlab, type SwarmDisk } from "./ports.ts";

/** A block is in exactly one of these. */
const BLOCK = { free: 0, requested: 1, received: 2 } as const;
const BLOCKS_PER_PART = MAX_SLAB / BLOCK_LENGTH;

/**
 * A piece that is being downloaded: the state of each block, who gave it, and the slabs that hold the bytes.
 *
 * A piece of at most 4 MiB has one slab. A longer one has a slab for every 4 MiB part that is in flight;
 * a part leaves memory as soon as it is whole.
 *
 * Invariant: `free + requested + received = blockCount`, and every requested or received block's part has a slab
 * until that part is written.
 */
export class PartialPiece {
  readonly piece: PieceIndex;
  readonly blockCount: number;
  free: number;
  received = 0;
  /** Parts whole and handed to the disk, still being written. */
  writing = 0;
  /** When the first block was asked for, and when the last one came. Kept by the torrent. */
  begunAt: Timestamp | undefined;
  wholeAt: Timestamp | undefined;
  readonly #layout: PieceLayout;
  readonly #states: Uint8Array;
  /** Requests outstanding for each block: more than one in the endgame only. */
  readonly #askers: Uint8Array;
  /** Id of the peer that gave each block, or is giving it. */
  readonly #givers: Float64Array;
  readonly #slabs: (PieceSlab | undefined)[];
  /** The one peer that may be asked, so that what comes of it is its doing alone. */
  exclusiveTo: number | undefined;
  /** The web seed that began it: others leave it alone while they find anything else. */
  leftTo: number | undefined;
  #nextFree = 0;

  constructor(piece: PieceIndex, layout: PieceLayout) {
    this.piece = piece;
    this.#layout = layout;
    this.blockCount = layout.blocksIn(piece);
    this.free = this.blockCount;
    this.#states = new Uint8Array(this.blockCount);
    this.#askers = new Uint8Array(this.blockCount);
    this.#givers = new Float64Array(this.blockCount).fill(-1);
    this.#slabs = new Array(Math.ceil(this.blockCount / BLOCKS_PER_PART)).fill(undefined);
  }

  get isWhole(): boolean {
    return this.received === this.blockCount;
  }

  get isSinglePart(): boolean {
    return this.#slabs.length === 1;
  }

  isReceived(block: number): boolean {
    return this.#states[block] === BLOCK.received;
  }

  isRequested(block: number): boolean {
    return this.#states[block] === BLOCK.requested;
  }

  /** The lowest free block whose part has, or now gets, a slab; undefined when memory is used up. */
  takeFree(disk: SwarmDisk): number | undefined {
    while (this.#nextFree < this.blockCount && this.#states[this.#nextFree] !== BLOCK.free) this.#nextFree++;
    if (this.#nextFree >= this.blockCount) return undefined;
    const block = this.#nextFree;
    if (!this.#hasSlab(block, disk)) return undefined;
    this.#states[block] = BLOCK.requested;
    this.#askers[block] = 1;
    this.free--;
    return block;
  }

  /** The block is asked of one peer more. */
  askAlso(block: number): void {
    this.#askers[block] = (this.#askers[block] as number) + 1;
  }

  /** A block that was taken back comes after all. @returns Whether it is still missing: then it counts as asked for. */
  askBack(block: number): boolean {
    if (this.#states[block] === BLOCK.received || this.target(block) === undefined) return false;
    if (this.#states[block] === BLOCK.free) this.free--;
    this.#states[block] = BLOCK.requested;
    this.askAlso(block);
    return true;
  }

  askers(block: number): number {
    return this.#askers[block] as number;
  }

  /** One request for the block is gone without its bytes. @returns True when the block became free. */
  unask(block: number): boolean {
    if (this.#states[block] !== BLOCK.requested) return false;
    this.#askers[block] = (this.#askers[block] as number) - 1;
    if ((this.#askers[block] as number) > 0) return false;
    this.#states[block] = BLOCK.free;
    this.free++;
    if (block < this.#nextFree) this.#nextFree = block;
    return true;
  }

  target(block: number): BlockTarget | undefined {
    const slab = this.#slabs[Math.floor(block / BLOCKS_PER_PART)];
    return slab === undefined ? undefined : { bytes: slab.bytes, at: (block % BLOCKS_PER_PART) * BLOCK_LENGTH };
  }

  /**
   * The block's bytes come from `peer` from now on. One peer at a time writes to a block's place: bytes of two in one
   * block would blame the one for the other's.
   * @returns Who wrote there until now, when somebody did.
   */
  place(block: number, peer: number): number | undefined {
    const before = this.#givers[block] as number;
    this.#givers[block] = peer;
    return before < 0 || before === peer ? undefined : before;
  }

  isPlacedBy(block: number, peer: number): boolean {
    return this.#givers[block] === peer;
  }

  /** @returns The part that became whole with this block, or undefined. */
  receive(block: number, giver: number): { index: number; begin: Bytes; length: Bytes; slab: PieceSlab } | undefined {
    this.#states[block] = BLOCK.received;
    this.#askers[block] = 0;
    this.#givers[block] = giver;
    this.received++;
    const part = Math.floor(block / BLOCKS_PER_PART);
    const first = part * BLOCKS_PER_PART;
    const end = Math.min(first + BLOCKS_PER_PART, this.blockCount);
    if (!this.isSinglePart || !this.isWhole) {
      if (this.isSinglePart) return undefined;
      for (let other = first; other < end; other++) if (this.#states[other] !== BLOCK.received) return undefined;
    }
    const begin = first * BLOCK_LENGTH;
    const length = Math.min(MAX_SLAB, this.#layout.lengthOf(this.piece) - begin);
    return { index: part, begin, length, slab: this.#slabs[part] as PieceSlab };
  }

  /** A part is on the disk: its memory goes back. */
  partWritten(part: number, disk: SwarmDisk): void {
    const slab = this.#slabs[part];
    this.#slabs[part] = undefined;
    if (slab !== undefined) disk.release(slab);
  }

  /** Id of the peer that gave a received block. */
  giver(block: number): number {
    return this.#givers[block] as number;
  }

  /** Ids of the peers that gave blocks, without repetition. */
  contributors(): number[] {
    return [...new Set(this.#givers.filter((_, block) => this.isReceived(block)))];
  }

  /**
   * A number for the bytes of each block, while they are in memory; undefined when they are not. It only points at a
   * block that differs; that it differs from a piece with the right hash is the proof.
   */
  blockSums(): Uint32Array | undefined {
    const [slab] = this.#slabs;
    if (slab === undefined || !this.isSinglePart || !this.isWhole) return undefined;
    const sums = new Uint32Array(this.blockCount);
    for (let block = 0; block < this.blockCount; block++) {
      const begin = block * BLOCK_LENGTH;
      sums[block] = fnv1a(slab.bytes.subarray(begin, begin + this.#layout.blockLength(this.piece, block)));
    }
    return sums;
  }

  /** Gives all memory back. Nothing may be in flight to it any more. */
  dispose(disk: SwarmDisk): void {
    for (let part = 0; part < this.#slabs.length; part++) this.partWritten(part, disk);
  }

  #hasSlab(block: number, disk: SwarmDisk): boolean {
    const part = Math.floor(block / BLOCKS_PER_PART);
    if (this.#slabs[part] !== undefined) return true;
    const begin = part * MAX_SLAB;
    const slab = disk.reserve(Math.min(MAX_SLAB, this.#layout.lengthOf(this.piece) - begin));
    this.#slabs[part] = slab;
    return slab !== undefined;
  }
}
