import { describe, expect, test } from "vitest";
import { choosePieceLength, createTorrent, type TorrentContent } from "../../../core/metainfo/create.ts";
import { decodeBencode } from "../../../core/model/bencode.ts";
import { KIB, MIB } from "../../../core/model/units.ts";
import { parsed } from "./torrents.ts";

const content: TorrentContent = {
  name: "show",
  files: [
    { path: ["a"], length: 10_000 },
    { path: ["sub", "run"], length: 30_000, isExecutable: true },
  ],
  pieceLength: 16384,
  pieceHashes: new Uint8Array(60).fill(3),
  trackers: ["http://one/announce", "udp://two:1"],
  webSeeds: ["https://w/"],
  isPrivate: true,
  comment: "words",
  createdBy: "Peerscope",
  createdAt: 1_700_000_000_999,
};

describe("createTorrent", () => {
  test("writes what parseTorrent reads, keys in order", () => {
    const bytes = createTorrent(content);
    const decoded = decodeBencode(bytes);
    expect(decoded.ok && decoded.warnings).toEqual([]);
    const torrent = parsed(bytes);
    expect(torrent).toMatchObject({
      name: "show",
      totalLength: 40_000,
      pieceLength: 16384,
      trackerTiers: [["http://one/announce"], ["udp://two:1"]],
      webSeeds: ["https://w/"],
      isPrivate: true,
      comment: "words",
      createdBy: "Peerscope",
      createdAt: 1_700_000_000_000,
      warnings: [],
    });
    expect(torrent.files.map((file) => [file.path.join("/"), file.length, file.attributes.isExecutable])).toEqual([
      ["show/a", 10_000, false],
      ["show/sub/run", 30_000, true],
    ]);
  });

  test("writes a bare file without a folder around it", () => {
    const torrent = parsed(createTorrent({ ...content, files: [{ path: [], length: 40_000 }], trackers: [] }));
    expect(torrent.isMultiFile).toBe(false);
    expect(torrent.files.map((file) => file.path)).toEqual([["show"]]);
    expect(torrent.trackerTiers).toEqual([]);
  });

  test("throws when lengths and hashes disagree", () => {
    expect(() => createTorrent({ ...content, pieceHashes: new Uint8Array(40) })).toThrow(
      "40 bytes of piece hashes for 3",
    );
  });
});

test("choosePieceLength aims at some 1500 pieces between 16 KiB and 16 MiB", () => {
  expect(choosePieceLength(1)).toBe(16 * KIB);
  expect(choosePieceLength(1024 * MIB)).toBe(MIB);
  expect(choosePieceLength(2 ** 50)).toBe(16 * MIB);
});
