import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { root, runAsProgram, setUp } from "./setup.js";

/**
 * `npm start` and `npm run demo`: sets up, then opens the desktop window. Where there is none to be had, one line says
 * why and the same interface is served to a browser.
 */

/** Fetching Electron's hundred megabytes may take this long before the browser is the better offer. */
const FETCH_LIMIT = 4 * 60_000;
/** Whether its server answers at all is known sooner. */
const REACH_LIMIT = 5000;
/** A window that ends with an error sooner than this never was one. */
const STARTUP_LIMIT = 5000;

/** @typedef {{ path: string } | { problem: string }} Found */

/** @returns {string | undefined} Why no window can be shown here. */
function displayProblem() {
  if (process.platform === "win32" || process.platform === "darwin") return undefined;
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? undefined : "there is no display here";
}

/** @returns {Promise<Found>} Electron's binary, fetched when it isn't here yet. */
async function obtainElectron() {
  const packageFolder = dirname(createRequire(import.meta.url).resolve("electron/package.json"));
  const here = findElectron(packageFolder);
  if (here !== undefined) return { path: here };
  const unreachable = await electronServerProblem();
  if (unreachable !== undefined) return { problem: `Electron could not be fetched (${unreachable})` };
  console.log("start: fetching Electron, once");
  const install = spawnSync(process.execPath, [join(packageFolder, "install.js")], {
    stdio: ["ignore", "inherit", "pipe"],
    encoding: "utf8",
    timeout: FETCH_LIMIT,
  });
  const fetched = findElectron(packageFolder);
  if (fetched !== undefined) return { path: fetched };
  const cause = install.signal !== null ? `not done in ${FETCH_LIMIT / 60_000} minutes` : firstError(install.stderr);
  return { problem: `Electron could not be fetched (${cause})` };
}

/**
 * @param {string} packageFolder
 * @returns {string | undefined}
 */
function findElectron(packageFolder) {
  const pathFile = join(packageFolder, "path.txt");
  const name = existsSync(pathFile) ? readFileSync(pathFile, "utf8") : undefined;
  const elsewhere = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (elsewhere !== undefined && elsewhere !== "") {
    const path = join(elsewhere, name ?? "electron");
    return existsSync(path) ? path : undefined;
  }
  if (name === undefined) return undefined;
  const path = join(packageFolder, "dist", name);
  return existsSync(path) ? path : undefined;
}

/**
 * A server that never answers would hold the start up for minutes; one question tells.
 * @returns {Promise<string | undefined>}
 */
async function electronServerProblem() {
  const { env } = process;
  // Behind a proxy only Electron's own installer knows the way.
  if (env.HTTPS_PROXY || env.https_proxy || env.npm_config_https_proxy || env.ELECTRON_GET_USE_PROXY) return undefined;
  const mirror =
    env.ELECTRON_MIRROR || env.npm_config_electron_mirror || "https://github.com/electron/electron/releases/";
  try {
    await fetch(mirror, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(REACH_LIMIT) });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const cause = /** @type {{ code?: string } | undefined} */ (error.cause);
    const host = new URL(mirror).host;
    return error.name === "TimeoutError" ? `${host} does not answer` : `${host}: ${cause?.code ?? error.message}`;
  }
}

/** @param {string} output */
function firstError(output) {
  return /^.*Error:.*$/m.exec(output)?.[0].trim() ?? "its installer failed";
}

/**
 * Runs a program in the foreground; interrupting us interrupts it.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{ status: number, soon: boolean }>} `soon`: it ended before it can have been of use.
 */
function run(program, args) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    const handlers = signals.map((signal) => {
      // A terminal tells the whole group of an interrupt; saying it twice could cut the orderly end short.
      const handler = () => void (signal === "SIGINT" && process.stdin.isTTY ? false : child.kill(signal));
      process.on(signal, handler);
      return { signal, handler };
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const { signal: name, handler } of handlers) process.off(name, handler);
      resolve({
        status: code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1),
        soon: performance.now() - started < STARTUP_LIMIT,
      });
    });
  });
}

await runAsProgram(async () => {
  const args = process.argv.slice(2).filter((arg) => arg !== "--demo");
  const isDemo = process.argv.includes("--demo");
  await setUp();

  /** @type {Found} */
  const problem = { problem: displayProblem() ?? "" };
  const electron = problem.problem === "" ? await obtainElectron() : problem;
  let why = "problem" in electron ? electron.problem : "";
  if ("path" in electron) {
    // Chromium refuses to run for the superuser with its sandbox.
    const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const { status, soon } = await run(electron.path, [...sandbox, root, ...(isDemo ? ["--demo"] : []), ...args]);
    if (status === 0 || !soon) return status;
    why = `the desktop window could not be opened (Electron ended with status ${status})`;
  }
  console.log(`No desktop window: ${why}. Serving the interface to a browser instead.`);
  const cli = join(root, "dist", "cli.js");
  return (await run(process.execPath, [cli, isDemo ? "demo" : "serve", ...args])).status;
});
