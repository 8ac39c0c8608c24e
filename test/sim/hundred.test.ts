import { expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([MIB, 100_001, MIB / 2], 64 * KIB, { trackers: ["http://tracker.test/announce"] });

/** A hundred peers with lines of all kinds, that come one after the other. */
function crowd(seed: number) {
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
  const trace = () => `${world.network.fingerprint} after ${world.clock.happened} events`;
  return { world, leechers, trace };
}

test.each([100])(
  "a hundred peers live through thirty minutes, and begin them alike each time (seed %i)",
  (seed) => {
    const { world, leechers, trace } = crowd(seed);
    world.run(10 * MINUTE);
    const first = trace();
    world.run(20 * MINUTE);
    const behind = leechers.filter((leecher) => !isComplete(leecher) || !isRight(leecher, content));
    expect(behind.map(({ host }) => host)).toEqual([]);
    const again = crowd(seed);
    again.world.run(10 * MINUTE);
    expect(again.trace()).toBe(first);
  },
  120_000,
);
