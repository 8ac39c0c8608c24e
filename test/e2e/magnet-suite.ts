import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Suite } from "./suite.ts";
import { type MadeTorrent, makeTorrent, type Seed, startSeed } from "./support/swarm.ts";

const KIB = 1024;

/** Magnet links from the paste to the last byte, and torrents given on: the story goes on where {@link Suite}'s ended. */
export function describeMagnets(suite: Suite): void {
  let letters: MadeTorrent;
  let seed: Seed | undefined;
  const magnet = () =>
    `magnet:?xt=urn:btih:${letters.id}&dn=Letters&tr=${encodeURIComponent("http://127.0.0.1:9/announce")}`;

  test("a pasted magnet link is shown before it is added: its hash, its trackers and what is asked later", async () => {
    letters = makeTorrent(
      join(suite.stage.folder, "letters"),
      {
        name: "Letters",
        pieceLength: 16 * KIB,
        files: [
          { path: "1901/January.txt", length: 96 * KIB },
          { path: "1901/June.txt", length: 64 * KIB },
          { path: "1902/Reply.txt", length: 64 * KIB },
        ],
      },
      [],
    );
    const { window } = suite;
    await window.paste(magnet());
    const dialog = window.get("add-dialog");
    await dialog.getByText("Letters", { exact: true }).first().waitFor();
    expect(await window.get("info-hash").innerText()).toBe(letters.id);
    expect(await window.get("add-trackers").innerText()).toContain("http://127.0.0.1:9/announce");
    await dialog.getByText(/ free$/).waitFor();
    expect(await window.get("add-asks-for-files").getAttribute("aria-checked")).toBe("true");
    await window.shoot("15-magnet");
  });

  test("while the metadata is missing, the torrent says so everywhere", async () => {
    const { window, stage } = suite;
    await window.confirmAdding(stage.downloads);
    await window.isIn(letters.id, "fetching-metadata");
    await window.show("files");
    // The panel that was open before may still be there.
    const missing = (panel: string) => window.get(panel).getByTestId("metadata-missing").innerText();
    expect(await missing("panel-files")).toMatch(/files are not known yet/);
    await window.show("pieces");
    expect(await missing("panel-pieces")).toMatch(/pieces are not known yet/);
    await window.shoot("16-metadata");
  });

  test("its files are asked for as soon as a peer has given the metadata, and may be asked for later", async () => {
    const { window, stage } = suite;
    seed = await startSeed(letters, join(stage.folder, "letters-state"));
    await window.get("toolbar-add-peer").click();
    await window.get("add-peer-address").fill(seed.address);
    await window.get("add-peer-confirm").click();
    await window.get("choose-files-dialog").waitFor();
    await window.sees(() => window.get("choose-files-dialog").getByTestId("add-file").count(), 3);
    await window.get("add-file", { path: "Letters/1902/Reply.txt" }).getByTestId("add-file-wanted").click();
    await window.shoot("17-choose-files");
    await window.get("choose-files-later").click();
    await window.isIn(letters.id, "paused");
    await window.get("files-banner").waitFor();
    await window.show("files");
    await window.shoot("18-files-banner");
  });

  test("what is chosen is downloaded, and nothing else", async () => {
    const { window, stage } = suite;
    await window.get("files-banner-choose").click();
    await window.get("add-file", { path: "Letters/1902/Reply.txt" }).getByTestId("add-file-wanted").click();
    await window.get("choose-files-confirm").click();
    await window.get("choose-files-dialog").waitFor({ state: "detached" });
    await window.isIn(letters.id, "seeding");
    const of = (folder: string, path: string) => join(folder, "Letters", path);
    for (const path of ["1901/January.txt", "1901/June.txt"]) {
      expect(readFileSync(of(stage.downloads, path))).toEqual(readFileSync(of(letters.seedFolder, path)));
    }
    expect(existsSync(of(stage.downloads, "1902/Reply.txt"))).toBe(false);
  });

  test("each source of peers tells what it was good for", async () => {
    const { window } = suite;
    await window.show("trackers");
    const row = window.get("source-row", { kind: "user" });
    await row.waitFor();
    expect(await row.locator('[data-cell="given"]').innerText()).toBe("1");
    expect(await row.locator('[data-cell="payload"]').innerText()).toMatch(/^↓ 1\d\d/);
    for (const kind of ["dht", "pex", "lsd", "incoming"]) await window.get("source-row", { kind }).waitFor();
    await window.get("tracker-row", { url: "http://127.0.0.1:9/announce", state: "failed" }).waitFor();
    await window.shoot("19-sources");
  });

  test("trackers are added, changed and removed by hand", async () => {
    const { window, stage } = suite;
    await window.get("tracker-add").click();
    await window.get("tracker-addresses").fill(`udp://127.0.0.1:9/announce\nwss://127.0.0.1/`);
    await window.get("tracker-confirm").click();
    await window
      .get("tracker-dialog")
      .getByText(/wss trackers are not supported/)
      .waitFor();
    await window.shoot("20-add-trackers");
    await window.get("tracker-addresses").fill("udp://127.0.0.1:9/announce");
    await window.get("tracker-confirm").click();
    const added = window.get("tracker-row", { url: "udp://127.0.0.1:9/announce" });
    await added.getByTestId("tracker-edit").click();
    await window.get("tracker-address").fill(stage.tracker.url);
    await window.get("tracker-confirm").click();
    const changed = window.get("tracker-row", { url: stage.tracker.url });
    await window.get("tracker-row", { url: stage.tracker.url, state: "working" }).waitFor();
    await added.waitFor({ state: "detached" });
    await changed.getByTestId("tracker-announce").click();
    await changed.getByTestId("tracker-remove").click();
    await changed.waitFor({ state: "detached" });
  });

  test("a torrent is given on as a magnet link, with the trackers that it has", async () => {
    const { window } = suite;
    await window.torrent(letters.id).click({ button: "right" });
    await window.get("menu-copy-magnet").click();
    await window.get("toast", { kind: "done" }).getByText("Magnet link copied").waitFor();
    const field = window.get("source-field");
    await field.focus();
    await window.page.keyboard.press("ControlOrMeta+V");
    await window.sees(() => field.inputValue(), magnet());
    await field.fill("");
  });

  test("the DHT is looked into from the status bar", async () => {
    const { window } = suite;
    await window.get("status-dht").click();
    const family = window.get("dht-family", { family: "ipv4" });
    await family.waitFor();
    expect(await family.getByTestId("dht-id").innerText()).toMatch(/^[0-9a-f]{40}$/);
    await window.shoot("21-dht");
    await window.page.keyboard.press("Escape");
    await window.get("dht-dialog").waitFor({ state: "detached" });
    await seed?.stop();
  });

  test("a magnet link that was added already merges its trackers", async () => {
    const { window } = suite;
    await window.dropText(`${magnet()}&tr=${encodeURIComponent("http://127.0.0.1:10/announce")}`);
    await window.get("add-already").waitFor();
    await window.get("add-confirm").click();
    await window.get("toast", { kind: "done" }).getByText("1 new tracker was added").waitFor();
    await window.torrent(suite.stage.album.id).click();
  });
}
