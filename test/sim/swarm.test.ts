import { describe, expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { type Machine, World } from "./support/world.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE = 60_000;

const isDone = (machine: Machine) => machine.torrent.swarm.isSeeding;
const isRight = (machine: Machine, bytes: Uint8Array) => Buffer.compare(machine.storageOf(machine.torrent).bytes, bytes) === 0;

describe("a swarm", () => {
  test("of one seed and one leecher completes", () => {
    const content = makeContent([2 * MIB + 12345], 128 * KIB);
    const world = new World(1);
    const seed = world.machine();
    const leecher = world.machine();
    seed.share(content, { isSeed: true });
    leecher.knows(leecher.share(content), seed);
    world.runUntil(() => isDone(leecher), MINUTE);
    expect(isRight(leecher, content.bytes)).toBe(true);
  });

  test.each([11, 12, 13])("of one seed and ten leechers completes through a tracker (seed %i)", (number) => {
    const content = makeContent([3 * MIB, 1, 5000, 2 * MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
    const world = new World(number);
    world.checkEvery = 7;
    world.machine({ up: MIB }).share(content, { isSeed: true });
    const leechers = Array.from({ length: 10 }, () => world.machine());
    for (const leecher of leechers) leecher.share(content);
    world.runUntil(() => leechers.every(isDone), 10 * MINUTE);
    for (const leecher of leechers) {
      expect(isRight(leecher, content.bytes)).toBe(true);
      expect(leecher.torrent.wasted).toBeLessThan(0.1 * content.bytes.length);
      expect(leecher.storageOf(leecher.torrent).held).toBe(0);
    }
  });
});
