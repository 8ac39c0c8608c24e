import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { choosePieceLength, createTorrent, type TorrentContent } from "../../metainfo/create.ts";
import { parseTorrent } from "../../metainfo/parse.ts";
import { safeName } from "../../metainfo/safe-path.ts";
import { torrentId } from "../../model/info-hash.ts";
import { type Bytes, MIB } from "../../model/units.ts";
import { nodeDigest } from "../../runtime/digest.ts";
import { plainWords } from "../../runtime/disk/disk-fault.ts";
import { CLIENT_NAME } from "../../runtime/version.ts";
import type { CreateOptions } from "./arguments.ts";
import { Failure } from "./faults.ts";
import { formatBytes, formatPercent } from "./format.ts";
import type { Terminal } from "./terminal.ts";

const MAX_PIECES = 2_097_152;
const READ_LENGTH = MIB;

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
  const totalLength = files.reduce((sum, file) => sum + file.length, 0);
  if (totalLength === 0) throw new Failure(`${options.path}: no bytes to share`);
  const pieceLength = options.pieceLength ?? choosePieceLength(totalLength);
  if (totalLength / pieceLength > MAX_PIECES) {
    const pieces = Math.ceil(totalLength / pieceLength);
    throw new Failure(`${pieces} pieces of ${pieceLength} bytes, at most ${MAX_PIECES}: use a longer --piece-length`);
  }
  const bytes = createTorrent({
    name,
    files: files.map(toContent),
    pieceLength,
    pieceHashes: await hashPieces(files, totalLength, pieceLength, terminal),
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

function toContent({ path, length, isExecutable }: FoundFile): TorrentContent["files"][number] {
  return { path, length, isExecutable };
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

async function hashPieces(
  files: readonly FoundFile[],
  totalLength: Bytes,
  pieceLength: Bytes,
  terminal: Terminal,
): Promise<Uint8Array> {
  const hashes = new Uint8Array(20 * Math.ceil(totalLength / pieceLength));
  const buffer = Buffer.allocUnsafe(READ_LENGTH);
  let hash = createHash("sha1");
  let inPiece = 0;
  let done = 0;
  let shownAt = 0;
  for (const file of files) {
    const handle = await attempt(file.location, () => open(file.location));
    try {
      for (let rest = file.length; rest > 0; ) {
        const wanted = Math.min(rest, pieceLength - inPiece, READ_LENGTH);
        const { bytesRead } = await attempt(file.location, () => handle.read(buffer, 0, wanted));
        if (bytesRead === 0) throw new Failure(`${file.location}: became ${rest} bytes shorter while it was read`);
        hash.update(buffer.subarray(0, bytesRead));
        rest -= bytesRead;
        inPiece += bytesRead;
        done += bytesRead;
        if (inPiece === pieceLength || done === totalLength) {
          hashes.set(hash.digest(), 20 * (Math.ceil(done / pieceLength) - 1));
          hash = createHash("sha1");
          inPiece = 0;
        }
        if (terminal.isInteractive && Date.now() - shownAt > 100) {
          shownAt = Date.now();
          terminal.write(`\r${formatPercent(done, totalLength)} `);
        }
      }
    } finally {
      await handle.close();
    }
  }
  if (terminal.isInteractive) terminal.write("\r\x1b[K");
  return hashes;
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
