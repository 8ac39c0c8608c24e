import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cellPlace, type ShareGeometry } from "../../renderer/canvas/share-map.ts";
import { type TimelineGeometry, type TimeView, xOf } from "../../renderer/canvas/timeline.ts";
import { LIFE_PALETTES } from "../../renderer/canvas/timeline-palette.ts";
import type { Start } from "./support/running.ts";
import { type Passed, ScriptedPeer } from "./support/scripted-peer.ts";
import { type MadeTorrent, makeTorrent } from "./support/swarm.ts";
import { InterfaceWindow } from "./support/window.ts";

const KIB = 1024;
const MESSAGE = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  extended: 20,
};
/** A band is looked at no nearer than this to where it changes. */
const MARGIN = 300;

interface Drawn extends TimelineGeometry {
  readonly view: TimeView;
  readonly until: number;
}

/** One peer's page, against a peer whose every word is known, told as one story. */
export function describePeerPage(start: Start): void {
  let folder: string;
  let downloads: string;
  let window: InterfaceWindow;
  let atlas: MadeTorrent;
  let donor: ScriptedPeer;
  let witness: ScriptedPeer;
  const numbers = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);
  const page = () => window.get("peer-page");
  const drawn = async (): Promise<Drawn> =>
    JSON.parse((await window.get("timeline-canvas").getAttribute("data-geometry")) ?? "{}");

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "peerscope-e2e-page-"));
    downloads = join(folder, "downloads");
    for (const made of [downloads, join(folder, "state")]) mkdirSync(made);
    window = new InterfaceWindow(await start(join(folder, "state")));
    atlas = makeTorrent(
      join(folder, "atlas"),
      { name: "Atlas.bin", pieceLength: 32 * KIB, files: [{ length: 24 * 32 * KIB }] },
      [],
    );
    const has = (first: number, end: number) => numbers(0, 24).map((piece) => piece >= first && piece < end);
    const ofAtlas = { infoHash: atlas.infoHash };
    donor = await ScriptedPeer.start({ ...ofAtlas, idPrefix: "-DE2110-", pieces: has(0, 8), serves: atlas });
    witness = await ScriptedPeer.start({
      ...ofAtlas,
      idPrefix: "-XY0001-",
      pieces: has(4, 16),
      reserved: [0, 0x20, 0, 0, 0, 0x10, 0, 0x01],
    });
  });
  afterAll(async () => {
    await window?.running.quit();
    await donor?.close();
    await witness?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call({ address }: ScriptedPeer): Promise<void> {
    await window.get("toolbar-add-peer").click();
    await window.get("add-peer-address").fill(address);
    await window.get("add-peer-confirm").click();
  }

  /** Waits until the timeline shows this much time after `at`. */
  const lives = (at: number, millis: number) =>
    expect.poll(async () => (await drawn()).until - at, { timeout: 30_000, interval: 50 }).toBeGreaterThan(millis);

  test("a peer's page opens with a double click, and tells who it is, bit by bit", async () => {
    await window
      .get("status-port")
      .getByText(/Listening on port \d+/)
      .waitFor();
    await window.drop(atlas.file);
    await window.confirmAdding(downloads);
    await window.isIn(atlas.id, "downloading");
    await window.show("peers");
    await call(donor);
    // All that it has is asked of it before somebody comes who has some of it, too, and gives nothing.
    await expect.poll(() => requestsTo(donor).length, { timeout: 30_000 }).toBe(16);
    await call(witness);
    await window
      .peer(witness.address)
      .and(window.get("peer-row", { phase: "open" }))
      .waitFor();
    await window.peer(witness.address).dblclick();
    await page().waitFor();
    const introduction = "d1:md11:ut_metadatai3e6:ut_pexi1ee1:pi6881e4:reqqi250e1:v11:Witness 1.0e";
    witness.say(MESSAGE.extended, Buffer.of(0), Buffer.from(introduction));
    await window.get("peer-part-identity").click();
    const set = window.get("reserved-bit");
    await window.sees(
      () => set.evaluateAll((bits) => bits.map((bit) => (bit as HTMLElement).dataset.bit)),
      ["1:0x20", "5:0x10", "7:0x01"],
    );
    await window.get("handshake-tree").getByText("ut_metadata").waitFor();
    expect(await window.get("handshake-tree").innerText()).toMatch(/reqq\s*250[\s\S]*"Witness 1\.0"/);
    const id = page().locator('[data-property="peerId"]');
    expect(await id.innerText()).toContain(Buffer.from("-XY0001-").toString("hex"));
    await window.shoot("22-peer-identity");
  });

  test("the bands of its timeline are what both sides said, when they said it", async () => {
    await window.get("peer-part-timeline").click();
    await window.get("timeline-canvas").waitFor();
    for (const id of [
      MESSAGE.interested,
      MESSAGE.unchoke,
      MESSAGE.choke,
      MESSAGE.notInterested,
      MESSAGE.interested,
      MESSAGE.unchoke,
    ]) {
      const { at } = witness.say(id);
      await lives(at, 1200);
    }
    const { bands, ...told } = await drawn();
    expect(bands.map(({ name }) => name)).toEqual(["weChoke", "peerChokes", "weAreInterested", "peerIsInterested"]);
    const of = (passed: readonly Passed[], on: number, off: number, begins: boolean) =>
      flips(passed, on, off, begins, told.until);
    const truth = {
      weChoke: of(witness.heard, MESSAGE.choke, MESSAGE.unchoke, true),
      peerChokes: of(witness.said, MESSAGE.choke, MESSAGE.unchoke, true),
      weAreInterested: of(witness.heard, MESSAGE.interested, MESSAGE.notInterested, false),
      peerIsInterested: of(witness.said, MESSAGE.interested, MESSAGE.notInterested, false),
    } as const;
    expect(truth.peerChokes.filter(({ holds }) => !holds)).toHaveLength(2);
    expect(truth.weChoke.some(({ holds }) => !holds)).toBe(true);
    for (const [name, stretches] of Object.entries(truth) as [keyof typeof truth, Stretch[]][]) {
      const { top, height } = bands.find((band) => band.name === name) as (typeof bands)[number];
      const probes = stretches.flatMap(({ from, to, holds }) => {
        const first = Math.max(from + MARGIN, told.view.from + MARGIN);
        return to - MARGIN <= first ? [] : [first, (first + to - MARGIN) / 2, to - MARGIN].map((at) => ({ at, holds }));
      });
      expect(probes.length).toBeGreaterThan(2);
      const xs = probes.map(({ at }) => xOf({ ...told, bands }, told.view, at));
      const found = await colours(window.get("timeline-canvas"), xs, top + height / 2, told.width);
      const expected = probes.map(({ holds }) => (holds ? name : "track"));
      expect(found.map((colour) => inkOf(colour, name))).toEqual(expected);
    }
  });

  test("the timeline says its bands in words, and reads any moment", async () => {
    await window.get("timeline-words").click();
    const band = (name: string) => window.get("timeline-band", { band: name }).innerText();
    await expect.poll(() => band("peerChokes")).toMatch(/^It chokes us: [\d.]+% of the time, in 2 stretches: /);
    expect(await band("peerIsInterested")).toMatch(/in 2 stretches, and now: .* – now\.$/);
    await window.get("timeline-words").click();
    const { view, plotLeft, plotWidth } = await drawn();
    const choked = witness.said.filter(({ id }) => id === MESSAGE.choke).at(-1)?.at ?? 0;
    const x = plotLeft + ((choked + 400 - view.from) * plotWidth) / (view.to - view.from);
    await window.get("timeline-whole").click();
    await window.get("timeline-canvas").hover({ position: { x, y: 40 } });
    const readout = window.get("timeline-readout");
    await readout.waitFor();
    expect(await readout.locator('[data-band="weAreInterested"]').getAttribute("data-holds")).toBe("true");
    await window.shoot("23-peer-timeline");
    const span = async () => {
      const { view: shown } = await drawn();
      return shown.to - shown.from;
    };
    const before = await span();
    const live = () => window.get("timeline").getAttribute("data-live");
    await window.page.mouse.wheel(0, -400);
    await expect.poll(span).toBeLessThan(before / 2);
    expect(await live()).toBe("false");
    await window.get("timeline").press("Home");
    await window.sees(live, "true");
  });

  test("its pieces against ours have four colours, and a hover names the piece", async () => {
    await window.get("peer-part-pieces").click();
    const canvas = window.get("share-canvas");
    const ofEach = [
      ...numbers(0, 4).fill(1),
      ...numbers(0, 4).fill(3),
      ...numbers(0, 8).fill(2),
      ...numbers(0, 8).fill(0),
    ];
    const names = ["neither", "onlyWe", "onlyIt", "both"] as const;
    const read = async () => {
      const geometry: ShareGeometry = JSON.parse((await canvas.getAttribute("data-geometry")) ?? "{}");
      const found: string[] = [];
      for (const piece of numbers(0, 24)) {
        const { x, y } = cellPlace(geometry, piece);
        // Marks lie in the middle of a cell and on its edge: between them is the piece's own colour.
        const [colour = ""] = await colours(canvas, [x + 3], y + 3, geometry.width);
        found.push(names.find((name) => isInk(colour, (palette) => palette.shares[name])) ?? colour);
      }
      return found;
    };
    await window.sees(
      read,
      ofEach.map((share) => names[share] as string),
    );
    for (const [name, count] of [
      ["both", 4],
      ["onlyWe", 4],
      ["onlyIt", 8],
      ["neither", 8],
    ] as const) {
      await window.get("share-count", { share: name, count: String(count) }).waitFor();
    }
    const geometry: ShareGeometry = JSON.parse((await canvas.getAttribute("data-geometry")) ?? "{}");
    const { x, y } = cellPlace(geometry, 9);
    await canvas.hover({ position: { x: x + geometry.step / 2, y: y + geometry.step / 2 } });
    const readout = window.get("share-readout", { piece: "9", share: "onlyIt" });
    await readout.waitFor();
    expect(await readout.innerText()).toContain("Atlas.bin");
    // It does not serve: what we asked for waits.
    const [{ payload } = { payload: Buffer.alloc(4) }] = requestsTo(witness).slice(-1);
    const queue = window.get("requests-ours");
    expect(Number(await queue.getAttribute("data-count"))).toBeGreaterThan(0);
    expect(await queue.locator("td").allInnerTexts()).toContain(String(payload.readUInt32BE(0)));
    await window.shoot("24-peer-pieces");
  });

  test("the wire log has each message that the peer said and heard, in order", async () => {
    await window.get("peer-part-wire").click();
    await window.get("wire-line").first().waitFor();
    const lines = await exported(window, folder);
    const ids = (way: string) => lines.flatMap((line) => (line.way === way ? [line.id] : []));
    // The bitfield was part of its greeting.
    expect(ids("in")).toEqual([MESSAGE.bitfield, ...witness.said.map(({ id }) => id)]);
    expect(ids("out")).toEqual(witness.heard.map(({ id }) => id));
    const requests = requestsTo(witness);
    expect(
      lines.filter(({ id }) => id === MESSAGE.request).map(({ piece, begin, length }) => [piece, begin, length]),
    ).toEqual(requests.map(({ payload }) => [0, 4, 8].map((at) => payload.readUInt32BE(at))));
    await window.shoot("25-peer-wire");
  });

  test("the wire log is filtered by direction, kind and words", async () => {
    const shown = () =>
      window.get("wire-line").evaluateAll((lines) => lines.map((line) => Number((line as HTMLElement).dataset.id)));
    witness.say(MESSAGE.have, piece(17));
    witness.say(MESSAGE.have, piece(18));
    await window.get("wire-way-in").click();
    await window.get("wire-kind").selectOption("state");
    const { choke, unchoke, interested, notInterested } = MESSAGE;
    await window.sees(shown, [interested, unchoke, choke, notInterested, interested, unchoke]);
    await window.get("wire-kind").selectOption("");
    await window.get("wire-filter").fill("have 17");
    await window.sees(shown, [MESSAGE.have]);
    await window.get("wire-filter").fill("nothing like it");
    await window.sees(shown, []);
    await window.get("wire-filter").press("Escape");
    await window.get("wire-way-all").click();
    await expect.poll(async () => (await shown()).length).toBeGreaterThan(4);
    await page().waitFor();
  });

  test("a halted log stays as it is and says how much it misses, until it goes on", async () => {
    // We may have told it of pieces of ours as well.
    await window.get("wire-way-in").click();
    await window.get("wire-filter").fill("have");
    const shown = () => window.get("wire-line").count();
    await window.sees(shown, 2);
    await window.get("wire-pause").click();
    for (const number of [19, 20, 21]) witness.say(MESSAGE.have, piece(number));
    const since = async () =>
      Number.parseInt(/(\d+) messages? since/.exec(await window.get("wire-count").innerText())?.[1] ?? "0", 10);
    await expect.poll(since, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
    expect(await shown()).toBe(2);
    await window.get("wire-pause").click();
    await window.sees(shown, 5);
    await window.get("wire-filter").fill("");
  });

  test("the page outlives the peer, says why it left, and Escape leads back", async () => {
    witness.hangUp();
    await window.get("peer-page", { here: "false" }).waitFor();
    await window
      .get("peer-page-explanation")
      .getByText(/closed the connection/)
      .waitFor();
    await window.get("peer-part-timeline").click();
    await window.get("timeline-canvas").waitFor();
    expect(await window.get("timeline-live").count()).toBe(0);
    await page().press("Escape");
    await page().waitFor({ state: "detached" });
    await window.get("peer-list").waitFor();
    expect(window.complaints).toEqual([]);
  });
}

function requestsTo(peer: ScriptedPeer): Passed[] {
  return peer.heard.filter(({ id }) => id === MESSAGE.request);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly holds: boolean;
}

/** A claim's stretches: `on` begins one, `off` ends it. */
function flips(passed: readonly Passed[], on: number, off: number, begins: boolean, until: number): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  let holds = begins;
  for (const { id, at } of passed) {
    const next = id === on ? true : id === off ? false : holds;
    if (next === holds) continue;
    stretches.push({ from, to: at, holds });
    [from, holds] = [at, next];
  }
  return [...stretches, { from, to: until, holds }];
}

function piece(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

/** Of the canvas's own pixels. @param xs,y - In CSS pixels. */
function colours(canvas: Locator, xs: readonly number[], y: number, width: number): Promise<string[]> {
  return canvas.evaluate(
    (element, at) => {
      const surface = element as HTMLCanvasElement;
      const ratio = surface.width / at.width;
      const context = surface.getContext("2d");
      return at.xs.map((x) => {
        const data = context?.getImageData(Math.round(x * ratio), Math.round(at.y * ratio), 1, 1).data ?? [];
        return [...data].slice(0, 3).join(" ");
      });
    },
    { xs: [...xs], y, width: Math.round(width) },
  );
}

type LifePalette = (typeof LIFE_PALETTES)["light"];

function isInk(colour: string, ink: (palette: LifePalette) => readonly number[]): boolean {
  return Object.values(LIFE_PALETTES).some((palette) => ink(palette).join(" ") === colour);
}

function inkOf(colour: string, name: "weChoke" | "peerChokes" | "weAreInterested" | "peerIsInterested"): string {
  if (isInk(colour, ({ bands }) => bands[name])) return name;
  return isInk(colour, ({ track }) => track) ? "track" : colour;
}

interface ExportedLine {
  readonly way: "in" | "out";
  readonly id: number;
  readonly piece?: number;
  readonly begin?: number;
  readonly length?: number;
}

/** What the page hands over as a file: where the dialog says on the desktop, as a download in a browser. */
async function exported(window: InterfaceWindow, folder: string): Promise<ExportedLine[]> {
  const { desktop } = window.running;
  let file = join(folder, "wire.jsonl");
  if (desktop === undefined) {
    const [download] = await Promise.all([window.page.waitForEvent("download"), window.get("wire-export").click()]);
    expect(download.suggestedFilename()).toMatch(/^127\.0\.0\.1-\d+\.jsonl$/);
    file = await download.path();
  } else {
    await desktop.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, file);
    await window.get("wire-export").click();
    await window.get("toast", { kind: "done" }).getByText("Log saved").waitFor();
  }
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ExportedLine);
}
