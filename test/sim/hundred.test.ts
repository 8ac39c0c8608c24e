import { expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([MIB, 100_001, MIB / 2], 64 * KIB, { trackers: ["http://tracker.test/announce"] });

/** Thirty minutes of a hundred peers that come one after the other, with lines of all kinds. */
function halfAnHour(seed: number) {
  const world = new World(seed);
  world.checkEvery = 20_011;
  const settings = { maxConnectionsPerTorrent: 30 };
  world.machine({ up: MIB, settings }).share(content, { isSeed: true });
  const leechers = Array.from({ length: 99 }, (_, i) => {
    const up = (20 + 12 * (i % 11)) * KIB;
    const leecher = world.machine({ up, down: 8 * up, latency: 5 + 13 * (i % 9), isBehindNat: i % 3 === 0, settings });
    world.clock.after(i * 15 * SECOND, () => leecher.share(content));
    return leecher;
  });
  world.run(30 * MINUTE);
  return { world, leechers };
}

test.each([100])(
  "a hundred peers live through thirty minutes, and again in the same way (seed %i)",
  (seed) => {
    const { world, leechers } = halfAnHour(seed);
    const behind = leechers.filter((leecher) => !isComplete(leecher) || !isRight(leecher, content));
    expect(
      behind.map(({ host }) => host),
      world.picture(),
    ).toEqual([]);
    const again = halfAnHour(seed).world;
    expect(again.network.fingerprint).toBe(world.network.fingerprint);
    expect(again.clock.happened).toBe(world.clock.happened);
  },
  120_000,
);
