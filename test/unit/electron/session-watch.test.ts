import { expect, test } from "vitest";
import type { Update } from "../../../core/contract/messages.ts";
import type { TorrentView } from "../../../core/contract/views.ts";
import { SessionWatch, summaryWords } from "../../../electron/session-watch.ts";
import { speak } from "../../../electron/words.ts";

const id = "a".repeat(40);
const update = (set: Partial<TorrentView>): Update => ({ kind: "update", at: 1, torrents: [{ id, set }] });
const whole: Partial<TorrentView> = {
  id,
  name: "album",
  folder: "/d",
  state: "downloading",
  bytesDone: 25,
  bytesWanted: 100,
};

test("where a torrent is comes from the engine, and goes with the torrent", () => {
  const watch = new SessionWatch(() => {});
  watch.heard(update(whole));
  watch.heard(update({ folder: "/elsewhere" }));
  expect(watch.torrent(id)).toMatchObject({ folder: "/elsewhere", name: "album" });
  watch.heard({ kind: "update", at: 2, removed: [id] });
  expect(watch.torrent(id)).toBeUndefined();
});

test("a torrent that completes is told once; one that was complete at the start is not", () => {
  const completed: string[] = [];
  const watch = new SessionWatch((torrent) => completed.push(torrent.name));
  watch.heard({
    kind: "update",
    at: 1,
    torrents: [
      { id, set: whole },
      { id: "b".repeat(40), set: { name: "old", completedAt: 1 } },
    ],
  });
  expect(completed).toEqual([]);
  watch.heard(update({ completedAt: 5, state: "seeding" }));
  watch.heard(update({ uploaded: 5 }));
  expect(completed).toEqual(["album"]);
});

test("the summary counts what is being downloaded", () => {
  const watch = new SessionWatch(() => {});
  expect(watch.summary()).toEqual({ downRate: 0, upRate: 0, downloading: 0 });
  watch.heard({
    kind: "update",
    at: 1,
    session: { set: { downRate: 1_572_864, upRate: 20_480 } },
    torrents: [{ id, set: whole }],
  });
  expect(watch.summary()).toEqual({ downRate: 1_572_864, upRate: 20_480, downloading: 1, progress: 0.25 });
  expect(summaryWords(watch.summary())).toBe("Peerscope: 1 downloading, 1.5 MiB/s down, 20 KiB/s up");
  speak("de");
  expect(summaryWords(watch.summary())).toBe("Peerscope: 1 lädt, Empfang 1,5 MiB/s, Versand 20 KiB/s");
  speak("en");
});
