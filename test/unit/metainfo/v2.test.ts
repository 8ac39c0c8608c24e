import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { layersBeside, parseTorrent } from "../../../core/metainfo/parse.ts";
import { toHex } from "../../../core/model/bytes.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { pseudoRandomBytes } from "../../setup/payload.ts";
import { v2Torrent } from "../../setup/v2-torrent.ts";
import { faultOf, parsed } from "./torrents.ts";

const KIB = 1024;
const bytes = (length: number, seed = 1) => pseudoRandomBytes(length, seed).subarray(0, length);
const album = [
  { path: "b/one.bin", bytes: bytes(100 * KIB + 5) },
  { path: "a.bin", bytes: bytes(77, 2) },
  { path: "b/empty", bytes: bytes(0) },
  { path: "z.bin", bytes: bytes(64 * KIB, 3) },
];

describe("a v2 torrent", () => {
  test("begins each file with a piece of its own, which ends where the file does", () => {
    const torrent = parsed(v2Torrent("album", 32 * KIB, album));
    expect(torrent.files.map(({ path, length, isPadding }) => [isPadding ? "" : path.join("/"), length])).toEqual([
      ["album/a.bin", 77],
      ["", 32 * KIB - 77],
      ["album/b/empty", 0],
      ["album/b/one.bin", 100 * KIB + 5],
      ["", 28 * KIB - 5],
      ["album/z.bin", 64 * KIB],
    ]);
    expect(torrent).toMatchObject({ isMultiFile: true, pieceCount: 7, pieceLength: 32 * KIB, warnings: [] });
    const { layout } = torrent;
    expect(Array.from({ length: 7 }, (_, piece) => layout.lengthOf(piece))).toEqual([
      77,
      ...[32 * KIB, 32 * KIB, 32 * KIB, 4 * KIB + 5],
      ...[32 * KIB, 32 * KIB],
    ]);
    expect([layout.blocksIn(0), layout.blocksIn(1), layout.blocksIn(4)]).toEqual([1, 2, 1]);
    expect(layout.contentLength).toBe(164 * KIB + 82);
    expect(layout.spaceOf(0)).toBe(32 * KIB);
  });

  test("has the SHA-256 of its info dictionary for a name", () => {
    const { infoHash, infoBytes } = parsed(v2Torrent("album", 32 * KIB, album));
    expect(infoHash).toEqual({ kind: "v2", v2: new Uint8Array(createHash("sha256").update(infoBytes).digest()) });
  });

  test("verifies a piece by the node over its blocks, and a file of one piece by its root", () => {
    const { pieceHashes, pieceLayers, files } = parsed(v2Torrent("album", 32 * KIB, album));
    const small = createHash("sha256").update(bytes(77, 2)).digest();
    expect(pieceHashes.length).toBe(7 * 32);
    expect(toHex(pieceHashes.subarray(0, 32))).toBe(toHex(small));
    expect([...(pieceLayers as ReadonlyMap<string, Uint8Array>).keys()].sort()).toEqual(
      files.flatMap(({ length, piecesRoot }) => (length > 32 * KIB ? [toHex(piecesRoot as Uint8Array)] : [])).sort(),
    );
  });

  test("may be a bare file, of one block or many", () => {
    for (const length of [1, 16 * KIB, 16 * KIB + 1, 300 * KIB]) {
      const torrent = parsed(v2Torrent("film.bin", 16 * KIB, [{ bytes: bytes(length) }]));
      expect(torrent.files[0]).toMatchObject({ path: ["film.bin"], length });
      expect(torrent).toMatchObject({ isMultiFile: false, pieceCount: Math.ceil(length / (16 * KIB)) });
    }
  });

  test("tells which layers must come beside its info dictionary", () => {
    const { infoBytes, infoHash, files } = parsed(v2Torrent("album", 32 * KIB, album));
    const layered = files.filter(({ length, isPadding }) => !isPadding && length > 32 * KIB);
    expect(layersBeside(infoBytes, infoHash, nodeDigest).map(({ root }) => toHex(root))).toEqual(
      layered.map(({ piecesRoot }) => toHex(piecesRoot as Uint8Array)),
    );
    expect(layersBeside(new Uint8Array(3), infoHash, nodeDigest)).toEqual([]);
  });

  test("is what a hybrid one is to those who know it by its v2 hash alone", () => {
    const hybrid = v2Torrent("album", 32 * KIB, album, { isHybrid: true });
    const { infoBytes, infoHash } = parsed(hybrid);
    expect(layersBeside(infoBytes, infoHash, nodeDigest)).toEqual([]);
    const half = parseTorrent(hybrid, nodeDigest, true);
    if (!half.ok) throw new Error(half.fault.words);
    expect(half.torrent).toMatchObject({ infoHash: { kind: "v2" }, pieceCount: 7 });
    expect(half.torrent.pieceHashes.length).toBe(7 * 32);
    expect(layersBeside(infoBytes, half.torrent.infoHash, nodeDigest)).toHaveLength(2);
  });

  test.each<[string, (torrent: Buffer) => Buffer, RegExp]>([
    [
      "its layers are missing",
      () => v2Torrent("album", 32 * KIB, album, { withLayers: false }),
      /^piece layers: none for the root [0-9a-f]{64}$/,
    ],
    [
      "a layer is not what its root says",
      (torrent) => spoilt(torrent, -10),
      /^piece layers: the \d hashes for [0-9a-f]{64} make another root$/,
    ],
    [
      "its pieces are of an odd length",
      (torrent) => replaced(torrent, "12:piece lengthi32768e", "12:piece lengthi30000e"),
      /^piece length: 30000 bytes, a power of two from 16384 in v2$/,
    ],
    [
      "its pieces are too short",
      (torrent) => replaced(torrent, "12:piece lengthi32768e", "12:piece lengthi8192e"),
      /^piece length: 8192 bytes, a power of two from 16384 in v2$/,
    ],
    [
      "it has no file tree",
      (torrent) => replaced(torrent, "9:file tree", "9:file trie"),
      /^file tree: missing or not a dictionary$/,
    ],
    [
      "it is of a later version",
      (torrent) => replaced(torrent, "12:meta versioni2e", "12:meta versioni3e"),
      /^meta version 3, 1 and 2 are known$/,
    ],
    [
      "a file has half a root",
      (torrent) => replaced(torrent, "11:pieces root32:", "11:pieces root31:", 1),
      /^file tree: file 1: a pieces root of 31 bytes, its 32-byte root expected$/,
    ],
    [
      "a file leads out of it",
      (torrent) => replaced(torrent, "5:a.bin", "2:.."),
      /^file 1: path leads out of its folder/,
    ],
    [
      "a file has a length of less than nothing",
      (torrent) => replaced(torrent, "6:lengthi77e", "6:lengthi-7e"),
      /^file tree: file 1: length: -7 bytes$/,
    ],
  ])("is refused in words when %s", (_, spoil, words) => {
    expect(faultOf(spoil(v2Torrent("album", 32 * KIB, album))).words).toMatch(words);
  });

  test("is refused when files of different lengths name one root", () => {
    const files = [...album, { path: "a2.bin", bytes: bytes(132 * KIB + 5, 4) }];
    const torrent = sharesRoot(v2Torrent("album", 32 * KIB, files), 1, 2);
    expect(faultOf(torrent).words).toMatch(/^piece layers: 128 bytes for the root .*, 160 for 5 pieces expected$/);
  });

  test("takes a root for the hash of the one piece of its file, though a longer file names it, too", () => {
    const torrent = sharesRoot(v2Torrent("album", 32 * KIB, album), 0, 1);
    expect(parsed(torrent).pieceHashes.length).toBe(7 * 32);
  });

  test("is refused when a root does not belong to the layer's length", () => {
    const torrent = replaced(
      v2Torrent("album", 32 * KIB, album),
      `6:lengthi${100 * KIB + 5}e`,
      `6:lengthi${132 * KIB + 5}e`,
    );
    expect(faultOf(torrent).words).toMatch(
      /^piece layers: 128 bytes for the root [0-9a-f]{64}, 160 for 5 pieces expected$/,
    );
  });
});

describe("a hybrid torrent", () => {
  test("keeps its piece layers, and the roots of its files", () => {
    const torrent = parsed(v2Torrent("album", 32 * KIB, album, { isHybrid: true }));
    expect(torrent.infoHash.kind).toBe("hybrid");
    expect(torrent.pieceLayers?.size).toBe(2);
    expect(torrent.pieceHashes.length).toBe(7 * 20);
    expect(torrent.layout.lengthOf(0)).toBe(32 * KIB);
    expect(torrent.files.map(({ piecesRoot }) => piecesRoot?.length)).toEqual([
      32,
      undefined,
      undefined,
      32,
      undefined,
      32,
    ]);
  });

  test("is refused when its list does not begin each file with a piece, as its tree does", () => {
    const hybrid = v2Torrent("album", 32 * KIB, album, { isHybrid: true });
    const gap = 32 * KIB - 77;
    const unpadded = replaced(hybrid, `d4:attr1:p6:lengthi${gap}e4:pathl4:.pad5:${gap}ee`, "");
    expect(faultOf(unpadded).words).toBe(
      "hybrid: file 3 begins at byte 77 in the list, at byte 32768 in the file tree",
    );
    const more = gap + 32 * KIB;
    const overpadded = replaced(hybrid, `d4:attr1:p6:lengthi${gap}e`, `d4:attr1:p6:lengthi${more}e`);
    const hashed = replaced(overpadded, "6:pieces140:", `6:pieces160:${"x".repeat(20)}`);
    expect(faultOf(hashed).words).toBe(
      "hybrid: file 3 begins at byte 65536 in the list, at byte 32768 in the file tree",
    );
  });

  test("does without its layers, and says when they are wrong", () => {
    expect(parsed(v2Torrent("album", 32 * KIB, album, { isHybrid: true, withLayers: false }))).toMatchObject({
      warnings: [],
    });
    const spoiled = parsed(spoilt(v2Torrent("album", 32 * KIB, album, { isHybrid: true }), -10));
    expect(spoiled.pieceLayers).toBeUndefined();
    expect(spoiled.warnings).toEqual([expect.stringMatching(/make another root: left out$/)]);
  });
});

function replaced(torrent: Buffer, from: string, to: string, cut = 0): Buffer {
  const at = torrent.indexOf(from);
  if (at < 0) throw new Error(`no ${from}`);
  return Buffer.concat([torrent.subarray(0, at), Buffer.from(to), torrent.subarray(at + from.length + cut)]);
}

/** The root of one file, of those that have bytes, stands for that of another. */
function sharesRoot(torrent: Buffer, file: number, other: number): Buffer {
  const roots = parsed(torrent).files.flatMap(({ piecesRoot }) => (piecesRoot === undefined ? [] : [piecesRoot]));
  const [from, to] = [roots[file], roots[other]].map((root) => Buffer.from(root ?? []).toString("latin1"));
  return Buffer.from(
    torrent.toString("latin1").replace(from as string, () => to as string),
    "latin1",
  );
}

function spoilt(torrent: Buffer, at: number): Buffer {
  const copy = Buffer.from(torrent);
  const index = copy.length + at;
  copy[index] = (copy[index] as number) ^ 1;
  return copy;
}
