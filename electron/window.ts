import { join } from "node:path";
import { BrowserWindow, nativeImage, nativeTheme, screen } from "electron";
import type { Millis } from "../core/model/units.ts";
import { APP_PAGE } from "./app-protocol.ts";
import { webPreferences } from "./guards.ts";
import icon from "./window.png?inline";
import { keepWindowState, placeWindow, readWindowState, SMALLEST_WINDOW } from "./window-state.ts";

const RELOAD_PAUSE: Millis = 10_000;

export interface WindowOptions {
  /** Where the window's place is kept. */
  readonly stateFolder: string;
  readonly preload: string;
  readonly isPackaged: boolean;
}

/** The window, shown once it has something to show, where it was the last time. */
export function openWindow({ stateFolder, preload, isPackaged }: WindowOptions): BrowserWindow {
  const stateFile = join(stateFolder, "window.json");
  const kept = readWindowState(stateFile);
  const displays = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()];
  const window = new BrowserWindow({
    ...placeWindow(
      kept,
      displays.map((display) => display.workArea),
    ),
    minWidth: SMALLEST_WINDOW.width,
    minHeight: SMALLEST_WINDOW.height,
    show: false,
    title: "Peerscope",
    // Windows and macOS take the application's own.
    ...(process.platform === "linux" ? { icon: nativeImage.createFromDataURL(icon) } : {}),
    backgroundColor: nativeTheme.shouldUseDarkColors ? "#101418" : "#ffffff",
    webPreferences: webPreferences(preload, isPackaged),
  });
  if (kept?.isMaximized) window.maximize();
  window.once("ready-to-show", () => window.show());
  window.on("close", () => {
    try {
      keepWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
    } catch (error) {
      // A full or read-only disk must not keep a window open.
      console.error("the window's place was not kept:", error);
    }
  });
  // A page that broke is loaded again: the engine beside it went on. One that breaks at once stays as it is.
  let reloadedAt = 0;
  window.webContents.on("render-process-gone", (_event, { reason }) => {
    if (reason === "clean-exit" || window.isDestroyed() || Date.now() - reloadedAt < RELOAD_PAUSE) return;
    reloadedAt = Date.now();
    window.webContents.reload();
  });
  void window.loadURL(APP_PAGE);
  return window;
}

export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
