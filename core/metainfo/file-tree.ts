import { asBytes, asDict, type BencodeDict } from "../model/bencode.ts";
import { fromLatin1 } from "../model/bytes.ts";
import { BLOCK_LENGTH, type Bytes } from "../model/units.ts";
import {
  attributeLetters,
  FileCollector,
  type FileList,
  NO_ATTRIBUTES,
  parseAttributes,
  parseLength,
  safeParts,
} from "./file-list.ts";
import { type Parsed, refused, type TorrentFile, type Warnings } from "./metainfo.ts";

/** One file of a v2 `file tree` (BEP 52). */
export interface TreeFile {
  /** As in the tree, one byte a character. */
  readonly path: readonly string[];
  /** Length, attributes and whatever else is said of it. */
  readonly node: BencodeDict;
  readonly length: Bytes;
  /** 32 bytes; absent for an empty file. */
  readonly piecesRoot?: Uint8Array;
}

/** Walks a `file tree` in the order of its keys. Its depth is bounded by the decoder. */
export function parseFileTree(tree: BencodeDict): Parsed<TreeFile[]> {
  const files: TreeFile[] = [];
  const open: { entries: Iterator<[string, unknown]>; size: number; path: readonly string[] }[] = [
    { entries: tree.entries(), size: tree.size, path: [] },
  ];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const next = folder.entries.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const [key, value] = next.value;
    const node = asDict(value as never);
    if (node === undefined) return refused("structure", "file tree: an entry is not a dictionary");
    if (key !== "") {
      open.push({ entries: node.entries(), size: node.size, path: [...folder.path, key] });
      continue;
    }
    const label = `file tree: file ${files.length + 1}`;
    if (folder.path.length === 0) return refused("structure", "file tree: a file without a name");
    if (folder.size > 1) return refused("structure", `${label} is a folder, too`);
    const file = parseLeaf(node, folder.path, label);
    if (!file.ok) return file;
    files.push(file.value);
  }
  return { ok: true, value: files };
}

function parseLeaf(node: BencodeDict, path: readonly string[], label: string): Parsed<TreeFile> {
  const isLink = attributeLetters(node).includes("l");
  const length = parseLength(node.get("length") ?? (isLink ? 0 : undefined), `${label}: length`);
  if (!length.ok) return length;
  if (length.value === 0) return { ok: true, value: { path, node, length: 0 } };
  const piecesRoot = asBytes(node.get("pieces root"));
  if (piecesRoot?.length === 32) {
    return { ok: true, value: { path, node, length: length.value, piecesRoot: piecesRoot.slice() } };
  }
  const found = piecesRoot === undefined ? "no pieces root" : `a pieces root of ${piecesRoot.length} bytes`;
  return refused("structure", `${label}: ${found}, its 32-byte root expected`);
}

/** The files of a v2-only torrent, each with the gap up to the next piece as padding. `name` is safe already. */
export function listTree(
  tree: readonly TreeFile[],
  name: string,
  pieceLength: Bytes,
  warnings: Warnings,
): Parsed<FileList & { readonly isMultiFile: boolean }> {
  const isMultiFile = tree.length !== 1 || tree[0]?.path.length !== 1;
  const list = new FileCollector(warnings);
  for (const [index, { path, node, length, piecesRoot }] of tree.entries()) {
    const label = `file ${index + 1}`;
    if (node.has("__proto__")) return refused("hostile-key", `${label}: a key "__proto__"`);
    const parts = safeParts(path.map(fromLatin1), name, `${label}: path`, warnings);
    if (!parts.ok) return parts;
    const attributes = parseAttributes(node, label, name);
    if (!attributes.ok) return attributes;
    if (attributes.value.symlinkTarget !== undefined && length > 0) {
      return refused("length", `${label}: a symbolic link with ${length} bytes`);
    }
    const added = list.add(
      {
        path: isMultiFile ? parts.value : parts.value.slice(1),
        length,
        isPadding: false,
        attributes: attributes.value,
        ...(piecesRoot === undefined ? {} : { piecesRoot }),
      },
      index + 1,
    );
    if (!added.ok) return added;
    const over = list.totalLength % pieceLength;
    if (over > 0) list.add(padding(pieceLength - over), index + 1);
  }
  return { ok: true, value: { files: list.files, totalLength: list.totalLength, isMultiFile } };
}

function padding(length: Bytes): TorrentFile {
  return { path: [".pad", String(length)], length, isPadding: true, attributes: NO_ATTRIBUTES };
}

/** @returns Why `pieceLength` is none that v2 allows. */
export function judgePieceLength(pieceLength: Bytes): Parsed<true> {
  if (pieceLength >= BLOCK_LENGTH && Number.isInteger(Math.log2(pieceLength))) return { ok: true, value: true };
  return refused("piece-length", `piece length: ${pieceLength} bytes, a power of two from ${BLOCK_LENGTH} in v2`);
}

/**
 * Whether the two halves of a hybrid torrent describe the same bytes at the same places, as BEP 52 demands: else the data
 * of one half could never satisfy the other.
 * @returns The files of the list, with their roots.
 */
export function agreesWithTree(
  files: readonly TorrentFile[],
  tree: readonly TreeFile[],
  pieceLength: Bytes,
): Parsed<TorrentFile[]> {
  const isReal = (file: TorrentFile) => !file.isPadding && file.attributes.symlinkTarget === undefined;
  const real = files.filter(isReal).length;
  const inTree = tree.filter(({ node }) => !attributeLetters(node).includes("l"));
  if (real !== inTree.length) {
    return refused("hybrid", `hybrid: ${real} files in the list, ${inTree.length} in the file tree`);
  }
  const agreed: TorrentFile[] = [];
  let number = 0;
  let begin = 0;
  let beginInTree = 0;
  for (const file of files) {
    const { length, piecesRoot } = isReal(file) ? (inTree[number++] as TreeFile) : file;
    if (file.length !== length) {
      const words = `hybrid: file ${number} has ${file.length} bytes in the list, ${length} in the file tree`;
      return refused("hybrid", words);
    }
    if (piecesRoot !== undefined) {
      if (begin !== beginInTree) {
        const words = `hybrid: file ${number} begins at byte ${begin} in the list, at byte ${beginInTree} in the file tree`;
        return refused("hybrid", words);
      }
      beginInTree += Math.ceil(length / pieceLength) * pieceLength;
    }
    begin += length;
    agreed.push(piecesRoot === undefined ? file : { ...file, piecesRoot });
  }
  return { ok: true, value: agreed };
}
