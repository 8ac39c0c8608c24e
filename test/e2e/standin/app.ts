import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeBrowser } from "./chromium.ts";

interface Closable {
  close(): void;
}

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly commandLine = { appendSwitch(): void {}, hasSwitch: () => false };
  readonly windows = new Set<Closable>();
  readonly #paths = new Map<string, string>();
  #isReady = false;
  #isQuitting = false;

  enableSandbox(): void {}
  requestSingleInstanceLock(): boolean {
    return true;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  /** Called by the program once the application's main module has been evaluated, as Electron does. */
  becomeReady(): void {
    this.#isReady = true;
    this.emit("ready", {});
  }

  whenReady(): Promise<void> {
    return this.#isReady ? Promise.resolve() : new Promise((resolve) => this.once("ready", () => resolve()));
  }

  getPath(name: string): string {
    let path = this.#paths.get(name);
    if (path === undefined) {
      path = mkdtempSync(join(tmpdir(), `standin-${name}-`));
      this.#paths.set(name, path);
    }
    return path;
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  getVersion(): string {
    return JSON.parse(readFileSync("package.json", "utf8")).version;
  }

  quit(): void {
    if (this.#isQuitting) return;
    this.#isQuitting = true;
    this.emit("before-quit", { preventDefault() {} });
    if (this.windows.size === 0) this.#allClosed();
    for (const window of this.windows) window.close();
  }

  windowClosed(window: Closable): void {
    this.windows.delete(window);
    if (this.windows.size > 0) return;
    if (this.#isQuitting) this.#allClosed();
    else if (!this.emit("window-all-closed")) this.quit();
  }

  exit(code = 0): void {
    void closeBrowser().finally(() => process.exit(code));
  }

  #allClosed(): void {
    let isPrevented = false;
    const preventDefault = () => {
      isPrevented = true;
    };
    this.emit("will-quit", { preventDefault });
    if (!isPrevented) this.exit(0);
  }
}

export const app = new App();
