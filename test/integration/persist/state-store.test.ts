import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Ban } from "../../../core/model/ban.ts";
import type { StateStore } from "../../../core/runtime/persist/state-store.ts";
import { bits, DAMAGES, idOf, resumeOf, temporaryFolder, withStore } from "./state-fixture.ts";

const A = idOf(0xa);
const B = idOf(0xb);
const torrentFile = (name: string) => new TextEncoder().encode(`d4:infod4:name${name.length}:${name}ee`);
const settings = { downloadFolder: "/somewhere", maxConnections: 77 };

/** Two torrents and settings, saved and closed. */
async function kept(): Promise<string> {
  const folder = temporaryFolder();
  await withStore(folder, async (store) => {
    await store.load();
    const faults = [
      await store.saveSettings(settings),
      await store.saveTorrentFile(A, torrentFile("a")),
      await store.saveResume(resumeOf(A, { verified: bits(1, 2), written: bits(1, 2, 3) })),
      await store.saveTorrentFile(B, torrentFile("b")),
      await store.saveResume(resumeOf(B, { isPaused: true, completedAt: 99 })),
    ];
    expect(faults).toEqual(Array(5).fill(undefined));
  });
  return folder;
}

const load = (folder: string) => withStore(folder, (store) => store.load());

describe("what is kept between runs", () => {
  test("an empty folder, or none, has nothing to say", async () => {
    const folder = join(temporaryFolder(), "deep", "state");
    expect(await load(folder)).toEqual({ settings: {}, bans: [], torrents: [], notices: [] });
    expect(readdirSync(folder)).toEqual([]);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  test("bans come back in their order, and those that are not understood are named", async () => {
    const folder = temporaryFolder();
    const ban = (party: string): Ban => ({
      party,
      evidence: "piece 3 failed its hash, every block came from it",
      by: "us",
      at: 17,
      torrent: A,
      torrentName: "a",
      client: "Liar 1.0",
    });
    const local: Ban = { ...ban("192.168.1.4:6881"), by: "user", peerId: "2d".repeat(20) };
    const odd = { ...ban("203.0.113.9"), by: "nobody" } as unknown as Ban;
    await withStore(folder, async (store) => {
      await store.load();
      expect(await store.saveBans([ban("203.0.113.5"), odd, local])).toBeUndefined();
    });
    const { bans, notices } = await load(folder);
    expect(bans).toEqual([ban("203.0.113.5"), local]);
    expect(notices).toEqual(["1 of 3 bans are not understood and were left out."]);
  });

  test("settings, torrents and their records come back as they were", async () => {
    const state = await load(await kept());
    expect(state.notices).toEqual([]);
    expect(state.settings).toEqual(settings);
    expect(state.torrents.map(({ id }) => id).sort()).toEqual([A, B]);
    const a = state.torrents.find(({ id }) => id === A);
    expect(Buffer.from(a?.file ?? []).equals(torrentFile("a"))).toBe(true);
    expect(a?.resume).toMatchObject({ ...resumeOf(A), verified: bits(1, 2), written: bits(1, 2, 3) });
    expect(a?.resume).toMatchObject({ journaled: [], doubtful: [], isSameBoot: true, isAtRest: true });
    expect(state.torrents.find(({ id }) => id === B)?.resume).toMatchObject({ isPaused: true, completedAt: 99 });
  });

  describe.each(["settings", `${A}.metainfo`, `${A}.resume`])("with %s", (name) => {
    test.each(DAMAGES)("%s, the list and the settings survive, and a notice says so", async (_, damage) => {
      const folder = await kept();
      damage(join(folder, name));
      const state = await load(folder);
      expect(state.settings).toEqual(settings);
      expect(state.torrents.map(({ id, resume }) => [id, resume?.folder]).sort()).toEqual([
        [A, "/downloads"],
        [B, "/downloads"],
      ]);
      expect(state.notices).toEqual([expect.stringContaining(name)]);
    });
  });

  test("a torrent whose record is lost twice over is still in the list", async () => {
    const folder = await kept();
    writeFileSync(join(folder, `${A}.resume`), "");
    writeFileSync(join(folder, `${A}.resume.previous`), "");
    const { torrents, notices } = await load(folder);
    expect(torrents.map(({ id, resume }) => [id, resume !== undefined]).sort()).toEqual([
      [A, false],
      [B, true],
    ]);
    expect(notices).toEqual([expect.stringContaining(`the torrent ${A} could not be read`)]);
  });

  test("a setting that is out of bounds is left out by itself", async () => {
    const folder = await kept();
    await withStore(folder, async (store) => {
      await store.load();
      await store.saveSettings({ downLimit: 5, maxConnections: -1 });
    });
    const state = await load(folder);
    expect(state.settings).toEqual({ downLimit: 5 });
    expect(state.notices).toEqual([expect.stringMatching(/^The setting maxConnections /)]);
  });

  test("a removed torrent is gone for good, and a record that comes late does not bring it back", async () => {
    const folder = await kept();
    await withStore(folder, async (store) => {
      await store.load();
      const late = store.saveResume(resumeOf(A));
      expect(await store.removeTorrent(A)).toBeUndefined();
      await late;
      expect(await store.saveResume(resumeOf(A))).toBeUndefined();
      await store.noteWritten(A, 1);
    });
    expect(readdirSync(folder).filter((name) => name.startsWith(A))).toEqual([]);
    expect((await load(folder)).torrents.map(({ id }) => id)).toEqual([B]);
  });

  test("what a crash left half written is cleared away", async () => {
    const folder = await kept();
    for (const name of ["settings.new", `${A}.resume.new`, `${A}.resume.previous.new`]) {
      writeFileSync(join(folder, name), "half");
    }
    writeFileSync(join(folder, "notes.txt"), "somebody else's");
    expect((await load(folder)).notices).toEqual([]);
    const left = readdirSync(folder).filter((name) => !name.startsWith("settings") && !/^[0-9a-f]{40}\./.test(name));
    expect(left).toEqual(["notes.txt"]);
    expect(readdirSync(folder).some((name) => name.endsWith(".new"))).toBe(false);
  });

  test("a thousand torrents are all there", async () => {
    const folder = temporaryFolder();
    const count = 1000;
    await withStore(folder, async (store) => {
      for (let at = 0; at < count; at += 50) {
        const ids = Array.from({ length: 50 }, (_, i) => idOf(at + i));
        await Promise.all(ids.map((id) => store.saveTorrentFile(id, new Uint8Array(2000))));
        await Promise.all(ids.map((id) => store.saveResume(resumeOf(id))));
      }
    });
    const { torrents } = await load(folder);
    expect(torrents.length).toBe(count);
  });
});

describe("the journal of written pieces", () => {
  /** As a killed engine leaves it: nothing is saved at the end. */
  async function killed(act: (store: StateStore) => Promise<void>): Promise<string> {
    const folder = await kept();
    await withStore(folder, async (store) => {
      await store.load();
      await act(store);
    });
    return folder;
  }

  async function resumeIn(folder: string) {
    return (await load(folder)).torrents.find(({ id }) => id === A)?.resume;
  }

  const downloading = (pieces: ReturnType<typeof bits>) =>
    resumeOf(A, { verified: pieces, written: pieces, isAtRest: false });

  test("keeps what came after the record, and when the engine was last alive", async () => {
    const before = Date.now();
    const folder = await killed(async (store) => {
      await store.saveResume(downloading(bits(1)));
      await Promise.all([7, 5, 50].map((piece) => store.noteWritten(A, piece)));
      await store.noteWritten(A, 99);
    });
    const resume = await resumeIn(folder);
    expect(resume?.journaled).toEqual([7, 5, 50, 99]);
    expect(resume?.doubtful).toEqual([]);
    expect(resume?.isAtRest).toBe(false);
    expect(resume?.aliveAt).toBeGreaterThanOrEqual(before - 1000);
  });

  test("starts anew with each record, and forgets what the record no longer has", async () => {
    const folder = await killed(async (store) => {
      await store.saveResume(downloading(bits(1)));
      await store.noteWritten(A, 2);
      await store.noteWritten(A, 3);
      const saved = store.saveResume(downloading(bits(1, 2)));
      await Promise.all([store.noteWritten(A, 4), saved, store.noteWritten(A, 5)]);
      await store.noteWritten(A, 6);
    });
    expect((await resumeIn(folder))?.journaled.toSorted()).toEqual([4, 5, 6]);
  });

  test("is gone when the torrent is at rest", async () => {
    const folder = await killed(async (store) => {
      await store.saveResume(downloading(bits(1)));
      await store.noteWritten(A, 2);
      await store.saveResume(resumeOf(A, { written: bits(1, 2) }));
    });
    expect(readdirSync(folder)).not.toContain(`${A}.journal`);
    expect(await resumeIn(folder)).toMatchObject({ isAtRest: true, journaled: [], doubtful: [] });
  });

  test("of another record is doubted, not believed", async () => {
    const folder = await killed(async (store) => {
      await store.saveResume(downloading(bits(1)));
      await store.noteWritten(A, 2);
    });
    writeFileSync(join(folder, `${A}.resume`), "");
    expect(await resumeIn(folder)).toMatchObject({ journaled: [], doubtful: [2] });
  });

  test("is read as far as it is whole", async () => {
    const folder = await killed(async (store) => {
      await store.saveResume(downloading(bits(1)));
      for (const piece of [10, 11, 12, 13]) await store.noteWritten(A, piece);
    });
    const path = join(folder, `${A}.journal`);
    const bytes = readFileSync(path);
    bytes[8 * 2 + 3] = 77;
    writeFileSync(path, bytes.subarray(0, bytes.length - 3));
    expect((await resumeIn(folder))?.journaled).toEqual([10, 12]);
    writeFileSync(path, bytes.fill(0));
    expect((await resumeIn(folder))?.journaled).toEqual([]);
  });
});
