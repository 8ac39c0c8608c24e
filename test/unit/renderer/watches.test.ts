import { expect, test } from "vitest";
import type { Watch } from "../../../core/contract/messages.ts";
import type { EngineClient } from "../../../renderer/link/engine-client.ts";
import { createApp } from "../../../renderer/store/app.ts";

const TORRENT = "1".repeat(40);

/** An application whose engine has one torrent, and what it asked to be told. */
function scene() {
  const watched: { watches: readonly Watch[]; isHidden: boolean }[] = [];
  let tell: Parameters<EngineClient["start"]>[0] | undefined;
  const app = createApp({
    client: {
      start: (listener) => {
        tell = listener;
      },
      command: () => Promise.reject(new Error("not asked here")),
      watch: (watches, isHidden = false) => void watched.push({ watches, isHidden }),
    },
    notify: () => undefined,
    storage: { getItem: () => null, setItem: () => undefined },
    desktop: undefined,
    copyText: async () => undefined,
    saveFile: async () => true,
    elapsed: () => 0,
  });
  tell?.onUpdate({ kind: "update", at: 1, torrents: [{ id: TORRENT, set: { id: TORRENT, name: "a" } }] }, true);
  return { app, last: () => watched.at(-1) };
}

test("what nobody sees is not asked for, and comes again with the page", () => {
  const { app, last } = scene();
  const before = last();
  expect(before?.watches).toMatchObject([{ torrent: TORRENT }]);
  app.actions.hide(true);
  expect(last()).toEqual({ watches: [], isHidden: true });
  app.actions.hide(false);
  expect(last()).toEqual(before);
});

test("blocks are asked for with the swarm's map alone, and a piece while it is pinned there", () => {
  const { app, last } = scene();
  expect(last()?.watches[0]?.parts).not.toContain("blocks");
  app.actions.showTab("pieces");
  expect(last()?.watches[0]?.parts).toContain("blocks");
  expect(last()?.watches[0]?.piece).toBeUndefined();
  app.actions.pin({ kind: "piece", piece: 17 });
  expect(last()?.watches[0]?.piece).toBe(17);
  app.actions.pin({ kind: "peer", peer: 3 });
  expect(last()?.watches[0]?.piece).toBeUndefined();
  app.actions.pin({ kind: "piece", piece: 17 });
  app.actions.showTab("files");
  expect(last()?.watches[0]?.piece).toBeUndefined();
});
