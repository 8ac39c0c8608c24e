import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} folder
 * @returns {string[]} The sources in it, however deep; none when it is not there.
 */
export function sourcesIn(folder) {
  /** @type {import("node:fs").Dirent[]} */
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return /\.(ts|tsx|js|jsx|mts|cts)$/.test(entry.name) ? [path] : [];
  });
}
