import { MAX_TORRENT_FILE } from "../core/contract/messages.ts";

/**
 * What passes between the page's preload and the main process, beside the engine's own port.
 * `invoke`: the page asks and waits; `tell`: the page says; `push`: main says.
 */
export const CHANNELS = {
  invoke: {
    chooseTorrentFiles: "choose-torrent-files",
    chooseFolder: "choose-folder",
    openFolder: "open-folder",
    saveTorrentFile: "save-torrent-file",
  },
  tell: {
    /** The page listens: it may be given its port to the engine. */
    wantEngine: "want-engine",
    /** The page speaks this language. */
    language: "language",
    /** The page listens for torrents to open: those that wait may come. */
    wantTorrents: "want-torrents",
  },
  push: {
    /** Brings a port. */
    engine: "engine",
    /** Brings the paths of .torrent files, and magnet links. */
    openTorrents: "open-torrents",
  },
} as const;

/** The page hears of its port to the engine by a `message` event with this, and the port. */
export const PORT_MESSAGE = { kind: "peerscope-port" } as const;

export function isPortMessage(data: unknown): boolean {
  return typeof data === "object" && data !== null && "kind" in data && data.kind === PORT_MESSAGE.kind;
}

/** No path of any system is longer. */
const MAX_PATH = 32_768;

/** @throws When a page asks with arguments of another kind than its preload sends. */
export function readFolderArgument(value: unknown): string {
  if (typeof value === "string" && value.length <= MAX_PATH && !value.includes("\0")) return value;
  throw new TypeError("a folder is a string of at most 32768 characters");
}

/** What the page may have saved, by the ending of its name: a torrent, a capture, JSON lines; and how it begins. */
const SAVED: Readonly<Record<string, number>> = { torrent: 0x64, pcapng: 0x0a, jsonl: 0x7b };

/**
 * A file that the page would have saved, of a kind that it makes, and a name without any folder in it. What has no other
 * ending is a .torrent.
 * @throws As {@link readFolderArgument}.
 */
export function readSaveArguments(name: unknown, bytes: unknown): { name: string; bytes: Uint8Array } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they have no place in a file's name
  const plain = readFolderArgument(name).replace(/[\x00-\x1f\x7f<>:"/\\|?*]/g, "_");
  const ending = /\.(torrent|pcapng|jsonl)$/i.exec(plain)?.[1]?.toLowerCase() ?? "torrent";
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_TORRENT_FILE || bytes[0] !== SAVED[ending]) {
    throw new TypeError(`a .${ending} file begins as such, and has at most 64 MiB`);
  }
  return { name: `${plain.replace(/(?:\.(?:torrent|pcapng|jsonl))?$/i, "").slice(0, MAX_NAME)}.${ending}`, bytes };
}

/** With its ending behind it, every system takes it. */
const MAX_NAME = 60;

/** @throws As {@link readFolderArgument}. */
export function readOpenFolderArguments(torrent: unknown, filePath: unknown): { torrent: string; filePath?: string } {
  if (typeof torrent !== "string" || !/^[0-9a-f]{40}$/.test(torrent)) {
    throw new TypeError("a torrent id is 40 hexadecimal digits");
  }
  return filePath === undefined ? { torrent } : { torrent, filePath: readFolderArgument(filePath) };
}
