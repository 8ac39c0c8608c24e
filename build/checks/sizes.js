import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file past this holds more than one idea. */
const MOST_LINES = 500;
const written = /\.(ts|tsx|js|css|html|py|sh|md)$/;
/** Made by tools, and ignored by git. */
const made = ["node_modules", "dist", "release", "screenshots", "test-results", ".git"];

/**
 * @param {string} root
 * @param {string} [within] A folder inside it.
 * @returns {string[]} One line a file that is too long.
 */
export function findLongFiles(root, within = "") {
  return readdirSync(join(root, within), { withFileTypes: true }).flatMap((entry) => {
    const path = within === "" ? entry.name : `${within}/${entry.name}`;
    if (entry.isDirectory()) return made.includes(entry.name) ? [] : findLongFiles(root, path);
    if (!entry.isFile() || !written.test(entry.name)) return [];
    const lines = readFileSync(join(root, path), "utf8").split("\n").length - 1;
    return lines > MOST_LINES ? [`${path}: ${lines} lines, at most ${MOST_LINES}`] : [];
  });
}
