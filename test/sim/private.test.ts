import { expect, test } from "vitest";
import { seeksPeers } from "../../core/session/seeks-peers.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { World } from "./support/world.ts";

const open = makeContent([MIB], 64 * KIB, { trackers: ["http://its-own.test/announce"] });
const closed = { ...open, metainfo: { ...open.metainfo, isPrivate: true } };
const FOREIGN = [["http://foreign.test/announce"]];
const trackersOf = ({ announcer }: { readonly announcer: { views(): readonly { readonly url: string }[] } }) =>
  announcer.views().map(({ url }) => url);

test("a private torrent takes no trackers from another .torrent, nor those of an earlier run", () => {
  const machine = new World(1).machine();
  const torrent = machine.share(closed, { record: { extraTrackers: FOREIGN } });
  expect(torrent.mergeTrackers(FOREIGN, machine.now)).toBe(0);
  expect(trackersOf(torrent)).toEqual(["http://its-own.test/announce"]);
  expect(torrent.trackers.extra).toEqual([]);
});

test("the user may edit the trackers of a private torrent, and that is what an earlier run's record is believed in", () => {
  const machine = new World(3).machine();
  const [url] = FOREIGN.flat() as [string];
  const torrent = machine.share(closed);
  expect(torrent.editTrackers({ kind: "add", urls: [url] }, machine.now)).toBe(true);
  expect(torrent.editTrackers({ kind: "add", urls: [url] }, machine.now)).toBe(false);
  expect(torrent.editTrackers({ kind: "remove", url: "http://its-own.test/announce" }, machine.now)).toBe(true);
  expect(torrent.trackers.edited).toEqual(FOREIGN);

  const later = new World(4).machine().share(closed, { record: { editedTrackers: FOREIGN } });
  expect(trackersOf(later)).toEqual([url]);
});

test("what is merged after an edit is kept with it", () => {
  const machine = new World(5).machine();
  const torrent = machine.share(open, { record: { editedTrackers: [["http://mine.test/announce"]] } });
  expect(torrent.mergeTrackers(FOREIGN, machine.now)).toBe(1);
  expect(torrent.trackers.edited).toEqual([["http://mine.test/announce"], ...FOREIGN]);
});

test("nobody but its trackers is asked for the peers of a private torrent, nor believed about them", () => {
  const machine = new World(6).machine();
  const torrent = machine.share(closed);
  for (const kind of ["dht", "lsd"] as const) torrent.found([{ host: "10.0.0.9", port: 9 }], { kind }, machine.now);
  expect(torrent.swarm.book.size).toBe(0);
  expect(seeksPeers(torrent)).toBe(false);
  const other = machine.share(makeContent([MIB], 64 * KIB, { seed: 6 }));
  expect(seeksPeers(other)).toBe(true);
  other.pause(machine.now);
  expect(seeksPeers(other)).toBe(false);
});

test("any other torrent takes them", () => {
  const machine = new World(2).machine();
  const torrent = machine.share(open);
  expect(torrent.mergeTrackers(FOREIGN, machine.now)).toBe(1);
  expect(trackersOf(torrent)).toEqual(["http://its-own.test/announce", ...FOREIGN.flat()]);
});
