import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Start } from "./support/running.ts";
import { ScriptedPeer } from "./support/scripted-peer.ts";
import { type MadeTorrent, makeTorrent } from "./support/swarm.ts";
import { placeOfOwn, planOf, readRow } from "./support/swarm-map.ts";
import { startTracker, type Tracker } from "./support/tracker.ts";
import { InterfaceWindow } from "./support/window.ts";

const KIB = 1024;
const PIECES = 160;
const HALF = PIECES / 2;
const BLOCKS = 4;
/** Pieces that one peer more has. */
const COMMON: ReadonlySet<number> = new Set([0, 1, 2, 100]);

interface Cast {
  /** Has and gives the first half. */
  readonly giver: ScriptedPeer;
  /** Has the second half, and of each piece gives the first block alone. */
  readonly hesitant: ScriptedPeer;
  /** Has everything and chokes. */
  readonly miser: ScriptedPeer;
  /** Has four pieces and chokes. */
  readonly newcomer: ScriptedPeer;
}

/** The map of a swarm whose every block is known: what is painted, told and pinned is what the peers were asked and gave. */
export function describeSwarm(start: Start): void {
  let folder: string;
  let tracker: Tracker;
  let torrent: MadeTorrent;
  let cast: Cast;
  let window: InterfaceWindow;
  /** The id of each peer's connection. */
  const ids = new Map<ScriptedPeer, string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "peerscope-e2e-swarm-"));
    const [state, downloads] = [join(folder, "state"), join(folder, "downloads")];
    for (const made of [state, downloads]) mkdirSync(made);
    tracker = await startTracker();
    torrent = makeTorrent(
      join(folder, "atlas"),
      {
        name: "Atlas",
        pieceLength: BLOCKS * 16 * KIB,
        files: [
          { path: "plates/north.tif", length: 100 * 64 * KIB },
          { path: "plates/south.tif", length: 60 * 64 * KIB },
        ],
      },
      [tracker.url],
    );
    const { infoHash } = torrent;
    const having = (has: (piece: number) => boolean) => Array.from({ length: PIECES }, (_, piece) => has(piece));
    cast = {
      giver: await ScriptedPeer.start({
        infoHash,
        idPrefix: "-qB4670-",
        pieces: having((piece) => piece < HALF),
        serves: torrent,
      }),
      hesitant: await ScriptedPeer.start({
        infoHash,
        idPrefix: "-TR4060-",
        pieces: having((piece) => piece >= HALF),
        serves: torrent,
        withholds: (block) => block > 0,
      }),
      miser: await ScriptedPeer.start({ infoHash, idPrefix: "-DE2110-", pieces: having(() => true) }),
      newcomer: await ScriptedPeer.start({
        infoHash,
        idPrefix: "-LT20A0-",
        pieces: having((piece) => COMMON.has(piece)),
      }),
    };
    tracker.peers = Object.values(cast).map(({ port }) => port);
    window = new InterfaceWindow(await start(state));
    await window.get("empty-state").waitFor();
    await window.drop(torrent.file);
    await window.confirmAdding(downloads);
    await window.show("peers");
    for (const peer of Object.values(cast)) {
      const row = window.get("peer-row", { address: peer.address, phase: "open" });
      await row.waitFor();
      ids.set(peer, (await row.getAttribute("data-peer")) ?? "");
    }
    await window.show("pieces");
  });
  afterAll(async () => {
    await window?.running.quit();
    for (const peer of Object.values(cast ?? {})) await peer.close();
    await tracker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const canvas = () => window.get("heatmap-canvas");

  /** What must be painted for a block, by what the peers were asked and gave. */
  function painted(row: ScriptedPeer | "own", piece: number, block: number): string {
    const { hesitant } = cast;
    const name = `${piece}/${block}`;
    const isHesitants = row === "own" || row === hesitant;
    if (isHesitants && hesitant.asked.has(name)) return "a";
    if (isHesitants && hesitant.given.has(name)) return "r";
    if (row === "own") return piece < HALF ? "#" : ".";
    return row.pieces[piece] ? "#" : ".";
  }

  /** Compares what is in sight with what is so, until both are the same. */
  async function seesRow(row: ScriptedPeer | "own", byBlocks: boolean): Promise<number> {
    const name = row === "own" ? "own" : (ids.get(row) ?? "");
    let seen = 0;
    await window.sees(async () => {
      const found = await readRow(canvas(), name, byBlocks);
      seen = found.size;
      return [...found].filter(([at, letter]) => {
        const [piece = 0, block = 0] = at.split("/").map(Number);
        return letter !== painted(row, piece, block);
      });
    }, []);
    return seen;
  }

  const scaleOf = async () => {
    const { world, width } = (await planOf(canvas())).window;
    return world / width;
  };

  test("the whole torrent is on the map: each peer's pieces, and ours as far as they are verified", async () => {
    await window.get("pieces-summary").getByText(`${HALF} verified`).waitFor();
    for (const peer of [cast.giver, cast.miser, cast.newcomer]) expect(await seesRow(peer, false)).toBe(PIECES);
    await expect.poll(() => cast.hesitant.given.size, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await seesRow(cast.hesitant, false)).toBe(PIECES);
    await window.shoot("40-swarm");
  });

  test("nearer, single blocks tell whom they were asked of, and who gave them", async () => {
    const [inFlight] = cast.hesitant.given;
    const piece = Number(inFlight?.split("/")[0]);
    await canvas().hover({ position: await placeOfOwn(canvas(), piece) });
    await window.page.keyboard.down("Control");
    await window.page.mouse.wheel(0, -700);
    await expect.poll(scaleOf).toBeGreaterThan(3);
    const near = await scaleOf();
    for (const row of ["own", cast.hesitant, cast.miser] as const) {
      const seen = await seesRow(row, true);
      expect(seen).toBeGreaterThan(BLOCKS);
      expect(seen).toBeLessThan(PIECES * BLOCKS);
    }
    await window.page.mouse.wheel(0, -2000);
    await expect.poll(scaleOf).toBeGreaterThan(near);
    for (const row of ["own", cast.hesitant, cast.giver] as const) expect(await seesRow(row, true)).toBeGreaterThan(0);
    await window.page.keyboard.up("Control");
    const row = await readRow(canvas(), "own", true);
    expect([...row.values()]).toContain("a");
    await window.shoot("41-swarm-blocks");
  });

  test("a drag moves it, and a button shows the whole again", async () => {
    const before = (await planOf(canvas())).window.left;
    // Away from the torrent's near end.
    const by = before > 200 ? 100 : -100;
    const box = await canvas().boundingBox();
    if (box === null) throw new Error("the map is not on screen");
    await window.page.mouse.move(box.x + 400, box.y + 60);
    await window.page.mouse.down();
    await window.page.mouse.move(box.x + 400 + by, box.y + 60, { steps: 4 });
    await window.page.mouse.up();
    await expect.poll(async () => (await planOf(canvas())).window.left).toBe(before - by);
    // What was dragged was not clicked.
    expect(await window.get("piece-panel").count()).toBe(0);
    await window.get("swarm-whole").click();
    await expect.poll(scaleOf).toBe(1);
  });

  test("the histogram counts how often pieces exist, and which of them we lack", async () => {
    const bars = () =>
      window.get("histogram-bar").evaluateAll((all) =>
        all.map((bar) => {
          const { from, pieces, lacked } = (bar as HTMLElement).dataset;
          return `${from}: ${pieces}, ${lacked}`;
        }),
      );
    await window.sees(bars, ["1: 0, 0", `2: ${PIECES - COMMON.size}, ${HALF - 1}`, `3: ${COMMON.size}, 1`]);
  });

  test("a piece under way is pinned with each of its blocks in words", async () => {
    const [inFlight] = cast.hesitant.given;
    const piece = Number(inFlight?.split("/")[0]);
    await canvas().click({ position: await placeOfOwn(canvas(), piece) });
    await window.get("piece-panel", { piece: String(piece) }).waitFor();
    const { address, asked } = cast.hesitant;
    const expected = () => {
      const isAsked = asked.has(`${piece}/1`);
      const rest = isAsked ? `asked of ${address}` : "not asked for yet";
      return [`Block 0: received from ${address}`, `Blocks 1–3: ${rest}`];
    };
    const lines = async () => (await window.get("piece-blocks").locator("li").allInnerTexts()).join("; ");
    await expect.poll(async () => (await lines()) === expected().join("; "), { timeout: 30_000 }).toBe(true);
    const fact = (name: string) => window.get("pin-fact", { property: name }).innerText();
    expect(await fact("owners")).toContain(COMMON.has(piece) ? "3 peers" : "2 peers");
    await expect.poll(() => fact("begun")).toMatch(/\d\d:\d\d:\d\d/);
    expect(await fact("failures")).toContain("none");
    await window.shoot("42-pinned-piece");
  });

  test("a verified piece tells who gave it, how long it took, and its hash", async () => {
    const piece = 7;
    await canvas().click({ position: await placeOfOwn(canvas(), piece) });
    await window.get("piece-panel", { piece: String(piece) }).waitFor();
    const bytes = torrent.content.subarray(piece * torrent.pieceLength, (piece + 1) * torrent.pieceLength);
    await window.sees(() => window.get("piece-hash").innerText(), createHash("sha1").update(bytes).digest("hex"));
    expect(await window.get("piece-block-sum").innerText()).toBe("4 blocks, all verified");
    expect(await window.get("piece-contributors").innerText()).toMatch(
      new RegExp(`^${cast.giver.address}\\s+4 blocks$`),
    );
    const fact = (name: string) => window.get("pin-fact", { property: name }).innerText();
    expect(await fact("files")).toContain("plates/north.tif");
    expect(await fact("size")).toContain("64.0 KiB");
    expect(await fact("took")).toMatch(/\d (ms|s)/);
    expect(await fact("verified")).toMatch(/\d\d:\d\d:\d\d/);
  });

  test("a peer is pinned by its name, and leads to its row in the table", async () => {
    const plan = await planOf(canvas());
    const row = plan.peers.indexOf(ids.get(cast.hesitant) ?? "");
    await canvas().click({ position: { x: 30, y: plan.rowsTop + (row + 0.5) * plan.rowHeight } });
    const panel = window.get("peer-pin", { peer: ids.get(cast.hesitant) ?? "" });
    await panel.getByText(cast.hesitant.address).waitFor();
    await window.sees(
      () => window.get("pin-fact", { property: "flight" }).innerText(),
      `In flight\nasked for ${cast.hesitant.asked.size} blocks\ngave ${cast.hesitant.given.size} blocks of pieces under way`,
    );
    expect(await window.get("pin-fact", { property: "lacked" }).innerText()).toContain(`${HALF} pieces`);
    await window.get("pin-show-peer").click();
    await window.get("panel-peers").waitFor();
    await window.peer(cast.hesitant.address).and(window.page.locator('[aria-selected="true"]')).waitFor();
    await window.show("pieces");
  });

  test("rows are ordered by what the user chooses", async () => {
    const order = async () => (await planOf(canvas())).peers;
    await window.get("swarm-order").selectOption("progress");
    const { miser, newcomer } = cast;
    await expect.poll(async () => (await order()).at(0)).toBe(ids.get(miser));
    expect((await order()).at(-1)).toBe(ids.get(newcomer));
    await window.get("swarm-direction").click();
    await expect.poll(async () => (await order()).at(0)).toBe(ids.get(newcomer));
    await window.get("swarm-order").selectOption("arrival");
  });

  test("keys lead over the map, into it, and pin what they chose", async () => {
    const { keyboard } = window.page;
    await window.page.mouse.move(0, 0);
    await window.get("heatmap").focus();
    await keyboard.press("Escape");
    await keyboard.press("Home");
    await window.get("piece-readout", { piece: "0" }).waitFor();
    await keyboard.press("ArrowRight");
    await keyboard.press("Shift+ArrowRight");
    await keyboard.press("ArrowDown");
    const readout = window.get("piece-readout", { piece: "11", state: "verified" });
    await readout.waitFor();
    expect(await readout.innerText()).toContain(Object.values(cast).find((peer) => ids.get(peer) === first())?.address);
    for (let press = 0; press < 8; press++) await keyboard.press("+");
    await expect.poll(scaleOf).toBeGreaterThan(10);
    await keyboard.press("ArrowRight");
    await window.get("piece-readout", { piece: "11", block: "1" }).waitFor();
    await keyboard.press("Enter");
    await window.get("piece-panel", { piece: "11" }).waitFor();
    await keyboard.press("Shift+Enter");
    await window.get("peer-pin", { peer: first() }).waitFor();
    await keyboard.press("0");
    await expect.poll(scaleOf).toBe(1);
    await keyboard.press("End");
    await window.get("piece-readout", { piece: String(PIECES - 1) }).waitFor();
    await keyboard.press("n");
    const [underWay] = [...cast.hesitant.given].map((name) => Number(name.split("/")[0])).sort((a, b) => a - b);
    await window.get("piece-readout", { piece: String(underWay), state: "requested" }).waitFor();
    await keyboard.press("Escape");
    await window.get("histogram").waitFor();
    expect(await window.get("piece-readout").count()).toBe(0);
  });

  /** Who came first has the first row. */
  function first(): string {
    return String(Math.min(...[...ids.values()].map(Number)));
  }

  test("the page never complained", () => {
    expect(window.complaints).toEqual([]);
  });
}
