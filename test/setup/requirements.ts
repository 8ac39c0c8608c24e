import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type {} from "vitest";
import { findBrowser, findCommand } from "../../build/browser.js";

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

export function requireCommand(name: string): Missing {
  return findCommand(name) === undefined ? `${name} is not installed` : undefined;
}

/** The Python that has libtorrent: Debian's module belongs to Debian's Python, which need not be the first in `PATH`. */
export function findLibtorrentPython(): string | undefined {
  libtorrentPython ??= {
    path: ["/usr/bin/python3", findCommand("python3")].find(
      (path) => path !== undefined && existsSync(path) && spawnSync(path, ["-c", "import libtorrent"]).status === 0,
    ),
  };
  return libtorrentPython.path;
}
let libtorrentPython: { path: string | undefined } | undefined;

export function requireLibtorrent(): Missing {
  return findLibtorrentPython() === undefined ? "Python's libtorrent module is not installed" : undefined;
}

export function requireBrowser(): Missing {
  return findBrowser() === undefined ? (process.env.PEERSCOPE_NO_CHROMIUM ?? "no Chromium is installed") : undefined;
}

export { findBrowser };

/** Some faults, such as a folder that can't be written to, don't exist for the superuser. */
export function requireOrdinaryUser(): Missing {
  return process.getuid?.() === 0 ? "the superuser may write everywhere" : undefined;
}

export function requireLinux(): Missing {
  return process.platform === "linux" ? undefined : `this is ${process.platform}, not Linux`;
}
