/**
 * What passes between the page's preload and the main process, beside the engine's own port.
 * `invoke`: the page asks and waits; `tell`: the page says; `push`: main says.
 */
export const CHANNELS = {
  invoke: {
    chooseTorrentFiles: "choose-torrent-files",
    chooseFolder: "choose-folder",
    openFolder: "open-folder",
  },
  tell: {
    /** The page listens: it may be given its port to the engine. */
    wantEngine: "want-engine",
    /** The page listens for torrents to open: those that wait may come. */
    wantTorrents: "want-torrents",
  },
  push: {
    /** Brings a port. */
    engine: "engine",
    /** Brings the paths of .torrent files. */
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

/** @throws As {@link readFolderArgument}. */
export function readOpenFolderArguments(torrent: unknown, filePath: unknown): { torrent: string; filePath?: string } {
  if (typeof torrent !== "string" || !/^[0-9a-f]{40}$/.test(torrent)) {
    throw new TypeError("a torrent id is 40 hexadecimal digits");
  }
  return filePath === undefined ? { torrent } : { torrent, filePath: readFolderArgument(filePath) };
}
