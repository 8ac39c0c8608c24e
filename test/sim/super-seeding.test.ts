import { describe, expect, test } from "vitest";
import { torrentView } from "../../core/session/torrent-view.ts";
import { decodeExtensionHandshake } from "../../core/wire/extension-handshake.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
const PIECES = 64;

/** How many times the torrent a seed gives until everybody has it. */
function shareGiven(number: number, isSuper: boolean): number {
  const world = new World(number);
  world.checkEvery = 500;
  const seed = world.machine({ up: 200 * KIB });
  const torrent = seed.share(content, { isSeed: true });
  torrent.superSeed(isSuper, world.clock.now);
  const leechers = Array.from({ length: 10 }, () => world.machine({ up: 400 * KIB }));
  for (const leecher of leechers) leecher.share(content);
  world.runUntil(() => leechers.every(isComplete), 10 * MINUTE);
  for (const leecher of leechers) expect(isRight(leecher, content)).toBe(true);
  return torrent.uploaded / content.bytes.length;
}

const shown = (peer: ScriptedPeer) => peer.heard(MESSAGE.have).map(({ payload }) => payload.readUInt32BE(0));

/** A super-seed and peers that say what the test has them say, all without a piece. */
function scene(count: number) {
  const world = new World(1);
  const machine = world.machine();
  const torrent = machine.share(content, { isSeed: true });
  torrent.superSeed(true, world.clock.now);
  const peers = Array.from({ length: count }, (_, i) => new ScriptedPeer(machine, i + 1));
  for (const peer of peers) peer.say((writer) => writer.bare(MESSAGE.haveNone));
  world.run(2 * SECOND);
  return { world, machine, torrent, peers: peers as [ScriptedPeer, ScriptedPeer, ScriptedPeer] };
}

const has = (peer: ScriptedPeer, piece: number | undefined) =>
  peer.say((writer) => writer.piece(MESSAGE.have, piece as number));

describe("a super-seed (BEP 16)", () => {
  test.each([1, 2, 3])("gives little more than once what the others then spread (seed %i)", (number) => {
    const given = shareGiven(number, true);
    expect(given).toBeLessThan(1.1);
    expect(given).toBeGreaterThanOrEqual(1);
    expect(shareGiven(number, false)).toBeGreaterThan(1.3 * given);
  });

  test("looks like one that has nothing, and shows each peer another piece", () => {
    const { peers } = scene(3);
    for (const peer of peers) {
      expect(peer.heard(MESSAGE.haveNone)).toHaveLength(1);
      expect(peer.heard(MESSAGE.haveAll)).toHaveLength(0);
      expect(peer.heard(MESSAGE.allowedFast)).toHaveLength(0);
      const [handshake] = peer.heard(MESSAGE.extended);
      expect(decodeExtensionHandshake(handshake?.payload.subarray(1) as Buffer)).toMatchObject({ uploadOnly: false });
      expect(shown(peer)).toHaveLength(1);
    }
    expect(new Set(peers.flatMap(shown)).size).toBe(3);
  });

  test("shows the next piece when somebody else has the last one, and not before", () => {
    const { world, peers } = scene(2);
    const [first, second] = peers;
    const [piece] = shown(first);
    has(first, piece);
    world.run(30 * SECOND);
    expect(shown(first)).toHaveLength(1);
    has(second, piece);
    expect(shown(first)).toHaveLength(2);
    expect(shown(second)).toHaveLength(1);
  });

  test("gives all of it to one that is alone", () => {
    const world = new World(4);
    const seed = world.machine();
    seed.share(content, { isSeed: true }).superSeed(true, world.clock.now);
    const leecher = world.machine();
    leecher.knows(leecher.share(content), seed);
    world.runUntil(() => isComplete(leecher), 5 * MINUTE);
    world.run(5 * SECOND);
    expect(peerAt(seed, leecher)).toBeUndefined();
  });

  test("waits two minutes for one that keeps its piece or does not take it, and gives that piece to another", () => {
    const { world, peers } = scene(2);
    const [keeper, idler] = peers;
    const [kept] = shown(keeper);
    const [left] = shown(idler);
    has(keeper, kept);
    world.run(110 * SECOND);
    expect([shown(keeper).length, shown(idler).length]).toEqual([1, 1]);
    const late = new ScriptedPeer(peers[0].machine, 9);
    late.say((writer) => {
      const lacks = new Uint8Array(PIECES / 8).fill(0xff);
      for (const piece of [kept, left] as number[])
        lacks[piece >> 3] = (lacks[piece >> 3] as number) & ~(0x80 >> (piece & 7));
      writer.payload(MESSAGE.bitfield, lacks);
    });
    world.run(5 * SECOND);
    expect(shown(late)).toEqual([]);
    for (const peer of [keeper, idler, late]) peer.say((writer) => writer.keepAlive());
    world.run(15 * SECOND);
    expect([shown(keeper).length, shown(idler).length]).toEqual([2, 2]);
    expect([kept, left]).toContain(shown(late)[0]);
  });

  test("serves a swarm in which half keep everything for themselves", () => {
    const world = new World(5);
    world.checkEvery = 100;
    const seed = world.machine({ up: 400 * KIB });
    const torrent = seed.share(content, { isSeed: true });
    torrent.superSeed(true, world.clock.now);
    const riders = Array.from({ length: 4 }, () => world.machine());
    const leechers = Array.from({ length: 4 }, () => world.machine({ up: 400 * KIB }));
    for (const rider of riders) rider.share(content, { isFreeRider: true });
    for (const leecher of leechers) leecher.share(content);
    world.runUntil(() => leechers.every(isComplete), 20 * MINUTE);
  });

  test("has who knew better come again, and tells everybody everything when it ends", () => {
    const world = new World(6);
    const seed = world.machine({ up: 100 * KIB });
    const torrent = seed.share(content, { isSeed: true });
    const leecher = world.machine();
    leecher.knows(leecher.share(content), seed);
    world.run(3 * SECOND);
    expect(peerAt(leecher, seed)?.isSeed).toBe(true);
    torrent.superSeed(true, world.clock.now);
    world.runUntil(() => peerAt(leecher, seed) === undefined, MINUTE);
    world.runUntil(() => peerAt(leecher, seed)?.phase === "open", 2 * MINUTE);
    world.run(3 * SECOND);
    expect(peerAt(leecher, seed)?.isUploadOnly).toBe(false);
    torrent.superSeed(false, world.clock.now);
    world.run(3 * SECOND);
    expect(peerAt(leecher, seed)?.isSeed).toBe(true);
    expect(peerAt(leecher, seed)?.saysUploadOnly).toBe(true);
    world.runUntil(() => isComplete(leecher), 5 * MINUTE);
  });

  test("is one again after a check and after a restart", () => {
    const world = new World(7);
    const seed = world.machine();
    const torrent = seed.share(content, { isSeed: true, record: { isSuperSeeding: true } });
    expect(torrentView(torrent).isSuperSeeding).toBe(true);
    torrent.recheck(world.clock.now);
    world.run(5 * SECOND);
    const peer = new ScriptedPeer(seed, 1);
    expect(torrentView(torrent)).toMatchObject({ isSuperSeeding: true, state: "seeding" });
    expect(peer.heard(MESSAGE.haveNone)).toHaveLength(1);
  });
});
