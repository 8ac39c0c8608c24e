import { createHash } from "node:crypto";
import { createTorrent } from "../../../core/metainfo/create.ts";
import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { pseudoRandomBytes } from "../../setup/payload.ts";
import { v2Torrent } from "../../setup/v2-torrent.ts";

export interface Content {
  readonly metainfo: Metainfo;
  readonly bytes: Uint8Array;
  /** The .torrent. */
  readonly file: Uint8Array<ArrayBuffer>;
}

const digest = {
  sha1: (bytes: Uint8Array) => new Uint8Array(createHash("sha1").update(bytes).digest()),
  sha256: (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest()),
};

export interface ContentOptions {
  readonly seed?: number;
  readonly trackers?: readonly string[];
  readonly webSeeds?: readonly string[];
  readonly isPrivate?: boolean;
}

/** A v2 torrent (BEP 52) of files with these lengths and its bytes, those between the files zeros. */
export function makeV2Content(lengths: readonly number[], pieceLength: number, { isHybrid = false } = {}): Content {
  const files = lengths.map((length, index) => ({
    ...(lengths.length === 1 ? {} : { path: `file-${index}` }),
    bytes: new Uint8Array(pseudoRandomBytes(length, index)).slice(0, length),
  }));
  const file = new Uint8Array(v2Torrent("content-v2", pieceLength, files, { isHybrid }));
  const parsed = parseTorrent(file, digest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  const metainfo = parsed.torrent;
  const bytes = new Uint8Array(metainfo.totalLength);
  let next = 0;
  metainfo.files.forEach(({ isPadding }, index) => {
    if (!isPadding) bytes.set(files[next++]?.bytes ?? [], metainfo.fileLayout.starts[index]);
  });
  return { metainfo, bytes, file };
}

/** A torrent of files with these lengths and its bytes. */
export function makeContent(
  lengths: readonly number[],
  pieceLength: number,
  { seed = 1, trackers = [], webSeeds = [], isPrivate = false }: ContentOptions = {},
): Content {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const bytes = new Uint8Array(pseudoRandomBytes(total, seed)).slice(0, total);
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < total; at += pieceLength) hashes.push(digest.sha1(bytes.subarray(at, at + pieceLength)));
  const file = createTorrent({
    name: `content-${seed}`,
    files: lengths.map((length, i) => ({ path: lengths.length === 1 ? [] : [`file-${i}`], length })),
    pieceLength,
    pieceHashes: new Uint8Array(Buffer.concat(hashes)),
    trackers,
    webSeeds,
    isPrivate,
  });
  const parsed = parseTorrent(file, digest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  return { metainfo: parsed.torrent, bytes, file: file.slice() };
}
