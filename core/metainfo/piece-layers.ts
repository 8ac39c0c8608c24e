import { asBytes, asDict, type BencodeValue } from "../model/bencode.ts";
import { bytesEqual, toHex, toLatin1 } from "../model/bytes.ts";
import { absentNode, NODE_LENGTH, nodeOver, type Sha256, treeShape } from "../model/merkle.ts";
import type { Bytes } from "../model/units.ts";
import { type Parsed, refused, type TorrentFile } from "./metainfo.ts";

/** A file of several pieces, and how its tree is shaped. */
export interface LayeredFile {
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly length: Bytes;
  readonly pieceLength: Bytes;
}

/** The files whose pieces are verified by a layer of their tree; those of one piece have their root for it. */
export function layeredFiles(files: readonly TorrentFile[], pieceLength: Bytes): LayeredFile[] {
  const layered = new Map<string, LayeredFile>();
  for (const { length, piecesRoot: root } of files) {
    if (root !== undefined && length > pieceLength) layered.set(toHex(root), { root, length, pieceLength });
  }
  return [...layered.values()];
}

/** Whether a layer is what its root says. */
export function isLayerOf({ root, length, pieceLength }: LayeredFile, layer: Uint8Array, sha256: Sha256): boolean {
  const { pieceHeight, rootHeight, pieces } = treeShape(length, pieceLength);
  if (layer.length !== pieces * NODE_LENGTH) return false;
  return bytesEqual(nodeOver(layer, rootHeight - pieceHeight, absentNode(pieceHeight, sha256), sha256), root);
}

/** The `piece layers` of a .torrent, by root in hexadecimal, each one right. They are views of `value`. */
export function parsePieceLayers(
  value: BencodeValue | undefined,
  files: readonly TorrentFile[],
  pieceLength: Bytes,
  sha256: Sha256,
): Parsed<Map<string, Uint8Array>> {
  const layers = new Map<string, Uint8Array>();
  const dict = asDict(value);
  // Several may name one root: each by itself, as their lengths may contradict each other.
  for (const { length, piecesRoot: root } of files) {
    if (root === undefined || length <= pieceLength) continue;
    const file = { root, length, pieceLength };
    const name = toHex(root);
    const layer = asBytes(dict?.get(toLatin1(root)));
    if (layer === undefined) return refused("piece-layers", `piece layers: none for the root ${name}`);
    const { pieces } = treeShape(file.length, pieceLength);
    if (layer.length !== pieces * NODE_LENGTH) {
      const words = `${layer.length} bytes for the root ${name}, ${pieces * NODE_LENGTH} for ${pieces} pieces expected`;
      return refused("piece-layers", `piece layers: ${words}`);
    }
    if (!layers.has(name) && !isLayerOf(file, layer, sha256)) {
      return refused("piece-layers", `piece layers: the ${pieces} hashes for ${name} make another root`);
    }
    layers.set(name, layer);
  }
  return { ok: true, value: layers };
}

/** What verifies each piece of a v2-only torrent, 32 bytes a piece. @param layers - See {@link parsePieceLayers}. */
export function treePieceHashes(
  files: readonly TorrentFile[],
  pieceLength: Bytes,
  layers: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const hashes: Uint8Array[] = [];
  let length = 0;
  for (const { length: fileLength, piecesRoot } of files) {
    if (piecesRoot === undefined) continue;
    const hash = fileLength > pieceLength ? (layers.get(toHex(piecesRoot)) as Uint8Array) : piecesRoot;
    hashes.push(hash);
    length += hash.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const hash of hashes) {
    whole.set(hash, at);
    at += hash.length;
  }
  return whole;
}
