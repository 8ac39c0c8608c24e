import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { v2Torrent } from "../../setup/v2-torrent.ts";
import { multiFile, singleFile } from "../../unit/metainfo/torrents.ts";
import { claim, type Target } from "../target.ts";
import { bencodeTokens, makerOf } from "./bencode.ts";

const corpus = [
  singleFile({ private: 1 }, { announce: "http://a/", comment: "x", "creation date": 5, nodes: [["h", 1]] }),
  singleFile({ source: "s" }, { "announce-list": [["udp://b:1", "http://[::1]/a"], ["wss://c/"]] }),
  singleFile({ name: "CON.txt " }, { "url-list": ["http://d/", "https://e/f"], "created by": "someone" }),
  multiFile([{ path: ["a", "b"] }, { path: ["a", "c"], attr: "x" }, { path: [".pad", "1"], attr: "p" }]),
  multiFile([{ path: ["l"], attr: "l", length: 0, "symlink path": ["a"] }, { path: ["a"] }]),
  multiFile([{ path: ["Ä", "b"] }, { path: ["ä", "B"] }, { path: ["x"], "path.utf-8": ["y\u202e"] }]),
  singleFile({
    "meta version": 2,
    "file tree": { "film.mkv": { "": { length: 40_000, "pieces root": new Uint8Array(32) } } },
  }),
  v2Torrent("v2", 16384, [
    { path: "a/b", bytes: new Uint8Array(40_000) },
    { path: "c", bytes: new Uint8Array(5) },
  ]),
  v2Torrent("bare", 32768, [{ bytes: new Uint8Array(20_000) }]),
];

/** A torrent is sound, whatever it was read from, or refused in words. */
export const torrent: Target = {
  name: "torrent",
  share: 50,
  meets: [
    "torrent",
    "bencode",
    "structure",
    "path",
    "length",
    "piece-hashes",
    "piece-length",
    "hostile-key",
    "piece-layers",
  ],
  tokens: bencodeTokens,
  make: makerOf(corpus),
  judge(input) {
    const result = parseTorrent(input, nodeDigest);
    if (!result.ok) {
      const { kind, words } = result.fault;
      claim(/^[\x20-\x7e]{1,400}$/.test(words), () => `fault in words: ${words}`);
      return kind;
    }
    const { files, totalLength, pieceHashes, pieceCount, layout, infoHash } = result.torrent;
    const sum = files.reduce((total, file) => total + file.length, 0);
    claim(sum === totalLength, () => `${sum} bytes of files, ${totalLength} in all`);
    const hashLength = infoHash.kind === "v2" ? 32 : 20;
    const hashes = pieceHashes.length;
    claim(hashes === hashLength * pieceCount, () => `${hashes} bytes of hashes, ${pieceCount} pieces`);
    const last = layout.pieceOffset(pieceCount - 1) + layout.spaceOf(pieceCount - 1);
    claim(last === totalLength, () => `the last piece ends at ${last}, the torrent at ${totalLength}`);
    // On some systems letter case and Unicode form make no other file. Padding is never on disk.
    const real = files.filter(({ isPadding }) => !isPadding);
    const paths = real.map(({ path }) => path.join("/").normalize("NFC").toLowerCase());
    claim(new Set(paths).size === paths.length, () => `two files are one: ${paths.join(", ")}`);
    for (const { path } of files) {
      for (const part of path) {
        claim(part !== "" && !/^\.\.?$|[/\\\0-\x1f]|[. ]$/.test(part), () => `unsafe: ${JSON.stringify(path)}`);
      }
    }
    return "torrent";
  },
};
