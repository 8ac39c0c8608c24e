import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MIB } from "../../../core/model/units.ts";
import type { Slab, Storage, StoreResult } from "../../../core/runtime/disk/disk.ts";
import { openDisk, Sample, store, storeAll, temporaryFolder } from "./disk-fixture.ts";

const KIB = 1024;

describe("storing pieces", () => {
  test("pieces that span files, empty files and folders arrive byte for byte in any order", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(32 * KIB, [
      { path: "album/one.bin", length: 5 },
      { path: "album/empty.txt", length: 0 },
      { path: "album/deep/er/two.bin", length: 100_000 },
      { path: "album/three.bin", length: 1 },
      { path: "album/four.bin", length: 70_001 },
    ]);
    const storage = openDisk().openStorage(sample.spec(folder));
    const order = [3, 0, 5, 1, 4, 2];
    expect(order.length).toBe(sample.layout.pieceCount);
    const results = await Promise.all(order.map((piece) => store(storage, piece, sample.piece(piece))));
    expect(results.every((result) => result.kind === "stored")).toBe(true);
    await storage.close();
    expect(sample.filesRightIn(folder)).toEqual([0, 1, 2, 3, 4]);
  });

  test("a piece with a wrong hash is never written", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "file", length: 40_000 }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    const corrupt = sample.piece(1).slice();
    corrupt[7] = (corrupt[7] as number) ^ 1;
    expect(await store(storage, 1, corrupt)).toEqual({ kind: "wrong-hash" });
    expect(readdirSync(folder)).toEqual([]);
    expect(await store(storage, 0, sample.piece(0))).toEqual({ kind: "stored" });
    expect(await store(storage, 1, corrupt)).toEqual({ kind: "wrong-hash" });
    expect(readFileSync(join(folder, "file")).subarray(16 * KIB)).toEqual(Buffer.alloc(40_000 - 16 * KIB));
  });

  test("a piece is on disk by the time it is reported", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(64 * KIB, [{ path: "file", length: 64 * KIB }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    const slab = storage.reserve(64 * KIB) as Slab;
    slab.bytes.set(sample.piece(0));
    const seen = await new Promise<Buffer>((resolve) => {
      storage.storePiece(0, slab, () => resolve(readFileSync(join(folder, "file"))));
    });
    expect(seen.equals(sample.content)).toBe(true);
  });

  test("a file is made at its full length, and takes no space for what is not there", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(64 * KIB, [{ path: "large", length: 16 * MIB }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    await store(storage, 200, sample.piece(200));
    const stats = statSync(join(folder, "large"));
    expect(stats.size).toBe(16 * MIB);
    expect(stats.blocks * 512).toBeLessThan(MIB);
  });

  test("a longer file that stood in its place is cut to its length", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "file", length: 20_000 }]);
    writeFileSync(join(folder, "file"), Buffer.alloc(50_000, 1));
    const storage = openDisk().openStorage(sample.spec(folder));
    await storeAll(storage, sample);
    expect(sample.filesRightIn(folder)).toEqual([0]);
  });

  test("padding is hashed and never written", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(32 * KIB, [
      { path: "a", length: 1000 },
      { path: ".pad/31768", length: 31_768, isPadding: true },
      { path: "b", length: 40_000 },
    ]);
    const storage = openDisk().openStorage(sample.spec(folder));
    await storeAll(storage, sample);
    expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
    expect(sample.filesRightIn(folder)).toEqual([0, 2]);
  });

  test("opening a storage makes nothing", async () => {
    const folder = join(temporaryFolder(), "not", "yet");
    const sample = new Sample(16 * KIB, [{ path: "file", length: 10 }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    expect(await storage.stat()).toEqual([undefined]);
    expect(existsSync(folder)).toBe(false);
    await storeAll(storage, sample);
    expect(sample.filesRightIn(folder)).toEqual([0]);
  });

  test("a piece longer than a slab is written in parts and verified from disk", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(6 * MIB, [
      { path: "a", length: 5 * MIB },
      { path: "b", length: 2 * MIB },
    ]);
    const storage = openDisk().openStorage(sample.spec(folder));
    const writePiece = async (piece: number, bytes: Uint8Array) => {
      for (let begin = 0; begin < bytes.length; begin += 4 * MIB) {
        const part = bytes.subarray(begin, begin + 4 * MIB);
        await writePart(storage, piece, begin, part);
      }
    };
    const verify = (piece: number) => new Promise<StoreResult>((resolve) => storage.verifyPiece(piece, resolve));
    const corrupt = sample.piece(0).slice();
    corrupt[5 * MIB] = (corrupt[5 * MIB] as number) ^ 0x80;
    await writePiece(0, corrupt);
    expect(await verify(0)).toEqual({ kind: "wrong-hash" });
    await writePiece(0, sample.piece(0));
    expect(await verify(0)).toEqual({ kind: "stored" });
    await writePiece(1, sample.piece(1));
    expect(await verify(1)).toEqual({ kind: "stored" });
    expect(sample.filesRightIn(folder)).toEqual([0, 1]);
  });

  test("many more files than may be open at a time are all written, from both workers", async () => {
    const folder = temporaryFolder();
    const files = Array.from({ length: 700 }, (_, i) => ({ path: `d${i % 7}/f${i}`, length: 1 + ((i * 37) % 500) }));
    const sample = new Sample(16 * KIB, files);
    const storage = openDisk().openStorage(sample.spec(folder));
    const pieces = Array.from({ length: sample.layout.pieceCount }, (_, piece) => piece);
    await Promise.all(pieces.map((piece) => store(storage, piece, sample.piece(piece))));
    expect(await storage.flush()).toBeUndefined();
    expect(sample.filesRightIn(folder).length).toBe(700);
  });

  test("the pool is bounded, and a slab released while it is written stays untouched until it was", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(MIB, [{ path: "file", length: 4 * MIB }]);
    const storage = openDisk({ poolBytes: 4 * MIB }).openStorage(sample.spec(folder));
    const slabs = Array.from({ length: 4 }, () => storage.reserve(MIB) as Slab);
    expect(storage.reserve(1)).toBeUndefined();
    const results = slabs.map((slab, piece) => {
      slab.bytes.set(sample.piece(piece));
      const result = new Promise<StoreResult>((resolve) => storage.storePiece(piece, slab, resolve));
      storage.release(slab);
      return result;
    });
    expect(storage.reserve(1)).toBeUndefined();
    expect((await Promise.all(results)).map((result) => result.kind)).toEqual(Array(4).fill("stored"));
    expect(storage.reserve(4 * MIB)?.length).toBe(4 * MIB);
    expect(sample.filesRightIn(folder)).toEqual([0]);
  });

  test("closing waits for what is under way", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(MIB, [{ path: "file", length: 6 * MIB }]);
    const disk = openDisk();
    const storage = disk.openStorage(sample.spec(folder));
    const kinds: string[] = [];
    for (let piece = 0; piece < 6; piece++) {
      void store(storage, piece, sample.piece(piece)).then(({ kind }) => kinds.push(kind));
    }
    expect(disk.queueLength).toBe(6);
    await disk.close();
    expect(kinds).toEqual(Array(6).fill("stored"));
    expect(sample.filesRightIn(folder)).toEqual([0]);
  });

  test("a path that leaves the folder is refused before anything is opened", () => {
    const disk = openDisk();
    for (const path of ["../up", "a/../../b", "a//b", "..", "a\\b", "a\0b"]) {
      const sample = new Sample(16 * KIB, [{ path, length: 10 }]);
      expect(() => disk.openStorage(sample.spec("/nowhere"))).toThrow("may not be called");
    }
  });
});

describe("a file that changes under us", () => {
  test("is not made anew when it was deleted, but named; after a check it is", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "file", length: 40_000 }]);
    const storage = openDisk({ workers: 1 }).openStorage(sample.spec(folder));
    await store(storage, 0, sample.piece(0));
    rmSync(join(folder, "file"));
    const result = await store(storage, 1, sample.piece(1));
    expect(result).toMatchObject({ kind: "fault", fault: { kind: "missing-file", path: join(folder, "file") } });
    expect(existsSync(join(folder, "file"))).toBe(false);
    const right = await new Promise((resolve) => {
      const found: number[] = [];
      storage.check(
        sample.allPieces,
        (piece, isRight) => isRight && found.push(piece),
        () => resolve(found),
      );
    });
    expect(right).toEqual([]);
    await storeAll(storage, sample);
    expect(sample.filesRightIn(folder)).toEqual([0]);
  });

  test("is not filled with holes when it was cut short", async () => {
    const folder = temporaryFolder();
    const sample = new Sample(16 * KIB, [{ path: "file", length: 40_000 }]);
    const storage = openDisk().openStorage(sample.spec(folder));
    await store(storage, 0, sample.piece(0));
    truncateSync(join(folder, "file"), 100);
    const result = await store(storage, 1, sample.piece(1));
    expect(result).toMatchObject({ kind: "fault", fault: { kind: "missing-file" } });
    expect(statSync(join(folder, "file")).size).toBe(100);
  });
});

function writePart(storage: Storage, piece: number, begin: number, bytes: Uint8Array): Promise<void> {
  const slab = storage.reserve(bytes.length) as Slab;
  slab.bytes.set(bytes);
  return new Promise((resolve, reject) => {
    storage.writePart(piece, begin, bytes.length, slab, (result) => {
      storage.release(slab);
      if (result.kind === "stored") resolve();
      else reject(new Error(JSON.stringify(result)));
    });
  });
}
