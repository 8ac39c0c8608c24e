import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faultOf, freeSpace, problemOf } from "../../../core/runtime/disk/disk-fault.ts";

function systemError(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}, write`), { code, errno: -1, syscall: "write" });
}

describe("disk faults", () => {
  test.each([
    ["ENOSPC", "no space left on device", "disk-full"],
    ["EDQUOT", "disk quota exceeded", "disk-full"],
    ["EROFS", "read-only file system", "read-only"],
    ["EACCES", "permission denied", "no-permission"],
    ["EPERM", "operation not permitted", "no-permission"],
    ["ELOOP", "too many symbolic links", "no-permission"],
    ["ENOENT", "no such file or directory", "missing-file"],
    ["EIO", "i/o error", "io"],
    ["EMFILE", "too many open files", "io"],
  ])("%s is named with the system's own words, what to do and what is free", (code, words, kind) => {
    const path = join(tmpdir(), "not", "there");
    const fault = faultOf(problemOf(systemError(code, words), path));
    expect(fault).toMatchObject({ kind, path, cause: `${code}: ${words}` });
    expect(fault.advice.length).toBeGreaterThan(20);
    expect(fault.free).toBeGreaterThan(0);
  });

  test("the cause leaves out the call and the path, which stand beside it", () => {
    const path = join(tmpdir(), "it's not there, open");
    try {
      readFileSync(path);
      expect.unreachable();
    } catch (error) {
      expect(problemOf(error, path).message).toBe("ENOENT: no such file or directory");
    }
  });

  test("what the system did not report is a bug and is thrown on", () => {
    expect(() => problemOf(new TypeError("undefined is not a function"), "/x")).toThrow(TypeError);
  });

  test("free space of a folder that is yet to be made is that of its volume", () => {
    expect(freeSpace(join(tmpdir(), "a/b/c"))).toBeGreaterThan(0);
  });
});
