import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Finds programs on this system: any command, and a Chromium. */

/** Names the browser to use, for those who keep it elsewhere. */
export const BROWSER_VARIABLE = "PEERSCOPE_CHROMIUM";

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const wholePaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** @returns {string | undefined} The whole path of a Chromium that is here. */
export function findBrowser() {
  const named = process.env[BROWSER_VARIABLE];
  if (named !== undefined && named !== "") return named;
  for (const command of commands) {
    const path = findCommand(command);
    if (path !== undefined) return path;
  }
  return wholePaths.find(isExecutable) ?? findPlaywrightBrowser();
}

/**
 * @param {string} name
 * @returns {string | undefined} The command's whole path, looked up in `PATH`.
 */
export function findCommand(name) {
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const suffix of suffixes) {
      const path = join(folder, name + suffix);
      if (folder !== "" && isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** What `npx playwright install chromium` leaves behind, whichever revision it is. */
export function findPlaywrightBrowser() {
  const caches = {
    linux: join(homedir(), ".cache", "ms-playwright"),
    darwin: join(homedir(), "Library", "Caches", "ms-playwright"),
    win32: join(process.env.LOCALAPPDATA ?? "", "ms-playwright"),
  };
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? caches[/** @type {keyof typeof caches} */ (process.platform)];
  if (cache === undefined || !existsSync(cache)) return undefined;
  const inside = ["chrome-linux/chrome", "chrome-linux64/chrome", "chrome-win/chrome.exe", "chrome-win64/chrome.exe"];
  inside.push("chrome-mac/Chromium.app/Contents/MacOS/Chromium");
  return readdirSync(cache)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort()
    .reverse()
    .flatMap((name) => inside.map((path) => join(cache, name, path)))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
