import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * What a test needs of the machine beyond Node. A test that can't run is skipped with the reason, and the run prints
 * both at its end:
 *
 *     describe("aria2", needs(requireCommand("aria2c")), () => { … });
 */

/** Why something can't run here, in words; undefined when it can. */
export type Missing = string | undefined;

declare module "vitest" {
  interface TaskMeta {
    /** Printed beside the number of skipped tests. */
    skippedBecause?: string;
  }
}

/** Options for `test` or `describe`: skips it for the first reason that there is. */
export function needs(...requirements: readonly Missing[]): { skip?: boolean; meta?: { skippedBecause: string } } {
  const reason = requirements.find((missing) => missing !== undefined);
  return reason === undefined ? {} : { skip: true, meta: { skippedBecause: reason } };
}

/** @returns The command's whole path, looked up in `PATH`. */
export function findCommand(name: string): string | undefined {
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const suffix of suffixes) {
      const path = join(folder, name + suffix);
      if (folder !== "" && isExecutable(path)) return path;
    }
  }
  return undefined;
}

export function requireCommand(name: string): Missing {
  return findCommand(name) === undefined ? `${name} is not installed` : undefined;
}

/** Debian's libtorrent module belongs to Debian's Python, which need not be the first in `PATH`. */
export function findLibtorrentPython(): string | undefined {
  libtorrentPython ??= {
    path: ["/usr/bin/python3", findCommand("python3")].find(
      (path) =>
        path !== undefined && existsSync(path) && spawnSync(path, ["-c", "import libtorrent"]).status === 0,
    ),
  };
  return libtorrentPython.path;
}
let libtorrentPython: { path: string | undefined } | undefined;

export function requireLibtorrent(): Missing {
  return findLibtorrentPython() === undefined ? "Python's libtorrent module is not installed" : undefined;
}

/** Set by `npm test`, which may have fetched one. */
const BROWSER_VARIABLE = "PEERSCOPE_CHROMIUM";
const BROWSER_COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_PATHS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** @returns The whole path of a Chromium. */
export function findBrowser(): string | undefined {
  const named = process.env[BROWSER_VARIABLE];
  if (named !== undefined && named !== "") return named;
  for (const command of BROWSER_COMMANDS) {
    const path = findCommand(command);
    if (path !== undefined) return path;
  }
  return BROWSER_PATHS.find(isExecutable);
}

export function requireBrowser(): Missing {
  return findBrowser() === undefined ? (process.env.PEERSCOPE_NO_CHROMIUM ?? "no Chromium is installed") : undefined;
}

/** Some faults, such as a read-only folder, don't exist for the superuser. */
export function requireOrdinaryUser(): Missing {
  return process.getuid?.() === 0 ? "the superuser may write everywhere" : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
