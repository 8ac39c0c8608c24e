import { mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Running } from "./running.ts";

const screenshots = join(import.meta.dirname, "../screenshots");
/** Loopback, small torrents: what takes longer is broken. */
const PATIENCE = 30_000;

/** The interface as its user handles it. */
export class InterfaceWindow {
  readonly running: Running;
  readonly page: Page;
  /** What the page complained of: uncaught errors, violations of its security policy. */
  readonly complaints: string[] = [];

  constructor(running: Running) {
    this.running = running;
    this.page = running.page;
    this.page.setDefaultTimeout(PATIENCE);
    this.page.on("pageerror", (error) => this.complaints.push(String(error)));
    this.page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  get(testId: string, attributes: Readonly<Record<string, string>> = {}): Locator {
    const conditions = Object.entries(attributes).map(([name, value]) => `[data-${name}=${JSON.stringify(value)}]`);
    return this.page.locator(`[data-testid="${testId}"]${conditions.join("")}`);
  }

  torrent(id: string): Locator {
    return this.get("torrent-row", { id });
  }

  peer(address: string): Locator {
    return this.get("peer-row", { address });
  }

  async isIn(id: string, state: string): Promise<void> {
    await this.get("torrent-row", { id, state }).waitFor();
  }

  async show(tab: "peers" | "pieces" | "files" | "trackers" | "log" | "charts"): Promise<void> {
    await this.get(`tab-${tab}`).click();
    await this.get(`panel-${tab}`).waitFor();
  }

  /** Drops files from the system, as one trusted gesture over the middle of the window. */
  async drop(...paths: string[]): Promise<void> {
    await this.#tellStandin(paths);
    const { x, y } = await this.page.evaluate(() => ({ x: window.innerWidth / 2, y: window.innerHeight / 2 }));
    const devTools = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await devTools.send("Input.dispatchDragEvent", { type, x, y, data });
    }
    await devTools.detach();
  }

  /** Text from elsewhere, over the middle of the window. */
  async dropText(text: string): Promise<void> {
    const { x, y } = await this.page.evaluate(() => ({ x: window.innerWidth / 2, y: window.innerHeight / 2 }));
    const devTools = await this.page.context().newCDPSession(this.page);
    const data = { items: [{ mimeType: "text/plain", data: text }], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await devTools.send("Input.dispatchDragEvent", { type, x, y, data });
    }
    await devTools.detach();
  }

  /** What a paste outside of any text field brings. */
  async paste(text: string): Promise<void> {
    await this.page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  /** Electron knows where dropped files are; its stand-in must be told. To the real one this is an event of no meaning. */
  async #tellStandin(paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => ({ path, name: basename(path), size: statSync(path).size }));
    await this.running.desktop?.evaluate(({ BrowserWindow }, dropped) => {
      for (const { webContents } of BrowserWindow.getAllWindows()) {
        (webContents as { knowFiles?(files: unknown): void }).knowFiles?.(dropped);
      }
    }, files);
  }

  /** Answers the dialog for the torrent that was just offered. */
  async confirmAdding(folder: string): Promise<void> {
    await this.get("add-folder-path").fill(folder);
    await this.get("add-confirm").click();
    await this.get("add-dialog").waitFor({ state: "detached" });
  }

  /** Reads until the answer is the expected one: pictures follow the engine a few times a second. */
  async sees<T>(read: () => Promise<T>, expected: T): Promise<void> {
    await expect.poll(read, { timeout: PATIENCE, interval: 50 }).toEqual(expected);
  }

  /** Points at something until what it tells is there: rows may move under a resting pointer, and say nothing then. */
  async hoverFor(target: Locator, told: Locator): Promise<void> {
    const point = async () => {
      await this.page.mouse.move(0, 0);
      await target.hover();
      return told.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    };
    await expect.poll(point, { timeout: PATIENCE }).toBe(true);
  }

  /** Kept for the eye, light and dark. */
  async shoot(name: string): Promise<void> {
    const kind = this.running.desktop === undefined ? "web" : "desktop";
    mkdirSync(screenshots, { recursive: true });
    for (const colorScheme of ["dark", "light"] as const) {
      await this.page.emulateMedia({ colorScheme });
      // Canvases are painted in the frame after the one that brought the new colours.
      await this.page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      await this.page.screenshot({
        path: join(screenshots, `${kind}-${name}-${colorScheme}.png`),
        animations: "disabled",
      });
    }
  }
}
