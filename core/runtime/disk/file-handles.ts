import { closeSync, ftruncateSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { DiskProblem, problemOf } from "./disk-fault.ts";
import { FILE_KNOWN, type StorageOpening } from "./disk-orders.ts";
import { openInside } from "./safe-open.ts";

/** Open files a worker: far below the usual limit of 1024 a process, sockets need the rest. */
const MOST_OPEN = 128;
/** More files than any torrent may list, so that storage and file make one number. */
const FILES_PER_STORAGE = 2 ** 21;
const LOST = "the file was deleted, replaced or cut short while in use";

export interface Handle {
  readonly fd: number;
  readonly path: string;
  readonly isWritable: boolean;
  readonly device: number;
  readonly inode: number;
  /** Operations under way that outlast a call; closed after the last. */
  pins: number;
  isDropped: boolean;
}

/**
 * A worker's open files, the least recently used first to be closed.
 *
 * Every use looks at the path again (2 µs): a file that was deleted, replaced or cut short under us is found out
 * before its bytes are believed, and before we write into what nobody will ever see.
 */
export class FileHandles {
  readonly #handles = new Map<number, Handle>();
  readonly #folderChanged: (storage: number, folder: string) => void;

  constructor(folderChanged: (storage: number, folder: string) => void) {
    this.#folderChanged = folderChanged;
  }

  /**
   * To read up to `end`.
   * @throws DiskProblem `missing-file` when the file is not there or too short.
   */
  toRead(opening: StorageOpening, file: number, end: number): Handle {
    const wasSeen = opening.known[file] === FILE_KNOWN.seen;
    const { handle, size } = this.#current(opening, file, false);
    if (size === opening.lengths[file]) opening.known[file] = FILE_KNOWN.seen;
    else if (size < end) throw lost(opening, file, wasSeen, handle.path, cutShort(size, end));
    return handle;
  }

  /** To write: made at its full length (sparse where the file system can) unless it was seen before. */
  toWrite(opening: StorageOpening, file: number): Handle {
    // Before the look: another worker may be making the file, and its size is only right once it is known as seen.
    const wasSeen = opening.known[file] === FILE_KNOWN.seen;
    const { handle, size } = this.#current(opening, file, true);
    const length = opening.lengths[file] as number;
    if (wasSeen) {
      if (size < length) throw lost(opening, file, wasSeen, handle.path, cutShort(size, length));
      return handle;
    }
    try {
      // Longer or shorter: the file is what the torrent says.
      if (size !== length) ftruncateSync(handle.fd, length);
    } catch (error) {
      throw problemOf(error, handle.path);
    }
    opening.known[file] = FILE_KNOWN.seen;
    return handle;
  }

  pin(handle: Handle): void {
    handle.pins++;
  }

  unpin(handle: Handle): void {
    handle.pins--;
    if (handle.isDropped && handle.pins === 0) closeSync(handle.fd);
  }

  closeStorage(opening: StorageOpening): void {
    for (const key of [...this.#handles.keys()]) {
      if (Math.floor(key / FILES_PER_STORAGE) === opening.storage) this.#drop(key);
    }
  }

  closeAll(): void {
    for (const key of [...this.#handles.keys()]) this.#drop(key);
  }

  #find(opening: StorageOpening, file: number, toWrite: boolean): Handle {
    if (opening.known[file] === FILE_KNOWN.lost) throw lost(opening, file, false, pathOf(opening, file), LOST);
    const key = keyOf(opening, file);
    const found = this.#handles.get(key);
    if (found) this.#handles.delete(key);
    if (found && (found.isWritable || !toWrite)) {
      this.#handles.set(key, found);
      return found;
    }
    if (found) this.#close(found);
    const mayCreate = toWrite && opening.known[file] === FILE_KNOWN.not;
    const opened = openInside(opening.folder, opening.paths[file] as string, {
      toWrite,
      mayCreate,
      folderChanged: (folder) => this.#folderChanged(opening.storage, folder),
    });
    const handle = { ...opened, isWritable: toWrite, pins: 0, isDropped: false };
    this.#handles.set(key, handle);
    if (this.#handles.size > MOST_OPEN) this.#drop(this.#handles.keys().next().value as number);
    return handle;
  }

  #current(opening: StorageOpening, file: number, toWrite: boolean): { handle: Handle; size: number } {
    for (let isFirst = true; ; isFirst = false) {
      const wasSeen = opening.known[file] === FILE_KNOWN.seen;
      const handle = this.#find(opening, file, toWrite);
      const now = look(handle.path);
      if (now && now.ino === handle.inode && now.dev === handle.device) return { handle, size: now.size };
      this.#drop(keyOf(opening, file));
      // Not known any more since a check began: what is there now is opened instead.
      if (isFirst && opening.known[file] === FILE_KNOWN.not) continue;
      const words = now ? "the file was replaced while in use" : "ENOENT: the file was deleted while in use";
      throw lost(opening, file, wasSeen, handle.path, words);
    }
  }

  #drop(key: number): void {
    const handle = this.#handles.get(key);
    if (!handle) return;
    this.#handles.delete(key);
    this.#close(handle);
  }

  #close(handle: Handle): void {
    handle.isDropped = true;
    if (handle.pins === 0) closeSync(handle.fd);
  }
}

function keyOf(opening: StorageOpening, file: number): number {
  return opening.storage * FILES_PER_STORAGE + file;
}

function look(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw problemOf(error, path);
  }
}

/** @param wasSeen - Known as seen before it was looked at: what was missed then was there once. */
function lost(opening: StorageOpening, file: number, wasSeen: boolean, path: string, words: string): DiskProblem {
  if (wasSeen) opening.known[file] = FILE_KNOWN.lost;
  return new DiskProblem("missing-file", path, words);
}

function cutShort(size: number, needed: number): string {
  return `the file is cut short: ${size} bytes, ${needed} are needed`;
}

function pathOf(opening: StorageOpening, file: number): string {
  return join(opening.folder, opening.paths[file] as string);
}
