import { createHash, hash } from "node:crypto";
import type { FileLayout, PieceLayout } from "../../model/layout.ts";
import { leavesOf, NODE_LENGTH, nodeOver, treeShape } from "../../model/merkle.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "../../model/units.ts";

/** What verifies a piece: its SHA-1 (BEP 3), or the root over its blocks (BEP 52). */
export type PieceHashing = "sha1" | "tree";

/** Bytes of the hash of one piece. */
export const PIECE_HASH_LENGTH: Readonly<Record<PieceHashing, Bytes>> = { sha1: 20, tree: NODE_LENGTH };

/** Takes a piece's bytes in order, each part but the last in whole blocks. */
interface PieceHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

export function newPieceHash(
  hashing: PieceHashing,
  piece: PieceIndex,
  layout: PieceLayout,
  files: FileLayout,
): PieceHash {
  return hashing === "sha1" ? createHash("sha1") : new TreeHash(heightOf(piece, layout, files));
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}

/** How many levels the node that verifies a piece is above its blocks: fewer for a file of less than one piece. */
export function heightOf(piece: PieceIndex, layout: PieceLayout, files: FileLayout): number {
  const [span] = files.spans(layout.pieceOffset(piece), 1);
  const length = files.files[span?.fileIndex ?? 0]?.length ?? layout.pieceLength;
  return treeShape(length, layout.pieceLength).pieceHeight;
}

/** @param leaves - Of all blocks of a piece. */
export function treeRoot(leaves: Uint8Array, height: number): Uint8Array {
  return nodeOver(leaves, height, new Uint8Array(NODE_LENGTH), sha256);
}

class TreeHash implements PieceHash {
  readonly #height: number;
  readonly #leaves: Uint8Array;
  #length = 0;

  constructor(height: number) {
    this.#height = height;
    this.#leaves = new Uint8Array(2 ** height * NODE_LENGTH);
  }

  update(bytes: Uint8Array): void {
    this.#leaves.set(leavesOf(bytes, sha256), this.#length);
    this.#length += Math.ceil(bytes.length / BLOCK_LENGTH) * NODE_LENGTH;
  }

  digest(): Uint8Array {
    return treeRoot(this.#leaves.subarray(0, this.#length), this.#height);
  }
}
