import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { MIB } from "../../../core/model/units.ts";
import { needs, requireOrdinaryUser } from "../../setup/requirements.ts";
import { check, faultIn, openDisk, readBlock, Sample, store, storeAll, temporaryFolder } from "./disk-fixture.ts";

const KIB = 1024;

/** A file system of our own for the length of a test. */
function mountMemory(options: string): string {
  const folder = temporaryFolder();
  const mounted = spawnSync("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  if (mounted.status !== 0) throw new Error(String(mounted.stderr));
  onTestFinished(() => {
    spawnSync("/bin/umount", ["-l", folder]);
  });
  return folder;
}

const mounting = (() => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only the superuser of Linux may mount";
  const folder = "/mnt";
  const isMounted = spawnSync("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status === 0;
  if (isMounted) spawnSync("/bin/umount", ["-l", folder]);
  return isMounted ? undefined : "this machine does not let a test mount";
})();

describe("a disk that is full", needs(mounting), () => {
  test("stops with path, cause, advice and free space, and goes on when there is room", async () => {
    const folder = mountMemory("size=512k");
    const sample = new Sample(256 * KIB, [{ path: "file", length: MIB }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    writeFileSync(join(folder, "ballast"), Buffer.alloc(200 * KIB));
    expect(await store(storage, 0, sample.piece(0))).toEqual({ kind: "stored" });
    const fault = faultIn(await store(storage, 1, sample.piece(1)));
    expect(fault).toMatchObject({ kind: "disk-full", path: join(folder, "file") });
    expect(fault.cause).toMatch(/^ENOSPC: no space left on device$/);
    expect(fault.advice).toMatch(/Free some space/);
    expect(fault.free).toBeLessThan(256 * KIB);
    rmSync(join(folder, "ballast"));
    expect(await store(storage, 1, sample.piece(1))).toEqual({ kind: "stored" });
    expect(await check(storage, sample.allPieces)).toEqual([0, 1]);
  });
});

describe("a volume that is read-only", needs(mounting), () => {
  test("can be checked and served, and says what is wrong when a piece is to be written", async () => {
    const folder = mountMemory("size=4m");
    const sample = new Sample(64 * KIB, [{ path: "d/file", length: 256 * KIB }]);
    sample.writeTo(folder);
    spawnSync("/bin/mount", ["-o", "remount,ro", folder]);
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(await check(storage, sample.allPieces)).toEqual([0, 1, 2, 3]);
    expect(await readBlock(storage, 3, 0, 100)).toHaveLength(100);
    expect(faultIn(await store(storage, 0, sample.piece(0)))).toMatchObject({ kind: "read-only" });
    expect(await storage.removeData()).toMatchObject({ kind: "read-only", path: join(folder, "d/file") });
    spawnSync("/bin/mount", ["-o", "remount,rw", folder]);
    const again = openDisk().openStorage(sample.spec(folder));
    await storeAll(again, sample);
  });
});

describe("a folder that we may not write to", needs(requireOrdinaryUser()), () => {
  test("is a fault that says so", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "locked"), { mode: 0o500 });
    const sample = new Sample(16 * KIB, [{ path: "file", length: 10 }]);
    const storage = openDisk().openStorage(sample.spec(join(folder, "locked")));
    expect(faultIn(await store(storage, 0, sample.piece(0)))).toMatchObject({ kind: "no-permission" });
  });
});

describe("what stands in the way", () => {
  const sample = new Sample(16 * KIB, [{ path: "album/cd/file", length: 20 * KIB }]);

  function trap(build: (folder: string, outside: string) => void) {
    const folder = temporaryFolder();
    const outside = temporaryFolder();
    build(folder, outside);
    return { folder, outside, storage: openDisk().openStorage(sample.spec(folder)) };
  }

  const traps: [string, (folder: string, outside: string) => void][] = [
    ["a link to a folder elsewhere", (folder, outside) => symlinkSync(outside, join(folder, "album"))],
    [
      "a link deeper down",
      (folder, outside) => {
        mkdirSync(join(folder, "album"));
        symlinkSync(outside, join(folder, "album/cd"));
      },
    ],
    [
      "a link in the file's place",
      (folder, outside) => {
        mkdirSync(join(folder, "album/cd"), { recursive: true });
        symlinkSync(join(outside, "file"), join(folder, "album/cd/file"));
      },
    ],
    ["a link to the folder itself", (folder) => symlinkSync(folder, join(folder, "album"))],
    ["a file in a folder's place", (folder) => writeFileSync(join(folder, "album"), "in the way")],
  ];

  test.each(traps)("%s is not followed, neither to write, to read nor to delete", async (_, build) => {
    const { folder, outside, storage } = trap(build);
    writeFileSync(join(outside, "file"), sample.content);
    mkdirSync(join(outside, "cd"));
    writeFileSync(join(outside, "cd/file"), sample.content);
    const fault = faultIn(await store(storage, 0, sample.piece(0)));
    expect(fault.kind).toBe("no-permission");
    expect(fault.path.startsWith(folder)).toBe(true);
    expect(faultIn(await readBlock(storage, 0, 0, 100)).kind).toBe("no-permission");
    expect(faultIn(await check(storage, sample.allPieces)).kind).toBe("no-permission");
    await storage.removeData();
    expect(readFileSync(join(outside, "file")).equals(sample.content)).toBe(true);
    expect(readFileSync(join(outside, "cd/file")).equals(sample.content)).toBe(true);
  });

  test("a link that takes a folder's place later is found out by the next opening", async () => {
    const files = Array.from({ length: 200 }, (_, i) => ({ path: `d/f${i}`, length: 16 * KIB }));
    const many = new Sample(16 * KIB, files);
    const folder = temporaryFolder();
    const outside = temporaryFolder();
    const storage = openDisk({ workers: 1 }).openStorage(many.spec(folder));
    await store(storage, 0, many.piece(0));
    rmSync(join(folder, "d"), { recursive: true });
    symlinkSync(outside, join(folder, "d"));
    expect(faultIn(await store(storage, 1, many.piece(1))).kind).toBe("no-permission");
    expect(readdirSync(outside)).toEqual([]);
  });

  test("a pipe in the file's place does not stop the worker", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "album/cd"), { recursive: true });
    expect(spawnSync("/usr/bin/mkfifo", [join(folder, "album/cd/file")]).status).toBe(0);
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(faultIn(await readBlock(storage, 0, 0, 100))).toMatchObject({ kind: "no-permission" });
    expect(faultIn(await store(storage, 0, sample.piece(0)))).toMatchObject({ kind: "no-permission" });
  });

  test("the download folder itself may be a link: it is the user's choice", async () => {
    const target = temporaryFolder();
    const folder = join(temporaryFolder(), "downloads");
    symlinkSync(target, folder);
    const storage = openDisk().openStorage(sample.spec(folder));
    await storeAll(storage, sample);
    expect(sample.filesRightIn(target)).toEqual([0]);
    expect(lstatSync(folder).isSymbolicLink()).toBe(true);
  });
});

describe("a worker that dies", () => {
  test("is a fault for what it had, and the next order gets another", async () => {
    const folder = temporaryFolder();
    // Dies at its first order, as the real one would of a bug; the second time it is the real one.
    const workerFile = join(folder, "worker.mjs");
    const real = pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js"));
    writeFileSync(
      workerFile,
      `import { existsSync, writeFileSync } from "node:fs";
       import { parentPort } from "node:worker_threads";
       const mark = ${JSON.stringify(join(folder, "died"))};
       if (existsSync(mark)) await import(${JSON.stringify(real.href)});
       else parentPort.on("message", (order) => {
         if (order.kind !== "store" && order.kind !== "write") return;
         writeFileSync(mark, "");
         throw new Error("a bug of ours");
       });`,
    );
    const sample = new Sample(16 * KIB, [{ path: "file", length: 20 * KIB }]);
    const disk = openDisk({ workerFile: pathToFileURL(workerFile), workers: 1 });
    const storage = disk.openStorage(sample.spec(join(folder, "data")));
    const fault = faultIn(await store(storage, 0, sample.piece(0)));
    expect(fault.kind).toBe("io");
    expect(fault.cause).toContain("a bug of ours");
    expect(disk.queueLength).toBe(0);
    await storeAll(storage, sample);
    expect(await storage.flush()).toBeUndefined();
    expect(sample.filesRightIn(join(folder, "data"))).toEqual([0]);
    expect(existsSync(join(folder, "died"))).toBe(true);
  });
});

describe("flushing", () => {
  test("makes everything durable, and says when a file went missing before it was", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [
      { path: "a/one", length: 20 * KIB },
      { path: "b/two", length: 20 * KIB },
    ]);
    const storage = openDisk().openStorage(sample.spec(folder));
    await storeAll(storage, sample);
    expect(await storage.flush()).toBeUndefined();
    expect(await storage.flush()).toBeUndefined();
    await store(storage, 0, sample.piece(0));
    rmSync(join(folder, "a/one"));
    expect(await storage.flush()).toMatchObject({ kind: "missing-file", path: join(folder, "a/one") });
  });

  test("is waited for by closing", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "file", length: 64 * KIB }]);
    const disk = openDisk();
    const storage = disk.openStorage(sample.spec(folder));
    await storeAll(storage, sample);
    const ends: string[] = [];
    const flushed = storage.flush().then((fault) => ends.push(`flushed ${fault?.cause ?? "without a fault"}`));
    await disk.close().then(() => ends.push("closed"));
    await flushed;
    expect(ends).toEqual(["flushed without a fault", "closed"]);
  });
});
