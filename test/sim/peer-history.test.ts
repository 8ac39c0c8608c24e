import { expect, test } from "vitest";
import { CHANGE_FIELDS, SAMPLE_FIELDS, STANDING } from "../../core/model/peer-history.ts";
import { MESSAGE } from "../../core/model/wire-message.ts";
import type { Peer } from "../../core/peer/peer.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MINUTE, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

/** When the claim began and ceased to hold, in turn. */
function flips(peer: Peer, claim: number): number[] {
  const numbers = peer.history.from(0);
  const times: number[] = [];
  let held = false;
  for (let i = 0; i < numbers.length; i += CHANGE_FIELDS) {
    const holds = ((numbers[i + 1] as number) & claim) !== 0;
    if (holds !== held) times.push(numbers[i] as number);
    held = holds;
  }
  return times;
}

test("a peer's bands are what was said on its wire, at the times it was said", () => {
  const world = new World(11);
  const content = makeContent([40 * 64 * KIB], 64 * KIB);
  const machine = world.machine();
  machine.share(content, { has: [0, 1, 2] });
  const scripted = new ScriptedPeer(machine, 1);
  const { peer } = scripted;
  const { createdAt } = peer;
  const heard: { readonly id: number; readonly at: number }[] = [];
  const say = (id: number) => {
    heard.push({ id, at: world.clock.now });
    scripted.say((writer) => writer.bare(id));
  };
  for (const piece of [7, 8, 9]) scripted.say((writer) => writer.piece(MESSAGE.have, piece));
  for (const [wait, id] of [
    [3, MESSAGE.unchoke],
    [700, MESSAGE.interested],
    [41_000, MESSAGE.choke],
    [1, MESSAGE.unchoke],
    [12_345, MESSAGE.notInterested],
    [2000, MESSAGE.interested],
    [30_000, MESSAGE.choke],
  ] as const) {
    world.run(wait);
    say(id);
  }
  world.run(10 * SECOND);

  const said = (...ids: number[]) => scripted.said.filter(({ id }) => ids.includes(id)).map(({ at }) => at);
  const told = (...ids: number[]) => heard.filter(({ id }) => ids.includes(id)).map(({ at }) => at);
  expect(flips(peer, STANDING.open)).toEqual([peer.openedAt]);
  // Both sides begin choked.
  expect(flips(peer, STANDING.peerChokes)).toEqual([createdAt, ...told(MESSAGE.choke, MESSAGE.unchoke)]);
  expect(flips(peer, STANDING.peerIsInterested)).toEqual(told(MESSAGE.interested, MESSAGE.notInterested));
  expect(said(MESSAGE.unchoke).length).toBeGreaterThan(0);
  expect(flips(peer, STANDING.weChoke)).toEqual([createdAt, ...said(MESSAGE.choke, MESSAGE.unchoke)]);
  expect(flips(peer, STANDING.weAreInterested)).toEqual(said(MESSAGE.interested, MESSAGE.notInterested));
  // It never gave a block of what it was asked for.
  expect(flips(peer, STANDING.snubbed)).toHaveLength(1);
  expect(flips(peer, STANDING.uploadOnly)).toEqual([]);

  scripted.hangUp();
  expect(flips(peer, STANDING.open)).toEqual([peer.openedAt, world.clock.now]);
});

test("what a peer gave and took is on the same axis, second by second", () => {
  const world = new World(12);
  const content = makeContent([120 * 64 * KIB], 64 * KIB);
  const seed = world.machine({ up: 100_000 });
  seed.share(content, { isSeed: true });
  const machine = world.machine();
  machine.knows(machine.share(content), seed);
  world.run(MINUTE);
  const [peer] = machine.torrent.swarm.peers as unknown as [Peer];
  const { samples } = peer.history;
  const numbers = samples.from(0);
  let start = peer.createdAt;
  let bytes = 0;
  let most = 0;
  for (let i = 0; i < numbers.length; i += SAMPLE_FIELDS) {
    const [end, down, , outstanding] = numbers.slice(i) as [number, number, number, number];
    bytes += (down * (end - start)) / 1000;
    most = Math.max(most, outstanding);
    start = end;
  }
  expect(peer.down.total).toBeGreaterThan(4_000_000);
  expect(Math.abs(bytes - (peer.down.total - peer.down.unsampled))).toBeLessThan(100);
  expect(most).toBeGreaterThan(3);
  expect(numbers.at(-1)).toBeGreaterThan(0);
});

test("peers that nobody speaks with take next to no memory, a busy one less than 20 KiB", () => {
  const world = new World(13);
  const content = makeContent([400 * 16 * KIB], 16 * KIB);
  const seed = world.machine({ up: 20_000 });
  seed.share(content, { isSeed: true });
  const machine = world.machine();
  machine.knows(machine.share(content), seed);
  const idle = new ScriptedPeer(machine, 1);
  world.run(4 * MINUTE);
  const { history } = idle.peer;
  expect(history.samples.count).toBe(0);
  expect(history.count).toBeLessThan(8);
  for (const peer of machine.torrent.swarm.peers) {
    expect(28 * peer.history.samples.count + 10 * peer.history.count).toBeLessThan(20 * KIB);
  }
});
