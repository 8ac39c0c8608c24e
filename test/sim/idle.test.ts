import { expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([1 * MIB], 256 * KIB);
const KEEP_ALIVE = -1;

function scene(isSeed: boolean) {
  const world = new World(1);
  const machine = world.machine({ settings: { maxConnectionsPerTorrent: 20 } });
  const torrent = machine.share(content, { isSeed });
  return { world, machine, torrent };
}

/** A peer that has nothing, wants nothing, and says so every hundred seconds. */
function idler(
  { world, machine }: ReturnType<typeof scene>,
  number: number,
): { peer: ScriptedPeer; looks: () => number } {
  const peer = new ScriptedPeer(machine, number);
  peer.say((writer) => writer.bare(MESSAGE.haveNone));
  const again = () => {
    if (!peer.isClosed) peer.say((writer) => writer.keepAlive());
    world.clock.after(100 * SECOND, again);
  };
  again();
  let looks = 0;
  const tick = peer.peer.tick.bind(peer.peer);
  peer.peer.tick = (now) => {
    looks++;
    tick(now);
  };
  return { peer, looks: () => looks };
}

test("who is idle is looked at when something is due, and hears what there is to hear", () => {
  const stage = scene(true);
  const { peer, looks } = idler(stage, 1);
  stage.world.run(10 * MINUTE);
  expect(peer.isClosed).toBe(false);
  const keepAlives = peer.heard(KEEP_ALIVE).map(({ at }) => at);
  expect(keepAlives.length).toBeGreaterThanOrEqual(9);
  // 600 times, were it looked at each second.
  expect(looks()).toBeLessThan(60);
  expect(looks()).toBeGreaterThanOrEqual(keepAlives.length);
});

test("who falls silent is let go in time", () => {
  const stage = scene(true);
  const peer = new ScriptedPeer(stage.machine, 1);
  const since = stage.world.clock.now;
  stage.world.runUntil(() => peer.peer.isClosed, 5 * MINUTE);
  expect(peer.peer.closing).toMatchObject({ reason: "inactive" });
  expect(stage.world.clock.now - since).toBeGreaterThanOrEqual(120 * SECOND);
  expect(stage.world.clock.now - since).toBeLessThanOrEqual(121 * SECOND);
});

test("who is idle hears of a new piece within a second", () => {
  const stage = scene(false);
  const { peer } = idler(stage, 1);
  stage.world.run(MINUTE);
  const seed = stage.world.machine();
  seed.share(content, { isSeed: true });
  stage.machine.knows(stage.torrent, seed);
  stage.world.runUntil(() => isComplete(stage.machine), MINUTE);
  const since = stage.world.clock.now;
  stage.world.run(1100);
  expect(peer.heard(MESSAGE.have)).toHaveLength(4);
  for (const { at } of peer.heard(MESSAGE.have)) expect(at - since).toBeLessThanOrEqual(SECOND);
});

test("who has long been of no use goes as soon as places are short, and no more than it takes", () => {
  const stage = scene(true);
  const idlers = Array.from({ length: 17 }, (_, i) => idler(stage, i + 1));
  stage.world.run(10 * MINUTE);
  expect(idlers.filter(({ peer }) => peer.peer.isClosed)).toHaveLength(0);
  // Eighteen of twenty: a tenth is left.
  idler(stage, 18);
  stage.world.run(2 * SECOND);
  expect(idlers.filter(({ peer }) => peer.peer.isClosed)).toHaveLength(1);
  expect(idlers.find(({ peer }) => peer.peer.isClosed)?.peer.peer.closing).toMatchObject({ reason: "useless" });
});
