import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findShowing } from "../../../electron/torrent-folders.ts";

let base: string;
let folder: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "peerscope-folders-")));
  folder = join(base, "downloads");
  mkdirSync(join(folder, "album"), { recursive: true });
  writeFileSync(join(folder, "album", "one.flac"), "");
  writeFileSync(join(base, "secret"), "");
});
afterEach(() => rmSync(base, { recursive: true }));

const place = () => ({ folder, name: "album" });

test("a torrent is shown in its folder, and so is one of its files", async () => {
  expect(await findShowing(place())).toEqual({ kind: "item", path: join(folder, "album") });
  expect(await findShowing(place(), "album/one.flac")).toEqual({
    kind: "item",
    path: join(folder, "album", "one.flac"),
  });
});

test("what is not written yet shows the folder", async () => {
  expect(await findShowing({ folder, name: "later" })).toEqual({ kind: "folder", path: folder });
  expect(await findShowing(place(), "album/two.flac")).toEqual({ kind: "folder", path: folder });
});

test.each(["../secret", "album/../../secret", "..", "."])("nothing outside is shown: %s", async (path) => {
  await expect(findShowing(place(), path)).rejects.toThrow("is not inside");
});

test("a whole path means one inside the folder", async () => {
  expect(await findShowing(place(), join(base, "secret"))).toEqual({ kind: "folder", path: folder });
});

test.skipIf(process.platform === "win32")("a link that leads outside is not followed", async () => {
  symlinkSync(join(base, "secret"), join(folder, "album", "link"));
  await expect(findShowing(place(), "album/link")).rejects.toThrow("is not inside");
});

test("a folder that is gone is said", async () => {
  await expect(findShowing({ folder: join(base, "gone"), name: "x" })).rejects.toMatchObject({ code: "ENOENT" });
});
