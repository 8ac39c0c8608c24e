import type { CDPSession, Page } from "playwright-core";

/** What a stretch of use was like, in milliseconds. */
export interface Smoothness {
  readonly frames: number;
  readonly medianFrame: number;
  readonly p95Frame: number;
  readonly longestTask: number;
  /** Of the page's main thread: what a busy machine can't stretch. */
  readonly processorPerFrame: number;
}

interface Watched {
  frames: number[];
  longest: number;
}

declare global {
  interface Window {
    watched?: Watched;
    firstRow?: number;
  }
}

/** Runs in the page before its own script: notes each frame, the longest task, and when the first torrent was there. */
export function watchPage(): void {
  const watched: Watched = { frames: [], longest: 0 };
  window.watched = watched;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration);
  }).observe({ type: "longtask", buffered: true });
  let last = performance.now();
  const frame = (now: number) => {
    watched.frames.push(now - last);
    last = now;
    if (window.firstRow === undefined && document.querySelector('[data-testid="torrent-row"]') !== null) {
      // The frame that shows it ends after this one.
      requestAnimationFrame(() => {
        window.firstRow ??= performance.now();
      });
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Measures the page while it is used. */
export async function smoothnessOf(page: Page, use: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate(() => {
    if (window.watched !== undefined) Object.assign(window.watched, { frames: [], longest: 0 });
  });
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
  const before = await taskTime(devTools);
  await use();
  const processor = (await taskTime(devTools)) - before;
  await devTools.detach();
  const { frames, longest } = await page.evaluate(() => window.watched ?? { frames: [], longest: 0 });
  const sorted = frames.slice(1).sort((a, b) => a - b);
  return {
    frames: sorted.length,
    medianFrame: sorted[Math.floor(sorted.length / 2)] ?? 0,
    p95Frame: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
    longestTask: longest,
    processorPerFrame: processor / Math.max(1, frames.length),
  };
}

/** Milliseconds of processor time that the page's tasks have taken so far. */
async function taskTime(devTools: CDPSession): Promise<number> {
  const { metrics } = await devTools.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0);
}
