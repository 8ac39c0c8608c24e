import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { MIB } from "../../../core/model/units.ts";
import type { Slab, Storage, StorageSpec } from "../../../core/runtime/disk/disk.ts";
import { pseudoRandomBytes } from "../../setup/payload.ts";
import { v2Torrent } from "../../setup/v2-torrent.ts";
import { parsed } from "../../unit/metainfo/torrents.ts";
import { openDisk, store, temporaryFolder } from "./disk-fixture.ts";

const KIB = 1024;
const files = [
  { path: "a", bytes: pseudoRandomBytes(100_000, 1) },
  { path: "b/empty", bytes: Buffer.alloc(0) },
  { path: "b/small", bytes: pseudoRandomBytes(77, 2) },
  { path: "c", bytes: pseudoRandomBytes(9 * MIB + 5, 3).subarray(0, 9 * MIB + 5) },
];

/** A v2 torrent, and what of its bytes is in each piece. */
function sample(pieceLength: number) {
  const metainfo = parsed(v2Torrent("album", pieceLength, files));
  const { layout } = metainfo;
  const whole = new Uint8Array(metainfo.totalLength);
  let next = 0;
  metainfo.files.forEach((file, index) => {
    if (!file.isPadding) whole.set(files[next++]?.bytes ?? [], metainfo.fileLayout.starts[index]);
  });
  const piece = (index: number) =>
    whole.subarray(layout.pieceOffset(index), layout.pieceOffset(index) + layout.lengthOf(index));
  return { metainfo, piece, whole };
}

const specOf = ({ files: listed, layout, fileLayout, pieceHashes }: Metainfo, folder: string): StorageSpec => ({
  ...{ folder, files: listed, layout, fileLayout, pieceHashes },
  hashing: "tree",
});

function check(storage: Storage, pieceCount: number): Promise<number[]> {
  const wrong: number[] = [];
  return new Promise((resolve, reject) => {
    storage.check(
      Bitfield.full(pieceCount),
      (piece, isRight) => {
        if (!isRight) wrong.push(piece);
      },
      (fault) => (fault === undefined ? resolve(wrong.sort((a, b) => a - b)) : reject(new Error(fault.cause))),
    );
  });
}

describe("the pieces of a v2 torrent", () => {
  test.each([16 * KIB, 64 * KIB, 2 * MIB])(
    "of %i bytes arrive byte for byte in any order, and are found again",
    async (length) => {
      const folder = temporaryFolder();
      const { metainfo, piece } = sample(length);
      const storage = openDisk().openStorage(specOf(metainfo, folder));
      for (let index = metainfo.pieceCount - 1; index >= 0; index--) {
        expect(await store(storage, index, piece(index))).toEqual({ kind: "stored" });
      }
      expect(await check(storage, metainfo.pieceCount)).toEqual([]);
      await storage.close();
      for (const { path, bytes } of files) expect(readFileSync(join(folder, "album", path)).equals(bytes)).toBe(true);
    },
  );

  test("are not written when a byte is wrong", async () => {
    const folder = temporaryFolder();
    const { metainfo, piece } = sample(64 * KIB);
    const storage = openDisk().openStorage(specOf(metainfo, folder));
    for (const index of [0, 1, 2, metainfo.pieceCount - 1]) {
      const spoilt = piece(index).slice();
      const last = spoilt.length - 1;
      spoilt[last] = (spoilt[last] as number) ^ 1;
      expect(await store(storage, index, spoilt)).toEqual({ kind: "wrong-hash" });
    }
  });

  test("are found wrong on the disk where they are, and nowhere else", async () => {
    const folder = temporaryFolder();
    const { metainfo } = sample(64 * KIB);
    mkdirSync(join(folder, "album", "b"), { recursive: true });
    for (const { path, bytes } of files) writeFileSync(join(folder, "album", path), bytes);
    const spoilt = Buffer.from(files[3]?.bytes ?? []);
    spoilt[65 * KIB] = (spoilt[65 * KIB] as number) ^ 1;
    writeFileSync(join(folder, "album", "c"), spoilt);
    const storage = openDisk().openStorage(specOf(metainfo, folder));
    // Two pieces of the first file, one of the small one, and the second of the long one.
    expect(await check(storage, metainfo.pieceCount)).toEqual([4]);
  });

  test("that are too long for memory are written in parts, and verified from the disk", async () => {
    const folder = temporaryFolder();
    const { metainfo, piece } = sample(8 * MIB);
    const storage = openDisk().openStorage(specOf(metainfo, folder));
    const long = 2;
    for (const begin of [4 * MIB, 0]) {
      const slab = storage.reserve(4 * MIB) as Slab;
      slab.bytes.set(piece(long).subarray(begin, begin + 4 * MIB));
      const written = await new Promise((resolve) => storage.writePart(long, begin, 4 * MIB, slab, resolve));
      expect(written).toEqual({ kind: "stored" });
      storage.release(slab);
    }
    const verified = await new Promise((resolve) => storage.verifyPiece(long, resolve));
    expect(verified).toEqual({ kind: "stored" });
  });

  test("are read as the leaves of their blocks", async () => {
    const folder = temporaryFolder();
    const { metainfo, piece } = sample(64 * KIB);
    const storage = openDisk().openStorage(specOf(metainfo, folder));
    await store(storage, 1, piece(1));
    const read = (index: number) =>
      new Promise<Uint8Array | undefined>((resolve) =>
        storage.readLeaves(index, metainfo.layout.lengthOf(index), resolve),
      );
    // Nothing of its file is there.
    expect(await read(3)).toBeUndefined();
    const blocks = [0, 1, 2].map((at) => piece(1).subarray(at * 16 * KIB, (at + 1) * 16 * KIB));
    const leaves = Buffer.concat(blocks.map((bytes) => createHash("sha256").update(bytes).digest()));
    expect(Buffer.compare((await read(1)) as Uint8Array, leaves)).toBe(0);
  });

  test("are read with the zeros behind them", async () => {
    const folder = temporaryFolder();
    const { metainfo, piece, whole } = sample(64 * KIB);
    const storage = openDisk().openStorage(specOf(metainfo, folder));
    const last = metainfo.pieceCount - 1;
    await store(storage, last, piece(last));
    const bytes = await new Promise<Uint8Array>((resolve, reject) => {
      storage.readBlock(last, 0, 16 * KIB, (read) => {
        if (read.kind === "fault") return reject(new Error(read.fault.cause));
        resolve(read.bytes.slice());
        read.release();
      });
    });
    expect(metainfo.layout.lengthOf(last)).toBe(5);
    expect(Buffer.compare(bytes, whole.subarray(metainfo.layout.pieceOffset(last)).subarray(0, 16 * KIB))).toBe(0);
  });
});
