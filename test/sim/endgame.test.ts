import { describe, expect, test } from "vitest";
import { randomBelow } from "../../core/model/random.ts";
import type { Peer } from "../../core/peer/peer.ts";
import { type Content, makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([32 * MIB], 256 * KIB);

interface Ending {
  /** Bytes that came and were of no use, as a part of the torrent. */
  readonly waste: number;
  /** What the peers counted of that, in the same measure. */
  readonly wasteOfPeers: number;
  /** Beyond the time that the seeds' lines would need without a pause. */
  readonly late: number;
}

/**
 * A download from seeds of these speeds in KiB/s, each a third more or less by chance.
 * @param stalling - Those of them that give nothing more once 97 % are there.
 */
function download(number: number, what: Content, speeds: readonly number[], stalling: readonly number[] = []): Ending {
  const world = new World(number);
  world.checkEvery = 500;
  const chance = (most: number) => randomBelow(world.random, most);
  const ups = speeds.map((speed) => Math.round(speed * KIB * (0.67 + chance(66) / 100)));
  const seeds = ups.map((up) => world.machine({ up, latency: 5 + chance(100) }));
  const torrents = seeds.map((seed) => seed.share(what, { isSeed: true }));
  const leecher = world.machine();
  const torrent = leecher.share(what);
  leecher.knows(torrent, ...seeds);
  const start = world.clock.now;
  const peers = new Set<Peer>();
  let isStalled = false;
  world.runUntil(() => {
    for (const peer of torrent.swarm.peers) peers.add(peer);
    if (!isStalled && torrent.swarm.ledger.verified.count > 0.97 * what.metainfo.pieceCount) {
      isStalled = true;
      for (const i of stalling) {
        const storage = seeds[i]?.storageOf(torrents[i] as (typeof torrents)[number]);
        if (storage !== undefined) storage.manner = { ...storage.manner, withholds: () => true };
      }
    }
    return isComplete(leecher);
  }, 5 * MINUTE);
  expect(isRight(leecher, what)).toBe(true);
  const { length } = what.bytes;
  const least = (1000 * length) / ups.reduce((sum, up) => sum + up);
  return {
    waste: torrent.wasted / length,
    wasteOfPeers: [...peers].reduce((sum, { wasted }) => sum + wasted, 0) / length,
    late: world.clock.now - start - least,
  };
}

describe.each([1, 2, 3])("the endgame (seed %i)", (number) => {
  test.each([
    ["of 10:1", [2000, 1000, 500, 200, 200]],
    ["of 40:1", [2000, 800, 200, 50]],
    ["of 100:1", [4000, 400, 100, 40, 40]],
    ["of one fast peer and many slow ones", [4000, ...Array(15).fill(40)]],
    ["of one fast peer and many that hardly give", [4000, ...Array(15).fill(3)]],
    ["of equal peers", Array(12).fill(300)],
  ])("wastes less than a hundredth and no time among speeds %s", (_, speeds) => {
    const { waste, late } = download(number, content, speeds);
    expect(waste).toBeLessThan(0.01);
    expect(late).toBeLessThan(2 * SECOND);
  });

  test.each([
    ["the fastest", [0]],
    ["the slowest", [3]],
    ["half of the peers", [1, 3]],
  ])("goes on within seconds, and wastes less than a hundredth, when %s fall silent in it", (_, stalling) => {
    const { waste, late } = download(number, content, [2000, 1500, 200, 60], stalling);
    expect(waste).toBeLessThan(0.01);
    expect(late).toBeLessThan(6 * SECOND);
  });
});

test("what came twice counts as wasted, of its peer and in all", () => {
  const small = makeContent([6 * MIB], 128 * KIB);
  const endings = [1, 2, 3, 4].map((number) => download(number, small, [50, 200, 800, 2000]));
  expect(Math.max(...endings.map(({ waste }) => waste))).toBeGreaterThan(0);
  for (const { waste, wasteOfPeers } of endings) expect(waste).toBe(wasteOfPeers);
});
