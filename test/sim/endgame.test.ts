import { expect, test } from "vitest";
import type { Peer } from "../../core/peer/peer.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE } from "./support/measures.ts";
import { World } from "./support/world.ts";

test.each([1, 2])("what the endgame brought twice counts as wasted, of its peer and in all (seed %i)", (number) => {
  const content = makeContent([6 * MIB], 128 * KIB);
  const world = new World(number);
  world.checkEvery = 100;
  const seeds = [50, 200, 800, 2000].map((speed) => world.machine({ up: speed * KIB }));
  for (const seed of seeds) seed.share(content, { isSeed: true });
  const leecher = world.machine();
  const torrent = leecher.share(content);
  leecher.knows(torrent, ...seeds);
  const peers = new Set<Peer>();
  world.runUntil(() => {
    for (const peer of torrent.swarm.peers) peers.add(peer);
    return isComplete(leecher);
  }, 5 * MINUTE);
  expect(isRight(leecher, content)).toBe(true);
  expect(torrent.wasted).toBeGreaterThan(0);
  expect(torrent.wasted).toBe([...peers].reduce((sum, { wasted }) => sum + wasted, 0));
});
