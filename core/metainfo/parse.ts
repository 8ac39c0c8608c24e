import { asBytes, asDict, asInteger, type BencodeDict, type BencodeValue, decodeBencode } from "../model/bencode.ts";
import { toHex } from "../model/bytes.ts";
import type { InfoHash } from "../model/info-hash.ts";
import { FileLayout, type LaidFile, PieceLayout, shortPieces } from "../model/layout.ts";
import { type Bytes, MIB, type Timestamp } from "../model/units.ts";
import { parseFileList } from "./file-list.ts";
import { agreesWithTree, judgePieceLength, listTree, parseFileTree, type TreeFile } from "./file-tree.ts";
import {
  type Digest,
  type Metainfo,
  type MetainfoFault,
  type Parsed,
  refused,
  type TorrentFile,
  Warnings,
} from "./metainfo.ts";
import { type LayeredFile, layeredFiles, parsePieceLayers, treePieceHashes } from "./piece-layers.ts";
import { dangerOf, partText, safeName } from "./safe-path.ts";
import { parseNodes, parseText, parseTrackers, parseWebSeeds } from "./sources.ts";

const MAX_PIECES = 2_097_152;
const MAX_PIECE_LENGTH: Bytes = 512 * MIB;
const HASH_LENGTH = 20;
/** The last second of year 9999: what is beyond is no date. */
const LAST_SECOND = 253_402_300_799;

export type ParsedTorrent =
  | { readonly ok: true; readonly torrent: Metainfo }
  | { readonly ok: false; readonly fault: MetainfoFault };

/**
 * Reads a .torrent file: v1 in full (BEP 3, 12, 19, 27, 47), v2 (BEP 52), hybrid as v1 with both hashes.
 *
 * Never throws, whatever `bytes` hold. The result keeps no view of `bytes`.
 *
 * @param asV2 - Of a hybrid torrent the v2 half counts alone: only its v2 hash was named.
 * @returns The torrent, every name in it safe to create; or why it is refused.
 */
export function parseTorrent(bytes: Uint8Array, digest: Digest, asV2 = false): ParsedTorrent {
  const decoded = decodeBencode(bytes);
  if (!decoded.ok) return refused("bencode", `not a torrent: ${decoded.fault.words}`);
  const root = asDict(decoded.value);
  if (root === undefined) return refused("structure", "not a torrent: not a dictionary");
  const info = asDict(root.get("info"));
  const span = decoded.spans.get("info");
  if (info === undefined || span === undefined) return refused("structure", "info: no such dictionary");
  // Harmless here, an attack on careless decoders elsewhere: no honest program writes it.
  if (root.has("__proto__") || info.has("__proto__")) return refused("hostile-key", 'a key "__proto__"');

  const warnings = new Warnings();
  for (const text of decoded.warnings) warnings.add(text);
  const infoBytes = bytes.slice(span.start, span.end);
  const parsed = parseInfo(info, root.get("piece layers"), infoBytes, digest, asV2, warnings);
  if (!parsed.ok) return parsed;

  const createdAt = parseDate(root, warnings);
  const httpSeeds = parseWebSeeds(root, "httpseeds", warnings);
  const texts = { comment: parseText(root, "comment"), createdBy: parseText(root, "created by") };
  const torrent: Metainfo = {
    ...parsed.value,
    trackerTiers: parseTrackers(root, warnings),
    webSeeds: parseWebSeeds(root, "url-list", warnings),
    ...(httpSeeds.length === 0 ? {} : { httpSeeds }),
    nodes: parsed.value.isPrivate ? [] : parseNodes(root, warnings),
    ...(texts.comment === undefined ? {} : { comment: texts.comment }),
    ...(texts.createdBy === undefined ? {} : { createdBy: texts.createdBy }),
    ...(createdAt === undefined ? {} : { createdAt }),
    warnings: warnings.all(),
  };
  return { ok: true, torrent };
}

type InfoPart = Omit<
  Metainfo,
  "trackerTiers" | "webSeeds" | "httpSeeds" | "nodes" | "comment" | "createdBy" | "createdAt" | "warnings" | "magnet"
>;

/** All that the info hash vouches for. @param layers - `piece layers`, which it vouches for by the roots of files. */
function parseInfo(
  info: BencodeDict,
  layers: BencodeValue | undefined,
  infoBytes: Uint8Array,
  digest: Digest,
  asV2: boolean,
  warnings: Warnings,
): Parsed<InfoPart> {
  const version = info.get("meta version");
  const hasV2 = version !== undefined;
  if (hasV2 && version !== 2) return refused("unsupported", `meta version ${shownNumber(version)}, 1 and 2 are known`);
  const infoHash = infoHashOf(info, infoBytes, digest, asV2);
  const name = parseName(info, infoHash, warnings);
  if (!name.ok) return name;
  const pieceLength = parsePieceLength(info);
  if (!pieceLength.ok) return pieceLength;
  const content =
    infoHash.kind === "v2"
      ? parseTreeContent(info, layers, name.value, pieceLength.value, digest, warnings)
      : parseListContent(info, layers, name.value, pieceLength.value, digest, warnings);
  if (!content.ok) return content;
  const { files } = content.value;
  const source = parseText(info, "source");
  return {
    ok: true,
    value: {
      infoHash,
      infoBytes,
      name: name.value,
      pieceLength: pieceLength.value,
      isPrivate: (asInteger(info.get("private")) ?? 0) !== 0,
      ...(source === undefined ? {} : { source }),
      ...content.value,
      ...layoutOf(infoHash, files, pieceLength.value),
    },
  };
}

function infoHashOf(info: BencodeDict, infoBytes: Uint8Array, digest: Digest, asV2: boolean): InfoHash {
  if (!info.has("meta version")) return { kind: "v1", v1: digest.sha1(infoBytes) };
  const v2 = digest.sha256(infoBytes);
  const isV2Only = asV2 || !["pieces", "files", "length"].some((key) => info.has(key));
  return isV2Only ? { kind: "v2", v2 } : { kind: "hybrid", v1: digest.sha1(infoBytes), v2 };
}

/** Where the pieces of a torrent lie. Of a v2-only one they end where files do. */
export function layoutOf(
  infoHash: InfoHash,
  files: readonly LaidFile[],
  pieceLength: Bytes,
): Pick<Metainfo, "layout" | "fileLayout" | "pieceCount"> {
  const totalLength = files.reduce((sum, { length }) => sum + length, 0);
  const short = infoHash.kind === "v2" ? shortPieces(files, pieceLength) : undefined;
  const layout = new PieceLayout(totalLength, pieceLength, short);
  return { layout, fileLayout: new FileLayout(files), pieceCount: layout.pieceCount };
}

type Content = Pick<Metainfo, "isMultiFile" | "files" | "totalLength" | "pieceHashes" | "pieceLayers">;

/** v1 in full, and of a hybrid torrent what its other half adds. */
function parseListContent(
  info: BencodeDict,
  layers: BencodeValue | undefined,
  name: string,
  pieceLength: Bytes,
  { sha256 }: Digest,
  warnings: Warnings,
): Parsed<Content> {
  const list = parseFileList(info, name, warnings);
  if (!list.ok) return list;
  const { files, totalLength } = list.value;
  if (totalLength === 0) return nothingIn(files);
  const hashes = parsePieceHashes(info, totalLength, pieceLength);
  if (!hashes.ok) return hashes;
  const content = { isMultiFile: info.has("files"), files, totalLength, pieceHashes: hashes.value };
  if (!info.has("meta version")) return { ok: true, value: content };
  const tree = parseTree(info, pieceLength);
  const agreed = tree.ok ? agreesWithTree(files, tree.value, pieceLength) : tree;
  if (!agreed.ok) return agreed;
  const found = parsePieceLayers(layers, agreed.value, pieceLength, sha256);
  // Its v1 half does without, and a magnet link's peers do not give them.
  if (!found.ok && layers !== undefined) warnings.add(`${found.fault.words}: left out`);
  const pieceLayers = found.ok ? new Map([...found.value].map(([root, layer]) => [root, layer.slice()])) : undefined;
  return {
    ok: true,
    value: { ...content, files: agreed.value, ...(pieceLayers === undefined ? {} : { pieceLayers }) },
  };
}

/** v2 alone (BEP 52). */
function parseTreeContent(
  info: BencodeDict,
  layers: BencodeValue | undefined,
  name: string,
  pieceLength: Bytes,
  { sha256 }: Digest,
  warnings: Warnings,
): Parsed<Content> {
  const tree = parseTree(info, pieceLength);
  const list = tree.ok ? listTree(tree.value, name, pieceLength, warnings) : tree;
  if (!list.ok) return list;
  const { files, totalLength, isMultiFile } = list.value;
  if (totalLength === 0) return nothingIn(files);
  const pieces = Math.ceil(totalLength / pieceLength);
  if (pieces > MAX_PIECES) return refused("piece-hashes", `${pieces} pieces, at most ${MAX_PIECES}`);
  const found = parsePieceLayers(layers, files, pieceLength, sha256);
  if (!found.ok) return found;
  const pieceHashes = treePieceHashes(files, pieceLength, found.value);
  const pieceLayers = new Map([...found.value].map(([root, layer]) => [root, layer.slice()]));
  return { ok: true, value: { isMultiFile, files, totalLength, pieceHashes, pieceLayers } };
}

function parseTree(info: BencodeDict, pieceLength: Bytes): Parsed<TreeFile[]> {
  const fits = judgePieceLength(pieceLength);
  if (!fits.ok) return fits;
  const tree = asDict(info.get("file tree"));
  return tree === undefined ? refused("structure", "file tree: missing or not a dictionary") : parseFileTree(tree);
}

function nothingIn(files: readonly TorrentFile[]) {
  return refused("length", `total length: 0 bytes in ${files.length} files, nothing to download`);
}

/**
 * The files whose piece layers are needed beside the `info` dictionary of a torrent that is v2-only, or was named by its
 * v2 hash alone. Of any other, and of one
 * that can't be read, there are none: who parses the whole says why.
 */
export function layersBeside(infoBytes: Uint8Array, named: InfoHash, digest: Digest): readonly LayeredFile[] {
  const decoded = decodeBencode(infoBytes);
  const info = decoded.ok ? asDict(decoded.value) : undefined;
  if (info?.get("meta version") !== 2 || infoHashOf(info, infoBytes, digest, named.kind === "v2").kind !== "v2")
    return [];
  const pieceLength = parsePieceLength(info);
  const tree = pieceLength.ok ? parseTree(info, pieceLength.value) : pieceLength;
  if (!pieceLength.ok || !tree.ok) return [];
  const list = listTree(tree.value, "", pieceLength.value, new Warnings());
  if (!list.ok || list.value.totalLength / pieceLength.value > MAX_PIECES) return [];
  return layeredFiles(list.value.files, pieceLength.value);
}

/** `name.utf-8`, of times when `name` was in whatever encoding, wins where it is. */
function parseName(info: BencodeDict, infoHash: InfoHash, warnings: Warnings): Parsed<string> {
  const raw = asBytes(info.get("name.utf-8")) ?? asBytes(info.get("name"));
  if (raw === undefined) return refused("structure", "name: missing or not a string");
  const text = partText(raw);
  const danger = dangerOf(text, true);
  if (danger !== undefined) return refused("path", `name ${danger}`);
  if (raw.length > 0) return { ok: true, value: safeName(text) };
  warnings.add("the name is empty: the info hash stands for it");
  return { ok: true, value: toHex(infoHash.kind === "v2" ? infoHash.v2 : infoHash.v1) };
}

function parsePieceLength(info: BencodeDict): Parsed<Bytes> {
  const value = info.get("piece length");
  if (value === undefined) return refused("structure", "piece length: missing");
  if (typeof value !== "number" && typeof value !== "bigint")
    return refused("structure", "piece length: not an integer");
  if (typeof value === "bigint" || value < 1 || value > MAX_PIECE_LENGTH) {
    return refused("piece-length", `piece length: ${value} bytes, 1 to ${MAX_PIECE_LENGTH} are allowed`);
  }
  return { ok: true, value };
}

function parsePieceHashes(info: BencodeDict, totalLength: Bytes, pieceLength: Bytes): Parsed<Uint8Array> {
  const hashes = asBytes(info.get("pieces"));
  if (hashes === undefined) return refused("structure", "piece hashes: missing or not a string");
  if (hashes.length % HASH_LENGTH !== 0) {
    return refused("piece-hashes", `piece hashes: ${hashes.length} bytes, not a multiple of ${HASH_LENGTH}`);
  }
  const given = hashes.length / HASH_LENGTH;
  const expected = Math.ceil(totalLength / pieceLength);
  if (expected > MAX_PIECES) return refused("piece-hashes", `${expected} pieces, at most ${MAX_PIECES}`);
  if (given !== expected) {
    const why = `${totalLength} bytes in pieces of ${pieceLength}`;
    return refused("piece-hashes", `piece hashes: ${given} pieces, ${expected} expected for ${why}`);
  }
  return { ok: true, value: hashes.slice() };
}

function parseDate(root: BencodeDict, warnings: Warnings): Timestamp | undefined {
  const value = root.get("creation date");
  if (value === undefined) return undefined;
  const seconds = asInteger(value);
  if (seconds !== undefined && seconds > 0 && seconds <= LAST_SECOND) return seconds * 1000;
  warnings.add("the creation date is no date");
  return undefined;
}

function shownNumber(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : "that is no number";
}
