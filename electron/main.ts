import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { app, BrowserWindow, dialog, Menu, protocol, session, shell } from "electron";
import { readAssets } from "../core/host/web/assets.ts";
import { APP_SCHEME, answerRequest } from "./app-protocol.ts";
import { EngineLink } from "./engine-link.ts";
import { guardAllContents, guardSession } from "./guards.ts";
import { menuTemplate } from "./menu.ts";
import { OpenTorrents, torrentsAmong } from "./open-files.ts";
import { chooseRecording, chooseTorrentFiles, servePage } from "./page-requests.ts";
import { SessionDisplay } from "./session-display.ts";
import { SessionWatch } from "./session-watch.ts";
import { openWindow, showWindow } from "./window.ts";
import { words } from "./words.ts";

/**
 * The desktop application: windows, menus, the system's events, and relaying between the page and the engine's thread.
 *
 * `--demo` shows a swarm of its own, of which nothing is kept; `--state=FOLDER` keeps state there instead of in the
 * user's folder for applications.
 */

const { values: given } = parseArgs({
  args: process.argv.slice(1),
  options: { demo: { type: "boolean" }, state: { type: "string" } },
  // The system and Chromium add arguments of their own; files come as positionals, read by open-files.
  strict: false,
});
const isDemo = given.demo === true;
// The demo is an application of its own, so that it runs beside the real one.
if (typeof given.state === "string") app.setPath("userData", resolve(given.state));
else if (isDemo) app.setPath("userData", join(app.getPath("appData"), "peerscope-demo"));

app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]);
guardAllContents(app, (url) => void shell.openExternal(url));

const openTorrents = new OpenTorrents();
// macOS opens files and links by these events, also before the application is ready.
app.on("open-file", (event, path) => {
  event.preventDefault();
  openTorrents.open(torrentsAmong([path], "/"));
});
app.on("open-url", (event, url) => {
  event.preventDefault();
  openTorrents.open(torrentsAmong([url], "/"));
});

// Not awaited: Electron is ready only after this module has been evaluated.
if (app.requestSingleInstanceLock()) run().catch(fail);
else app.quit();

function fail(error: Error): void {
  dialog.showErrorBox(words.cantGoOn, error.message);
  app.exit(1);
}

async function run(): Promise<void> {
  openTorrents.open(torrentsAmong(process.argv.slice(1), process.cwd()));
  app.on("second-instance", (_event, argumentList, folder) => {
    openTorrents.open(torrentsAmong(argumentList.slice(1), folder));
    showOnlyWindow();
  });

  const assets = await readAssets(new URL("../renderer/", import.meta.url));
  await app.whenReady();
  guardSession(session.defaultSession, app.isPackaged);
  protocol.handle(APP_SCHEME, (request) => answerRequest(assets, request));

  const engine = new EngineLink(
    new URL("./engine-thread.js", import.meta.url),
    { stateFolder: isDemo ? temporaryFolder() : app.getPath("userData"), isDemo },
    fail,
  );
  const display = new SessionDisplay({ show: showOnlyWindow, quit: () => app.quit() });
  const watch = new SessionWatch((torrent) => display.completed(torrent));
  engine.connect((message) => {
    watch.heard(message);
    display.say(watch.summary());
  });

  const setMenu = () =>
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate(process.platform, app.isPackaged, {
          openTorrents: () => void chooseTorrentFiles().then((paths) => openTorrents.open(paths)),
          openRecording: () => void chooseRecording().then((paths) => openTorrents.open(paths)),
          takeMagnetLinks: () => app.setAsDefaultProtocolClient("magnet"),
        }),
      ),
    );
  setMenu();
  servePage({
    engine,
    openTorrents,
    torrent: (id) => watch.torrent(id),
    translate: () => {
      setMenu();
      display.translate();
    },
  });
  // Where nobody opens them yet. Who chose another program for them chooses us in the menu, or not at all.
  if (app.isPackaged && !isDemo && app.getApplicationNameForProtocol("magnet:") === "") {
    app.setAsDefaultProtocolClient("magnet");
  }
  showOnlyWindow();
  app.on("activate", showOnlyWindow);
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  quitCleanly(engine);
}

/** There is one window. On macOS it may be closed while the application goes on. */
function showOnlyWindow(): void {
  if (!app.isReady()) return;
  const [window] = BrowserWindow.getAllWindows();
  if (window !== undefined) showWindow(window);
  else {
    openWindow({
      stateFolder: app.getPath("userData"),
      preload: join(import.meta.dirname, "preload.cjs"),
      isPackaged: app.isPackaged,
    });
  }
}

/** The windows go at once; the process when the engine has kept its state. */
function quitCleanly(engine: EngineLink): void {
  let isStopping = false;
  app.on("will-quit", (event) => {
    event.preventDefault();
    if (isStopping) return;
    isStopping = true;
    void engine.stop().finally(() => {
      app.exit(0);
    });
  });
}

/** Removed with all that is in it when the process ends, however it ends in order. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-demo-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
