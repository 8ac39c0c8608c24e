import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { FileLayout, PieceLayout } from "../../../core/model/layout.ts";
import { randomBytes, seededRandom } from "../../../core/model/random.ts";
import type { PieceIndex } from "../../../core/model/units.ts";
import {
  type BlockRead,
  Disk,
  type DiskFault,
  type DiskOptions,
  type Storage,
  type StorageSpec,
  type StoreResult,
} from "../../../core/runtime/disk/disk.ts";

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

interface FileSketch {
  /** `/` between parts. */
  readonly path: string;
  readonly length: number;
  readonly isPadding?: boolean;
}

/** A torrent with random content of its own. */
export class Sample {
  readonly content: Uint8Array;
  readonly layout: PieceLayout;
  readonly fileLayout: FileLayout;
  readonly files: StorageSpec["files"];
  readonly pieceHashes: Uint8Array;

  constructor(pieceLength: number, files: readonly FileSketch[], seed = 1) {
    this.files = files.map(({ path, length, isPadding = false }) => ({ path: path.split("/"), length, isPadding }));
    this.fileLayout = new FileLayout(this.files);
    this.layout = new PieceLayout(
      files.reduce((sum, file) => sum + file.length, 0),
      pieceLength,
    );
    this.content = randomBytes(seededRandom(seed), this.layout.totalLength);
    this.files.forEach((file, index) => {
      if (file.isPadding) this.#rangeOf(index).fill(0);
    });
    this.pieceHashes = new Uint8Array(20 * this.layout.pieceCount);
    for (let piece = 0; piece < this.layout.pieceCount; piece++) {
      this.pieceHashes.set(createHash("sha1").update(this.piece(piece)).digest(), 20 * piece);
    }
  }

  get allPieces(): Bitfield {
    return Bitfield.full(this.layout.pieceCount);
  }

  spec(folder: string): StorageSpec {
    const { files, layout, fileLayout, pieceHashes } = this;
    return { folder, files, layout, fileLayout, pieceHashes };
  }

  piece(piece: PieceIndex): Uint8Array {
    const start = this.layout.pieceOffset(piece);
    return this.content.subarray(start, start + this.layout.lengthOf(piece));
  }

  contentOf(file: number): Uint8Array {
    return this.#rangeOf(file);
  }

  /** Writes the files without any of our code. */
  writeTo(folder: string): void {
    this.files.forEach((file, index) => {
      if (file.isPadding) return;
      const path = join(folder, ...file.path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, this.#rangeOf(index));
    });
  }

  /** Indexes of the files that are on disk as they should be. */
  filesRightIn(folder: string): number[] {
    return this.files.flatMap((file, index) => {
      const path = join(folder, ...file.path);
      const isRight = !file.isPadding && existsSync(path) && readFileSync(path).equals(this.#rangeOf(index));
      return isRight ? [index] : [];
    });
  }

  #rangeOf(file: number): Uint8Array {
    const start = this.fileLayout.starts[file] as number;
    return this.content.subarray(start, start + (this.files[file]?.length ?? 0));
  }
}

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
