import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FileLayout, PieceLayout } from "../../core/model/layout.ts";
import { BLOCK_LENGTH, MIB } from "../../core/model/units.ts";
import { Disk, type Storage } from "../../core/runtime/disk/disk.ts";

/**
 * What hashing, writing and reading a gibibyte cost in processor time, per piece length.
 * Usage: node disk.js [path of disk-worker.js] [folder to write in]
 */

const TOTAL = 1024 * MIB;
const workerFile = pathToFileURL(resolve(process.argv[2] ?? "dist/disk-worker.js"));
const base = process.argv[3] ?? tmpdir();
const workers = Number(process.argv[4] ?? 2);

async function measure(name: string, act: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  await act();
  const { user, system } = process.cpuUsage(before);
  const wall = (performance.now() - started) / 1000;
  const resident = process.memoryUsage().rss / MIB;
  const cost = (((user + system) / 1e6) * 1024 * MIB) / TOTAL;
  const parts = `user ${(user / 1e6).toFixed(2)}, system ${(system / 1e6).toFixed(2)}`;
  console.log(
    `${name.padEnd(34)} ${cost.toFixed(2)} CPU-s/GiB (${parts}), wall ${wall.toFixed(2)} s, ${resident.toFixed(0)} MiB`,
  );
}

/** The least it can cost: the same calls on one thread, with nothing around them. */
async function bare(folder: string, content: Uint8Array, count: number): Promise<void> {
  const fd = openSync(join(folder, "bench.bin"), "r+");
  for (let piece = 0; piece < count; piece++) {
    createHash("sha1").update(content).digest();
    writeSync(fd, content, 0, content.length, piece * content.length);
  }
  closeSync(fd);
}

function spec(folder: string, pieceLength: number, content: Uint8Array) {
  const layout = new PieceLayout(TOTAL, pieceLength);
  const hash = createHash("sha1").update(content).digest();
  const pieceHashes = new Uint8Array(20 * layout.pieceCount);
  for (let piece = 0; piece < layout.pieceCount; piece++) pieceHashes.set(hash, 20 * piece);
  const files = [{ path: ["bench.bin"], length: TOTAL, isPadding: false }];
  return { folder, files, layout, fileLayout: new FileLayout(files), pieceHashes, hashing: "sha1" as const };
}

/** As the network would bring them, a few at a time, in slabs that are warm. */
function storeAll(storage: Storage, content: Uint8Array, count: number): Promise<void> {
  return new Promise((done, fail) => {
    let next = 0;
    let stored = 0;
    const atOnce = Math.max(4, Math.min(64, (8 * MIB) / content.length));
    const one = () => {
      if (next === count) return;
      const piece = next++;
      const slab = storage.reserve(content.length);
      if (!slab) throw new Error("the pool is full");
      if (piece < atOnce) slab.bytes.set(content);
      storage.storePiece(piece, slab, (result) => {
        storage.release(slab);
        if (result.kind !== "stored") fail(new Error(JSON.stringify(result)));
        stored++;
        if (stored === count) done();
        else one();
      });
    };
    for (let i = 0; i < atOnce; i++) one();
  });
}

function readAll(storage: Storage, layout: PieceLayout): Promise<void> {
  return new Promise((done, fail) => {
    let block = 0;
    let read = 0;
    const count = TOTAL / BLOCK_LENGTH;
    const one = () => {
      if (block === count) return;
      const offset = block++ * BLOCK_LENGTH;
      storage.readBlock(
        Math.floor(offset / layout.pieceLength),
        offset % layout.pieceLength,
        BLOCK_LENGTH,
        (result) => {
          if (result.kind === "fault") return fail(new Error(result.fault.cause));
          result.release();
          read++;
          if (read === count) done();
          else if (read % 64 === 0)
            setImmediate(() => {
              for (let i = 0; i < 64; i++) one();
            });
        },
      );
    };
    for (let i = 0; i < 128; i++) one();
  });
}

for (const pieceLength of [1024 * 1024, 4 * MIB, 256 * 1024, 64 * 1024, 16 * 1024]) {
  const folder = mkdtempSync(join(base, "peerscope-bench-"));
  const disk = new Disk({ workerFile, workers });
  try {
    const content = new Uint8Array(pieceLength).map((_, i) => i * 7);
    const { layout, ...rest } = spec(folder, pieceLength, content);
    const storage = disk.openStorage({ layout, ...rest });
    const size = `${pieceLength / 1024} KiB pieces`;
    // The first time the system finds memory for its cache, at a price that is not ours and varies tenfold.
    await measure(`first write, ${size}`, () => storeAll(storage, content, layout.pieceCount));
    for (let round = 0; round < 3; round++) {
      await measure(`hash and write, ${size}`, () => storeAll(storage, content, layout.pieceCount));
      await measure(`bare calls, ${size}`, () => bare(folder, content, layout.pieceCount));
    }
    await measure(`serve in order, ${size}`, () => readAll(storage, layout));
    await storage.close();
  } finally {
    await disk.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
