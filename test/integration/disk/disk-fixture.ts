import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import type { Bitfield } from "../../../core/model/bitfield.ts";
import type { PieceIndex } from "../../../core/model/units.ts";
import {
  type BlockRead,
  Disk,
  type DiskFault,
  type DiskOptions,
  type Storage,
  type StoreResult,
} from "../../../core/runtime/disk/disk.ts";
import { Sample } from "./sample.ts";

/** The built worker: threads of Node 20 can't load the sources. */
export const WORKER_FILE = pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js"));

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "peerscope-disk-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk that is closed after the test. */
export function openDisk(options: Partial<DiskOptions> = {}): Disk {
  if (!existsSync(WORKER_FILE)) throw new Error("dist/disk-worker.js is not built: npm run build");
  const disk = new Disk({ workerFile: WORKER_FILE, ...options });
  onTestFinished(() => disk.close());
  return disk;
}

export { Sample };

export function store(storage: Storage, piece: PieceIndex, bytes: Uint8Array): Promise<StoreResult> {
  const slab = storage.reserve(bytes.length);
  if (!slab) throw new Error("the pool is full");
  slab.bytes.set(bytes);
  return new Promise((resolve) => {
    storage.storePiece(piece, slab, (result) => {
      storage.release(slab);
      resolve(result);
    });
  });
}

export async function storeAll(storage: Storage, sample: Sample): Promise<void> {
  for (let piece = 0; piece < sample.layout.pieceCount; piece++) {
    const result = await store(storage, piece, sample.piece(piece));
    if (result.kind !== "stored") throw new Error(JSON.stringify(result));
  }
}

/** A copy of the block, or the fault. */
export function readBlock(
  storage: Storage,
  piece: PieceIndex,
  begin: number,
  length: number,
): Promise<Uint8Array | DiskFault> {
  return new Promise((resolve) => {
    storage.readBlock(piece, begin, length, (result: BlockRead) => {
      if (result.kind === "fault") resolve(result.fault);
      else {
        resolve(result.bytes.slice());
        result.release();
      }
    });
  });
}

/** Which of the pieces are right on disk, or the fault. */
export function check(storage: Storage, pieces: Bitfield): Promise<number[] | DiskFault> {
  return new Promise((resolve) => {
    const right: number[] = [];
    storage.check(
      pieces,
      (piece, isRight) => {
        if (isRight) right.push(piece);
      },
      (fault) => resolve(fault ?? right.sort((a, b) => a - b)),
    );
  });
}

export function faultIn(result: unknown): DiskFault {
  const fault = (result as { fault?: DiskFault }).fault ?? (result as DiskFault);
  if (typeof fault.advice !== "string") throw new Error(`no fault in ${Object.prototype.toString.call(result)}`);
  return fault;
}
