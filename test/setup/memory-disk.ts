import type { PieceLayout } from "../../core/model/layout.ts";
import type { PieceSlab, ReadResult, StoreResult, SwarmDisk } from "../../core/swarm/ports.ts";

interface TestSlab extends PieceSlab {
  isReleased: boolean;
}

/** Memory for pieces with a limit, and a disk whose verdicts the test gives itself. */
export class MemoryDisk implements SwarmDisk {
  readonly layout: PieceLayout;
  readonly mostSlabs: number;
  held = 0;
  readonly stores: {
    readonly piece: number;
    readonly slab: PieceSlab;
    readonly done: (result: StoreResult) => void;
  }[] = [];

  constructor(layout: PieceLayout, mostSlabs = Number.POSITIVE_INFINITY) {
    this.layout = layout;
    this.mostSlabs = mostSlabs;
  }

  reserve(length: number): PieceSlab | undefined {
    if (this.held >= this.mostSlabs) return undefined;
    this.held++;
    return { bytes: new Uint8Array(length), isReleased: false } as TestSlab;
  }

  release(slab: PieceSlab): void {
    if ((slab as TestSlab).isReleased) throw new Error("a slab is released twice");
    (slab as TestSlab).isReleased = true;
    this.held--;
  }

  storePiece(piece: number, slab: PieceSlab, done: (result: StoreResult) => void): void {
    this.stores.push({ piece, slab, done });
  }

  writePart(
    piece: number,
    _begin: number,
    _length: number,
    slab: PieceSlab,
    done: (result: StoreResult) => void,
  ): void {
    this.stores.push({ piece, slab, done });
  }

  verifyPiece(piece: number, done: (result: StoreResult) => void): void {
    this.stores.push({ piece, slab: { bytes: new Uint8Array(0) }, done });
  }

  readLeaves(_piece: number, _length: number, done: (leaves: Uint8Array | undefined) => void): void {
    done(undefined);
  }

  readBlock(_piece: number, _begin: number, length: number, done: (result: ReadResult) => void): void {
    done({ kind: "block", bytes: new Uint8Array(length), release: () => {} });
  }
}
