import { type BencodeInput, encodeBencode } from "../model/bencode.ts";
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
  }[];
  readonly pieceLength: Bytes;
  /** SHA-1 of every piece, 20 bytes each. */
  readonly pieceHashes: Uint8Array;
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
 * Writes a v1 .torrent (BEP 3, 12, 19, 27, executables by BEP 47).
 * @throws InvariantError when lengths and piece hashes disagree.
 */
export function createTorrent(content: TorrentContent): Uint8Array {
  const { files, pieceLength, pieceHashes, trackers, webSeeds } = content;
  const totalLength = files.reduce((sum, file) => sum + file.length, 0);
  const pieces = Math.ceil(totalLength / pieceLength);
  invariant(totalLength > 0, "a torrent of at least one byte");
  invariant(pieceHashes.length === pieces * 20, `${pieceHashes.length} bytes of piece hashes for ${pieces} pieces`);
  const bare = files.length === 1 && files[0]?.path.length === 0 ? files[0] : undefined;
  const info: BencodeInput = {
    ...(bare === undefined
      ? { files: files.map((file) => ({ ...fileEntry(file), path: file.path })) }
      : fileEntry(bare)),
    name: content.name,
    "piece length": pieceLength,
    pieces: pieceHashes,
    private: content.isPrivate ? 1 : undefined,
  };
  return encodeBencode({
    announce: trackers[0],
    "announce-list": trackers.length > 1 ? trackers.map((tracker) => [tracker]) : undefined,
    comment: content.comment,
    "created by": content.createdBy,
    "creation date": content.createdAt === undefined ? undefined : Math.floor(content.createdAt / 1000),
    info,
    "url-list": webSeeds.length > 0 ? webSeeds : undefined,
  });
}

function fileEntry(file: TorrentContent["files"][number]): { [key: string]: BencodeInput | undefined } {
  return { attr: file.isExecutable ? "x" : undefined, length: file.length };
}
