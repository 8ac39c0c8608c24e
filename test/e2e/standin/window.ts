import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { CDPSession, Page } from "playwright-core";
import { app } from "./app.ts";
import { browser, fromChromium, onNavigation, toChromium } from "./chromium.ts";
import { type FromPreload, pageWorld, preloadWorld, type ToPreload } from "./in-page.ts";
import { ipcMain, type MessagePortMain } from "./ipc.ts";
import { session } from "./session.ts";
import { makeTextClone } from "./text-clone.ts";

interface WindowOptions {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly webPreferences?: { readonly preload?: string };
}
type OpenHandler = (details: { url: string }) => { action: string };

const clone = makeTextClone();
/** Events between the page's worlds carry it in their names: unknown to the page, so it can't forge them. */
const nonce = `standin-${crypto.randomUUID()}-`;
const WORLD = "preload";
let lastId = 0;

class WebContents extends EventEmitter {
  readonly id = ++lastId;
  readonly window: BrowserWindow;
  readonly #ports = new Map<number, MessagePortMain>();
  #page: Page | undefined;
  #devTools: CDPSession | undefined;
  #world: number | undefined;
  #expected: string | undefined;
  #openHandler: OpenHandler = () => ({ action: "deny" });
  targetId: string | undefined;

  constructor(window: BrowserWindow) {
    super();
    this.window = window;
  }

  get page(): Page | undefined {
    return this.#page;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  getURL(): string {
    return fromChromium(this.#page?.url() ?? "");
  }

  isDestroyed(): boolean {
    return this.window.isDestroyed();
  }

  close(): void {
    this.window.close();
  }

  reload(): void {
    void this.load(this.getURL());
  }

  send(channel: string, ...given: unknown[]): void {
    this.#tell({ kind: "message", channel, given, ports: [] });
  }

  postMessage(channel: string, message: unknown, ports: readonly MessagePortMain[] = []): void {
    const ids = ports.map((port) => {
      const id = ++lastId;
      this.#ports.set(id, port);
      return id;
    });
    this.#tell({ kind: "message", channel, given: [message], ports: ids });
    ports.forEach((port, index) => {
      const id = ids[index] as number;
      port.deliverTo((data) => this.#tell({ kind: "port", port: id, data }));
      port.on("close", () => this.#tell({ kind: "port-closed", port: id }));
    });
  }

  /** Where dropped files are, by name and size: a page can't tell. A test says it before it drops them. */
  knowFiles(files: readonly { readonly name: string; readonly size: number; readonly path: string }[]): void {
    this.#tell({ kind: "files", files: files.map(({ name, size, path }) => ({ key: `${name} ${size}`, path })) });
  }

  async load(url: string): Promise<void> {
    this.#expected = url;
    await this.#page?.goto(toChromium(url));
  }

  /** Whether the page may go where it wants to. What the application itself loads is not asked about. */
  mayNavigate(url: string): boolean {
    let isPrevented = false;
    const details = { url, isMainFrame: true, preventDefault: () => (isPrevented = true) };
    if (url !== this.#expected) {
      this.emit("will-frame-navigate", details);
      this.emit("will-navigate", details);
    }
    this.#expected = undefined;
    if (isPrevented) return false;
    this.#forgetPorts();
    this.emit("did-start-loading");
    return true;
  }

  async open(page: Page, preload: string | undefined): Promise<void> {
    this.#page = page;
    const devTools = await page.context().newCDPSession(page);
    this.#devTools = devTools;
    devTools.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name === "standinTell") void this.#heard(clone.fromText(payload) as FromPreload);
    });
    devTools.on("Runtime.executionContextCreated", ({ context }) => {
      if (context.name === WORLD) this.#world = context.id;
    });
    page.on("load", () => this.emit("did-finish-load"));
    page.on("crash", () => this.emit("render-process-gone", {}, { reason: "crashed" }));
    page.on("popup", (popup) => {
      this.#openHandler({ url: fromChromium(popup.url()) });
      void popup.close();
    });
    this.targetId = (await devTools.send("Target.getTargetInfo")).targetInfo.targetId;
    await devTools.send("Runtime.enable");
    await devTools.send("Page.enable");
    await devTools.send("Runtime.addBinding", { name: "standinTell", executionContextName: WORLD });
    const name = JSON.stringify(nonce);
    await devTools.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${pageWorld})(${name});` });
    if (preload === undefined) return;
    const body = `function (require, module, exports) {\n${readFileSync(preload, "utf8")}\n}`;
    await devTools.send("Page.addScriptToEvaluateOnNewDocument", {
      worldName: WORLD,
      source:
        `(${preloadWorld})(${name}, (${makeTextClone})(), (text) => standinTell(text), ${body});` +
        `\n//# sourceURL=${pathToFileURL(preload)}`,
    });
  }

  /** Chromium asks nobody for the clipboard; what the application's handler says holds here too. */
  async applyPermissions(url: string): Promise<void> {
    const origin = new URL(toChromium(url)).origin;
    const isAllowed = session.defaultSession.isAllowed("clipboard-sanitized-write", `${new URL(url).origin}/`);
    await this.#devTools?.send("Browser.setPermission", {
      permission: { name: "clipboard-write" },
      setting: isAllowed ? "granted" : "denied",
      origin,
    });
  }

  #forgetPorts(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  closed(): void {
    this.#forgetPorts();
    this.emit("destroyed");
  }

  #tell(message: ToPreload): void {
    const expression = `standinHeard(${JSON.stringify(clone.toText(message))})`;
    if (this.#world === undefined) return;
    this.#devTools?.send("Runtime.evaluate", { contextId: this.#world, expression }).catch(() => {
      // The page went away meanwhile, and with it whoever would hear.
    });
  }

  async #heard(message: FromPreload): Promise<void> {
    const event = { sender: this, senderFrame: { url: this.getURL(), parent: null }, ports: [] };
    switch (message.kind) {
      case "port":
        this.#ports.get(message.port)?.postMessage(message.data);
        break;
      case "port-closed":
        this.#ports.get(message.port)?.close();
        this.#ports.delete(message.port);
        break;
      case "send":
        ipcMain.emit(message.channel, event, ...message.given);
        break;
      case "invoke": {
        const handler = ipcMain.handlers.get(message.channel);
        try {
          if (handler === undefined) throw new Error(`No handler registered for '${message.channel}'`);
          this.#tell({ kind: "reply", id: message.id, value: await Promise.resolve(handler(event, ...message.given)) });
        } catch (error) {
          const words = `Error invoking remote method '${message.channel}': ${error}`;
          this.#tell({ kind: "reply", id: message.id, error: words });
        }
      }
    }
  }
}

export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return [...app.windows] as BrowserWindow[];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.getAllWindows().at(-1) ?? null;
  }

  static fromWebContents(contents: WebContents): BrowserWindow {
    return contents.window;
  }

  readonly webContents: WebContents;
  readonly #options: WindowOptions;
  readonly #opened: Promise<void>;
  #isMaximized = false;
  #progress = -1;

  constructor(options: WindowOptions) {
    super();
    this.#options = options;
    this.webContents = new WebContents(this);
    app.windows.add(this);
    app.emit("web-contents-created", {}, this.webContents);
    this.#opened = this.#open();
  }

  get progress(): number {
    return this.#progress;
  }

  async #open(): Promise<void> {
    const context = await browser(app.getPath("userData"));
    const page = context.pages().find((candidate) => candidate.url() === "about:blank") ?? (await context.newPage());
    page.on("close", () => {
      this.webContents.closed();
      this.emit("closed");
      app.windowClosed(this);
    });
    await this.webContents.open(page, this.#options.webPreferences?.preload);
  }

  async loadURL(url: string): Promise<void> {
    await this.#opened;
    await this.webContents.applyPermissions(url);
    await this.webContents.load(url);
    this.emit("ready-to-show");
  }

  close(): void {
    let isPrevented = false;
    this.emit("close", { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) void this.webContents.page?.close();
  }

  isDestroyed(): boolean {
    return !app.windows.has(this);
  }

  getNormalBounds() {
    const { x = 0, y = 0, width = 800, height = 600 } = this.#options;
    return { x, y, width, height };
  }

  maximize(): void {
    this.#isMaximized = true;
  }

  isMaximized(): boolean {
    return this.#isMaximized;
  }

  isMinimized(): boolean {
    return false;
  }

  setProgressBar(progress: number): void {
    this.#progress = progress;
  }

  show(): void {}
  focus(): void {}
  restore(): void {}
}

export const webContents = {
  fromDevToolsTargetId: (id: string) =>
    BrowserWindow.getAllWindows().find((window) => window.webContents.targetId === id)?.webContents,
};

onNavigation(({ page, url }) => {
  const window = BrowserWindow.getAllWindows().find((candidate) => candidate.webContents.page === page);
  return window === undefined || window.webContents.mayNavigate(url);
});
