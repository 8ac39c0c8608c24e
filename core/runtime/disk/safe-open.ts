import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, realpathSync, type Stats } from "node:fs";
import { dirname, join, sep } from "node:path";
import { DiskProblem, errorCode, problemOf } from "./disk-fault.ts";

/** Absent on Windows, where the look before and after the opening stands alone. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** A pipe that took a file's name must not stop the worker. No effect on files. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

export interface OpenFile {
  readonly fd: number;
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
}

export interface OpenManner {
  readonly toWrite: boolean;
  /** Make the file and its folders when they are absent. */
  readonly mayCreate: boolean;
  /** Told of every folder that got a new entry. */
  readonly folderChanged?: (folder: string) => void;
}

/**
 * Opens a regular file below `folder` without following a link on the way: not in a folder between them, not at
 * the end. `folder` itself is the user's choice and may be reached through links.
 *
 * Looked at before and after the opening, so that a link that is put there in between is found out.
 * @param relative - Parts joined by `/`.
 * @throws DiskProblem with the path.
 */
export function openInside(folder: string, relative: string, manner: OpenManner): OpenFile {
  const path = join(folder, relative);
  let fd = -1;
  try {
    const parts = relative.split("/");
    parts.pop();
    walkFolders(folder, parts, manner);
    const before = lstatSync(path, { throwIfNoEntry: false });
    if (before) judge(before, path);
    const isNew = before === undefined && manner.mayCreate;
    const access = manner.toWrite ? constants.O_RDWR : constants.O_RDONLY;
    fd = openSync(path, access | NO_FOLLOW | NO_WAIT | (isNew ? constants.O_CREAT : 0), 0o666);
    const opened = fstatSync(fd);
    judge(opened, path);
    judgePlace(folder, path, opened);
    if (isNew) manner.folderChanged?.(dirname(path));
    return { fd, path, device: opened.dev, inode: opened.ino, size: opened.size };
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    throw problemOf(error, path);
  }
}

/** Every folder between is a folder, not a link to one. */
export function walkFolders(folder: string, parts: readonly string[], manner: OpenManner): void {
  if (manner.mayCreate && lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    const first = mkdirSync(folder, { recursive: true });
    if (first !== undefined) {
      for (let made = folder; made.length >= first.length; made = dirname(made)) manner.folderChanged?.(dirname(made));
    }
  }
  let at = folder;
  for (const part of parts) {
    const parent = at;
    at = join(at, part);
    let seen = lstatSync(at, { throwIfNoEntry: false });
    if (seen === undefined && manner.mayCreate) {
      if (makeFolder(at)) manner.folderChanged?.(parent);
      seen = lstatSync(at);
    }
    if (seen === undefined) throw new DiskProblem("missing-file", at, "ENOENT: the folder is not there");
    if (seen.isSymbolicLink()) throw new DiskProblem("no-permission", at, "a link stands where a folder should be");
    if (!seen.isDirectory()) throw new DiskProblem("no-permission", at, "a file stands where a folder should be");
  }
}

/** @returns False when the other worker was first. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function judge(stats: Stats, path: string): void {
  if (stats.isSymbolicLink()) throw new DiskProblem("no-permission", path, "a link stands where a file should be");
  if (!stats.isFile()) throw new DiskProblem("no-permission", path, "what stands here is not a regular file");
}

function judgePlace(folder: string, path: string, opened: Stats): void {
  const root = realpathSync.native(folder);
  const parent = realpathSync.native(dirname(path));
  const isInside = parent === root || parent.startsWith(root.endsWith(sep) ? root : root + sep);
  const named = lstatSync(path, { throwIfNoEntry: false });
  if (!isInside || named?.ino !== opened.ino || named.dev !== opened.dev) {
    throw new DiskProblem("no-permission", path, "a link took its place while it was opened");
  }
}
