import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isPermissive } from "../../../build/checks/licences.js";
import { findLongFiles } from "../../../build/checks/sizes.js";
import { installProblem, nodeProblem, staleDependency } from "../../../build/setup.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-setup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe("set-up", () => {
  test.each(["20.19.0", "20.20.2", "22.0.0", "24.1.0"])("runs on Node %s", (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  test.each(["18.20.0", "20.18.3"])("refuses Node %s in words", (version) => {
    expect(nodeProblem(version)).toBe(`Peerscope needs Node 20.19 or newer; this is ${version}.`);
  });

  describe("looks at what is installed", () => {
    const lock = (packages: object): string => JSON.stringify({ packages: { "": {}, ...packages } });

    test("and finds nothing", () => {
      write("package-lock.json", lock({ "node_modules/a": { version: "1.0.0" } }));
      expect(staleDependency(folder)).toBe("nothing is installed yet");
    });

    test("and is content with what the lock file says", () => {
      write("package-lock.json", lock({ "node_modules/a": { version: "1.0.0" } }));
      write("node_modules/.package-lock.json", lock({ "node_modules/a": { version: "1.0.0" } }));
      write("node_modules/a/package.json", "{}");
      expect(staleDependency(folder)).toBeUndefined();
    });

    test("and misses no package of another system", () => {
      write("package-lock.json", lock({ "node_modules/a-win32": { version: "1.0.0", optional: true } }));
      write("node_modules/.package-lock.json", lock({}));
      expect(staleDependency(folder)).toBeUndefined();
    });

    test.each([
      [
        "an older version",
        { "node_modules/a": { version: "0.9.0" } },
        "node_modules/a is 0.9.0, the lock file says 1.0.0",
      ],
      ["a new package missing", {}, "node_modules/a is absent, the lock file says 1.0.0"],
      ["a folder deleted by hand", { "node_modules/a": { version: "1.0.0" } }, "node_modules/a is absent"],
    ])("and finds %s", (_words, installed, reason) => {
      write("package-lock.json", lock({ "node_modules/a": { version: "1.0.0" } }));
      write("node_modules/.package-lock.json", lock(installed));
      expect(staleDependency(folder)).toBe(reason);
    });
  });

  test.each([
    ["npm error code ENOTFOUND\nnpm error network request", "the npm registry can't be reached (ENOTFOUND)"],
    ["npm error code E404", "the npm registry refused one"],
    ["npm error code ENOSPC", "the disk is full"],
    ["npm error code EACCES", "can't be written to"],
    ["npm error something else", "something else"],
  ])("says in words why packages could not be installed: %s", (output, words) => {
    expect(installProblem(output)).toContain(words);
  });
});

describe("the checks", () => {
  test.each(["MIT", "(MIT OR GPL-3.0)", "MIT AND ISC"])("take %s for permissive", (licence) => {
    expect(isPermissive(licence)).toBe(true);
  });

  test.each(["GPL-3.0", "MIT AND GPL-2.0", "SEE LICENSE IN x"])("do not take %s for permissive", (licence) => {
    expect(isPermissive(licence)).toBe(false);
  });

  test("find a file past 500 lines, but not what tools made", () => {
    write("core/long.ts", "\n".repeat(501));
    write("core/fine.ts", "\n".repeat(500));
    write("node_modules/a/long.js", "\n".repeat(9000));
    expect(findLongFiles(folder)).toEqual(["core/long.ts: 501 lines, at most 500"]);
  });
});
