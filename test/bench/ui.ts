import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { encodeMessage } from "../../core/contract/codec.ts";
import { startWebHost } from "../../core/host/web-host.ts";
import { browserLaunchOptions } from "../e2e/browser.ts";
import { readCost } from "./process-cost.ts";
import { printTable } from "./table.ts";
import { type Smoothness, smoothnessOf, watchPage } from "./ui/page-watch.ts";
import { relayCost } from "./ui/relay.ts";
import { SyntheticEngine } from "./ui/synthetic-engine.ts";

/**
 * The interface in Chromium on a feed that is made up, through the web host's own socket: how smooth it is while it is
 * used, what it takes of memory, and what is said to it.
 */

const usage = `npm run bench:ui -- [options]
  --torrents N   in the list (200)
  --peers N      of the first torrent (1000)
  --pieces N     of the first torrent (100000)
  --files N      of the first torrent (10000)
  --every MS     between two updates (200)
  --shots DIR    screenshots of what was measured`;

const { values } = parseArgs({
  options: {
    torrents: { type: "string", default: "200" },
    peers: { type: "string", default: "1000" },
    pieces: { type: "string", default: "100000" },
    files: { type: "string", default: "10000" },
    every: { type: "string", default: "200" },
    shots: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const size = {
  torrents: Number(values.torrents),
  peers: Number(values.peers),
  pieces: Number(values.pieces),
  files: Number(values.files),
  every: Number(values.every),
};

const KB = 1000;
const MB = 1e6;
const SETTLE = 1500;
const WATCH = 5000;

interface Row {
  readonly what: string;
  readonly value: string;
  readonly goal: string;
  readonly isMet: boolean;
}

const rows: Row[] = [];

function note(what: string, value: number, unit: string, goal: number | undefined, digits = 1): void {
  const isMet = goal === undefined || value <= goal;
  rows.push({
    what,
    value: `${value.toFixed(digits)} ${unit}`,
    goal: goal === undefined ? "" : `${goal} ${unit}`,
    isMet,
  });
}

function noteSmoothness(what: string, { p95Frame, longestTask, frames, processorPerFrame }: Smoothness): void {
  // Frames come every 16.7 ms; a clock that is read a little late must not count as a missed one.
  note(`${what}: frame at the 95th percentile (of ${frames})`, p95Frame, "ms", 17.5);
  note(`${what}: longest task`, longestTask, "ms", 50, 0);
  note(`${what}: main thread's processor time a frame`, processorPerFrame, "ms", 16.7);
}

/** Bytes that were said since the last call, a second. */
class Meter {
  bytes = 0;
  messages = 0;
  #since = performance.now();

  take(): { bytes: number; messages: number } {
    const seconds = (performance.now() - this.#since) / 1000;
    const rate = { bytes: this.bytes / seconds, messages: this.messages / seconds };
    this.bytes = 0;
    this.messages = 0;
    this.#since = performance.now();
    return rate;
  }
}

async function run(): Promise<void> {
  const meter = new Meter();
  const engine = new SyntheticEngine(size);
  const host = await startWebHost({
    engine: {
      connect: (deliver) =>
        engine.connect((message) => {
          meter.bytes += encodeMessage(message).length;
          meter.messages++;
          deliver(message);
        }),
    },
    rendererFolder: new URL("../renderer/", import.meta.url),
  });
  const browser = await chromium.launch(browserLaunchOptions());
  try {
    const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
    await measure(context, host.address, meter);
  } finally {
    await browser.close();
    await host.close();
  }
  printTable(
    ["", "measured", "goal", ""],
    rows.map(({ what, value, goal, isMet }) => [what, value, goal, isMet ? "" : "missed"]),
  );
}

async function measure(context: BrowserContext, address: string, meter: Meter): Promise<void> {
  const cold = await context.newPage();
  await cold.goto(address);
  await cold.waitForSelector('[data-testid="torrent-row"]');
  await cold.close();

  const page = await context.newPage();
  await page.addInitScript(watchPage);
  await page.goto(new URL("/", address).href);
  await page.waitForFunction(() => window.firstRow !== undefined);
  note("first meaningful paint, warm start", await page.evaluate(() => window.firstRow ?? 0), "ms", 1000, 0);
  const get = (testId: string) => page.locator(`[data-testid="${testId}"]`);
  const shoot = async (name: string): Promise<void> => {
    if (values.shots !== undefined) await page.screenshot({ path: join(values.shots, `${name}.png`) });
  };

  await get("torrent-row").first().click();
  await get("peer-row").first().waitFor();
  await pause(SETTLE);
  meter.take();
  noteSmoothness("peers view at rest", await smoothnessOf(page, () => pause(WATCH)));
  const peersRate = meter.take();
  note("messages, peers view open", peersRate.bytes / KB, "KB/s", 300);
  noteSmoothness("peers, scrolling", await smoothnessOf(page, () => scroll(page, "peer-list")));
  noteSmoothness("torrents, scrolling", await smoothnessOf(page, () => scroll(page, "torrent-list")));
  await shoot("peers");

  noteSmoothness("swarm, opening", await smoothnessOf(page, () => open(page, "pieces", "heatmap-canvas")));
  await pause(SETTLE);
  meter.take();
  noteSmoothness("swarm at rest", await smoothnessOf(page, () => pause(WATCH)));
  note("messages, swarm open", meter.take().bytes / KB, "KB/s", 300);
  await shoot("swarm");
  const repaints: number[] = [];
  const sample = async () => repaints.push(Number(await get("heatmap-canvas").getAttribute("data-millis")));
  noteSmoothness("swarm, zooming", await smoothnessOf(page, () => zoom(page, sample)));
  await shoot("swarm-near");
  noteSmoothness("swarm, moving", await smoothnessOf(page, () => pan(page, sample)));
  noteSmoothness("swarm, scrolling", await smoothnessOf(page, () => scroll(page, "heatmap", sample)));
  repaints.sort((a, b) => a - b);
  note(
    `heatmap repaint, 95th percentile of ${repaints.length}`,
    repaints[Math.floor(repaints.length * 0.95)] ?? 0,
    "ms",
    8,
  );

  noteSmoothness(`${size.files} files, opening`, await smoothnessOf(page, () => open(page, "files", "file-row")));
  noteSmoothness("files, scrolling", await smoothnessOf(page, () => scroll(page, "file-list")));
  await shoot("files");

  await open(page, "peers", "peer-row");
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await pause(SETTLE);
  meter.take();
  await pause(2 * WATCH);
  note("messages, window hidden", meter.take().bytes / KB, "KB/s", 20);

  const memory = await rendererMemory(page);
  if (memory !== undefined) note("memory of the renderer", memory / MB, "MB", 250, 0);
  const relay = await relayCost(
    Math.round(peersRate.bytes / Math.max(1, peersRate.messages)),
    1000 / peersRate.messages,
  );
  note("main thread's relay", 100 * relay, "% of a core", 2, 2);
}

async function open(page: Page, tab: string, shown: string): Promise<void> {
  await page.locator(`[data-testid="tab-${tab}"]`).click();
  await page.locator(`[data-testid="${shown}"]`).first().waitFor();
  await pause(500);
}

const STEPS = 120;

async function overMiddle(page: Page, testId: string): Promise<void> {
  const box = await page.locator(`[data-testid="${testId}"]`).boundingBox();
  if (box === null) throw new Error(`${testId} is not on screen`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.7);
}

async function scroll(page: Page, testId: string, each?: () => Promise<unknown>): Promise<void> {
  await overMiddle(page, testId);
  for (let step = 0; step < STEPS; step++) {
    await page.mouse.wheel(0, step < (2 * STEPS) / 3 ? 90 : -120);
    await each?.();
  }
}

/** Down to single blocks and back, and down again. */
async function zoom(page: Page, each: () => Promise<unknown>): Promise<void> {
  await overMiddle(page, "heatmap");
  await page.keyboard.down("Control");
  for (let step = 0; step < 2 * STEPS; step++) {
    await page.mouse.wheel(0, step % 160 < 80 ? -60 : 60);
    await each();
  }
  await page.keyboard.up("Control");
}

async function pan(page: Page, each: () => Promise<unknown>): Promise<void> {
  await overMiddle(page, "heatmap");
  for (let step = 0; step < STEPS; step++) {
    await page.mouse.wheel(step < STEPS / 2 ? 60 : -60, 0);
    await each();
  }
}

/** Resident and not backed by files: what the page itself takes. */
async function rendererMemory(page: Page): Promise<number | undefined> {
  if (process.platform !== "linux") return undefined;
  const browser = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await browser?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  return renderers.length === 0 ? undefined : Math.max(...renderers.map(({ id }) => readCost(id).anonymous));
}

if (values.help) console.log(usage);
else await run();
