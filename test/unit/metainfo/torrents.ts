import type { Metainfo, MetainfoFault } from "../../../core/metainfo/metainfo.ts";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";

/** Torrents for tests, each key replaceable or, with undefined, left out. */

type Keys = { readonly [key: string]: BencodeInput | undefined };

/** A bare file of 40,000 bytes in three pieces. */
export function singleFile(info: Keys = {}, root: Keys = {}): Uint8Array {
  return encodeBencode({
    info: { length: 40_000, name: "film.mkv", "piece length": 16384, pieces: new Uint8Array(60).fill(7), ...info },
    ...root,
  });
}

/** A folder `show` of files, ten bytes each unless a file says otherwise, in one piece. */
export function multiFile(files: readonly Keys[], info: Keys = {}): Uint8Array {
  const entries = files.map((file) => ({ length: 10, ...file }));
  return encodeBencode({
    info: { files: entries, name: "show", "piece length": 2 ** 20, pieces: new Uint8Array(20), ...info },
  });
}

export function parsed(bytes: Uint8Array): Metainfo {
  const result = parseTorrent(bytes, nodeDigest);
  if (!result.ok) throw new Error(result.fault.words);
  return result.torrent;
}

export function faultOf(bytes: Uint8Array): MetainfoFault {
  const result = parseTorrent(bytes, nodeDigest);
  if (result.ok) throw new Error("the torrent was accepted");
  return result.fault;
}

export function pathsOf(bytes: Uint8Array): string[] {
  return parsed(bytes).files.map((file) => file.path.join("/"));
}
