import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { OpenTorrents, torrentsAmong } from "../../../electron/open-files.ts";

const folder = resolve("/downloads");
const file = (name: string) => resolve(folder, name);

function among(argumentList: string[], there: string[]) {
  return torrentsAmong(argumentList, folder, (path) => there.includes(path));
}

describe("of a program's arguments", () => {
  test("existing .torrent files are opened, each once, with whole paths", () => {
    const there = [file("a.torrent"), file("B.TORRENT"), resolve("/other/c.torrent")];
    expect(among(["a.torrent", "B.TORRENT", resolve("/other/c.torrent"), "./a.torrent"], there)).toEqual(there);
  });

  test("so are recordings of Peerscope", () => {
    expect(among(["a.peerscope", "b.Peerscope"], [file("a.peerscope")])).toEqual([file("a.peerscope")]);
  });

  test("a desktop's file:/// address is a path", () => {
    const spaced = file("a b.torrent");
    expect(among([pathToFileURL(spaced).href], [spaced])).toEqual([spaced]);
  });

  test.each([
    ["an option", "--gpu-launcher=calc.torrent"],
    ["a short option", "-x.torrent"],
    ["a file of another kind", "a.exe"],
    ["a web address", "https://example.com/a.torrent"],
    ["another scheme", "peerscope:a.torrent"],
    ["a file on another machine", "file://server/share/a.torrent"],
    ["an encoded separator", "file:///downloads%2fa.torrent"],
    ["a byte that ends a string", "a\0.torrent"],
    ["nothing", ""],
  ])("%s is not", (_name, argument) => {
    expect(torrentsAmong([argument], folder, () => true)).toEqual([]);
  });

  test("what is not there is not, nor is a folder", () => {
    expect(among(["gone.torrent"], [])).toEqual([]);
    expect(torrentsAmong([import.meta.dirname], "/")).toEqual([]);
  });
});

describe("magnet links among a program's arguments", () => {
  const LINK = `magnet:?xt=urn:btih:${"a".repeat(40)}&dn=A%20name`;

  test("are opened as they are, each once, beside files", () => {
    expect(among([LINK, "a.torrent", LINK, "MAGNET:?xt=urn:btih:b"], [file("a.torrent")])).toEqual([
      LINK,
      file("a.torrent"),
      "MAGNET:?xt=urn:btih:b",
    ]);
  });

  test.each([
    ["a link that is no magnet", `http://x.example/?${LINK}`],
    ["one without its question mark", "magnet:xt=urn:btih:a"],
    ["one with nothing in it", "magnet:?"],
    ["one behind an option", `--url=${LINK}`],
    ["one with a space before it", ` ${LINK}`],
    ["one with a line's end in it", `${LINK}\n--no-sandbox`],
    ["one with a byte that ends a string", `${LINK}\0`],
    ["one longer than the engine reads", `${LINK}${"x".repeat(65_536)}`],
    ["one that is named like a file", `magnet:x/a.torrent`],
  ])("%s is not", (_name, argument) => {
    expect(torrentsAmong([argument], folder, () => true)).toEqual([]);
  });
});

describe("torrents to open", () => {
  test("wait until a page listens, each once", () => {
    const open = new OpenTorrents();
    open.open(["/a.torrent"]);
    open.open(["/b.torrent", "/a.torrent"]);
    const shown: string[][] = [];
    open.listen((paths) => shown.push(paths));
    expect(shown).toEqual([["/a.torrent", "/b.torrent"]]);
    open.open(["/c.torrent"]);
    expect(shown[1]).toEqual(["/c.torrent"]);
  });

  test("wait again while the page is loaded again", () => {
    const open = new OpenTorrents();
    const shown: string[] = [];
    open.listen((paths) => shown.push(...paths));
    open.unlisten();
    open.open(["/a.torrent"]);
    expect(shown).toEqual([]);
    open.listen((paths) => shown.push(...paths));
    expect(shown).toEqual(["/a.torrent"]);
  });
});
