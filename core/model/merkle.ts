import { concatBytes } from "./bytes.ts";
import { BLOCK_LENGTH, type Bytes } from "./units.ts";

/**
 * The trees of hashes that verify the files of v2 torrents (BEP 52): SHA-256, two children a node, a leaf for each
 * block of 16 KiB. Leaves past the end of a file are 32 zero bytes. Height 0 is the leaves, and a layer is its nodes
 * one behind the other, those left out that cover nothing of the file.
 */

export const NODE_LENGTH: Bytes = 32;

/** @returns 32 bytes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** @param leaves - At least 1. @returns Height of the root over them. */
export function treeHeight(leaves: number): number {
  let height = 0;
  while (2 ** height < leaves) height++;
  return height;
}

/** Which heights matter in the tree of one file. */
export interface TreeShape {
  /** Of the nodes that verify a piece each. */
  readonly pieceHeight: number;
  /** Of the pieces root. */
  readonly rootHeight: number;
  readonly pieces: number;
}

/** @param length - At least 1. @param pieceLength - A power of two, at least a block. */
export function treeShape(length: Bytes, pieceLength: Bytes): TreeShape {
  const rootHeight = treeHeight(Math.ceil(length / BLOCK_LENGTH));
  const pieceHeight = Math.min(rootHeight, Math.log2(pieceLength / BLOCK_LENGTH));
  return { pieceHeight, rootHeight, pieces: Math.ceil(length / pieceLength) };
}

/** The node at `height` over leaves that are past the end of the file, or nothing but zeros at height 0. */
export function absentNode(height: number, sha256: Sha256): Uint8Array {
  let node: Uint8Array = new Uint8Array(NODE_LENGTH);
  for (let at = 0; at < height; at++) node = sha256(concatBytes(node, node));
  return node;
}

/**
 * @param nodes - A layer or, from a place that `levels` above has a node of its own, a part of one; at least a node,
 *   at most 2 to the power of `levels`.
 * @param absent - What stands for nodes that were left out.
 * @returns The layers from `nodes` up, the last of them one node.
 */
export function layersFrom(nodes: Uint8Array, levels: number, absent: Uint8Array, sha256: Sha256): Uint8Array[] {
  const layers = [nodes];
  let below = nodes;
  let missing = absent;
  for (let level = 0; level < levels; level++) {
    const above = new Uint8Array(Math.ceil(below.length / (2 * NODE_LENGTH)) * NODE_LENGTH);
    for (let at = 0; at < above.length; at += NODE_LENGTH) {
      const pair = below.subarray(2 * at, 2 * (at + NODE_LENGTH));
      above.set(sha256(pair.length === NODE_LENGTH ? concatBytes(pair, missing) : pair), at);
    }
    if (level < levels - 1) missing = sha256(concatBytes(missing, missing));
    layers.push(above);
    below = above;
  }
  return layers;
}

/** As {@link layersFrom}, the node on top alone. */
export function nodeOver(nodes: Uint8Array, levels: number, absent: Uint8Array, sha256: Sha256): Uint8Array {
  return layersFrom(nodes, levels, absent, sha256).at(-1) as Uint8Array;
}

/** The leaves of some bytes of a file, from a block's beginning on. */
export function leavesOf(bytes: Uint8Array, sha256: Sha256): Uint8Array {
  const leaves = new Uint8Array(Math.ceil(bytes.length / BLOCK_LENGTH) * NODE_LENGTH);
  for (let block = 0; block * BLOCK_LENGTH < bytes.length; block++) {
    leaves.set(sha256(bytes.subarray(block * BLOCK_LENGTH, (block + 1) * BLOCK_LENGTH)), block * NODE_LENGTH);
  }
  return leaves;
}

/**
 * Climbs from a node to another above it.
 * @param index - Of `node` in its layer.
 * @param uncles - From the sibling of `node` on, a node a level.
 */
export function climb(node: Uint8Array, index: number, uncles: Uint8Array, sha256: Sha256): Uint8Array {
  let top = node;
  let at = index;
  for (let uncle = 0; uncle < uncles.length; uncle += NODE_LENGTH) {
    const beside = uncles.subarray(uncle, uncle + NODE_LENGTH);
    top = sha256(at % 2 === 0 ? concatBytes(top, beside) : concatBytes(beside, top));
    at = Math.floor(at / 2);
  }
  return top;
}
