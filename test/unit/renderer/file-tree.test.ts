import { describe, expect, it } from "vitest";
import { fileTree, visibleRows } from "../../../renderer/format/file-tree.ts";

const files = (...paths: string[]) => paths.map((path) => ({ path, length: 1 }));
const drawn = (paths: string[]) =>
  fileTree(files(...paths)).map((row) => `${"  ".repeat(row.depth)}${row.name}${row.isFolder ? "/" : ""}`);

describe("the tree of files", () => {
  it("shows folders before what is in them, in the order of the torrent", () => {
    expect(drawn(["b/one", "a", "b/c/two", "b/three"])).toEqual(["b/", "  one", "  c/", "    two", "  three", "a"]);
  });

  it("leaves out a folder that everything is in", () => {
    expect(drawn(["album/1", "album/cd/2"])).toEqual(["1", "cd/", "  2"]);
  });

  it("knows the files below each folder", () => {
    const rows = fileTree(files("a", "b/one", "b/c/two"));
    expect(rows.find((row) => row.key === "b/")?.files).toEqual([1, 2]);
    expect(rows.find((row) => row.key === "b/c/two")?.files).toEqual([2]);
  });

  it("keeps a file and a folder of the same name apart", () => {
    expect(drawn(["x", "x/y", "z"])).toEqual(["x", "x/", "  y", "z"]);
  });

  it("hides what is below closed folders, and only that", () => {
    const rows = fileTree(files("b/one", "b/c/two", "b/c/three", "a"));
    const names = (closed: string[]) => visibleRows(rows, new Set(closed)).map((row) => row.name);
    expect(names([])).toEqual(["b", "one", "c", "two", "three", "a"]);
    expect(names(["b/c/"])).toEqual(["b", "one", "c", "a"]);
    expect(names(["b/", "b/c/"])).toEqual(["b", "a"]);
  });

  it("is made of ten thousand files within a blink", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ path: `r/${i % 100}/${i}`, length: 1 }));
    expect(fileTree(many)).toHaveLength(10_100);
  });
});
