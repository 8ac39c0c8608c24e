import { fsync, ftruncateSync, lstatSync, readSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { FileLayout, PieceLayout, shortPieces } from "../../model/layout.ts";
import { leavesOf } from "../../model/merkle.ts";
import { DiskProblem, errorCode, problemOf } from "./disk-fault.ts";
import { FILE_KNOWN, type StorageOpening } from "./disk-orders.ts";
import type { FileHandles, Handle } from "./file-handles.ts";
import { newPieceHash, PIECE_HASH_LENGTH, sha256 } from "./piece-hash.ts";
import { walkFolders } from "./safe-open.ts";

/** Files are read for hashing in such stretches: long enough for the disk, short enough for the processor's cache. */
const READ_LENGTH = 256 * 1024;
/**
 * Files are written in such stretches. Linux gives a longer one large folios of page cache, which a virtual machine often
 * has to be given by its host first: three to five times the processor time of pages that were just in use.
 */
const WRITE_LENGTH = 32 * 1024;
const scratch = Buffer.allocUnsafeSlow(READ_LENGTH);

/** One torrent's files as a worker sees them. Everything is synchronous but flushing. */
export class WorkerStorage {
  readonly opening: StorageOpening;
  readonly #files: FileHandles;
  readonly #pieces: PieceLayout;
  readonly #layout: FileLayout;
  /** Written by this worker since the last flush. */
  #dirtyFiles = new Set<number>();
  #dirtyFolders = new Set<string>();

  constructor(opening: StorageOpening, files: FileHandles) {
    this.opening = opening;
    this.#files = files;
    const laid = Array.from(opening.lengths, (length, file) => ({ length, isPadding: this.#isPadding(file) }));
    this.#layout = new FileLayout(laid);
    const { totalLength, pieceLength, hashing } = opening;
    const short = hashing === "tree" ? shortPieces(laid, pieceLength) : undefined;
    this.#pieces = new PieceLayout(totalLength, pieceLength, short);
  }

  /** @returns False, and nothing written, when the bytes hash to something else. */
  store(piece: number, memory: SharedArrayBuffer, at: number, hash: Uint8Array): boolean {
    const bytes = new Uint8Array(memory, at, this.#pieces.lengthOf(piece));
    const sum = this.#newHash(piece);
    sum.update(bytes);
    if (!isHash(sum.digest(), hash)) return false;
    this.write(this.#pieces.pieceOffset(piece), bytes);
    return true;
  }

  write(offset: number, bytes: Uint8Array): void {
    let done = 0;
    for (const { fileIndex, fileOffset, length } of this.#layout.spans(offset, bytes.length)) {
      if (!this.#isPadding(fileIndex)) {
        const handle = this.#files.toWrite(this.opening, fileIndex);
        this.#dirtyFiles.add(fileIndex);
        writeAll(handle, bytes.subarray(done, done + length), fileOffset);
      }
      done += length;
    }
  }

  read(offset: number, bytes: Uint8Array): void {
    let done = 0;
    for (const { fileIndex, fileOffset, length } of this.#layout.spans(offset, bytes.length)) {
      const part = bytes.subarray(done, done + length);
      if (this.#isPadding(fileIndex)) part.fill(0);
      else readAll(this.#files.toRead(this.opening, fileIndex, fileOffset + length), part, fileOffset);
      done += length;
    }
  }

  /** @returns 1 for a right piece; 0 for a wrong one, and for one that is not wholly there unless it must exist. */
  verify(first: number, hashes: Uint8Array, mustExist: boolean): Uint8Array {
    const hashLength = PIECE_HASH_LENGTH[this.opening.hashing];
    const right = new Uint8Array(hashes.length / hashLength);
    for (let index = 0; index < right.length; index++) {
      try {
        const hash = hashes.subarray(index * hashLength, (index + 1) * hashLength);
        const isRight = isHash(this.#hashOf(first + index), hash);
        right[index] = isRight ? 1 : 0;
        if (isRight) this.#cutTails(first + index);
      } catch (error) {
        const isAbsent = error instanceof DiskProblem && error.kind === "missing-file";
        if (mustExist || !isAbsent) throw error;
      }
    }
    return right;
  }

  leaves(piece: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.read(this.#pieces.pieceOffset(piece), bytes);
    return leavesOf(bytes, sha256);
  }

  makeEmpty(): void {
    for (let file = 0; file < this.opening.lengths.length; file++) {
      if (this.opening.lengths[file] === 0 && !this.#isPadding(file)) this.#files.toWrite(this.opening, file);
    }
  }

  /** Size and modification time (ms) of every file, size −1 for one that is not there. */
  stat(): Float64Array {
    const stamps = new Float64Array(2 * this.opening.lengths.length).fill(-1);
    for (let file = 0; file < this.opening.lengths.length; file++) {
      if (this.#isPadding(file)) continue;
      const stats = statOrAbsent(this.#path(file));
      if (!stats?.isFile()) continue;
      stamps[2 * file] = stats.size;
      stamps[2 * file + 1] = stats.mtimeMs;
    }
    return stamps;
  }

  /** Waits without holding the worker: others' pieces are hashed and written meanwhile. */
  async flush(everything: boolean): Promise<void> {
    const files = this.#dirtyFiles;
    if (everything) this.opening.known.forEach((isKnown, file) => isKnown !== FILE_KNOWN.not && files.add(file));
    const folders = this.#dirtyFolders;
    this.#dirtyFiles = new Set();
    this.#dirtyFolders = new Set();
    try {
      // One at a time: all threads share the four of Node's pool, and others must not wait for a slow disk.
      for (const file of files) {
        const handle = this.#files.toWrite(this.opening, file);
        this.#files.pin(handle);
        await flushFile(handle).finally(() => this.#files.unpin(handle));
      }
      for (const folder of folders) await flushFolder(folder);
    } catch (error) {
      for (const file of files) this.#dirtyFiles.add(file);
      for (const folder of folders) this.#dirtyFolders.add(folder);
      throw error;
    }
  }

  folderChanged(folder: string): void {
    this.#dirtyFolders.add(folder);
  }

  /** Deletes the torrent's own files, then its folders as far as they are empty, deepest first. */
  removeData(): void {
    let problem: DiskProblem | undefined;
    const folders = new Set<string>();
    for (let file = 0; file < this.opening.paths.length; file++) {
      if (this.#isPadding(file)) continue;
      const parts = (this.opening.paths[file] as string).split("/");
      parts.pop();
      try {
        walkFolders(this.opening.folder, parts, { toWrite: true, mayCreate: false });
        if (statOrAbsent(this.#path(file))?.isFile()) unlinkSync(this.#path(file));
        for (; parts.length > 0; parts.pop()) folders.add(parts.join("/"));
      } catch (error) {
        const found = problemOf(error, this.#path(file));
        if (found.kind !== "missing-file") problem ??= found;
      }
    }
    const deepestFirst = [...folders].sort((a, b) => b.split("/").length - a.split("/").length);
    for (const folder of deepestFirst) {
      const path = join(this.opening.folder, folder);
      try {
        rmdirSync(path);
      } catch (error) {
        // Not empty: somebody else's files are in it, and they stay.
        if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(errorCode(error) ?? "")) problem ??= problemOf(error, path);
      }
    }
    if (problem) throw problem;
  }

  close(): void {
    this.#files.closeStorage(this.opening);
  }

  #newHash(piece: number) {
    return newPieceHash(this.opening.hashing, piece, this.#pieces, this.#layout);
  }

  #hashOf(piece: number): Uint8Array {
    const hash = this.#newHash(piece);
    let offset = this.#pieces.pieceOffset(piece);
    let rest = this.#pieces.lengthOf(piece);
    while (rest > 0) {
      const part = scratch.subarray(0, Math.min(READ_LENGTH, rest));
      this.read(offset, part);
      hash.update(part);
      offset += part.length;
      rest -= part.length;
    }
    return hash.digest();
  }

  /**
   * A file whose last piece is right but which goes on after it would never be written to again, and so would
   * never become what the torrent says. Where we may not write, it is served as it is.
   */
  #cutTails(piece: number): void {
    for (const span of this.#layout.spans(this.#pieces.pieceOffset(piece), this.#pieces.lengthOf(piece))) {
      const { fileIndex } = span;
      const length = this.opening.lengths[fileIndex] as number;
      if (span.fileOffset + span.length < length || this.#isPadding(fileIndex)) continue;
      if ((statOrAbsent(this.#path(fileIndex))?.size ?? 0) <= length) continue;
      try {
        ftruncateSync(this.#files.toWrite(this.opening, fileIndex).fd, length);
        this.#dirtyFiles.add(fileIndex);
      } catch (error) {
        const { kind } = problemOf(error, this.#path(fileIndex));
        if (kind !== "read-only" && kind !== "no-permission") throw error;
      }
    }
  }

  #isPadding(file: number): boolean {
    return this.opening.padding[file] === 1;
  }

  #path(file: number): string {
    return join(this.opening.folder, this.opening.paths[file] as string);
  }
}

function isHash(digest: Uint8Array, hash: Uint8Array): boolean {
  return Buffer.compare(digest, hash) === 0;
}

function writeAll(handle: Handle, bytes: Uint8Array, offset: number): void {
  try {
    for (let done = 0; done < bytes.length; ) {
      const stretch = Math.min(WRITE_LENGTH, bytes.length - done);
      const written = writeSync(handle.fd, bytes, done, stretch, offset + done);
      if (written === 0) throw new DiskProblem("io", handle.path, "nothing was written, and no reason given");
      done += written;
    }
  } catch (error) {
    throw problemOf(error, handle.path);
  }
}

function readAll(handle: Handle, bytes: Uint8Array, offset: number): void {
  try {
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(handle.fd, bytes, done, bytes.length - done, offset + done);
      if (read === 0) throw new DiskProblem("missing-file", handle.path, "the file ended while it was read");
      done += read;
    }
  } catch (error) {
    throw problemOf(error, handle.path);
  }
}

function statOrAbsent(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw problemOf(error, path);
  }
}

function flushFile(handle: Handle): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(handle.fd, (error) => (error ? reject(problemOf(error, handle.path)) : resolve()));
  });
}

/** The entry of a new file is its folder's content. Windows has no such call and needs none. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    throw problemOf(error, path);
  }
}
