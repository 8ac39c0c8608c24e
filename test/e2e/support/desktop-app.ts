import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { _electron } from "playwright-core";
import { findBrowser } from "../../../build/browser.js";
import { type Missing, requireBrowser } from "../../setup/requirements.ts";
import { installStandin } from "../standin/install.ts";
import { environment, type Running } from "./running.ts";

const root = join(import.meta.dirname, "../../..");

/** Electron's own binary, where it was fetched and there is a display for it. */
function findElectron(): string | undefined {
  const hasDisplay = process.platform !== "linux" || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  const folder = dirname(createRequire(import.meta.url).resolve("electron/package.json"));
  const named = join(folder, "path.txt");
  if (!hasDisplay || !existsSync(named)) return undefined;
  const binary = join(folder, "dist", readFileSync(named, "utf8"));
  return existsSync(binary) ? binary : undefined;
}

/** Without Electron, its stand-in needs a browser and a shell. */
export function requireDesktop(): Missing {
  if (findElectron() !== undefined) return undefined;
  return process.platform === "win32" ? "Electron's binary was not fetched" : requireBrowser();
}

let standin: Promise<string> | undefined;

/** The desktop application out of `dist/`, on Electron or its stand-in. */
export async function startDesktopApp(stateFolder: string, ...extra: string[]): Promise<Running> {
  const electron = findElectron();
  if (electron === undefined) standin ??= installStandin();
  const desktop = await _electron.launch({
    executablePath: electron ?? (await (standin as Promise<string>)),
    args: [root, `--state=${stateFolder}`, ...extra],
    cwd: root,
    env: { ...environment(stateFolder), PEERSCOPE_CHROMIUM: findBrowser() ?? "" },
  });
  const page = await desktop.firstWindow();
  return { page, desktop, quit: () => desktop.close() };
}
