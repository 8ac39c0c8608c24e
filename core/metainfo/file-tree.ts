import { asBytes, asDict, asInteger, asText, type BencodeDict } from "../model/bencode.ts";
import { BLOCK_LENGTH, type Bytes } from "../model/units.ts";
import { type Parsed, refused, type TorrentFile } from "./metainfo.ts";

/** One file of a v2 `file tree` (BEP 52). */
export interface TreeFile {
  /** As in the tree, one byte a character. */
  readonly path: readonly string[];
  readonly length: Bytes;
  /** 32 bytes; absent for an empty file. */
  readonly piecesRoot?: Uint8Array;
}

/** Walks a `file tree` in the order of its keys, symbolic links left out. Its depth is bounded by the decoder. */
export function parseFileTree(tree: BencodeDict): Parsed<TreeFile[]> {
  const files: TreeFile[] = [];
  const open: { entries: Iterator<[string, unknown]>; path: readonly string[] }[] = [
    { entries: tree.entries(), path: [] },
  ];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const next = folder.entries.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const [key, value] = next.value;
    const node = asDict(value as never);
    if (node === undefined) return refused("hybrid", "file tree: an entry is not a dictionary");
    if (key === "" && (asText(node.get("attr")) ?? "").includes("l")) continue;
    if (key === "") {
      const length = asInteger(node.get("length"));
      const piecesRoot = asBytes(node.get("pieces root"));
      if (length === undefined || length < 0) return refused("hybrid", "file tree: a file without a length");
      if (length > 0 && piecesRoot?.length !== 32)
        return refused("hybrid", "file tree: a file without its 32-byte root");
      files.push({ path: folder.path, length, ...(piecesRoot === undefined ? {} : { piecesRoot }) });
    } else {
      open.push({ entries: node.entries(), path: [...folder.path, key] });
    }
  }
  return { ok: true, value: files };
}

/**
 * Whether the two halves of a hybrid torrent describe the same bytes, as BEP 52 demands: else the data of one half
 * could never satisfy the other.
 */
export function agreesWithTree(
  files: readonly TorrentFile[],
  pieceLength: Bytes,
  tree: readonly TreeFile[],
): Parsed<true> {
  if (pieceLength < BLOCK_LENGTH || (pieceLength & (pieceLength - 1)) !== 0) {
    return refused("piece-length", `piece length: ${pieceLength} bytes, a power of two from ${BLOCK_LENGTH} in v2`);
  }
  const real = files.filter((file) => !file.isPadding && file.attributes.symlinkTarget === undefined);
  if (real.length !== tree.length) {
    return refused("hybrid", `hybrid: ${real.length} files in the list, ${tree.length} in the file tree`);
  }
  for (const [index, file] of real.entries()) {
    const length = tree[index]?.length;
    if (file.length !== length) {
      return refused(
        "hybrid",
        `hybrid: file ${index + 1} has ${file.length} bytes in the list, ${length} in the file tree`,
      );
    }
  }
  return { ok: true, value: true };
}
