import { describe, expect, test } from "vitest";
import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { wireHash } from "../../../core/model/info-hash.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { type WebSeedAddress, WebSeedUrls, webSeedsOf } from "../../../core/swarm/web-seed-urls.ts";

const PIECE = 65_536;

function torrent(info: Record<string, BencodeInput>, total: number, root: Record<string, BencodeInput> = {}): Metainfo {
  const pieces = new Uint8Array(20 * Math.ceil(total / PIECE));
  const parsed = parseTorrent(encodeBencode({ ...root, info: { ...info, "piece length": PIECE, pieces } }), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  return parsed.torrent;
}

const bare = torrent({ name: "a b&c.iso", length: 100_000 }, 100_000);
const folder = torrent(
  {
    name: "the folder",
    files: [
      { path: ["sub", "ä?.txt"], length: 60_000 },
      { path: [".pad", "5536"], length: 5536, attr: "p" },
      { path: [Uint8Array.of(0xe4, 0x2f - 1)], length: 0 },
      { path: ["CON"], length: 40_000 },
    ],
  },
  105_536,
);

const ordersOf = (metainfo: Metainfo, url: string, kind: WebSeedAddress["kind"] = "files") =>
  new WebSeedUrls(metainfo, wireHash(metainfo.infoHash), { url, kind });

describe("the address of a web seed", () => {
  test.each([
    ["http://w.test/x.iso", "http://w.test/x.iso"],
    ["http://w.test/x.iso?key=1", "http://w.test/x.iso?key=1"],
    ["http://w.test/folder/", "http://w.test/folder/a%20b%26c.iso"],
    ["http://w.test/folder/?key=1/2", "http://w.test/folder/a%20b%26c.iso?key=1/2"],
    ["http://w.test/x.iso#there", "http://w.test/x.iso"],
  ])("%s leads to the one file at %s", (url, expected) => {
    expect(ordersOf(bare, url).orders(0, 0, 16_384)).toEqual([
      { url: expected, range: { offset: 0, total: 100_000 }, length: 16_384 },
    ]);
  });

  test.each(["http://w.test/all", "http://w.test/all/"])("%s is the folder around that of several files", (url) => {
    const [order] = ordersOf(folder, url).orders(0, 0, 10);
    expect(order).toMatchObject({ url: "http://w.test/all/the%20folder/sub/%C3%A4%3F.txt" });
  });

  test("is asked by the torrent's own names, also where we save under others", () => {
    const [order] = ordersOf(folder, "http://w.test/").orders(1, 0, 10);
    expect(folder.files[3]?.path.at(-1)).not.toBe("CON");
    expect(order).toMatchObject({ url: "http://w.test/the%20folder/CON" });
  });
});

test("a request that reaches over files is one of each, and padding is not asked for", () => {
  expect(ordersOf(folder, "http://w.test/").orders(0, 49_152, 32_768)).toEqual([
    { url: "http://w.test/the%20folder/sub/%C3%A4%3F.txt", range: { offset: 49_152, total: 60_000 }, length: 10_848 },
    { zeros: 5536 },
    { url: "http://w.test/the%20folder/CON", range: { offset: 0, total: 40_000 }, length: 16_384 },
  ]);
});

test.each([
  ["http://w.test/seed", "http://w.test/seed?info_hash="],
  ["http://w.test/seed?a=b", "http://w.test/seed?a=b&info_hash="],
])("a seed of BEP 17 at %s is asked for a part of a piece", (url, start) => {
  const [order] = ordersOf(bare, url, "pieces").orders(1, 16_384, 100);
  if (order === undefined || "zeros" in order) throw new Error("no order");
  expect(order.range).toBeUndefined();
  expect(order.length).toBe(100);
  const match = /^(.*info_hash=)((?:[\w.~-]|%[0-9A-F]{2})+)&piece=1&ranges=16384-16483$/.exec(order.url);
  expect(match?.[1]).toBe(start);
  expect(Buffer.from(unescape(match?.[2] ?? ""), "latin1")).toEqual(Buffer.from(wireHash(bare.infoHash)));
});

test("both kinds of web seeds that a torrent names are known", () => {
  const root = { "url-list": ["http://a/", "http://b/"], httpseeds: ["http://c/"] };
  expect(webSeedsOf(torrent({ name: "x", length: 1 }, 1, root))).toEqual([
    { url: "http://a/", kind: "files" },
    { url: "http://b/", kind: "files" },
    { url: "http://c/", kind: "pieces" },
  ]);
});
