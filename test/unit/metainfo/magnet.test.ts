import { describe, expect, test } from "vitest";
import { formatMagnet, type Magnet, parseMagnet } from "../../../core/metainfo/magnet.ts";
import { fromHex, toHex } from "../../../core/model/bytes.ts";
import { torrentId, wireHash } from "../../../core/model/info-hash.ts";

const HEX = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a";
const BASE32 = "YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK";
const V2 = `1220${"caf1e1c3".repeat(8)}`;

function read(text: string): Magnet {
  const parsed = parseMagnet(text);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.magnet;
}

function faultOf(text: string): string {
  const parsed = parseMagnet(text);
  return parsed.ok ? "none" : parsed.fault;
}

describe("a magnet link", () => {
  test.each([
    ["hexadecimal digits", HEX],
    ["capitals", HEX.toUpperCase()],
    ["base 32", BASE32],
    ["small base 32", BASE32.toLowerCase()],
  ])("names a torrent in %s", (_, hash) => {
    expect(toHex(wireHash(read(`magnet:?xt=urn:btih:${hash}`).infoHash))).toBe(HEX);
  });

  test("names a hybrid torrent by both hashes", () => {
    expect(read(`MAGNET:?xt.1=urn:btmh:${V2}&xt.2=urn:btih:${HEX}`).infoHash).toEqual({
      kind: "hybrid",
      v1: fromHex(HEX),
      v2: fromHex(V2.slice(4)),
    });
  });

  test("names a v2-only torrent by its one hash", () => {
    const { infoHash } = read(`magnet:?xt=urn:btmh:${V2.toUpperCase()}`);
    expect(infoHash).toEqual({ kind: "v2", v2: fromHex(V2.slice(4)) });
    expect(torrentId(infoHash)).toBe(V2.slice(4, 44));
  });

  test("says where peers are found, and which files are wanted", () => {
    const link = read(
      `magnet:?xt=urn:btih:${HEX}&dn=A+film%E2%80%AE&tr=http%3A%2F%2Fa%2Fannounce&tr.1=udp://b:80&tr=http://a/announce` +
        "&ws=https://c/film&ws=ftp://d/&x.pe=192.0.2.1:6881&x.pe=[2001:db8::1]:1&x.pe=host.example:2&x.pe=192.0.2.1:0" +
        "&so=0,2,4-6,9-7,x&as=http://e/&xs=http://f/",
    );
    expect(link).toMatchObject({
      name: "A film",
      trackerTiers: [["http://a/announce"], ["udp://b:80"]],
      webSeeds: ["https://c/film"],
      peers: [
        { host: "192.0.2.1", port: 6881 },
        { host: "2001:db8::1", port: 1 },
        { host: "host.example", port: 2 },
      ],
      selected: [
        [0, 0],
        [2, 2],
        [4, 6],
      ],
    });
  });

  test("says the same after it was written and read again", () => {
    const { selected: _, ...link } = read(
      `magnet:?xt=urn:btih:${HEX}&xt=urn:btmh:${V2}&dn=a%26b&tr=udp://b:80/x%3Fy&ws=http://c/&x.pe=[::1]:5`,
    );
    expect(read(formatMagnet(link))).toEqual(link);
  });

  test.each([
    ["http://a/", "not a magnet link: it does not begin with magnet:?"],
    ["magnet:?dn=film", "not a magnet link: it names no torrent: xt=urn:btih: or xt=urn:btmh: is missing"],
    ["magnet:?xt=urn:sha1:abc", "not a magnet link: it names no torrent: xt=urn:btih: or xt=urn:btmh: is missing"],
    ["magnet:?xt=urn:btih:12", 'not a magnet link: "urn:btih:12" is no info hash'],
    [`magnet:?xt=urn:btih:${HEX.slice(2)}zz`, "is no info hash"],
    [`magnet:?xt=urn:btih:${BASE32.slice(1)}1`, "is no info hash"],
    [`magnet:?xt=urn:btmh:1114${HEX}`, "is no info hash"],
    [`magnet:?${"x".repeat(65_536)}`, "not a magnet link: 65544 characters, at most 65536 are read"],
  ])("%.40s is refused with the reason", (text, words) => {
    expect(faultOf(text)).toContain(words);
  });

  test("names no more than may be kept", () => {
    const many = (key: string, value: (i: number) => string): string =>
      Array.from({ length: 1200 }, (_, i) => `&${key}=${value(i)}`).join("");
    const link = read(`magnet:?xt=urn:btih:${HEX}${many("tr", (i) => `udp://a:${i + 1}`)}${many("so", (i) => `${i}`)}`);
    expect(link.trackerTiers).toHaveLength(500);
    expect(link.selected).toHaveLength(1000);
  });
});
