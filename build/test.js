import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BROWSER_VARIABLE, findBrowser, findCommand, findPlaywrightBrowser } from "./browser.js";
import { runChecks } from "./check.js";
import { root, runAsProgram, setUp } from "./setup.js";

/**
 * `npm test`: set-up, checks, then every test. What follows `--` goes to vitest, and then the checks are left out.
 * The last line counts everything.
 */

/** No test waits longer than this for a browser to arrive. */
const FETCH_LIMIT = 5 * 60_000;

/**
 * The system's browser, else Playwright's, else Debian's.
 * @returns {{ path: string } | { problem: string }} Its whole path, or why there is none.
 */
function obtainBrowser() {
  const here = findBrowser();
  if (here !== undefined) return { path: here };
  console.log("test: no Chromium on this system, asking Playwright for one");
  const playwright = join(root, "node_modules", "playwright-core", "cli.js");
  spawnSync(process.execPath, [playwright, "install", "chromium"], { stdio: "ignore", timeout: FETCH_LIMIT });
  const fetched = findPlaywrightBrowser();
  if (fetched !== undefined) return { path: fetched };
  if (findCommand("apt-get") !== undefined && process.getuid?.() === 0) {
    console.log("test: Playwright could not fetch it, asking apt");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env, timeout: FETCH_LIMIT });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      stdio: "ignore",
      env,
      timeout: FETCH_LIMIT,
    });
    const installed = findBrowser();
    if (installed !== undefined) return { path: installed };
  }
  return { problem: "no Chromium is here, and none could be fetched" };
}

/** @typedef {{ passed: number, failed: number, skipped: number, reasons: Record<string, number>, unsteady: string[] }} Summary */

/**
 * @param {string[]} args
 * @returns {Summary} All failed, when vitest didn't live to say.
 */
function runTests(args) {
  const browser = obtainBrowser();
  const folder = mkdtempSync(join(tmpdir(), "peerscope-test-"));
  const summaryFile = join(folder, "summary.json");
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const config = join(root, "build", "vitest.config.ts");
    const { status } = spawnSync(process.execPath, [vitest, "run", "--config", config, ...args], {
      cwd: root,
      stdio: "inherit",
      env: {
        ...process.env,
        PEERSCOPE_SUMMARY: summaryFile,
        ...("path" in browser ? { [BROWSER_VARIABLE]: browser.path } : { PEERSCOPE_NO_CHROMIUM: browser.problem }),
      },
    });
    /** @type {Summary} */
    const summary = readSummary(summaryFile) ?? { passed: 0, failed: 1, skipped: 0, reasons: {}, unsteady: [] };
    // An error outside every test fails the run without failing a test.
    if (status !== 0 && summary.failed === 0) summary.failed = 1;
    return summary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @returns {Summary | undefined}
 */
function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

await runAsProgram(async () => {
  const args = process.argv.slice(2);
  await setUp();
  const checked = args.length === 0 ? await runChecks() : { passed: 0, failed: 0 };
  const tested = runTests(args);
  for (const name of tested.unsteady) console.log(`passed only the second time: ${name}`);
  for (const [reason, count] of Object.entries(tested.reasons)) console.log(`skipped ${count}: ${reason}`);
  const passed = checked.passed + tested.passed;
  const failed = checked.failed + tested.failed;
  console.log(`${passed} passed, ${failed} failed, ${tested.skipped} skipped`);
  return failed === 0 ? 0 : 1;
});
