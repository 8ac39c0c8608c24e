import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRecording, Recording } from "../../core/contract/recording/recording.ts";
import { barriersIn } from "./support/access.ts";
import { readOwnBand, readPeerRow, readStrip } from "./support/pictures.ts";
import type { Start } from "./support/running.ts";
import { type Stage, setStage } from "./support/stage.ts";
import { type Seed, startSeed } from "./support/swarm.ts";
import { InterfaceWindow } from "./support/window.ts";

/** What is seen of the album at one moment. */
interface Look {
  readonly at: number;
  readonly state: string | null;
  readonly peers: readonly string[];
  readonly strips: readonly string[];
  readonly gone: string;
  readonly own: string;
  readonly rows: readonly string[];
}

/** A torrent is recorded while it is looked at; then the recording is looked at, and shows the same. */
export function describeRecordings(start: Start): void {
  let stage: Stage;
  let window: InterfaceWindow;
  let seed: Seed | undefined;
  let file = "";
  const looks: Look[] = [];

  beforeAll(async () => {
    stage = await setStage();
    window = new InterfaceWindow(await start(stage.stateFolder));
  });
  afterAll(async () => {
    await window?.running.quit();
    await seed?.stop();
    await stage?.close();
  });

  /** The same for longer than an interface and a recording may be apart, so that nothing is just on its way. */
  async function look(): Promise<Look> {
    for (let before = await glance(); ; ) {
      const now = await glance();
      const isSame = JSON.stringify({ ...before, at: 0 }) === JSON.stringify({ ...now, at: 0 });
      if (isSame && now.at - before.at > 600) return now;
      if (!isSame) before = now;
    }
  }

  async function glance(): Promise<Look> {
    await window.show("peers");
    await window.get("peers-here").click();
    const rows = await window.get("peer-row", { phase: "open" }).all();
    const peers: string[] = [];
    const strips: string[] = [];
    const ids: string[] = [];
    for (const row of rows) {
      ids.push((await row.getAttribute("data-peer")) ?? "");
      peers.push(`${await row.getAttribute("data-address")} ${await row.getAttribute("data-flags")}`);
      strips.push(await readStrip(row.getByTestId("peer-strip"), stage.album.pieceCount));
    }
    const gone = await window.get("peers-gone").innerText();
    await window.show("pieces");
    const canvas = window.get("heatmap-canvas");
    const own = await readOwnBand(canvas);
    const inMap = await Promise.all(ids.map((id) => readPeerRow(canvas, id)));
    const state = await window.torrent(stage.album.id).getAttribute("data-state");
    return { at: Date.now(), state, peers: peers.sort(), strips, gone, own, rows: inMap };
  }

  test("a torrent is recorded from the toolbar while it runs, and says so", async () => {
    await window.get("empty-state").waitFor();
    await window.drop(stage.album.file);
    await window.get("add-dialog").waitFor();
    await window.confirmAdding(stage.downloads);
    await window.sees(() => window.get("peer-row", { phase: "open" }).count(), 3);
    await window.torrent(stage.album.id).click();
    await window.get("toolbar-record").click();
    await window.get("recording-dot").waitFor();
    await window
      .get("recording-running")
      .getByText(/KiB|MiB/)
      .waitFor();
    looks.push(await look());
    await window.shoot("22-recording");
  });

  test("it goes on over whatever happens, and ends where it is told to", async () => {
    stage.brute.breakProtocol();
    await window.show("peers");
    await window.sees(() => window.get("peer-row", { phase: "open" }).count(), 2);
    looks.push(await look());
    seed = await startSeed(stage.album, join(stage.folder, "album-seed"));
    await window.get("toolbar-add-peer").click();
    await window.get("add-peer-address").fill(seed.address);
    await window.get("add-peer-confirm").click();
    await window.isIn(stage.album.id, "seeding");
    looks.push(await look());
    await window.get("toolbar-stop-recording").click();
    file = (await window.get("recorded-banner").getAttribute("data-path")) ?? "";
    const recording = openRecording(readFileSync(file));
    expect(recording).toBeInstanceOf(Recording);
    await window.get("toolbar-record").waitFor();
  });

  test("what was recorded is looked at in the same views, forwards and backwards, and is the same", async () => {
    await window.get("recorded-open").click();
    await window.get("past-header").waitFor();
    for (const seen of [looks[0], looks[2], looks[1], looks[0]] as Look[]) {
      await window.get("past-time").fill(String(seen.at));
      await window.sees(() => window.get("past-bar").getAttribute("data-at"), String(seen.at));
      const { at: _, ...then } = seen;
      const { at: __, ...replayed } = await look();
      expect(replayed).toEqual(then);
    }
    await window.show("peers");
    expect(await barriersIn(window)).toEqual([]);
    await window.shoot("23-past");
  });

  test("it is stepped and played, and its marks lead to what happened", async () => {
    const at = async () => Number(await window.get("past-bar").getAttribute("data-at"));
    await window.get("past-forward").click();
    const begun = await at();
    await window.get("past-forward").click();
    await window.sees(async () => (await at()) > begun, true);
    await window.get("past-back").click();
    await window.sees(at, begun);
    await window.get("past-marks").click();
    const marks = window.get("past-mark");
    await marks.filter({ hasText: /malformed message/ }).click();
    await window.page.keyboard.press("Escape");
    await window.get("peers-gone").getByText("1").waitFor();
    await window.get("past-speed").selectOption("64");
    await window.get("past-play").click();
    const end = await window.get("past-bar").getAttribute("data-end");
    await window.sees(() => window.get("past-bar").getAttribute("data-at"), end);
    await window.isIn(stage.album.id, "seeding");
  });

  test("nothing can be done to the past, and it is said why", async () => {
    await window.torrent(stage.album.id).click({ button: "right" });
    await window.page.getByRole("menuitem", { name: "Check all data again" }).click();
    await window
      .get("toast", { kind: "error" })
      .getByText(/looking at the past/)
      .waitFor();
  });

  test("what a peer said is saved for Wireshark from its menu", async () => {
    const { desktop, page } = window.running;
    const saved = join(stage.folder, "miser.pcapng");
    await desktop?.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, saved);
    await window.get("past-time").fill(String(looks[0]?.at));
    await window.show("peers");
    await window.peer(stage.miser.address).click({ button: "right" });
    const download = desktop === undefined ? page.waitForEvent("download") : undefined;
    await window.get("menu-save-capture").click();
    const path = (await (await download)?.path()) ?? saved;
    await window.get("toast", { kind: "done" }).getByText("Capture saved").waitFor();
    const bytes = readFileSync(path);
    expect(bytes.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(bytes.includes("BitTorrent protocol")).toBe(true);
    expect(bytes.includes("-qB4670-")).toBe(true);
  });

  test("the charts are those of the recording", async () => {
    await window.show("charts");
    const plot = window.get("chart", { chart: "peers" }).getByTestId("plot");
    await window.sees(async () => Number(await plot.getAttribute("data-points")) > 5, true);
    await window.show("peers");
  });

  test("back in the present everything is as it is", async () => {
    await window.get("past-leave").click();
    await window.get("past-header").waitFor({ state: "detached" });
    await window.isIn(stage.album.id, "seeding");
    await window.get("toolbar-record").waitFor();
    await window.show("files");
    await window.sees(() => window.get("file-row").count(), 3);
  });

  test("a recording is opened by dropping it on the window", async () => {
    await window.drop(file);
    await window.get("past-header").waitFor();
    await window.isIn(stage.album.id, "downloading");
    await window.get("past-leave").click();
    await window.get("past-header").waitFor({ state: "detached" });
    expect(window.complaints).toEqual([]);
  });
}
