import { beforeEach, describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../../core/contract/codec.ts";
import { validateToEngine } from "../../../core/contract/messages.ts";
import { EngineClient } from "../../../renderer/link/engine-client.ts";
import type { EngineLink, LinkListener } from "../../../renderer/link/engine-link.ts";
import { type App, createApp } from "../../../renderer/store/app.ts";
import { selectedDetails } from "../../../renderer/store/app-state.ts";
import { DEFAULT_PREFERENCES } from "../../../renderer/store/preferences.ts";
import { FakeEngine } from "./fake-engine.ts";

const START = 1_700_000_000_000;
const FIRST = "1".repeat(40);
const SECOND = "2".repeat(40);
const MAGNET = "3".repeat(40);

/** A link whose other end is a made-up engine; all that it carries goes through the codec and the guard. */
class FakeLink implements EngineLink {
  readonly engine = new FakeEngine(START);
  #listener: LinkListener | undefined;
  #now = START;

  start(listener: LinkListener): void {
    this.#listener = listener;
    listener.onState("connecting");
  }

  open(): void {
    this.engine.connect();
    this.#listener?.onState("open");
    this.tick();
  }

  lose(): void {
    this.#listener?.onState("lost");
  }

  tick(): void {
    this.#now += 250;
    this.engine.step(this.#now);
    this.#listener?.onMessage(encodeMessage(this.engine.update()));
  }

  send(bytes: Uint8Array): void {
    const judged = validateToEngine(decodeMessage(bytes));
    if (!judged.ok) throw new Error(judged.fault);
    const reply = this.engine.receive(judged.message);
    if (reply !== undefined) queueMicrotask(() => this.#listener?.onMessage(encodeMessage(reply)));
  }
}

let link: FakeLink;
let app: App;
let notices: string[];
let clipboard: string;
let saved: string[];
const state = () => app.store.getState();
/** Lets promises that are already settled run on. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

beforeEach(() => {
  link = new FakeLink();
  link.engine.addTorrent(FIRST, "First", 100, 8);
  link.engine.addTorrent(SECOND, "Second", 50, 4);
  notices = [];
  clipboard = "";
  saved = [];
  const kept = new Map<string, string>();
  app = createApp({
    client: new EngineClient(link),
    notify: (kind, title, detail) => notices.push(`${kind}: ${title}${detail === undefined ? "" : ` (${detail})`}`),
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    desktop: undefined,
    copyText: async (text) => {
      clipboard = text;
    },
    saveFile: async (name, bytes) => {
      saved.push(`${name}: ${new TextDecoder().decode(bytes)}`);
      return true;
    },
    elapsed: () => 0,
  });
});

describe("the application", () => {
  it("chooses the first torrent and watches its open tab, and nothing else", () => {
    link.open();
    expect(state().selected).toBe(FIRST);
    link.tick();
    expect(selectedDetails(state()).peers?.size).toBe(8);
    expect(selectedDetails(state()).files).toBeUndefined();
    app.actions.showTab("files");
    link.tick();
    expect(selectedDetails(state()).files).toHaveLength(7);
    app.actions.select(SECOND);
    link.tick();
    expect([...state().engine.details.keys()]).toEqual([SECOND]);
  });

  it("asks for the peer that is looked at", () => {
    link.open();
    link.tick();
    const [peer] = selectedDetails(state()).peers?.keys() ?? [];
    app.actions.selectPeer(peer);
    link.tick();
    expect(selectedDetails(state()).peer?.peer).toBe(peer);
  });

  it("moves to the neighbour when the chosen torrent is removed", async () => {
    link.open();
    expect(await app.actions.remove(FIRST, true)).toBe(true);
    link.tick();
    expect(state().selected).toBe(SECOND);
    expect(link.engine.commands).toContainEqual({ kind: "remove", torrent: FIRST, withData: true });
  });

  it("says in words what an action ran into", async () => {
    link.open();
    link.engine.torrents.delete(FIRST);
    expect(await app.actions.pause(FIRST)).toBe(false);
    expect(notices).toEqual(["error: The torrent was not paused (there is no such torrent)"]);
  });

  it("starts afresh from the first update after a lost link, and watches again", () => {
    link.open();
    link.tick();
    link.lose();
    expect(state().link).toBe("lost");
    link.engine.torrents.delete(SECOND);
    link.open();
    expect([...state().engine.torrents.keys()]).toEqual([FIRST]);
    link.tick();
    expect(selectedDetails(state()).peers?.size).toBeGreaterThan(0);
  });

  it("refuses commands while the engine is not there, instead of keeping them", async () => {
    expect(await app.actions.pause(FIRST)).toBe(false);
    expect(notices).toEqual(["error: The torrent was not paused (The engine can't be reached just now.)"]);
  });

  it("copies the folder's path where no folder can be opened", async () => {
    link.open();
    await app.actions.openFolder(FIRST, "01 Dawn chorus.flac");
    expect(clipboard).toBe("/home/ada/Downloads/First/01 Dawn chorus.flac");
    expect(notices).toEqual([`done: Path copied (${clipboard})`]);
  });

  it("remembers preferences within their limits", () => {
    app.actions.prefer({ theme: "dark", listShare: 7 });
    expect(state().preferences).toEqual({ ...DEFAULT_PREFERENCES, theme: "dark", listShare: 0.8 });
  });

  it("copies a torrent's magnet link, and saves its .torrent", async () => {
    link.open();
    await app.actions.copyMagnet(FIRST);
    expect(clipboard).toBe(`magnet:?xt=urn:btih:${FIRST}`);
    await app.actions.saveTorrentFile(FIRST);
    expect(saved).toEqual(["First.torrent: de"]);
    expect(notices).toEqual(["done: Magnet link copied", "done: Torrent file saved (First.torrent)"]);
  });
});

describe("adding", () => {
  it("asks about each torrent in turn, and selects what was added once the engine lists it", async () => {
    link.open();
    app.actions.offerOpened(["/a/one.torrent", "/a/two.torrent"]);
    expect(state().adding.map(({ label, step }) => [label, step.kind])).toEqual([
      ["one.torrent", "reading"],
      ["two.torrent", "reading"],
    ]);
    await settle();
    const [one, two] = state().adding;
    expect([one?.step.kind, two?.step.kind]).toEqual(["ready", "ready"]);
    const fault = await app.actions.confirm(one?.id ?? 0, { folder: "/d", wantedFiles: [0, 2], paused: false });
    expect(fault).toBeUndefined();
    expect(state().adding.map(({ id }) => id)).toEqual([two?.id]);
    expect(link.engine.commands.at(-1)).toMatchObject({
      kind: "add",
      folder: "/d",
      wantedFiles: [0, 2],
      paused: false,
    });
    expect(state().selected).toBe(FIRST);
    link.tick();
    expect(state().selected).toBe(`${"f".repeat(39)}0`);
  });

  it("keeps the engine's words about a bad file", async () => {
    link.open();
    app.actions.offerFiles([new File([Uint8Array.of(1)], "good.torrent"), new File([], "empty.torrent")]);
    app.actions.offerOpened(["/a/broken.torrent"]);
    await settle();
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
    expect(state().adding.map(({ step }) => (step.kind === "refused" ? step.why : step.kind))).toEqual([
      "ready",
      "It is empty.",
      "bencode: the string at byte 1093 is 20000 bytes long, 411 are left",
    ]);
  });

  it("says how many trackers were merged into a torrent that is there", async () => {
    link.open();
    app.actions.offerOpened(["/a/again.torrent"]);
    await settle();
    const [adding] = state().adding;
    await app.actions.confirm(adding?.id ?? 0, { folder: "/d", wantedFiles: undefined, paused: false });
    expect(notices).toEqual(["done: Field recordings 2024 (It is in the list already: 2 new trackers were added.)"]);
    expect(state().selected).toBe(FIRST);
  });

  it("tells a typed line's fault at once and takes pasted text only when it is meant", () => {
    link.open();
    expect(app.actions.offerText("nonsense")).toMatch(/full path/);
    expect(app.actions.offerPasted("just a sentence")).toBe(false);
    expect(app.actions.offerPasted("magnet:?xt=urn:btih:0\nand a sentence")).toBe(false);
    expect(app.actions.offerPasted("https://x.example/a\nfile:///%E0%A4%A")).toBe(true);
    expect(notices).toEqual(["error: This can't be added (This file address has a malformed escape.)"]);
    expect(state().adding.map(({ label }) => label)).toEqual(["a"]);
  });

  it("takes magnet links from the system and by pasting, a line each, under their own names", () => {
    link.open();
    const magnet = (name: string) => `magnet:?xt=urn:btih:${"a".repeat(40)}&dn=${name}`;
    app.actions.offerOpened(["/a/one.torrent", magnet("two%2Fthree")]);
    expect(app.actions.offerPasted(`${magnet("four")}\r\n\n${magnet("")}\n`)).toBe(true);
    expect(state().adding.map(({ label }) => label)).toEqual([
      "one.torrent",
      "two/three",
      "four",
      "Magnet link aaaaaaaaaaaa…",
    ]);
  });

  it("asks for the files of a magnet link once its metadata is there, and again when asked to", async () => {
    link.open();
    link.engine.addTorrent(MAGNET, "Magnet", 40, 3, { state: "paused", asksForFiles: true });
    link.tick();
    expect(state().choosing).toEqual([MAGNET]);
    app.actions.select(MAGNET);
    link.tick();
    const files = state().engine.details.get(MAGNET)?.files ?? [];
    expect(files.length).toBeGreaterThan(2);
    app.actions.postponeFiles(MAGNET);
    link.tick();
    expect(state().choosing).toEqual([]);
    app.actions.askForFiles(MAGNET);
    link.tick();
    const wanted = new Set(files.slice(1).map(({ index }) => index));
    expect(await app.actions.chooseFiles(MAGNET, wanted)).toBeUndefined();
    expect(link.engine.commands.slice(-2)).toEqual([
      { kind: "want-files", torrent: MAGNET, files: [files[0]?.index], wanted: false },
      { kind: "resume", torrent: MAGNET },
    ]);
    expect(state().choosing).toEqual([]);
  });

  it("forgets to ask for files when the torrent goes, or has been resumed elsewhere", () => {
    link.open();
    link.engine.addTorrent(MAGNET, "Magnet", 40, 3, { state: "paused", asksForFiles: true });
    link.tick();
    link.engine.receive({ kind: "command", id: 9, command: { kind: "remove", torrent: MAGNET, withData: false } });
    link.tick();
    expect(state().choosing).toEqual([]);
  });

  it("bans a peer, lists the bans and lifts one", async () => {
    link.open();
    const [peer] = selectedDetails(state()).peers?.keys() ?? [];
    const torrent = state().selected as string;
    link.tick();
    const target = peer ?? ([...(selectedDetails(state()).peers?.keys() ?? [])][0] as number);
    expect(await app.actions.ban(torrent, target)).toBe(true);
    link.tick();
    expect(state().engine.session).toMatchObject({ bans: 1, banChanges: 1 });
    await app.actions.loadBans();
    expect(state().bans).toMatchObject([{ by: "user", evidence: "banned by hand", torrentName: "First" }]);
    expect(await app.actions.liftBan(state().bans[0]?.party ?? "")).toBe(true);
    link.tick();
    await app.actions.loadBans();
    expect([state().bans, state().engine.session?.bans]).toEqual([[], 0]);
    expect(notices).toEqual([]);
  });
});
