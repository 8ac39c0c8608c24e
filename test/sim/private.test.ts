import { expect, test } from "vitest";
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
  expect(torrent.extraTrackers).toEqual([]);
});

test("any other torrent takes them", () => {
  const machine = new World(2).machine();
  const torrent = machine.share(open);
  expect(torrent.mergeTrackers(FOREIGN, machine.now)).toBe(1);
  expect(trackersOf(torrent)).toEqual(["http://its-own.test/announce", ...FOREIGN.flat()]);
});
