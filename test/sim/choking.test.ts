import { describe, expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE, peerAt } from "./support/measures.ts";
import { World } from "./support/world.ts";

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe("a seed of twenty that have nobody else", () => {
  test.each([1, 2, 3])("gives each about the same within ten minutes (seed %i)", (number) => {
    const content = makeContent([16 * MIB], 64 * KIB);
    const world = new World(number);
    world.checkEvery = 500;
    const seed = world.machine({ up: 200 * KIB });
    const torrent = seed.share(content, { isSeed: true });
    const leechers = Array.from({ length: 20 }, () => world.machine({ settings: { maxConnectionsPerTorrent: 1 } }));
    for (const leecher of leechers) leecher.knows(leecher.share(content), seed);
    world.run(10 * MINUTE);
    const given = leechers.map((leecher) => peerAt(seed, leecher)?.up.total ?? 0);
    expect(given.every((bytes) => bytes < content.bytes.length)).toBe(true);
    expect(Math.max(...given)).toBeLessThan(2 * Math.min(...given));
    // Going round costs next to nothing of the line.
    expect(torrent.uploaded).toBeGreaterThan(0.9 * 200 * KIB * 600);
  });
});

describe("among leechers", () => {
  const content = makeContent([6 * MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });

  test.each([1, 2, 3, 4, 5])("those that give more are done sooner (seed %i)", (number) => {
    const world = new World(number);
    world.checkEvery = 200;
    const settings = { unchokeSlots: 4 };
    const seed = world.machine({ up: 100 * KIB, settings });
    seed.share(content, { isSeed: true });
    const generous = Array.from({ length: 6 }, () => world.machine({ up: 200 * KIB, settings }));
    const stingy = Array.from({ length: 6 }, () => world.machine({ up: 20 * KIB, settings }));
    const doneAt = new Map<unknown, number>();
    for (const machine of [...generous, ...stingy]) machine.share(content);
    world.runUntil(() => {
      for (const machine of [...generous, ...stingy]) {
        if (!doneAt.has(machine) && isComplete(machine)) doneAt.set(machine, world.clock.now);
      }
      return doneAt.size === 12;
    }, 30 * MINUTE);
    const times = (machines: readonly unknown[]) => machines.map((machine) => doneAt.get(machine) as number);
    expect(mean(times(generous))).toBeLessThan(mean(times(stingy)));
  });
});
