import { describe, expect, test } from "vitest";
import { randomBelow } from "../../core/model/random.ts";
import { makeContent } from "./support/content.ts";
import { goneAt, isComplete, isRight, KIB, liesOnDisk, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { type Machine, World } from "./support/world.ts";

const content = makeContent([2 * MIB, MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
const SIZE = content.bytes.length;
const pieces = [...Array(content.metainfo.pieceCount).keys()];

function worldOf(seed: number): World {
  const world = new World(seed);
  world.checkEvery = 5000;
  return world;
}

describe("a flash crowd of twenty-four before one seed", () => {
  test.each([1, 2])("is served in a few times what the seed alone needs for one (seed %i)", (number) => {
    const world = worldOf(number);
    const up = 200 * KIB;
    const seed = world.machine({ up });
    seed.share(content, { isSeed: true });
    const start = world.clock.now;
    const crowd = Array.from({ length: 24 }, () => world.machine({ up, down: 8 * up }));
    for (const machine of crowd) machine.share(content);
    world.runUntil(() => crowd.every(isComplete), 10 * MINUTE);
    for (const machine of crowd) expect(isRight(machine, content)).toBe(true);
    // The seed alone would need twenty-four times 15 s.
    expect(world.clock.now - start).toBeLessThan((6 * SIZE * SECOND) / up);
    expect(seed.torrent.uploaded).toBeLessThan(6 * SIZE);
  });
});

describe("a swarm that the seed leaves", () => {
  test.each([1, 2, 3])("when it has given everything once completes without it (seed %i)", (number) => {
    const world = worldOf(number);
    const seed = world.machine({ up: 300 * KIB });
    seed.share(content, { isSeed: true });
    const leechers = Array.from({ length: 8 }, () => world.machine({ up: 200 * KIB }));
    for (const leecher of leechers) leecher.share(content);
    const isEverywhere = () =>
      pieces.every((piece) => leechers.some(({ torrent }) => torrent.swarm.ledger.verified.has(piece)));
    world.runUntil(isEverywhere, 5 * MINUTE);
    seed.turnOff();
    expect(leechers.every(isComplete)).toBe(false);
    world.runUntil(() => leechers.every(isComplete), 10 * MINUTE);
  });

  test.each([1, 2])("and whose leechers come and go completes for those that stay (seed %i)", (number) => {
    const world = worldOf(number);
    world.machine({ up: 200 * KIB }).share(content, { isSeed: true });
    const stayers: Machine[] = [];
    const goers: Machine[] = [];
    for (let i = 0; i < 30; i++) {
      const machine = world.machine({ up: 100 * KIB });
      world.clock.after(i * 4 * SECOND, () => machine.share(content));
      if (i % 3 === 0) stayers.push(machine);
      else goers.push(machine);
      if (i % 3 === 1)
        world.clock.after((i * 4 + 10 + randomBelow(world.random, 20)) * SECOND, () => machine.turnOff());
    }
    world.run(2 * MINUTE);
    world.runUntil(() => stayers.every(isComplete), 10 * MINUTE);
    for (const stayer of stayers) {
      expect(isRight(stayer, content)).toBe(true);
      for (const other of [...stayers, ...goers]) {
        expect(goneAt(stayer, other).map(({ reason }) => reason)).not.toContain("banned");
      }
    }
  });
});

describe("peers that are all behind slow uplinks", () => {
  test.each([1, 2])("use what there is of them (seed %i)", (number) => {
    const world = worldOf(number);
    const up = 24 * KIB;
    const start = world.clock.now;
    const leechers = Array.from({ length: 12 }, (_, i) => {
      const leecher = world.machine({ up, down: MIB, latency: 60 });
      leecher.share(content, { has: pieces.filter((piece) => piece % 12 === i) });
      return leecher;
    });
    world.runUntil(() => leechers.every(isComplete), 20 * MINUTE);
    const took = (world.clock.now - start) / SECOND;
    expect((11 * SIZE) / took / (12 * up)).toBeGreaterThan(0.6);
  });
});

describe("peers that nobody can dial", () => {
  test("reach those that can be dialled, and everybody completes", () => {
    const world = worldOf(1);
    world.machine({ up: 200 * KIB }).share(content, { isSeed: true });
    const hidden = Array.from({ length: 9 }, () => world.machine({ up: 200 * KIB, isBehindNat: true }));
    const open = Array.from({ length: 3 }, () => world.machine({ up: 200 * KIB }));
    for (const machine of [...hidden, ...open]) machine.share(content);
    world.run(10 * SECOND);
    for (const one of hidden) for (const other of hidden) expect(peerAt(one, other)?.phase).not.toBe("open");
    world.runUntil(() => [...hidden, ...open].every(isComplete), 10 * MINUTE);
  });
});

describe("partial seeds", () => {
  test("that have everything among them complete a leecher, take nothing, and hold nobody's slot", () => {
    const world = worldOf(1);
    const halves = [0, 1].map((file) => {
      const machine = world.machine({ up: 200 * KIB });
      const last = 2 * MIB;
      const has = pieces.filter((piece) => (file === 0 ? (piece + 1) * 64 * KIB <= last : piece * 64 * KIB >= last));
      machine.share(content, { has, unwantedFiles: [1 - file] });
      return machine;
    });
    const leechers = [world.machine({ up: 200 * KIB }), world.machine({ up: 200 * KIB })];
    for (const leecher of leechers) leecher.share(content);
    world.runUntil(() => {
      for (const leecher of leechers) {
        for (const half of halves) expect(peerAt(leecher, half)?.weChoke ?? true).toBe(true);
      }
      return leechers.every(isComplete);
    }, 5 * MINUTE);
    for (const { torrent } of halves) expect(torrent.downloaded).toBe(0);
    for (const leecher of leechers) expect(isRight(leecher, content)).toBe(true);
    const closed = goneAt(halves[0] as Machine, halves[1] as Machine).map(({ detail }) => detail);
    expect(closed.length).toBeGreaterThan(0);
    for (const detail of closed) expect(detail).toMatch(/both sides only upload|ended the connection|connection/);
  });
});

describe("three liars among twenty", () => {
  test.each([1, 2, 3])("are found and banned by whoever they lied to, and no honest peer is (seed %i)", (number) => {
    const world = worldOf(number);
    const honest = [world.machine({ up: 200 * KIB })];
    honest[0]?.share(content, { isSeed: true });
    const liars = Array.from({ length: 3 }, () => world.machine({ up: 400 * KIB }));
    for (const liar of liars) liar.share(content, { isSeed: true, disk: { corrupts: (piece) => piece % 4 === 0 } });
    const leechers = Array.from({ length: 16 }, () => world.machine({ up: 200 * KIB }));
    honest.push(...leechers);
    for (const leecher of leechers) leecher.share(content);
    world.runUntil(() => leechers.every(isComplete), 15 * MINUTE);
    world.run(5 * SECOND);
    const reasons = (leecher: Machine, other: Machine) => goneAt(leecher, other).map(({ reason }) => reason);
    for (const liar of liars) {
      expect(leechers.some((leecher) => reasons(leecher, liar).includes("banned"))).toBe(true);
    }
    for (const leecher of leechers) {
      expect(liesOnDisk(leecher)).toEqual([]);
      for (const other of honest) expect(reasons(leecher, other)).not.toContain("banned");
    }
  });
});
