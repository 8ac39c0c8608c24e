import { describe, expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

describe("a swarm", () => {
  test("of one seed and one leecher completes", () => {
    const content = makeContent([2 * MIB + 12345], 128 * KIB);
    const world = new World(1);
    const seed = world.machine();
    const leecher = world.machine();
    seed.share(content, { isSeed: true });
    leecher.knows(leecher.share(content), seed);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, content)).toBe(true);
    expect(leecher.torrent.wasted).toBe(0);
    expect(leecher.torrent.downloaded).toBe(content.bytes.length);
    expect(seed.torrent.uploaded).toBe(content.bytes.length);
  });

  test.each([11, 12, 13])("of one seed and ten leechers completes through a tracker (seed %i)", (number) => {
    const content = makeContent([3 * MIB, 1, 5000, 2 * MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
    const world = new World(number);
    world.checkEvery = 7;
    const start = world.clock.now;
    const seed = world.machine({ up: MIB });
    seed.share(content, { isSeed: true });
    const leechers = Array.from({ length: 10 }, () => world.machine());
    for (const leecher of leechers) leecher.share(content);
    world.runUntil(() => leechers.every(isComplete), 10 * MINUTE);
    for (const leecher of leechers) {
      expect(isRight(leecher, content)).toBe(true);
      expect(leecher.torrent.wasted).toBeLessThan(0.1 * content.bytes.length);
      expect(leecher.storageOf(leecher.torrent).held).toBe(0);
    }
    // The seed alone would take 50 s: the leechers gave each other most of it.
    expect(world.clock.now - start).toBeLessThan(35 * SECOND);
    expect(seed.torrent.uploaded).toBeLessThan(6 * content.bytes.length);
    // Nobody keeps a connection that serves nobody.
    world.run(30 * SECOND);
    for (const { torrent } of world.machines) {
      expect(torrent.swarm.peers.size).toBe(0);
      for (const { reason } of torrent.gone) {
        expect(["both-seeds", "closed-by-peer", "already-connected"]).toContain(reason);
      }
    }
  });

  test("runs the same twice from the same seed, and otherwise from another", () => {
    const content = makeContent([MIB], 32 * KIB, { trackers: ["http://tracker.test/announce"] });
    const fingerprint = (number: number) => {
      const world = new World(number);
      world.checkEvery = 50;
      world.machine().share(content, { isSeed: true });
      const leechers = Array.from({ length: 4 }, () => world.machine());
      for (const leecher of leechers) leecher.share(content);
      world.runUntil(() => leechers.every(isComplete), 10 * MINUTE);
      return `${world.network.fingerprint} after ${world.clock.happened} events`;
    };
    expect(fingerprint(5)).toBe(fingerprint(5));
    expect(fingerprint(5)).not.toBe(fingerprint(6));
  });

  test("of thirty peers lives through thirty minutes of comings and goings", () => {
    const content = makeContent([6 * MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
    const world = new World(30);
    world.checkEvery = 97;
    world.machine({ up: MIB / 2 }).share(content, { isSeed: true });
    const leechers = Array.from({ length: 29 }, (_, i) => {
      const leecher = world.machine({ up: (64 + 16 * (i % 7)) * KIB, down: 2 * MIB, latency: 5 + 11 * (i % 9) });
      world.clock.after(i * 20 * SECOND, () => leecher.share(content));
      return leecher;
    });
    const cut = () => {
      const links = [...world.network.links];
      const link = links[world.random.uint32() % Math.max(1, links.length)];
      if (link !== undefined) world.network.cut(link);
      world.clock.after(3 * SECOND, cut);
    };
    cut();
    world.run(30 * MINUTE);
    for (const leecher of leechers) {
      expect(isComplete(leecher)).toBe(true);
      expect(isRight(leecher, content)).toBe(true);
    }
  });

  test("without memory for more than two pieces at a time still completes", () => {
    const content = makeContent([2 * MIB], 128 * KIB);
    const world = new World(3);
    const seeds = [world.machine(), world.machine(), world.machine()];
    for (const seed of seeds) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    leecher.knows(leecher.share(content, { disk: { memory: 256 * KIB } }), ...seeds);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, content)).toBe(true);
  });

  test("of pieces longer than a slab completes part by part", () => {
    const content = makeContent([25 * MIB], 8 * MIB);
    const world = new World(4);
    world.checkEvery = 20;
    const seeds = [world.machine({ up: 8 * MIB }), world.machine({ up: 8 * MIB })];
    for (const seed of seeds) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    leecher.knows(leecher.share(content, { disk: { memory: 16 * MIB } }), ...seeds);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, content)).toBe(true);
    expect(leecher.storageOf(leecher.torrent).held).toBe(0);
  });
});

describe("word of a new piece", () => {
  const content = makeContent([4 * MIB], 32 * KIB);

  /** A machine that downloads from a seed, and one peer more, until it has everything. */
  function download(greet: (peer: ScriptedPeer) => void) {
    const world = new World(1);
    const seed = world.machine({ up: 400 * KIB });
    seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    const told = new ScriptedPeer(leecher, 1);
    greet(told);
    world.run(11 * SECOND);
    leecher.knows(torrent, seed);
    const verifiedAt: number[] = [];
    world.runUntil(() => {
      const { count } = torrent.swarm.ledger.verified;
      while (verifiedAt.length < count) verifiedAt.push(world.clock.now);
      return isComplete(leecher);
    }, MINUTE);
    world.run(2 * SECOND);
    const toldAt = told.heard(MESSAGE.have).map(({ at }) => at);
    expect(toldAt).toHaveLength(content.metainfo.pieceCount);
    return { verifiedAt, toldAt, peer: told.peer };
  }

  test("reaches at once who may ask for it and waits for nothing else", () => {
    const { verifiedAt, toldAt, peer } = download((told) => told.say((writer) => writer.bare(MESSAGE.interested)));
    expect(peer.weChoke).toBe(false);
    expect(toldAt).toEqual(verifiedAt);
  });

  test("reaches at once who may become interested by it", () => {
    const { verifiedAt, toldAt } = download((told) => told.say((writer) => writer.bare(MESSAGE.haveNone)));
    expect(toldAt).toEqual(verifiedAt);
  });

  test("reaches who has the piece itself a second later at most, several in one write", () => {
    const { verifiedAt, toldAt } = download((told) =>
      told.say((writer) => writer.payload(MESSAGE.bitfield, new Uint8Array(16).fill(0xff))),
    );
    toldAt.forEach((at, i) => {
      expect(at - (verifiedAt[i] as number)).toBeLessThanOrEqual(1000);
    });
    expect(new Set(toldAt).size).toBeLessThan(0.2 * toldAt.length);
  });
});
