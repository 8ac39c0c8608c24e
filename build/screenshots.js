import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { findBrowser } from "./browser.js";
import { root, runAsProgram, SetupError, setUp } from "./setup.js";

/**
 * `npm run screenshots [-- FOLDER]`: every view of the interface, light and dark, at the smallest size that it is made for
 * and at a usual one, on the demo's swarm. `--readme` makes the pictures of the README instead.
 *
 * @typedef {import("playwright-core").Page} Page
 * @typedef {{ name: string, show: (page: Page) => Promise<void>, leave?: (page: Page) => Promise<void> }} View
 */

const SIZES = [
  { width: 900, height: 600 },
  { width: 1360, height: 820 },
];
/** The download goes on for minutes, so that something moves in every picture. */
const DEMO_SIZE = "200M";
/** What is waited for before the first picture: a share of the torrent, in percent. */
const BEGUN = 22;
const PATIENCE = 10_000;
/** As long as a recording that is worth a look. */
const RECORDED = 5000;
/** Views follow the engine a few times a second. */
const SETTLE = 700;

/** @param {Page} page @param {string} testId */
const get = (page, testId) => page.locator(`[data-testid="${testId}"]`);
/** @param {Page} page @param {string} testId */
const click = (page, testId) => get(page, testId).first().click();
/** @param {Page} page */
const leaveByKey = (page) => page.keyboard.press("Escape");

/** @param {Page} page @param {string} tab */
async function openTab(page, tab) {
  await click(page, `tab-${tab}`);
  await get(page, `panel-${tab}`).waitFor();
}

/** A point of the map's rows. @param {Page} page @param {number} across 0 … 1 @param {number} down */
async function pointOfMap(page, across, down) {
  const box = await get(page, "heatmap").boundingBox();
  if (box === null) throw new Error("there is no map");
  return { x: box.x + box.width * across, y: box.y + down };
}

/** @type {View[]} */
const VIEWS = [
  { name: "peers", show: (page) => openTab(page, "peers") },
  {
    name: "peer-panel",
    async show(page) {
      await openTab(page, "peers");
      await get(page, "peer-row").nth(1).click();
      await get(page, "peer-panel").waitFor();
    },
    leave: (page) => click(page, "peer-panel-close"),
  },
  {
    name: "peer-page",
    async show(page) {
      await openTab(page, "peers");
      await get(page, "peer-row").nth(2).click();
      await click(page, "peer-open");
      await get(page, "peer-page").waitFor();
    },
    async leave(page) {
      await click(page, "peer-page-back");
      await leaveByKey(page);
    },
  },
  {
    name: "gone",
    async show(page) {
      await openTab(page, "peers");
      await click(page, "peers-gone");
    },
    leave: (page) => click(page, "peers-here"),
  },
  { name: "swarm", show: (page) => openTab(page, "pieces") },
  {
    name: "swarm-blocks",
    async show(page) {
      await openTab(page, "pieces");
      await page.mouse.move(0, 0);
      await get(page, "heatmap").focus();
      await page.keyboard.press("n");
      await page.keyboard.press("n");
      for (let step = 0; step < 8; step++) await page.keyboard.press("+");
      await page.keyboard.press("Enter");
      await get(page, "piece-panel").waitFor();
      await page.locator("body").hover({ position: { x: 1, y: 1 } });
    },
    async leave(page) {
      await click(page, "pin-close");
      await click(page, "swarm-whole");
    },
  },
  {
    name: "swarm-peer",
    async show(page) {
      await openTab(page, "pieces");
      const { x, y } = await pointOfMap(page, 0.05, 110);
      await page.mouse.click(x, y);
      await get(page, "peer-pin").waitFor();
    },
    leave: (page) => click(page, "pin-close"),
  },
  { name: "files", show: (page) => openTab(page, "files") },
  { name: "trackers", show: (page) => openTab(page, "trackers") },
  { name: "log", show: (page) => openTab(page, "log") },
  { name: "charts", show: (page) => openTab(page, "charts") },
  {
    name: "settings",
    async show(page) {
      await click(page, "toolbar-settings");
      await get(page, "settings-dialog").waitFor();
    },
    leave: leaveByKey,
  },
  {
    name: "add",
    async show(page) {
      await get(page, "source-field").fill(
        "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=Field+Recordings",
      );
      await get(page, "source-field").press("Enter");
      await get(page, "add-dialog").waitFor();
    },
    leave: (page) => click(page, "add-cancel"),
  },
  {
    name: "remove",
    async show(page) {
      await click(page, "toolbar-remove");
      await get(page, "remove-confirm").waitFor();
    },
    leave: leaveByKey,
  },
  {
    name: "past",
    async show(page) {
      await openTab(page, "pieces");
      await click(page, "toolbar-record");
      await page.waitForTimeout(RECORDED);
      await click(page, "toolbar-stop-recording");
      await click(page, "recorded-open");
      await get(page, "past-bar").waitFor();
    },
    leave: (page) => click(page, "past-leave"),
  },
];

/** The README's, of these views. @type {{ view: string, scheme: "light" | "dark" }[]} */
const README = [
  { view: "peers", scheme: "light" },
  { view: "peer-page", scheme: "dark" },
  { view: "swarm", scheme: "light" },
  { view: "swarm-blocks", scheme: "dark" },
  { view: "gone", scheme: "light" },
  { view: "charts", scheme: "dark" },
];

/** @returns {Promise<{ address: string, stop: () => void }>} */
async function startDemo() {
  const cli = join(root, "dist", "cli.js");
  const demo = spawn(process.execPath, [cli, "demo", "--size", DEMO_SIZE], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((found, failed) => {
    let said = "";
    demo.stdout.on("data", (chunk) => {
      said += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=\w+/.exec(said)?.[0];
      if (url !== undefined) found(url);
    });
    demo.once("exit", () => failed(new SetupError(`The demo ended before it began.\n${said}`)));
  });
  return { address, stop: () => demo.kill("SIGINT") };
}

/** @param {Page} page */
async function untilBegun(page) {
  const row = get(page, "torrent-row").first();
  await row.waitFor();
  await page.waitForFunction((least) => {
    const words = document.querySelector('[data-testid="torrent-row"]')?.textContent ?? "";
    return Number(/([\d.]+)%/.exec(words)?.[1] ?? 0) >= least;
  }, BEGUN);
}

/**
 * @param {Page} page @param {View} view @param {(page: Page) => Promise<void>} shoot
 * @returns {Promise<boolean>} Whether it could be shown.
 */
async function visit(page, view, shoot) {
  try {
    await view.show(page);
    await page.waitForTimeout(SETTLE);
    await shoot(page);
    await view.leave?.(page);
    return true;
  } catch (error) {
    console.log(`${view.name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    await leaveByKey(page);
    return false;
  }
}

/** @param {Page} page @param {string} path */
const write = (page, path) => page.screenshot({ path, animations: "disabled" });

/** @param {Page} page @param {string} folder */
async function everyView(page, folder) {
  let missed = 0;
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const view of VIEWS) {
      const isShown = await visit(page, view, async () => {
        for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
          await page.emulateMedia({ colorScheme });
          await page.waitForTimeout(150);
          await write(page, join(folder, `${view.name}-${size.width}-${colorScheme}.png`));
        }
      });
      if (!isShown) missed++;
    }
  }
  return missed;
}

/** @param {Page} page @param {string} folder */
async function readmesViews(page, folder) {
  let missed = 0;
  await page.setViewportSize({ width: 1200, height: 720 });
  for (const { view: name, scheme } of README) {
    await page.emulateMedia({ colorScheme: scheme });
    const view = VIEWS.find((candidate) => candidate.name === name);
    if (view === undefined) throw new Error(`there is no view ${name}`);
    const isShown = await visit(page, view, async () => {
      await write(page, join(folder, `${name}.png`));
    });
    if (!isShown) missed++;
  }
  return missed;
}

await runAsProgram(async () => {
  const { values, positionals } = parseArgs({
    options: { readme: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  await setUp();
  const executablePath = findBrowser();
  if (executablePath === undefined)
    throw new SetupError("There is no Chromium here. `npx playwright install chromium` fetches one.");
  const folder = values.readme
    ? join(root, "build", "screenshots")
    : resolve(positionals[0] ?? join(root, "test", "e2e", "screenshots", "views"));
  mkdirSync(folder, { recursive: true });
  const demo = await startDemo();
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 820 } });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(demo.address);
    page.setDefaultTimeout(20 * PATIENCE);
    await untilBegun(page);
    page.setDefaultTimeout(PATIENCE);
    const missed = await (values.readme ? readmesViews(page, folder) : everyView(page, folder));
    console.log(`${folder}${missed > 0 ? `, ${missed} views could not be shown` : ""}`);
    return missed > 0 ? 1 : 0;
  } finally {
    await browser.close();
    demo.stop();
  }
});
