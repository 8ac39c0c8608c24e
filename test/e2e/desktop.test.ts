import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MenuItem } from "electron";
import { describe, expect, test } from "vitest";
import { needs } from "../setup/requirements.ts";
import { describeGone } from "./gone-suite.ts";
import { describeMagnets } from "./magnet-suite.ts";
import { describePeerPage } from "./peer-page-suite.ts";
import { describePeers } from "./peers-suite.ts";
import { describeRecordings } from "./recording-suite.ts";
import { describeInterface } from "./suite.ts";
import { requireDesktop, startDesktopApp } from "./support/desktop-app.ts";
import { infoOf } from "./support/swarm.ts";
import { InterfaceWindow } from "./support/window.ts";

describe("the interface on the desktop", needs(requireDesktop()), () => {
  const suite = describeInterface(startDesktopApp);
  describeMagnets(suite);
  const desktop = () => {
    const { desktop: application } = suite.window.running;
    if (application === undefined) throw new Error("the suite did not start the desktop application");
    return application;
  };

  /** Waits until the album, being there already, is offered once more; and declines. */
  async function isOffered(): Promise<void> {
    await suite.window.get("add-already").waitFor();
    await suite.window.get("add-cancel").click();
    await suite.window.get("add-already").waitFor({ state: "detached" });
  }

  test("the page has the named functions and nothing of Node or Electron", async () => {
    const found = await suite.window.page.evaluate(() => ({
      api: Object.keys(window.peerscope ?? {}),
      node: ["require", "process", "module", "Buffer", "global", "ipcRenderer", "electron"].filter(
        (name) => name in window,
      ),
    }));
    expect(found.api).toEqual([
      "platform",
      "pathForFile",
      "chooseTorrentFiles",
      "chooseFolder",
      "openFolder",
      "saveTorrentFile",
      "speak",
      "onOpenTorrents",
    ]);
    expect(found.node).toEqual([]);
  });

  test("Open… in the menu offers what was chosen", async () => {
    await desktop().evaluate(({ dialog, Menu }, file) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [file] });
      const open = Menu.getApplicationMenu()?.getMenuItemById("open") as MenuItem & { click(): void };
      open.click();
    }, suite.stage.album.file);
    await isOffered();
  });

  test("the menu speaks the language that is chosen in the page", async () => {
    const menus = () =>
      desktop().evaluate(({ Menu }) => (Menu.getApplicationMenu()?.items ?? []).map(({ label }) => label));
    const choose = async (language: string) => {
      await suite.window.get("toolbar-settings").click();
      await suite.window.get("setting-language").selectOption(language);
      await suite.window.page.keyboard.press("Escape");
      await suite.window.get("settings-dialog").waitFor({ state: "detached" });
    };
    expect(await menus()).toContain("&File");
    await choose("de");
    await suite.window.sees(async () => (await menus()).includes("&Datei"), true);
    await choose("system");
    await suite.window.sees(async () => (await menus()).includes("&File"), true);
  });

  test("the folder dialog fills in the folder", async () => {
    await desktop().evaluate(({ dialog }) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: ["/chosen/by/dialog"] });
    });
    await suite.window.drop(suite.stage.film.file);
    await suite.window.get("add-dialog").getByText("Choose…").click();
    const path = suite.window.get("add-folder-path");
    await suite.window.sees(() => path.inputValue(), "/chosen/by/dialog");
    await suite.window.get("add-cancel").click();
  });

  test("a second start hands its .torrent to the first", async () => {
    await desktop().evaluate(({ app }, file) => {
      app.emit("second-instance", {}, ["peerscope", "--flag", file, "/not/there.torrent"], "/", undefined);
    }, suite.stage.album.file);
    await isOffered();
  });

  test("a .torrent opened in the file manager of macOS is offered", async () => {
    const copy = join(suite.stage.folder, "opened.torrent");
    copyFileSync(suite.stage.album.file, copy);
    await desktop().evaluate(({ app }, file) => app.emit("open-file", { preventDefault() {} }, file), copy);
    await isOffered();
  });

  const albumLink = () => `magnet:?xt=urn:btih:${suite.stage.album.id}&dn=Album`;

  test("a second start hands its magnet link to the first, and so does the system of macOS", async () => {
    await desktop().evaluate(({ app }, link) => {
      app.emit("second-instance", {}, ["peerscope", "https://example.com/", link], "/", undefined);
    }, albumLink());
    await isOffered();
    await desktop().evaluate(({ app }, link) => app.emit("open-url", { preventDefault() {} }, link), albumLink());
    await isOffered();
  });

  test("a torrent is saved where the dialog says, and only there", async () => {
    const file = join(suite.stage.folder, "saved.torrent");
    await desktop().evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, file);
    const { window, stage } = suite;
    await window.torrent(stage.album.id).click({ button: "right" });
    await window.get("menu-save-torrent").click();
    await window.get("toast", { kind: "done" }).getByText("Torrent file saved").waitFor();
    expect(infoOf(readFileSync(file))).toEqual(infoOf(readFileSync(stage.album.file)));
  });

  test("a .torrent may be given at the start", async () => {
    await suite.window.running.quit();
    const again = await startDesktopApp(suite.stage.stateFolder, suite.stage.album.file);
    suite.replace(again);
    await isOffered();
  });

  test("open folder shows the torrent in the file manager", async () => {
    const shown = await desktop().evaluateHandle(({ shell }) => {
      const paths: string[] = [];
      shell.showItemInFolder = (path) => void paths.push(path);
      return paths;
    });
    await suite.window.torrent(suite.stage.album.id).click();
    await suite.window.get("toolbar-open-folder").click();
    await suite.window.sees(() => shown.jsonValue(), [join(suite.stage.downloads, suite.stage.album.name)]);
  });

  test("the main process answers its own page only, and only what it can mean", async () => {
    const refusal = (call: "openFolder" | "chooseFolder", ...given: string[]) =>
      suite.window.page.evaluate(
        ([name, ...rest]) => {
          const api = window.peerscope as unknown as Record<string, (...args: string[]) => Promise<unknown>>;
          return api[name as string]?.(...rest).then(String, (error: Error) => error.message);
        },
        [call, ...given],
      );
    expect(await refusal("openFolder", "../../etc")).toContain("40 hexadecimal digits");
    expect(await refusal("openFolder", "0".repeat(40))).toContain("there is no such torrent");
    expect(await refusal("openFolder", suite.stage.album.id, "../../../etc/passwd")).toContain("is not inside");
    expect(await refusal("chooseFolder", "a\0b")).toContain("a folder is a string");
  });

  test("the page stays where it is, opens no window, and asks nothing of the network", async () => {
    const { page } = suite.window;
    const before = page.url();
    const outcome = await page.evaluate(async () => {
      const opened = window.open("https://example.com/");
      window.location.href = "https://example.com/";
      const fetched = await fetch("https://example.com/").then(String, () => "refused");
      return { opened: opened === null || opened.closed, fetched };
    });
    expect(outcome.fetched).toBe("refused");
    await suite.window.get("torrent-row").first().waitFor();
    expect(page.url()).toBe(before);
    await suite.window.sees(() => desktop().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length), 1);
  });

  test("the security policy holds: nothing inline, nothing from strings", async () => {
    const directives = await suite.window.page.evaluate(() => {
      const violated: string[] = [];
      document.addEventListener("securitypolicyviolation", (event) => violated.push(event.effectiveDirective));
      const script = document.createElement("script");
      try {
        script.textContent = "window.wasRun = true";
        document.body.append(script);
      } catch {
        violated.push("refused before it was asked");
      }
      const image = new Image();
      image.src = "https://example.com/pixel.png";
      document.body.append(image);
      return new Promise<{ violated: string[]; wasRun: boolean }>((resolve) => {
        image.onerror = () => {
          image.remove();
          script.remove();
          resolve({ violated, wasRun: "wasRun" in window });
        };
      });
    });
    expect(directives.wasRun).toBe(false);
    expect(directives.violated).toContain("img-src");
  });

  test("no permission is granted", async () => {
    const states = await suite.window.page.evaluate(() =>
      Promise.all(
        (["geolocation", "notifications", "camera", "microphone"] as const).map(
          async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
        ),
      ),
    );
    expect(states.filter((state) => state === "granted")).toEqual([]);
  });
});

describe("peers on the desktop", needs(requireDesktop()), () => describePeers(startDesktopApp));

describe("a peer's page on the desktop", needs(requireDesktop()), () => describePeerPage(startDesktopApp));

describe("who is gone on the desktop", needs(requireDesktop()), () => describeGone(startDesktopApp));

describe("recordings on the desktop", needs(requireDesktop()), () => describeRecordings(startDesktopApp));

describe("the demo on the desktop", needs(requireDesktop()), () => {
  test("downloads from a swarm of its own, before the eyes of who looks", async () => {
    const folder = mkdtempSync(join(tmpdir(), "peerscope-e2e-demo-"));
    const window = new InterfaceWindow(await startDesktopApp(folder, "--demo"));
    try {
      await window.get("torrent-row", { state: "downloading" }).waitFor();
      await window.get("peer-row", { phase: "open" }).nth(5).waitFor();
      await window.get("status-down", { active: "true" }).waitFor();
      await window.show("pieces");
      await window.shoot("13-demo");
      expect(window.complaints).toEqual([]);
    } finally {
      await window.running.quit();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
