import { describe, expect, test } from "vitest";
import { randomBelow } from "../../core/model/random.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { type Machine, World } from "./support/world.ts";

const TRACKERS = ["http://tracker.test/announce"];

/** Lets time pass until all are complete. @returns When each was. */
function completions(world: World, machines: readonly Machine[], limit: number): (machine: Machine) => number {
  const doneAt = new Map<Machine, number>();
  world.runUntil(() => {
    for (const machine of machines) {
      if (!doneAt.has(machine) && isComplete(machine)) doneAt.set(machine, world.clock.now);
    }
    return doneAt.size === machines.length;
  }, limit);
  return (machine) => doneAt.get(machine) as number;
}

describe("the optimistic slot", () => {
  test.each([1, 2, 3])(
    "comes to each of 20 interested peers in turn, while others earn the rest (seed %i)",
    (number) => {
      const content = makeContent([24 * MIB], 64 * KIB);
      const pieces = [...Array(content.metainfo.pieceCount).keys()];
      const world = new World(number);
      world.checkEvery = 1000;
      const middle = world.machine({ up: 40 * KIB, settings: { unchokeSlots: 4 } });
      middle.share(content, { has: pieces.filter((piece) => piece % 2 === 0) });
      const alone = { maxConnectionsPerTorrent: 1 };
      for (let i = 0; i < 3; i++) {
        const giver = world.machine({ up: 5 * KIB, settings: alone });
        giver.knows(giver.share(content, { has: pieces.filter((piece) => piece % 2 === 1) }), middle);
      }
      world.run(30 * SECOND);
      const takers = Array.from({ length: 20 }, () => world.machine({ settings: alone }));
      for (const taker of takers) taker.knows(taker.share(content, { isFreeRider: true }), middle);
      const seconds = new Map(takers.map((taker) => [taker, 0]));
      for (let second = 0; second < 21 * 30; second++) {
        world.run(SECOND);
        for (const taker of takers) {
          if (peerAt(middle, taker)?.isOptimistic === true) seconds.set(taker, (seconds.get(taker) as number) + 1);
        }
      }
      expect(isComplete(middle)).toBe(false);
      expect(Math.min(...seconds.values())).toBeGreaterThanOrEqual(20);
      expect(Math.max(...seconds.values())).toBeLessThanOrEqual(80);
    },
  );
});

describe("free riders", () => {
  const content = makeContent([6 * MIB], 64 * KIB, { trackers: TRACKERS });

  test.each([1, 2, 3, 4, 5])("are done after everybody who gives, where uplinks are scarce (seed %i)", (number) => {
    const world = new World(number);
    world.checkEvery = 500;
    const line = { up: 60 * KIB, settings: { unchokeSlots: 4 } };
    const pieces = [...Array(content.metainfo.pieceCount).keys()];
    // They have everything among them, so that all there is to wait for is what they give each other.
    const givers = Array.from({ length: 10 }, (_, i) => {
      const giver = world.machine(line);
      const has = pieces.filter((piece) => piece % 5 === i % 5 || randomBelow(world.random, 10) === 0);
      giver.share(content, { has });
      return giver;
    });
    const riders = Array.from({ length: 3 }, () => world.machine(line));
    for (const rider of riders) rider.share(content, { isFreeRider: true });
    const doneAt = completions(world, [...givers, ...riders], 10 * MINUTE);
    expect(Math.min(...riders.map(doneAt))).toBeGreaterThan(Math.max(...givers.map(doneAt)));
  });
});
