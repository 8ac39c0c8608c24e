import { describe, expect, test } from "vitest";
import { MAX_PART_BYTES, safeName, safePart } from "../../../core/metainfo/safe-path.ts";
import { faultOf, multiFile, parsed, pathsOf } from "./torrents.ts";

describe("safePart", () => {
  test.each([
    ["plain name.txt", "plain name.txt"],
    ["Größe 你好 😀.txt", "Größe 你好 😀.txt"],
    ["AC/DC", "AC_DC"],
    ['a<b>c:d"e\\f|g?h*i', "a_b_c_d_e_f_g_h_i"],
    ["trailing. . ", "trailing"],
    ["...", "_"],
    ["", "_"],
    [".hidden", ".hidden"],
    ["a\u0000b\u001bc\u007fd\u0085e", "abcde"],
    ["exe\u202egpj.cmd", "exegpj.cmd"],
    ["zero\u200bwidth\ufeff", "zerowidth"],
    ["CON", "_CON"],
    ["aux.c", "_aux.c"],
    ["nul .txt", "_nul .txt"],
    ["com1", "_com1"],
    ["LPT².log", "_LPT².log"],
    ["c\u200bon", "_con"],
    ["console", "console"],
    ["com10", "com10"],
    ["\ud800x", "_x"],
  ])("makes %j safe", (from, to) => {
    expect(safeName(from)).toBe(to);
  });

  test("writes _ for what is not UTF-8", () => {
    expect(safePart(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a_b");
  });

  test("cuts between characters and keeps the extension", () => {
    const name = safeName(`${"你".repeat(200)}.part.mkv`);
    expect(name).toMatch(/^你+.*\.mkv$/);
    expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(MAX_PART_BYTES);
    expect(new TextEncoder().encode(safeName("x".repeat(5000))).length).toBeLessThanOrEqual(MAX_PART_BYTES);
  });

  test("does not make a reserved name by cutting", () => {
    expect(safeName(`con${" ".repeat(400)}x`)).toBe("_con");
  });
});

describe("paths of a torrent", () => {
  test("that differ in letter case or Unicode form only are numbered", () => {
    const bytes = multiFile([
      { path: ["a.txt"] },
      { path: ["A.TXT"] },
      { path: ["a.txt"] },
      { path: ["é"] },
      { path: ["e\u0301"] },
    ]);
    expect(pathsOf(bytes)).toEqual(["show/a.txt", "show/A (2).TXT", "show/a (3).txt", "show/é", "show/e\u0301 (2)"]);
    expect(parsed(bytes).warnings).toContain("file 2: show/A.TXT is there already, saved as show/A (2).TXT");
  });

  test("that become equal by being made safe are numbered", () => {
    expect(pathsOf(multiFile([{ path: ["a?"] }, { path: ["a*"] }]))).toEqual(["show/a_", "show/a_ (2)"]);
  });

  test("that differ in the letter case of a folder share the folder", () => {
    expect(pathsOf(multiFile([{ path: ["Sub", "a"] }, { path: ["sub", "b"] }, { path: ["SUB", "A"] }]))).toEqual([
      "show/Sub/a",
      "show/Sub/b",
      "show/Sub/A (2)",
    ]);
  });

  test("keep a file and a folder of one name apart", () => {
    expect(pathsOf(multiFile([{ path: ["x"] }, { path: ["X", "a"] }, { path: ["X", "b"] }]))).toEqual([
      "show/x",
      "show/X (2)/a",
      "show/X (2)/b",
    ]);
    expect(pathsOf(multiFile([{ path: ["x", "a"] }, { path: ["x"] }]))).toEqual(["show/x/a", "show/x (2)"]);
  });

  test("leave out parts that say nothing", () => {
    const bytes = multiFile([{ path: ["", ".", "a", "", "b"] }]);
    expect(pathsOf(bytes)).toEqual(["show/a/b"]);
    expect(parsed(bytes).warnings.length).toBe(3);
  });

  test("may repeat 500 times, not more", () => {
    const same = (count: number) => multiFile(Array.from({ length: count }, () => ({ path: ["same"] })));
    expect(new Set(pathsOf(same(501))).size).toBe(501);
    expect(faultOf(same(502))).toEqual({
      kind: "duplicate-names",
      words: "more than 500 files whose names others have already",
    });
  });
});
