import { describe, expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

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

describe("what is on its way to a peer that asked for much", () => {
  /** @returns The most that waited at once, and how long it took to serve 200 requests over such a line. */
  function serve(rate: number): { most: number; took: number } {
    const content = makeContent([4 * MIB], 64 * KIB);
    const world = new World(1);
    const seed = world.machine();
    const torrent = seed.share(content, { isSeed: true });
    const peer = new ScriptedPeer(seed, 1);
    let most = 0;
    let free = 0;
    peer.sendBlock = (_header, block, released) => {
      peer.backlog += block.length;
      most = Math.max(most, peer.backlog);
      free = Math.max(free, world.clock.now) + (1000 * block.length) / rate;
      world.clock.after(free - world.clock.now, () => {
        peer.backlog -= block.length;
        released();
      });
    };
    peer.say((writer) => writer.bare(MESSAGE.interested));
    world.runUntil(() => !peer.peer.weChoke, 20 * SECOND);
    const start = world.clock.now;
    peer.say((writer) => {
      for (let i = 0; i < 200; i++) writer.block(MESSAGE.request, i % 64, 0, 16 * KIB);
    });
    world.runUntil(() => torrent.uploaded === 200 * 16 * KIB && peer.backlog === 0, 5 * MINUTE);
    return { most, took: world.clock.now - start };
  }

  test("is no more than leaves within a second over a slow line", () => {
    for (const rate of [40 * KIB, 100 * KIB, 400 * KIB]) {
      const { most, took } = serve(rate);
      expect(most).toBeLessThanOrEqual(rate + 2 * 16 * KIB);
      expect(took).toBeLessThan((1.05 * 1000 * 200 * 16 * KIB) / rate);
    }
  });

  test("soon grows where the line is fast", () => {
    const { most, took } = serve(100 * MIB);
    expect(most).toBeGreaterThan(256 * KIB);
    expect(took).toBeLessThan(100);
  });
});

describe("among leechers", () => {
  const content = makeContent([6 * MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
  const pieces = [...Array(content.metainfo.pieceCount).keys()];

  test.each([1, 2, 3, 4, 5])("those that give more are done sooner (seed %i)", (number) => {
    const world = new World(number);
    world.checkEvery = 500;
    const settings = { unchokeSlots: 4 };
    // They have everything among them, so that all there is to wait for is what they give each other.
    const machines = Array.from({ length: 12 }, (_, i) => {
      const machine = world.machine({ up: i < 6 ? 200 * KIB : 20 * KIB, settings });
      machine.share(content, { has: pieces.filter((piece) => piece % 6 === i % 6) });
      return machine;
    });
    const start = world.clock.now;
    const doneAt = new Map<unknown, number>();
    world.runUntil(() => {
      for (const machine of machines) {
        if (!doneAt.has(machine) && isComplete(machine)) doneAt.set(machine, world.clock.now);
      }
      return doneAt.size === 12;
    }, 30 * MINUTE);
    const times = machines.map((machine) => (doneAt.get(machine) as number) - start);
    expect(1.5 * Math.max(...times.slice(0, 6))).toBeLessThan(Math.min(...times.slice(6)));
  });
});
