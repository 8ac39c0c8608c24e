import { describe, expect, test } from "vitest";
import type { Torrent } from "../../core/session/torrent.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const album = makeContent([2 * MIB, 2 * MIB, 2 * MIB], 64 * KIB);
const PIECES_A_FILE = 32;

/** Two seeds, slow enough to watch, and one leecher that has not begun. */
function begin(number: number, content = album) {
  const world = new World(number);
  const seeds = [1, 2].map(() => world.machine({ up: 200 * KIB }));
  const leecher = world.machine();
  for (const seed of seeds) seed.share(content, { isSeed: true });
  const torrent = leecher.share(content);
  return {
    world,
    leecher,
    torrent,
    start() {
      for (const seed of seeds) leecher.knows(torrent, seed);
    },
  };
}

/** Verified pieces of each file. */
const done = (torrent: Torrent) =>
  [0, 1, 2].map((file) => {
    let count = 0;
    torrent.swarm.ledger.verified.forEach((piece) => {
      if (Math.floor(piece / PIECES_A_FILE) === file) count++;
    });
    return count;
  });

describe("files by priority", () => {
  test("come the high ones first and the low ones last", () => {
    const { world, leecher, torrent, start } = begin(1);
    torrent.prioritise([2], "high");
    torrent.prioritise([0], "low");
    start();
    world.runUntil(() => done(torrent)[2] === PIECES_A_FILE, MINUTE);
    // What is in flight is a few pieces of the next, and some may be asked for while choked (BEP 6).
    expect(done(torrent)[1]).toBeLessThan(8);
    expect(done(torrent)[0]).toBeLessThan(4);
    world.runUntil(() => done(torrent)[1] === PIECES_A_FILE, MINUTE);
    expect(done(torrent)[0]).toBeLessThan(8);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, album)).toBe(true);
  });

  test("change while it downloads, and come back to normal", () => {
    const { world, torrent, start } = begin(2);
    start();
    world.run(3 * SECOND);
    torrent.prioritise([1, 99], "high");
    world.runUntil(() => done(torrent)[1] === PIECES_A_FILE, MINUTE);
    const others = (done(torrent)[0] as number) + (done(torrent)[2] as number);
    expect(others).toBeLessThan(2 * PIECES_A_FILE - 20);
    torrent.prioritise([1], "normal");
    expect(torrent.wishes.kept.priorities).toEqual([]);
    expect(torrent.swarm.order).toBeUndefined();
  });
});

describe("in the order of the torrent", () => {
  test("the ends of files come first, then one piece after the other", () => {
    const { world, leecher, torrent, start } = begin(3);
    torrent.change({ isSequential: true });
    start();
    world.runUntil(() => torrent.swarm.ledger.verified.count >= 30, MINUTE);
    const { verified, partials } = torrent.swarm.ledger;
    for (const edge of [0, 31, 32, 63, 64, 95]) expect([edge, verified.has(edge)]).toEqual([edge, true]);
    const reached = Math.max(...[...partials.keys()].filter((piece) => piece !== 95));
    // Besides, those have come that may be asked for while choked (BEP 6).
    expect(done(torrent)[0]).toBeGreaterThan(14);
    expect(reached).toBeLessThan(48);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, album)).toBe(true);
  });
});

describe("limits of one torrent's own", () => {
  test("hold instead of the session's", () => {
    const world = new World(4);
    const leecher = world.machine();
    const torrent = leecher.share(album);
    torrent.change({ maxConnections: 3, unchokeSlots: 2 });
    for (let i = 0; i < 6; i++) {
      const peer = world.machine();
      peer.share(album);
      leecher.knows(torrent, peer);
    }
    world.run(30 * SECOND);
    const open = [...torrent.swarm.peers].filter(({ phase }) => phase === "open");
    expect(open).toHaveLength(3);
    expect(torrent.swarm.limits.unchokeSlots()).toBe(2);
    torrent.change({ maxConnections: 0 });
    world.run(30 * SECOND);
    expect([...torrent.swarm.peers].filter(({ phase }) => phase === "open")).toHaveLength(6);
    expect(torrent.wishes.kept).toMatchObject({ maxConnections: 0, unchokeSlots: 2 });
  });
});
