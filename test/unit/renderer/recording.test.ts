import { beforeEach, describe, expect, test } from "vitest";
import { encodeFrame, RECORDING_MAGIC } from "../../../core/contract/recording/frames.ts";
import { concatBytes } from "../../../core/model/bytes.ts";
import type { EngineListener } from "../../../renderer/link/engine-client.ts";
import { type App, createApp } from "../../../renderer/store/app.ts";

const AT = 1_700_000_000_000;
const TORRENT = "ab".repeat(20);
const OTHER = "cd".repeat(20);

/** Ten seconds in which the name grows by a letter a second; who came and left is marked. */
function recordingFile(...more: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const update = (at: number, name: string) =>
    ({ kind: "update", at, torrents: [{ id: TORRENT, set: { name } }] }) as const;
  const frames = [
    encodeFrame("head", AT, { version: "0", torrent: TORRENT, name: "Some", infoHash: new Uint8Array(20) }),
    encodeFrame("state", AT, { update: update(AT, "n"), lives: [], details: [] }),
  ];
  for (let second = 1; second <= 10; second++) {
    const at = AT + 1000 * second;
    frames.push(encodeFrame("change", at, { update: update(at, "n".repeat(second + 1)) }));
    if (second === 4) frames.push(encodeFrame("marks", at, [{ kind: "came", at, peer: 1, text: "203.0.113.1:6881" }]));
  }
  frames.push(...more, encodeFrame("end", AT + 10_000, { words: "the disk is full" }));
  return concatBytes(RECORDING_MAGIC, ...frames).slice();
}

let app: App;
let listener: EngineListener;
let now: number;
let notices: string[];
let asked: string[];
let watched: number;
const state = () => app.store.getState();
const name = () => state().engine.torrents.get(TORRENT)?.name;

beforeEach(() => {
  now = 0;
  notices = [];
  asked = [];
  watched = -1;
  app = createApp({
    client: {
      start: (given) => {
        listener = given;
      },
      watch: (watches) => {
        watched = watches.length;
      },
      command: ((command: { kind: string }) => {
        asked.push(command.kind);
        return Promise.resolve(undefined);
      }) as never,
    },
    notify: (kind, title, detail) => notices.push(`${kind} ${title} ${detail ?? ""}`),
    storage: { getItem: () => null, setItem: () => {} },
    desktop: undefined,
    copyText: () => Promise.resolve(),
    saveFile: () => Promise.resolve(true),
    elapsed: () => now,
  });
  listener.onState("open");
  const torrents = [{ id: OTHER, set: { name: "present" } }] as const;
  listener.onUpdate({ kind: "update", at: AT, torrents } as never, true);
});

const open = (bytes = recordingFile()) => app.actions.openRecordingFile(new File([bytes], "some.peerscope"));

describe("a recording that is opened", () => {
  test("is what views see, at any time that is asked for, and the present goes on unseen", async () => {
    app.actions.select(OTHER);
    await open();
    expect(state().past).toMatchObject({
      name: "some.peerscope",
      at: AT,
      end: AT + 10_000,
      ending: "the disk is full",
    });
    expect(state().selected).toBe(TORRENT);
    expect(name()).toBe("n");
    for (const second of [7, 3, 10, 0]) {
      app.actions.seek(AT + 1000 * second + 500);
      expect(name()).toBe("n".repeat(second + 1));
    }
    listener.onUpdate(
      { kind: "update", at: AT + 1, torrents: [{ id: OTHER, set: { name: "later" } }] } as never,
      false,
    );
    expect([...state().engine.torrents.keys()]).toEqual([TORRENT]);
    app.actions.leavePast();
    expect(state().past).toBeUndefined();
    expect(state().selected).toBe(OTHER);
    expect(state().engine.torrents.get(OTHER)?.name).toBe("later");
    expect(watched).toBe(1);
  });

  test("plays as fast as is wished, and stops at its end", async () => {
    await open();
    app.actions.setSpeed(4);
    app.actions.setPlaying(true);
    now += 500;
    app.actions.advancePast();
    expect(state().past?.at).toBe(AT + 2000);
    expect(name()).toBe("nnn");
    app.actions.stepPast(1);
    expect(state().past).toMatchObject({ at: AT + 3000, isPlaying: false });
    app.actions.setPlaying(true);
    now += 60_000;
    app.actions.advancePast();
    expect(state().past).toMatchObject({ at: AT + 10_000, isPlaying: false });
    app.actions.setPlaying(true);
    expect(state().past?.at).toBe(AT);
  });

  test("lets nothing be done to the torrent of today, and says so", async () => {
    await open();
    expect(await app.actions.pause(TORRENT)).toBe(false);
    // The settings on screen are those of then.
    expect(await app.actions.changeSettings({ alternativeLimits: true })).toMatch(/looking at the past/);
    await app.actions.loadBans();
    expect(asked).toEqual(["list-bans"]);
    expect(notices.join()).toMatch(/looking at the past/);
  });

  test("has nothing chosen that was chosen in the present, nor leaves anything chosen there", async () => {
    app.actions.select(OTHER);
    app.actions.pin({ kind: "piece", piece: 3 });
    await open();
    expect(state().pinned).toBeUndefined();
    app.actions.pin({ kind: "peer", peer: 1 });
    app.actions.selectPeer(1);
    app.actions.seek(AT + 5000);
    const seen: (string | undefined)[] = [];
    const stop = app.store.subscribe(({ past }) => seen.push(`${past?.name} ${past?.at}`));
    await app.actions.openRecordingFile(new File([recordingFile()], "another.peerscope"));
    stop();
    expect(seen).toEqual([`another.peerscope ${AT}`]);
    expect(state().selectedPeer).toBeUndefined();
    app.actions.pin({ kind: "peer", peer: 1 });
    app.actions.leavePast();
    expect(state().pinned).toBeUndefined();
  });

  test("that is larger than memory should hold is refused before it is read", async () => {
    const huge = new File([], "huge.peerscope");
    Object.defineProperty(huge, "size", { value: 400 * 1024 * 1024 });
    await app.actions.openRecordingFile(huge);
    expect(state().past).toBeUndefined();
    expect(notices.at(-1)).toMatch(/huge\.peerscope can't be opened It has 400 MiB; at most 384 MiB are opened/);
  });

  test("that is none, or damaged within, leaves the present as it is, with words", async () => {
    await open(new Uint8Array(100));
    expect(state().past).toBeUndefined();
    expect(notices.at(-1)).toMatch(/some\.peerscope can't be opened It is no recording/);
    app.actions.select(OTHER);
    await open(recordingFile(encodeFrame("change", AT + 10_000, { update: { kind: "update", at: "never" } } as never)));
    app.actions.seek(AT + 9000);
    expect(state().past?.at).toBe(AT + 9000);
    app.actions.seek(AT + 10_000);
    expect(state().past).toBeUndefined();
    expect(state().selected).toBe(OTHER);
    expect(notices).toHaveLength(2);
  });

  test("shows over time what its torrent's own view told", async () => {
    await open();
    expect(app.actions.pastHistory()?.times).toHaveLength(11);
    app.actions.leavePast();
    expect(app.actions.pastHistory()).toBeUndefined();
  });
});
