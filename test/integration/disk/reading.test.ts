import { renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { randomBelow, seededRandom } from "../../../core/model/random.ts";
import { MIB } from "../../../core/model/units.ts";
import type { BlockRead, Storage } from "../../../core/runtime/disk/disk.ts";
import { check, faultIn, openDisk, readBlock, Sample, store, temporaryFolder } from "./disk-fixture.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

function seeded(sample: Sample, options = {}) {
  const folder = temporaryFolder();
  sample.writeTo(folder);
  const disk = openDisk(options);
  return { folder, disk, storage: disk.openStorage(sample.spec(folder)) };
}

type Block = Extract<BlockRead, { kind: "block" }>;

function pin(storage: Storage, piece: number, begin: number, length: number): Promise<Block> {
  return new Promise((resolve, reject) => {
    storage.readBlock(piece, begin, length, (result) => {
      if (result.kind === "block") resolve(result);
      else reject(new Error(result.fault.cause));
    });
  });
}

describe("serving blocks", () => {
  test("any block of any piece is what the files hold, at any place and length", async () => {
    const sample = new Sample(50_000, [
      { path: "a", length: 300_001 },
      { path: "pad", length: 99, isPadding: true },
      { path: "d/b", length: 1 },
      { path: "d/c", length: 600_000 },
    ]);
    const { storage } = seeded(sample);
    const random = seededRandom(7);
    const reads = Array.from({ length: 500 }, async () => {
      const piece = randomBelow(random, sample.layout.pieceCount);
      const length = 1 + randomBelow(random, Math.min(32 * KIB, sample.layout.lengthOf(piece)));
      const begin = randomBelow(random, sample.layout.lengthOf(piece) - length + 1);
      const block = (await readBlock(storage, piece, begin, length)) as Uint8Array;
      return Buffer.from(block).equals(sample.piece(piece).subarray(begin, begin + length));
    });
    expect((await Promise.all(reads)).every((isRight) => isRight)).toBe(true);
  });

  test("what was read ahead is delivered at once, and many who want the same cause one order", async () => {
    const sample = new Sample(MIB, [{ path: "a", length: MIB }]);
    const { storage, disk } = seeded(sample);
    const blocks = Array.from({ length: 16 }, (_, i) => readBlock(storage, 0, i * BLOCK, BLOCK));
    expect(disk.queueLength).toBe(1);
    await Promise.all(blocks);
    let isDelivered = false;
    storage.readBlock(0, 3 * BLOCK, BLOCK, (result) => {
      isDelivered = true;
      if (result.kind === "block") result.release();
    });
    expect(isDelivered).toBe(true);
    expect(disk.queueLength).toBe(0);
  });

  test("a pinned block keeps its bytes while everything else goes through the cache", async () => {
    const sample = new Sample(MIB, [{ path: "a", length: 8 * MIB }]);
    const { storage } = seeded(sample, { readCacheBytes: 512 * KIB });
    const pinned = await pin(storage, 0, 0, BLOCK);
    for (let at = 0; at < 8 * MIB; at += 128 * KIB) await readBlock(storage, Math.floor(at / MIB), at % MIB, BLOCK);
    expect(Buffer.from(pinned.bytes).equals(sample.piece(0).subarray(0, BLOCK))).toBe(true);
    pinned.release();
    expect(() => pinned.release()).toThrow("released twice");
  });

  test("with all of the cache pinned a read waits, and comes when a block is released", async () => {
    const sample = new Sample(MIB, [{ path: "a", length: 2 * MIB }]);
    const { storage, disk } = seeded(sample, { readCacheBytes: 256 * KIB });
    const pinned = await pin(storage, 0, 0, BLOCK);
    const waiting = readBlock(storage, 1, 0, BLOCK);
    const alsoWaiting = readBlock(storage, 1, 512 * KIB, BLOCK);
    expect(disk.queueLength).toBe(0);
    pinned.release();
    expect(disk.queueLength).toBe(1);
    expect(Buffer.from((await waiting) as Uint8Array).equals(sample.piece(1).subarray(0, BLOCK))).toBe(true);
    const there = sample.piece(1).subarray(512 * KIB, 512 * KIB + BLOCK);
    expect(Buffer.from((await alsoWaiting) as Uint8Array).equals(there)).toBe(true);
  });

  test("bytes that were read ahead before their piece was stored are not served after", async () => {
    const sample = new Sample(BLOCK, [{ path: "a", length: 4 * BLOCK }]);
    const folder = temporaryFolder();
    const storage = openDisk().openStorage(sample.spec(folder));
    await store(storage, 0, sample.piece(0));
    await readBlock(storage, 0, 0, BLOCK);
    await store(storage, 1, sample.piece(1));
    const block = await readBlock(storage, 1, 0, BLOCK);
    expect(Buffer.from(block as Uint8Array).equals(sample.piece(1))).toBe(true);
  });

  test("a block beside a file that is not there is served all the same", async () => {
    const sample = new Sample(BLOCK, [
      { path: "a", length: 2 * BLOCK },
      { path: "unwanted", length: 2 * BLOCK },
    ]);
    const { folder, storage } = seeded(sample);
    rmSync(join(folder, "unwanted"));
    const block = await readBlock(storage, 1, 0, BLOCK);
    expect(Buffer.from(block as Uint8Array).equals(sample.piece(1))).toBe(true);
    const fault = faultIn(await readBlock(storage, 2, 0, BLOCK));
    expect(fault).toMatchObject({ kind: "missing-file", path: join(folder, "unwanted") });
  });
});

describe("a served file that changes under us", () => {
  const sample = new Sample(MIB, [{ path: "a", length: 2 * MIB }]);
  const changes: [string, (path: string) => void][] = [
    ["deleted", (path) => rmSync(path)],
    ["cut short", (path) => truncateSync(path, MIB + 100)],
    [
      "replaced by another",
      (path) => {
        writeFileSync(`${path}.other`, Buffer.alloc(2 * MIB));
        renameSync(`${path}.other`, path);
      },
    ],
  ];

  test.each(changes)("is a fault that names the path when it was %s", async (_, change) => {
    const { folder, storage } = seeded(sample, { workers: 1 });
    await readBlock(storage, 0, 0, BLOCK);
    change(join(folder, "a"));
    const fault = faultIn(await readBlock(storage, 1, 512 * KIB, BLOCK));
    expect(fault).toMatchObject({ kind: "missing-file", path: join(folder, "a") });
    expect(fault.advice).toMatch(/resume/);
  });

  test("is served again after a check has shown what is there", async () => {
    const { folder, storage } = seeded(sample);
    await readBlock(storage, 0, 0, BLOCK);
    rmSync(join(folder, "a"));
    faultIn(await readBlock(storage, 1, 0, BLOCK));
    sample.writeTo(folder);
    expect(await check(storage, sample.allPieces)).toEqual([0, 1]);
    const block = await readBlock(storage, 1, 0, BLOCK);
    expect(Buffer.from(block as Uint8Array).equals(sample.piece(1).subarray(0, BLOCK))).toBe(true);
  });

  test("shows in its stamp", async () => {
    const { folder, storage } = seeded(sample);
    const [before] = (await storage.stat()) as { size: number; modifiedAt: number }[];
    expect(before?.size).toBe(2 * MIB);
    utimesSync(join(folder, "a"), 1, 12345.5);
    expect(await storage.stat()).toEqual([{ size: 2 * MIB, modifiedAt: 12_345_500 }]);
    rmSync(join(folder, "a"));
    expect(await storage.stat()).toEqual([undefined]);
  });
});
