import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A link is as long as the engine reads at most, and has no character that ends a line or a string. */
const MAGNET_LINK = /^magnet:\?[\x21-\x7e]{1,65528}$/i;

/** Torrents, and recordings of them. */
const OPENED = /\.(torrent|peerscope)$/i;

/** Files opened at once beyond which it can't be meant. */
const MAX_FILES = 200;

/** Whether there is a plain file at a path. */
type IsFile = (path: string) => boolean;

/**
 * The .torrent files, recordings and magnet links among a program's arguments: at the start, and handed over by a second start
 * (Windows, Linux).
 *
 * Only existing files named `.torrent` or `.peerscope` and addresses that begin with `magnet:?` are accepted; anything else is left
 * alone, so an argument can't become an option, a command or another address. Linux desktops may give `file:///`
 * addresses.
 *
 * @param folder - What relative paths are relative to.
 * @returns Absolute paths, and links, each once.
 */
export function torrentsAmong(argumentList: readonly string[], folder: string, isFile: IsFile = isPlainFile): string[] {
  const found = new Set<string>();
  for (const argument of argumentList) {
    if (MAGNET_LINK.test(argument)) found.add(argument);
    const path = torrentPath(argument, folder);
    if (path !== undefined && isFile(path)) found.add(path);
    if (found.size >= MAX_FILES) break;
  }
  return [...found];
}

function torrentPath(argument: string, folder: string): string | undefined {
  if (argument.startsWith("-") || argument.includes("\0") || !OPENED.test(argument)) return undefined;
  if (/^file:\/\/\//i.test(argument)) return pathOfFileUrl(argument);
  // Another address (http:, smb:…), though not a drive letter.
  if (/^[a-z][a-z0-9+.-]+:/i.test(argument)) return undefined;
  return isAbsolute(argument) ? resolve(argument) : resolve(folder, argument);
}

function pathOfFileUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    // An encoded separator or a foreign form: no file of ours.
    return undefined;
  }
}

function isPlainFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Torrents to open, kept until a page listens: the system opens files long before there is a window, and a page that
 * is loaded again listens again.
 */
export class OpenTorrents {
  #waiting: string[] = [];
  #show: ((opened: string[]) => void) | undefined;

  /** `show` takes them from now on, and at once those that wait. */
  listen(show: (opened: string[]) => void): void {
    this.#show = show;
    this.#flush();
  }

  /** The page is gone. */
  unlisten(): void {
    this.#show = undefined;
  }

  /** @param opened - Paths and magnet links. */
  open(opened: readonly string[]): void {
    this.#waiting = [...new Set([...this.#waiting, ...opened])].slice(0, MAX_FILES);
    this.#flush();
  }

  #flush(): void {
    if (this.#show === undefined || this.#waiting.length === 0) return;
    const opened = this.#waiting;
    this.#waiting = [];
    this.#show(opened);
  }
}
