import { expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { KIB, MIB, MINUTE } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([2 * MIB + 55], 64 * KIB);

/** A torrent that is paused with everything on its disk. */
function pausedTorrent(number: number) {
  const world = new World(number);
  const torrent = world.machine().share(content, { isSeed: true, isPaused: true });
  return { world, torrent };
}

test("a paused torrent that is checked again, and once more meanwhile, is paused after", () => {
  const { world, torrent } = pausedTorrent(1);
  torrent.recheck(world.clock.now);
  world.run(5);
  expect(torrent.activity.kind).toBe("checking");
  torrent.recheck(world.clock.now);
  world.runUntil(() => torrent.activity.kind !== "checking", MINUTE);
  expect(torrent.activity.kind).toBe("paused");
  expect(torrent.swarm.ledger.verified.isFull).toBe(true);
});

test("what is to be paused after its check is kept as paused meanwhile", () => {
  const { world, torrent } = pausedTorrent(2);
  torrent.recheck(world.clock.now);
  expect(torrent.activity.kind).toBe("checking");
  expect(torrent.isPaused).toBe(true);
});

test("a torrent that is resumed while it is checked runs after", () => {
  const { world, torrent } = pausedTorrent(3);
  torrent.recheck(world.clock.now);
  torrent.resume(world.clock.now);
  expect(torrent.isPaused).toBe(false);
  world.runUntil(() => torrent.activity.kind !== "checking", MINUTE);
  expect(torrent.activity.kind).toBe("running");
});
