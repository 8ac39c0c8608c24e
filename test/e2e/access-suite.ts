import { afterAll, beforeAll, expect, test } from "vitest";
import { barriersIn } from "./support/access.ts";
import type { Start } from "./support/running.ts";
import { type Stage, setStage } from "./support/stage.ts";
import { InterfaceWindow } from "./support/window.ts";

/** Nothing on screen keeps anybody out: each view and each dialog, in light and in dark. */
export function describeAccess(start: Start): void {
  let stage: Stage;
  let window: InterfaceWindow;

  beforeAll(async () => {
    stage = await setStage();
    window = new InterfaceWindow(await start(stage.stateFolder));
  });
  afterAll(async () => {
    await window?.running.quit();
    await stage?.close();
  });

  const isOpenToAll = async () => expect(await barriersIn(window)).toEqual([]);
  const close = async (dialog: string) => {
    await window.page.keyboard.press("Escape");
    await window.get(dialog).waitFor({ state: "detached" });
  };

  test("the empty window", async () => {
    await window.get("empty-state").waitFor();
    await isOpenToAll();
  });

  test("adding a torrent", async () => {
    await window.drop(stage.album.file);
    await window.get("add-file").first().waitFor();
    await isOpenToAll();
    await window.confirmAdding(stage.downloads);
    await window.isIn(stage.album.id, "downloading");
    for (const { address } of [stage.miser, stage.beggar]) await window.peer(address).waitFor();
  });

  test.each(["peers", "pieces", "files", "trackers", "log", "charts"] as const)("the tab of %s", async (tab) => {
    await window.show(tab);
    await isOpenToAll();
  });

  test("what is known of one peer", async () => {
    await window.show("peers");
    await window.peer(stage.miser.address).click();
    await window.get("peer-panel").waitFor();
    await isOpenToAll();
    await window.get("peer-panel-close").click();
  });

  test.each(["timeline", "pieces", "wire", "identity"])("a peer's page: its %s", async (part) => {
    await window.peer(stage.miser.address).click();
    await window.get("peer-open").click();
    await window.get(`peer-part-${part}`).click();
    await isOpenToAll();
    await window.get("peer-page-back").click();
    await window.get("peer-panel-close").click();
  });

  test.each(["gone", "refused", "banned"])("the list of peers: %s", async (list) => {
    await window.get(`peers-${list}`).click();
    await isOpenToAll();
    await window.get("peers-here").click();
  });

  test.each(["look", "downloads", "speed", "connections", "finding", "privacy"])("settings of %s", async (section) => {
    await window.get("toolbar-settings").click();
    await window.get(`settings-${section}`).click();
    await isOpenToAll();
    await close("settings-dialog");
  });

  test("settings that a search finds, a fault, and none", async () => {
    await window.get("toolbar-settings").click();
    await window.get("settings-search").fill("limit");
    await window.get("setting-upLimit").fill("x");
    await window.get("setting-fault").waitFor();
    await isOpenToAll();
    await window.get("settings-search").fill("nothing of the kind");
    await window.get("settings-nothing").waitFor();
    await isOpenToAll();
    await window.get("settings-search").fill("");
    await close("settings-dialog");
  });

  test("a torrent's menu, and its settings", async () => {
    await window.torrent(stage.album.id).click({ button: "right" });
    await window.get("torrent-menu").waitFor();
    await isOpenToAll();
    await window.get("menu-torrent-settings").click();
    await window.get("torrent-settings-dialog").waitFor();
    await isOpenToAll();
    await close("torrent-settings-dialog");
  });

  test.each([
    ["toolbar-remove", "remove-dialog"],
    ["toolbar-add-peer", "add-peer-dialog"],
    ["status-dht", "dht-dialog"],
  ])("what opens with %s", async (button, dialog) => {
    await window.get(button).click();
    await window.get(dialog).waitFor();
    await isOpenToAll();
    await close(dialog);
  });

  test("trackers that are added", async () => {
    await window.show("trackers");
    await window.get("tracker-add").click();
    await window.get("tracker-dialog").waitFor();
    await isOpenToAll();
    await close("tracker-dialog");
  });

  test("a window that broke says so, and is drawn again", async () => {
    await window.page.evaluate(() => {
      const broken = Object.getOwnPropertyDescriptor(Intl.NumberFormat.prototype, "format") as PropertyDescriptor;
      Object.defineProperty(Intl.NumberFormat.prototype, "format", {
        configurable: true,
        get() {
          throw new Error("numbers are out of order");
        },
      });
      const mend = () => Object.defineProperty(Intl.NumberFormat.prototype, "format", broken);
      Object.assign(globalThis, { mend });
    });
    await window.get("tab-files").click();
    await window.get("broken-error").getByText("numbers are out of order").waitFor();
    await isOpenToAll();
    await window.page.evaluate(() => (globalThis as unknown as { mend(): void }).mend());
    await window.get("broken-retry").click();
    await window.torrent(stage.album.id).waitFor();
  });
}
