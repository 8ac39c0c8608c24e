import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Every package of the lock file is permissive, so that what is built from them may be given away. */

const permissive = [
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "0BSD",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
  "WTFPL",
  "Python-2.0",
  // The interface's typeface.
  "OFL-1.1",
];
/** File-level copyleft in a tool that builds or tests, and is never shipped. */
const toolsOnly = [/^lightningcss(-.*)?$/, /^axe-core$/];

/**
 * @param {string} root
 * @returns {string[]} One line a package whose licence isn't known to be permissive.
 */
export function findLicenceProblems(root) {
  /** @type {Record<string, { license?: string }>} */
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(locked)
    .filter(([path]) => path !== "")
    .flatMap(([path, { license }]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      if (license !== undefined && isPermissive(license)) return [];
      if (license === "MPL-2.0" && toolsOnly.some((tool) => tool.test(name))) return [];
      return [`${name}: ${license ?? "no licence named"}`];
    });
}

/** @param {string} expression SPDX, of names joined by OR or AND. */
export function isPermissive(expression) {
  return expression
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((name) => permissive.includes(name.trim())));
}
