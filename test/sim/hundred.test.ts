import { expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([MIB, 100_001, MIB / 2], 64 * KIB, { trackers: ["http://tracker.test/announce"] });

/** A hundred peers with lines of all kinds, that come one after the other. */
function crowd(seed: number, checkEvery = 20_011) {
  const world = new World(seed);
  world.checkEvery = checkEvery;
  const settings = { maxConnectionsPerTorrent: 30 };
  world.machine({ up: MIB, settings }).share(content, { isSeed: true });
  const leechers = Array.from({ length: 99 }, (_, i) => {
    const up = (20 + 12 * (i % 11)) * KIB;
    const leecher = world.machine({ up, down: 8 * up, latency: 5 + 13 * (i % 9), isBehindNat: i % 3 === 0, settings });
    world.clock.after(i * 15 * SECOND, () => leecher.share(content));
    return leecher;
  });
  /** Every delivery until the end of each minute, folded into one number. */
  const minutes = (count: number): number[] =>
    Array.from({ length: count }, () => {
      world.run(MINUTE);
      return world.network.fingerprint;
    });
  return { world, leechers, minutes };
}

test.each([100])(
  "a hundred peers live through thirty minutes, alike each time (seed %i)",
  (seed) => {
    const { leechers, minutes } = crowd(seed);
    const trace = minutes(30);
    const behind = leechers.filter((leecher) => !isComplete(leecher) || !isRight(leecher, content));
    expect(behind.map(({ host }) => host)).toEqual([]);
    expect(crowd(seed, Number.POSITIVE_INFINITY).minutes(30)).toEqual(trace);
  },
  240_000,
);
