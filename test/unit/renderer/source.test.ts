import { describe, expect, it } from "vitest";
import { looksLikeSource, magnetName, typedSource } from "../../../renderer/format/source.ts";

const source = (text: string) => {
  const typed = typedSource(text);
  return typed.kind === "source" ? typed.source : typed.why;
};

describe("a typed line", () => {
  it("is an address when it begins like one", () => {
    expect(source(" https://x.example/a.torrent ")).toEqual({ from: "url", url: "https://x.example/a.torrent" });
  });

  it("is a magnet link when it begins like one", () => {
    expect(source(" MAGNET:?xt=urn:btih:0\n")).toEqual({ from: "magnet", link: "MAGNET:?xt=urn:btih:0" });
  });

  it.each([
    "/home/ada/a.torrent",
    "C:\\ada\\a.torrent",
    "c:/ada/a.torrent",
    "\\\\host\\share\\a.torrent",
    "~/a.torrent",
  ])("is a path when it is absolute: %s", (path) => {
    expect(source(path)).toEqual({ from: "path", path });
  });

  it("may be quoted, as file managers copy paths", () => {
    expect(source('"/home/ada/a b.torrent"')).toEqual({ from: "path", path: "/home/ada/a b.torrent" });
  });

  it("is a path when it is a file address", () => {
    expect(source("file:///home/ada/a%20b.torrent")).toEqual({ from: "path", path: "/home/ada/a b.torrent" });
    expect(source("file:///C:/ada/a.torrent")).toEqual({ from: "path", path: "C:/ada/a.torrent" });
  });

  it.each([
    ["", /magnet link, or the path/],
    ["a.torrent", /full path/],
    ["magnet:xt=urn:btih:0", /begins with magnet:\?/],
    [`magnet:?xt=${"a".repeat(70_000)}`, /longer than 65,536/],
    ["ftp://x.example/a.torrent", /http and https/],
    ["http://", /not a valid URL/],
    ["file:///%E0%A4%A", /malformed escape/],
  ])("is refused with the reason: %j", (text, why) => {
    expect(source(text)).toMatch(why);
  });
});

describe("pasted text", () => {
  it("is taken when it is an address, a magnet link or the path of a .torrent", () => {
    expect(looksLikeSource("https://x.example/a")).toBe(true);
    expect(looksLikeSource("magnet:?xt=urn:btih:0")).toBe(true);
    expect(looksLikeSource("/home/ada/a.TORRENT\n")).toBe(true);
  });

  it("is left alone otherwise", () => {
    expect(looksLikeSource("hello")).toBe(false);
    expect(looksLikeSource("/etc/passwd")).toBe(false);
    expect(looksLikeSource("https://x.example/a\nhttps://x.example/b")).toBe(false);
    expect(looksLikeSource(`https://x.example/${"a".repeat(9000)}`)).toBe(false);
    expect(looksLikeSource("magnets: how do they work?")).toBe(false);
    expect(looksLikeSource(`magnet:?tr=${"a".repeat(9000)}`)).toBe(true);
  });
});

describe("a magnet link's name", () => {
  it.each([
    ["magnet:?xt=urn:btih:c0ffee&dn=Field+Recordings%20%E2%99%AA", "Field Recordings ♪"],
    ["magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567", "Magnet link 0123456789ab…"],
    ["magnet:?dn=%20&tr=x", "This magnet link"],
  ])("is its own, or the beginning of its hash: %s", (link, name) => {
    expect(magnetName(link)).toBe(name);
  });
});
