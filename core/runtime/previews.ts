import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { TorrentSource } from "../contract/messages.ts";
import { MAX_TORRENT_FILE } from "../contract/messages.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { readTorrent } from "../metainfo/read.ts";
import { nodeDigest } from "./digest.ts";
import { plainWords } from "./disk/disk-fault.ts";
import { type FetchOptions, fetchTorrent } from "./http/fetch-limited.ts";

/** A .torrent that was looked at and may be added. */
export interface Preview {
  readonly token: string;
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
}

/** Dialogs open at once, at most; the oldest is forgotten first. */
const MAX_PREVIEWS = 32;

/** What interfaces looked at and have not added yet. */
export class Previews {
  readonly #previews = new Map<string, Preview>();

  find(token: string): Preview | undefined {
    return this.#previews.get(token);
  }

  forget(token: string): void {
    this.#previews.delete(token);
  }

  /** @throws CommandFault naming what is wrong with the file or how it could not be had. */
  async look(source: TorrentSource, fetching: FetchOptions = {}): Promise<Preview> {
    const bytes = await readSource(source, fetching);
    const parsed = readTorrent(bytes, nodeDigest);
    if (!parsed.ok) throw new CommandFault(parsed.fault.words);
    const preview = { token: randomUUID(), bytes, metainfo: parsed.torrent };
    this.#previews.set(preview.token, preview);
    const oldest = this.#previews.keys().next();
    if (this.#previews.size > MAX_PREVIEWS && !oldest.done) this.#previews.delete(oldest.value);
    return preview;
  }
}

/** A command that can't be done, in words for its sender. */
export class CommandFault extends Error {
  override name = "CommandFault";
}

async function readSource(source: TorrentSource, fetching: FetchOptions): Promise<Uint8Array> {
  switch (source.from) {
    case "bytes":
      return source.bytes;
    case "magnet":
      return new TextEncoder().encode(source.link);
    case "path":
      return readTorrentFile(source.path);
    case "url": {
      const result = await fetchTorrent(source.url, fetching);
      if (!result.ok) throw new CommandFault(`${source.url}: ${result.fault}`);
      return result.body;
    }
  }
}

/** Opening a pipe that nobody writes to would never end. No effect on files, and absent on Windows. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

async function readTorrentFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, constants.O_RDONLY | NO_WAIT);
    try {
      const stats = await file.stat();
      // A device or a pipe may never end.
      if (!stats.isFile()) throw new CommandFault(`${path} is ${stats.isDirectory() ? "a folder" : "no regular file"}`);
      if (stats.size > MAX_TORRENT_FILE)
        throw new CommandFault(`${path} has ${stats.size} bytes, at most ${MAX_TORRENT_FILE} are read`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    throw new CommandFault(`${path}: ${plainWords(error)}`);
  }
}
