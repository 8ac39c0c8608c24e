import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digests, writePayload } from "../setup/payload.ts";
import { cellsOf, placeOf, readOwnBand, readPeerRow, readStrip } from "./support/pictures.ts";
import type { Running, Start } from "./support/running.ts";
import { type Stage, setStage } from "./support/stage.ts";
import { type Seed, startSeed } from "./support/swarm.ts";
import { InterfaceWindow } from "./support/window.ts";

/** What a suite's own tests may use, from the first test on. */
export interface Suite {
  readonly stage: Stage;
  readonly window: InterfaceWindow;
  /** After the one before has quit. */
  replace(running: Running): void;
}

/**
 * The interface as its user meets it, told as one story: each test goes on where the one before it ended.
 * Run against every form in which the interface ships.
 */
export function describeInterface(start: Start): Suite {
  let stage: Stage;
  let window: InterfaceWindow;
  let seed: Seed | undefined;

  beforeAll(async () => {
    stage = await setStage();
    window = new InterfaceWindow(await start(stage.stateFolder));
  });
  afterAll(async () => {
    await window?.running.quit();
    await seed?.stop();
    await stage?.close();
  });

  test("an empty list says how to begin", async () => {
    await window.get("empty-state").waitFor();
    await window
      .get("status-port")
      .getByText(/Listening on port \d+/)
      .waitFor();
    await window.shoot("1-empty");
  });

  test("a dropped .torrent is shown before it is added: name, size, files, folder and free space", async () => {
    await window.drop(stage.album.file);
    const dialog = window.get("add-dialog");
    await dialog.getByText("Field Recordings", { exact: true }).first().waitFor();
    await window.sees(() => dialog.getByTestId("add-file").count(), 3);
    expect(await dialog.innerText()).toMatch(/2\.15 MiB|2\.2 MiB|2\.25 MB/);
    await dialog.getByText(/ free$/).waitFor();
    await window.shoot("2-add");
  });

  test("files can be left out, and taken after all", async () => {
    const wanted = window.get("add-file", { path: "Field Recordings/notes/sleeve.txt" }).getByTestId("add-file-wanted");
    const selection = () => window.get("add-selection").innerText();
    await wanted.click();
    await window.sees(selection, "2 of 3 files");
    await wanted.click();
    await window.sees(selection, "3 files");
  });

  test("Add starts it in the chosen folder", async () => {
    await window.confirmAdding(stage.downloads);
    await window.isIn(stage.album.id, "downloading");
    await window.show("trackers");
    await window.get("tracker-row", { url: stage.tracker.url, state: "working" }).waitFor();
    await window.shoot("3-trackers");
  });

  test("each peer is shown with its own client and flags", async () => {
    await window.show("peers");
    const { miser, beggar, brute } = stage;
    const flags = (address: string) => async () =>
      (await window.peer(address).getAttribute("data-flags"))?.replace(/[?O]/g, "");
    await window.sees(flags(miser.address), "dT=");
    await window.sees(flags(brute.address), "dT");
    await expect.poll(flags(beggar.address), { timeout: 30_000 }).toMatch(/^d[uU]T$/);
    await window
      .peer(miser.address)
      .getByText(/qBittorrent/)
      .waitFor();
    await window
      .peer(beggar.address)
      .getByText(/Transmission/)
      .waitFor();
    await window
      .peer(brute.address)
      .getByText(/Deluge/)
      .waitFor();
  });

  test("a flag says its words on hover", async () => {
    const flag = window.peer(stage.miser.address).locator('[data-flag="="]');
    await window.hoverFor(flag, window.get("hint").filter({ hasText: "seed: it has everything" }));
  });

  test("each peer's strip shows its own bitfield", async () => {
    for (const peer of [stage.miser, stage.beggar, stage.brute]) {
      const strip = window.peer(peer.address).getByTestId("peer-strip");
      await window.sees(() => readStrip(strip, stage.album.pieceCount), cellsOf(peer.pieces));
    }
    await window.shoot("4-peers");
  });

  test("the swarm's heatmap shows the same bitfields, each in its peer's row", async () => {
    const peers = [stage.miser, stage.beggar, stage.brute];
    const ids = await Promise.all(
      peers.map(async ({ address }) => (await window.peer(address).getAttribute("data-peer")) ?? ""),
    );
    await window.show("pieces");
    const canvas = window.get("heatmap-canvas");
    await window.sees(() => canvas.getAttribute("data-row-count"), "3");
    for (const [index, peer] of peers.entries()) {
      await window.sees(() => readPeerRow(canvas, ids[index] as string), cellsOf(peer.pieces));
    }
    await window.sees(() => readOwnBand(canvas), ".".repeat(stage.album.pieceCount));
    await window.shoot("5-pieces");
  });

  test("hovering the heatmap names the piece, its files, and whether the peer has it", async () => {
    const canvas = window.get("heatmap-canvas");
    const ids = (await canvas.getAttribute("data-peers"))?.split(" ") ?? [];
    await window.show("peers");
    const peer = (await window.peer(stage.beggar.address).getAttribute("data-peer")) ?? "";
    await window.show("pieces");
    const last = stage.album.pieceCount - 1;
    await canvas.hover({ position: await placeOf(canvas, ids.indexOf(peer), last) });
    const readout = window.get("piece-readout", { piece: String(last), state: "missing" });
    await readout.waitFor();
    const words = await readout.innerText();
    expect(words).toContain(`${stage.beggar.address} lacks it`);
    expect(words).toContain("02 Harbour.flac and 1 more file");
  });

  test("a chosen peer's panel has its properties and its dump", async () => {
    await window.show("peers");
    await window.peer(stage.beggar.address).click();
    const panel = window.get("peer-panel");
    const property = (name: string) => panel.locator(`[data-property="${name}"]`);
    await property("peerIsInterested").waitFor();
    expect(await property("transport").innerText()).toMatch(/tcp/i);
    await expect
      .poll(() => panel.getByTestId("peer-dump").innerText(), { timeout: 30_000 })
      .toContain(stage.beggar.address);
    await panel.getByTestId("peer-dump-copy").click();
    await window.get("toast", { kind: "done" }).getByText("Description copied").waitFor();
    await window.shoot("6-peer");
    await window.get("peer-panel-close").click();
  });

  test("a peer that breaks the protocol is gone, and the reason says how", async () => {
    stage.brute.breakProtocol();
    await window.peer(stage.brute.address).waitFor({ state: "detached" });
    await window.get("peers-gone").click();
    const row = window.get("gone-row", { address: stage.brute.address, reason: "bad-message", code: "-22" }).first();
    await row.waitFor();
    expect(await row.locator('[data-cell="reason"]').innerText()).toMatch(/bitfield.*\d/i);
    await window.shoot("7-gone");
    await window.get("peers-here").click();
  });

  test("a peer is banned from its panel, listed with why, and let in again with a key", async () => {
    const { address } = stage.miser;
    await window.peer(address).click();
    await window.get("peer-ban").click();
    await window.peer(address).waitFor({ state: "detached" });
    await window.get("peers-banned").click();
    const row = window.get("ban-row", { party: address, by: "user" });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/qBittorrent.*Banned by hand.*Field Recordings.*You did/s);
    await window.shoot("14-banned");
    await row.click();
    await window.page.keyboard.press("Delete");
    await row.waitFor({ state: "detached" });
    await window.get("peers-here").click();
    await window.peer(address).waitFor();
  });

  test("a seed that is added by its address brings the rest, and every byte is right", async () => {
    seed = await startSeed(stage.album, join(stage.folder, "seed-state"));
    await window.get("toolbar-add-peer").click();
    await window.get("add-peer-address").fill(seed.address);
    await window.get("add-peer-confirm").click();
    await window.isIn(stage.album.id, "seeding");
    expect(digests(join(stage.downloads, stage.album.name))).toEqual(
      digests(join(stage.album.seedFolder, stage.album.name)),
    );
  });

  test("what is verified is seen in our own strip and band", async () => {
    const all = "#".repeat(stage.album.pieceCount);
    await window.sees(() => readStrip(window.get("own-strip"), stage.album.pieceCount), all);
    await window.show("pieces");
    await window.sees(() => readOwnBand(window.get("heatmap-canvas")), all);
    await window.show("files");
    await window.shoot("8-files");
    await window.show("log");
    await window.get("log-row", { kind: "done" }).waitFor();
    await window.shoot("9-log");
  });

  test("a file that is no torrent is refused with what is wrong with it", async () => {
    const broken = join(stage.folder, "broken.torrent");
    writeFileSync(broken, "d4:infod6:lengthi5e");
    await window.drop(broken);
    await window.get("add-refused").waitFor();
    const words = await window.get("add-error").innerText();
    expect(words).toMatch(/\d/);
    expect(words).not.toMatch(/undefined|\[object|Error:/);
    await window.shoot("10-refused");
    await window.get("add-refused-close").click();
    expect(await window.get("torrent-row").count()).toBe(1);
  });

  test("one that is there already merges its trackers, and says so", async () => {
    const again = writePayload(join(stage.folder, "again"), stage.album.payload, [stage.tracker.url, OTHER_TRACKER]);
    await window.drop(again);
    await window.get("add-already").waitFor();
    await window.get("add-confirm").click();
    await window.get("toast", { kind: "done" }).getByText("1 new tracker was added").waitFor();
    await window.show("trackers");
    await window.get("tracker-row", { url: OTHER_TRACKER }).waitFor();
  });

  test("a torrent pauses and resumes", async () => {
    await window.torrent(stage.album.id).click();
    await window.get("toolbar-pause").click();
    await window.isIn(stage.album.id, "paused");
    await window.get("toolbar-resume").click();
    await window.isIn(stage.album.id, "seeding");
  });

  test("half a torrent, added by its path, survives quitting: it goes on from what was verified", async () => {
    const halves = Array.from({ length: stage.film.pieceCount }, (_, piece) => piece % 2 === 0);
    await window.get("source-field").fill(stage.film.file);
    await window.get("source-field").press("Enter");
    await window.get("add-dialog").waitFor();
    await window.confirmAdding(stage.downloads);
    await window.show("pieces");
    await window.sees(() => readOwnBand(window.get("heatmap-canvas")), cellsOf(halves));
    await window.running.quit();
    expect(window.complaints).toEqual([]);

    window = new InterfaceWindow(await start(stage.stateFolder));
    await window.isIn(stage.album.id, "seeding");
    await window.isIn(stage.film.id, "downloading");
    await window.torrent(stage.film.id).click();
    await window.show("pieces");
    await window.sees(() => readOwnBand(window.get("heatmap-canvas")), cellsOf(halves));
    await window.show("log");
    await window.get("log-row", { kind: "started" }).first().waitFor();
    expect(await window.get("log-row", { kind: "checking" }).count()).toBe(0);
  });

  test("a torrent is removed with its data, and the other one stays", async () => {
    await window.torrent(stage.film.id).click();
    await window.get("toolbar-remove").click();
    await window.get("remove-with-data").click();
    await window.shoot("11-remove");
    await window.get("remove-confirm").click();
    await window.torrent(stage.film.id).waitFor({ state: "detached" });
    await expect.poll(() => existsSync(join(stage.downloads, stage.film.name)), { timeout: 30_000 }).toBe(false);
    expect(await window.get("torrent-row").count()).toBe(1);
    expect(existsSync(join(stage.downloads, stage.album.name))).toBe(true);
  });

  test("the settings open, and what is chosen there is kept", async () => {
    const open = async () => {
      await window.get("toolbar-settings").click();
      await window.get("settings-dialog").waitFor();
    };
    const switched = (setting: string) => window.get(`setting-${setting}`).getAttribute("aria-checked");
    await open();
    await window.get("settings-privacy").click();
    await window.get("setting-encryptionOutgoing").selectOption("prefer");
    await window.get("settings-search").fill("limit");
    expect(await window.get("settings-page").locator("mark").count()).toBeGreaterThan(3);
    expect(await window.get("setting-proxy").count()).toBe(0);
    await window.get("setting-limitLocalPeers").click();
    await window.sees(() => switched("limitLocalPeers"), "false");
    await window.get("setting-upLimit").fill("x");
    expect(await window.get("setting-fault").textContent()).toBe("A whole number from 0 to 1,073,741,824.");
    // What is typed holds when the dialog is closed, too.
    await window.get("setting-upLimit").fill("500");
    await window.page.keyboard.press("Escape");
    await window.get("settings-dialog").waitFor({ state: "detached" });
    await window.get("status-up").getByText("of 500 KiB/s").waitFor();
    await window.get("status-turtle").click();
    await window.get("status-up").getByText("of 100 KiB/s").waitFor();
    await window.get("status-turtle").click();
    await open();
    await window.get("settings-search").fill("encryption");
    expect(await window.get("setting-encryptionOutgoing").inputValue()).toBe("prefer");
    expect(await window.get("setting-encryptionIncoming").inputValue()).toBe("allow");
    await window.get("settings-speed").click();
    expect(await window.get("setting-upLimit").inputValue()).toBe("500");
    await window.shoot("12-settings");
    await window.get("settings-look").click();
    await window.get("setting-language").selectOption("de");
    await window.get("settings-dialog").getByRole("heading", { name: "Aussehen und Sprache" }).waitFor();
    await window.shoot("22-settings-german");
    await window.get("setting-language").selectOption("system");
    await window.page.keyboard.press("Escape");
    await window.get("settings-dialog").waitFor({ state: "detached" });
  });

  test("a torrent has settings of its own, and its files priorities", async () => {
    const open = async () => {
      await window.torrent(stage.album.id).click({ button: "right" });
      await window.get("menu-torrent-settings").click();
      await window.get("torrent-settings-dialog").waitFor();
    };
    await open();
    await window.get("torrent-upLimit").fill("70");
    await window.get("torrent-maxConnections").fill("5");
    await window.get("torrent-sequential").click();
    await window.sees(() => window.get("torrent-sequential").getAttribute("aria-checked"), "true");
    await window.get("torrent-settings-close").click();
    await open();
    await window.sees(() => window.get("torrent-upLimit").inputValue(), "70");
    await window.sees(() => window.get("torrent-maxConnections").inputValue(), "5");
    await window.shoot("23-torrent-settings");
    await window.get("torrent-files").click();
    const wish = (path: string) => window.get("file-row", { path }).getByTestId("file-priority");
    const [rain, harbour] = ["Field Recordings/01 Rain.flac", "Field Recordings/02 Harbour.flac"] as const;
    await wish(rain).selectOption("high");
    await wish(harbour).selectOption("low");
    await window.sees(() => wish(rain).inputValue(), "high");
    await window.sees(() => wish(harbour).inputValue(), "low");
    await wish(harbour).selectOption("skip");
    await window.get("file-row", { path: harbour, wanted: "none" }).waitFor();
    await wish(harbour).selectOption("normal");
    await window.get("file-row", { path: harbour, wanted: "all" }).waitFor();
    await window.shoot("24-priorities");
  });

  return {
    get stage() {
      return stage;
    },
    get window() {
      return window;
    },
    replace(running) {
      window = new InterfaceWindow(running);
    },
  };
}

/** Nobody is asked there: the port belongs to nobody. */
const OTHER_TRACKER = "http://127.0.0.1:9/announce";
