import { existsSync } from "node:fs";
import { lstat, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { choosePieceLength, createTorrent } from "../../metainfo/create.ts";
import { parseTorrent } from "../../metainfo/parse.ts";
import { safeName } from "../../metainfo/safe-path.ts";
import { torrentId } from "../../model/info-hash.ts";
import type { Bytes } from "../../model/units.ts";
import { nodeDigest } from "../../runtime/digest.ts";
import { plainWords } from "../../runtime/disk/disk-fault.ts";
import { CLIENT_NAME } from "../../runtime/version.ts";
import type { CreateOptions } from "./arguments.ts";
import { Failure } from "./faults.ts";
import { formatBytes, formatPercent } from "./format.ts";
import { hashFiles } from "./hash-files.ts";
import type { Terminal } from "./terminal.ts";

const MAX_PIECES = 2_097_152;

interface FoundFile {
  /** Below the folder; empty for a bare file. */
  readonly path: readonly string[];
  readonly location: string;
  readonly length: Bytes;
  readonly isExecutable: boolean;
}

/** Hashes a file or folder and writes its .torrent. */
export async function create(options: CreateOptions, terminal: Terminal): Promise<number> {
  const root = resolve(options.path);
  const name = basename(root);
  if (name === "") throw new Failure(`${options.path}: a torrent of a whole disk has no name`);
  const output = options.output ?? `${name}.torrent`;
  if (options.output === undefined && existsSync(output)) {
    throw new Failure(`${output} is there already: name another with -o FILE`);
  }
  const files = await findFiles(root, terminal);
  const { version } = options;
  const totalLength = files.reduce((sum, file) => sum + file.length, 0);
  if (totalLength === 0) throw new Failure(`${options.path}: no bytes to share`);
  const pieceLength = options.pieceLength ?? choosePieceLength(totalLength);
  const pieces =
    version === "1"
      ? Math.ceil(totalLength / pieceLength)
      : files.reduce((sum, file) => sum + Math.ceil(file.length / pieceLength), 0);
  if (pieces > MAX_PIECES) {
    throw new Failure(`${pieces} pieces of ${pieceLength} bytes, at most ${MAX_PIECES}: use a longer --piece-length`);
  }
  const progress = new Progress(totalLength, terminal);
  const { pieceHashes, trees } = await hashFiles(files, pieceLength, version, (done) => progress.show(done));
  progress.end();
  const bytes = createTorrent({
    name,
    files: files.map(({ path, length, isExecutable }, index) => ({ path, length, isExecutable, ...trees[index] })),
    pieceLength,
    ...(pieceHashes === undefined ? {} : { pieceHashes }),
    trackers: options.trackers,
    webSeeds: options.webSeeds,
    isPrivate: options.isPrivate,
    ...(options.comment === undefined ? {} : { comment: options.comment }),
    createdBy: CLIENT_NAME,
    createdAt: Date.now(),
  });
  const parsed = parseTorrent(bytes, nodeDigest);
  if (!parsed.ok) throw new Failure(`${options.path}: ${parsed.fault.words}`);
  for (const warning of parsed.torrent.warnings) terminal.complain(warning);
  await writeWhole(output, bytes);
  terminal.write(`${output}\n`);
  const { pieceCount, infoHash } = parsed.torrent;
  terminal.write(
    `  ${torrentId(infoHash)}, ${formatBytes(totalLength)}, ${pieceCount} pieces of ${formatBytes(pieceLength)}\n`,
  );
  return 0;
}

/** Files below `root` in the order of their names' bytes, so that equal folders give equal torrents. */
async function findFiles(root: string, terminal: Terminal): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  const visit = async (location: string, path: readonly string[]): Promise<void> => {
    const shown = path.length === 0 ? location : path.join("/");
    const stats = await attempt(shown, () => lstat(location));
    if (stats.isFile()) {
      const part = path.at(-1) ?? basename(location);
      if (safeName(part) !== part) terminal.complain(`${shown}: others will save it as ${safeName(part)}`);
      files.push({ path, location, length: stats.size, isExecutable: (stats.mode & 0o111) !== 0 && isPosix });
    } else if (stats.isDirectory()) {
      const names = await attempt(shown, () => readdir(location));
      names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const name of names) await visit(join(location, name), [...path, name]);
    } else {
      terminal.complain(`${shown}: neither a file nor a folder, left out`);
    }
  };
  await visit(root, []);
  return files;
}

const isPosix = process.platform !== "win32";

/** How far it is, on a terminal that can be written over. */
class Progress {
  readonly #total: Bytes;
  readonly #terminal: Terminal;
  #shownAt = 0;

  constructor(total: Bytes, terminal: Terminal) {
    this.#total = total;
    this.#terminal = terminal;
  }

  show(done: Bytes): void {
    if (!this.#terminal.isInteractive || Date.now() - this.#shownAt <= 100) return;
    this.#shownAt = Date.now();
    this.#terminal.write(`\r${formatPercent(done, this.#total)} `);
  }

  end(): void {
    if (this.#terminal.isInteractive) this.#terminal.write("\r\x1b[K");
  }
}

/** Written beside it and renamed: a reader sees all of it or nothing. */
async function writeWhole(output: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${output}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, output);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Failure(`${output}: ${plainWords(error)}`, { cause: error });
  }
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Failure(`${path}: ${plainWords(error)}`, { cause: error });
  }
}
