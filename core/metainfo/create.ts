import { type BencodeInput, encodeBencode } from "../model/bencode.ts";
import { toLatin1 } from "../model/bytes.ts";
import { invariant } from "../model/invariant.ts";
import { BLOCK_LENGTH, type Bytes, MIB, type Timestamp } from "../model/units.ts";

/** What a new torrent describes. Reading and hashing the files is the caller's. */
export interface TorrentContent {
  /** Of the file, or of the folder around the files. */
  readonly name: string;
  /** In the order of their bytes. For a bare file one entry with an empty path. */
  readonly files: readonly {
    readonly path: readonly string[];
    readonly length: Bytes;
    readonly isExecutable?: boolean;
    /** What verifies it in v2, of every file that has bytes; of one of several pieces also the layer over them. */
    readonly piecesRoot?: Uint8Array;
    readonly layer?: Uint8Array;
  }[];
  readonly pieceLength: Bytes;
  /** SHA-1 of every piece, 20 bytes each: of a v1 or hybrid torrent. The latter's files are padded to whole pieces. */
  readonly pieceHashes?: Uint8Array;
  /** Each a tier of its own (BEP 12), asked in this order. */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  readonly isPrivate: boolean;
  readonly comment?: string;
  readonly createdBy?: string;
  readonly createdAt?: Timestamp;
}

/** More pieces make the .torrent large, fewer make the swarm slow to share. */
const AIMED_PIECES = 1500;
const LARGEST_CHOSEN = 16 * MIB;

/** A power of two from 16 KiB to 16 MiB that gives about {@link AIMED_PIECES} pieces. */
export function choosePieceLength(totalLength: Bytes): Bytes {
  let length = BLOCK_LENGTH;
  while (length < LARGEST_CHOSEN && totalLength / length > AIMED_PIECES) length *= 2;
  return length;
}

/**
 * Writes a .torrent (BEP 3, 12, 19, 27, executables and padding by BEP 47): v1 by piece hashes, v2 by the roots of files
 * (BEP 52), hybrid where both are given.
 * @throws InvariantError when lengths and hashes disagree.
 */
export function createTorrent(content: TorrentContent): Uint8Array {
  const { files, trackers, webSeeds } = content;
  invariant(
    files.some((file) => file.length > 0),
    "a torrent of at least one byte",
  );
  const isV2 = files.some((file) => file.piecesRoot !== undefined);
  invariant(isV2 || content.pieceHashes !== undefined, "a torrent of v1, v2, or both");
  const info: BencodeInput = {
    ...(content.pieceHashes === undefined ? {} : v1Half(content, content.pieceHashes, isV2)),
    ...(isV2 ? { "file tree": fileTree(content), "meta version": 2 } : {}),
    name: content.name,
    "piece length": content.pieceLength,
    private: content.isPrivate ? 1 : undefined,
  };
  const layers = files.flatMap(({ piecesRoot, layer }): [string, Uint8Array][] =>
    piecesRoot === undefined || layer === undefined ? [] : [[toLatin1(piecesRoot), layer]],
  );
  return encodeBencode({
    announce: trackers[0],
    "announce-list": trackers.length > 1 ? trackers.map((tracker) => [tracker]) : undefined,
    comment: content.comment,
    "created by": content.createdBy,
    "creation date": content.createdAt === undefined ? undefined : Math.floor(content.createdAt / 1000),
    info,
    "piece layers": isV2 ? new Map(layers) : undefined,
    "url-list": webSeeds.length > 0 ? webSeeds : undefined,
  });
}

function v1Half({ files, pieceLength }: TorrentContent, pieceHashes: Uint8Array, isPadded: boolean) {
  const bare = files.length === 1 && files[0]?.path.length === 0 ? files[0] : undefined;
  const listed: { [key: string]: BencodeInput | undefined }[] = [];
  let length = 0;
  const last = files.findLastIndex((file) => file.length > 0);
  for (const [index, file] of files.entries()) {
    listed.push({ ...fileEntry(file), path: file.path });
    length += file.length;
    const gap = isPadded && index < last ? (pieceLength - (length % pieceLength)) % pieceLength : 0;
    if (gap > 0) listed.push({ attr: "p", length: gap, path: [".pad", String(gap)] });
    length += gap;
  }
  const pieces = Math.ceil(length / pieceLength);
  invariant(pieceHashes.length === pieces * 20, `${pieceHashes.length} bytes of piece hashes for ${pieces} pieces`);
  return { ...(bare === undefined ? { files: listed } : fileEntry(bare)), pieces: pieceHashes };
}

type Tree = Map<string, BencodeInput>;

function fileTree({ name, files }: TorrentContent): Tree {
  const tree: Tree = new Map();
  for (const file of files) {
    let folder = tree;
    for (const part of file.path.length === 0 ? [name] : file.path) {
      // Keys are bytes, one a character.
      const key = toLatin1(encoder.encode(part));
      const inner = (folder.get(key) as Tree | undefined) ?? new Map();
      folder.set(key, inner);
      folder = inner;
    }
    invariant(file.length === 0 || file.piecesRoot?.length === 32, `a pieces root of ${file.path.join("/")}`);
    folder.set("", { ...fileEntry(file), "pieces root": file.piecesRoot } as BencodeInput);
  }
  return tree;
}

const encoder = new TextEncoder();

function fileEntry(file: TorrentContent["files"][number]): { [key: string]: BencodeInput | undefined } {
  return { attr: file.isExecutable ? "x" : undefined, length: file.length };
}
