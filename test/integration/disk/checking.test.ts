import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { MIB } from "../../../core/model/units.ts";
import { check, openDisk, readBlock, Sample, store, storeAll, temporaryFolder } from "./disk-fixture.ts";

const KIB = 1024;

describe("checking what is on disk", () => {
  test("finds exactly the pieces that are right, past wrong, short and absent files", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [
      { path: "a", length: 40 * KIB },
      { path: "b", length: 24 * KIB },
      { path: "c", length: 64 * KIB },
      { path: "d", length: 64 * KIB },
    ]);
    sample.writeTo(folder);
    // Pieces 0–1 a, 2 a and b, 3 b, 4–7 c, 8–11 d.
    rmSync(join(folder, "b"));
    truncateSync(join(folder, "c"), 40 * KIB);
    const wrong = sample.contentOf(3).slice();
    wrong[20 * KIB] = (wrong[20 * KIB] as number) ^ 1;
    writeFileSync(join(folder, "d"), wrong);
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(await check(storage, sample.allPieces)).toEqual([0, 1, 4, 5, 8, 10, 11]);
    const some = new Bitfield(12);
    for (const piece of [1, 9, 10]) some.set(piece);
    expect(await check(storage, some)).toEqual([1, 10]);
  });

  test("of a folder that is not there finds nothing, makes nothing and is no fault", async () => {
    const folder = join(temporaryFolder(), "absent");
    const sample = new Sample(16 * KIB, [{ path: "a/b", length: 100 * KIB }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(await check(storage, sample.allPieces)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test("of no pieces ends at once", async () => {
    const sample = new Sample(16 * KIB, [{ path: "a", length: 10 }]);
    const storage = openDisk().openStorage(sample.spec(temporaryFolder()));
    expect(await check(storage, new Bitfield(1))).toEqual([]);
  });

  test("reports every piece once, and nothing after it was cancelled", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(MIB, [{ path: "a", length: 24 * MIB }]);
    sample.writeTo(folder);
    const disk = openDisk();
    const storage = disk.openStorage(sample.spec(folder));
    const seen: number[] = [];
    let isDone = false;
    const stopped = new Promise<void>((resolve) => {
      const cancel = storage.check(
        sample.allPieces,
        (piece) => {
          seen.push(piece);
          if (seen.length < 6) return;
          cancel();
          resolve();
        },
        () => {
          isDone = true;
        },
      );
    });
    await stopped;
    await storage.close();
    expect(new Set(seen).size).toBe(6);
    expect(seen.length).toBe(6);
    expect(isDone).toBe(false);
    expect(disk.queueLength).toBe(0);
  });

  test("cuts off what follows a file's right last piece, so that the file is what the torrent says", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [
      { path: "a", length: 20 * KIB },
      { path: "b", length: 20 * KIB },
    ]);
    sample.writeTo(folder);
    appendFileSync(join(folder, "a"), "tail");
    appendFileSync(join(folder, "b"), "tail");
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(await check(storage, sample.allPieces)).toEqual([0, 1, 2]);
    expect(sample.filesRightIn(folder)).toEqual([0, 1]);
  });

  test("a folder that stands in a file's place is a fault, not an endless search", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "a", length: 20 * KIB }]);
    mkdirSync(join(folder, "a"));
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(await check(storage, sample.allPieces)).toMatchObject({ kind: "no-permission", path: join(folder, "a") });
  });
});

describe("removing data", () => {
  test("deletes the torrent's files and its empty folders, and nothing of anybody else", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [
      { path: "album/cd1/a", length: 20 * KIB },
      { path: "album/cd2/b", length: 20 * KIB },
      { path: "album/cd2/never", length: 0 },
      { path: "other/c", length: 100 },
    ]);
    const storage = openDisk().openStorage(sample.spec(folder));
    await storeAll(storage, sample);
    writeFileSync(join(folder, "album/cd2/mine.txt"), "mine");
    expect(await storage.removeData()).toBeUndefined();
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["album", "album/cd2", "album/cd2/mine.txt"]);
  });

  test("of what was never there is no fault", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "x/y", length: 20 * KIB }]);
    const storage = openDisk().openStorage(sample.spec(join(folder, "absent")));
    expect(await storage.removeData()).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("waits for pieces and blocks under way", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(MIB, [{ path: "a", length: 4 * MIB }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    await store(storage, 0, sample.piece(0));
    const stored = store(storage, 1, sample.piece(1));
    const read = readBlock(storage, 0, 0, 100);
    expect(await storage.removeData()).toBeUndefined();
    expect(await stored).toEqual({ kind: "stored" });
    expect(await read).toHaveLength(100);
    expect(readdirSync(folder)).toEqual([]);
  });
});
