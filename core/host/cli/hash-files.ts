import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { absentNode, leavesOf, NODE_LENGTH, nodeOver, treeHeight } from "../../model/merkle.ts";
import { BLOCK_LENGTH, type Bytes, MIB } from "../../model/units.ts";
import { nodeDigest } from "../../runtime/digest.ts";
import { plainWords } from "../../runtime/disk/disk-fault.ts";
import { Failure } from "./faults.ts";

/** In whole blocks. */
const READ_LENGTH = MIB;
const { sha256 } = nodeDigest;

/** v1 (BEP 3), v2 (BEP 52), or a torrent that is both. */
export type TorrentVersion = "1" | "2" | "hybrid";

/** A file to be hashed. */
export interface HashedFile {
  readonly location: string;
  readonly length: Bytes;
}

/** What verifies a file in v2. */
export interface FileHashes {
  readonly piecesRoot: Uint8Array;
  /** Of a file of more than one piece. */
  readonly layer?: Uint8Array;
}

export interface ContentHashes {
  /** SHA-1 of every piece; undefined for v2 alone. */
  readonly pieceHashes?: Uint8Array;
  /** By file; undefined for v1 alone, and for a file without bytes. */
  readonly trees: readonly (FileHashes | undefined)[];
}

/** Reads all files once. @param progress - Is told of bytes that are done. */
export async function hashFiles(
  files: readonly HashedFile[],
  pieceLength: Bytes,
  version: TorrentVersion,
  progress: (done: Bytes) => void,
): Promise<ContentHashes> {
  const pieces = version === "2" ? undefined : new PieceHashes(pieceLength);
  const trees: (FileHashes | undefined)[] = [];
  let done = 0;
  for (const [index, file] of files.entries()) {
    const tree = version === "1" || file.length === 0 ? undefined : new TreeHashes(pieceLength);
    for await (const bytes of stretchesOf(file)) {
      pieces?.add(bytes);
      tree?.add(bytes);
      done += bytes.length;
      progress(done);
    }
    trees.push(tree?.end());
    const isLast = files.slice(index + 1).every(({ length }) => length === 0);
    if (version === "hybrid" && file.length > 0 && !isLast) pieces?.pad();
  }
  return { ...(pieces === undefined ? {} : { pieceHashes: pieces.end() }), trees };
}

/** The file's bytes, {@link READ_LENGTH} at a time but for the last; each is gone when the next is there. */
async function* stretchesOf({ location, length }: HashedFile): AsyncGenerator<Uint8Array> {
  const handle = await attempt(location, () => open(location));
  try {
    const buffer = Buffer.allocUnsafe(Math.min(READ_LENGTH, length));
    for (let rest = length; rest > 0; ) {
      const wanted = Math.min(rest, READ_LENGTH);
      for (let held = 0; held < wanted; ) {
        const { bytesRead } = await attempt(location, () => handle.read(buffer, held, wanted - held));
        if (bytesRead === 0) throw new Failure(`${location}: became ${rest - held} bytes shorter while it was read`);
        held += bytesRead;
      }
      yield buffer.subarray(0, wanted);
      rest -= wanted;
    }
  } finally {
    await handle.close();
  }
}

/** SHA-1 of pieces that go on from file to file. */
class PieceHashes {
  readonly #pieceLength: Bytes;
  readonly #digests: Buffer[] = [];
  #hash = createHash("sha1");
  #held: Bytes = 0;

  constructor(pieceLength: Bytes) {
    this.#pieceLength = pieceLength;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#pieceLength - this.#held);
      this.#hash.update(part);
      this.#held += part.length;
      at += part.length;
      if (this.#held === this.#pieceLength) this.#next();
    }
  }

  /** Zeros up to the next piece. */
  pad(): void {
    if (this.#held > 0) this.add(new Uint8Array(this.#pieceLength - this.#held));
  }

  end(): Uint8Array {
    if (this.#held > 0) this.#next();
    return new Uint8Array(Buffer.concat(this.#digests));
  }

  #next(): void {
    this.#digests.push(this.#hash.digest());
    this.#hash = createHash("sha1");
    this.#held = 0;
  }
}

/** The nodes over the pieces of one file, and its root. */
class TreeHashes {
  readonly #blocks: number;
  readonly #layer: Uint8Array[] = [];
  #leaves: Uint8Array[] = [];

  constructor(pieceLength: Bytes) {
    this.#blocks = pieceLength / BLOCK_LENGTH;
  }

  /** @param bytes - In whole blocks until the last. */
  add(bytes: Uint8Array): void {
    const leaves = leavesOf(bytes, sha256);
    for (let at = 0; at < leaves.length; at += NODE_LENGTH) {
      this.#leaves.push(leaves.subarray(at, at + NODE_LENGTH));
      if (this.#leaves.length === this.#blocks) this.#endPiece(this.#blocks);
    }
  }

  end(): FileHashes {
    // A file of less than one piece has a tree of its own size.
    const isSmall = this.#layer.length === 0;
    if (this.#leaves.length > 0) this.#endPiece(isSmall ? this.#leaves.length : this.#blocks);
    const layer = new Uint8Array(Buffer.concat(this.#layer));
    const pieces = this.#layer.length;
    const absent = absentNode(treeHeight(this.#blocks), sha256);
    const piecesRoot = nodeOver(layer, treeHeight(pieces), absent, sha256);
    return { piecesRoot, ...(pieces > 1 ? { layer } : {}) };
  }

  #endPiece(blocks: number): void {
    const leaves = new Uint8Array(Buffer.concat(this.#leaves));
    this.#layer.push(nodeOver(leaves, treeHeight(blocks), absentNode(0, sha256), sha256));
    this.#leaves = [];
  }
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Failure(`${path}: ${plainWords(error)}`, { cause: error });
  }
}
