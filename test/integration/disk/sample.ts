import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { FileLayout, PieceLayout } from "../../../core/model/layout.ts";
import { randomBytes, seededRandom } from "../../../core/model/random.ts";
import type { PieceIndex } from "../../../core/model/units.ts";
import type { StorageSpec } from "../../../core/runtime/disk/disk.ts";

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
    return { folder, files, layout, fileLayout, pieceHashes, hashing: "sha1" };
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
