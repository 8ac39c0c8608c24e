import { describe, expect, test } from "vitest";
import { Traffic } from "../../core/peer/throttle.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const small = makeContent([8 * MIB], 64 * KIB);
const large = makeContent([256 * MIB], 4 * MIB, { seed: 2 });

describe("a rate limit", () => {
  test.each([
    ["down", 50 * KIB, 100, small],
    ["up", 50 * KIB, 100, small],
    ["down", 50 * MIB, 3, large],
    ["up", 50 * MIB, 3, large],
  ] as const)("for %s of %i bytes/s is kept within 3 percent, over %i s", (way, limit, seconds, content) => {
    const world = new World(1);
    world.checkEvery = 50;
    const line = { up: 400 * MIB, down: 400 * MIB, latency: 1 };
    const seed = world.machine({ ...line, settings: way === "up" ? { upLimit: limit } : {} });
    const leecher = world.machine({ ...line, settings: way === "down" ? { downLimit: limit } : {} });
    seed.share(content, { isSeed: true });
    const torrent = leecher.share(content);
    leecher.knows(torrent, seed);
    const received = () => {
      let bytes = 0;
      for (const peer of torrent.swarm.peers) bytes += peer.rawDown;
      return bytes;
    };
    world.run(2 * SECOND);
    const before = received();
    world.run(seconds * SECOND);
    const rate = (received() - before) / seconds;
    expect(rate / limit).toBeGreaterThan(0.97);
    expect(rate / limit).toBeLessThan(1.03);
  });

  test.each(["down", "up"] as const)(
    "for %s lets local peers alone where the user wants that, and takes them back",
    (way) => {
      const world = new World(3);
      world.checkEvery = 50;
      const line = { up: 2 * MIB, down: 2 * MIB, latency: 1 };
      const settings = { limitLocalPeers: false, [`${way}Limit`]: 50 * KIB };
      const limited = world.machine({ ...line, settings });
      const [near, far] = [world.machine(line), world.machine({ ...line, host: "203.0.113.5" })];
      const isSeed = way === "up";
      const torrent = limited.share(large, { isSeed });
      for (const other of [near, far]) limited.knows(other.share(large, { isSeed: !isSeed }) && torrent, other);
      const rateOf = (host: string, seconds: number) => {
        const peer = [...torrent.swarm.peers].find((other) => other.host === host);
        const before = { down: peer?.rawDown ?? 0, up: peer?.rawUp ?? 0 };
        world.run(seconds * SECOND);
        return (way === "down" ? (peer?.rawDown ?? 0) - before.down : (peer?.rawUp ?? 0) - before.up) / seconds;
      };
      world.run(2 * SECOND);
      expect(rateOf(near.host, 5)).toBeGreaterThan(MIB);
      const farRate = rateOf(far.host, 20);
      expect(farRate / (50 * KIB)).toBeGreaterThan(0.9);
      expect(farRate / (50 * KIB)).toBeLessThan(1.03);
      const nearPeer = [...torrent.swarm.peers].find(({ host }) => host === near.host);
      torrent.limitPeer(nearPeer?.id ?? 0, 0, 0);
      expect(rateOf(near.host, 5)).toBeGreaterThan(MIB);
      limited.session.changeSettings({ ...limited.session.settings, limitLocalPeers: true });
      world.run(SECOND);
      expect(rateOf(near.host, 20)).toBeLessThan(1.03 * 50 * KIB);
    },
  );

  test("gives way to the alternative one while that is on", () => {
    const world = new World(4);
    world.checkEvery = 50;
    const line = { up: 2 * MIB, down: 2 * MIB, latency: 1 };
    const settings = { downLimit: 200 * KIB, alternativeDownLimit: 50 * KIB };
    const leecher = world.machine({ ...line, settings });
    const seed = world.machine(line);
    seed.share(large, { isSeed: true });
    const torrent = leecher.share(large);
    leecher.knows(torrent, seed);
    const rateNow = () => {
      world.run(2 * SECOND);
      const received = () => [...torrent.swarm.peers].reduce((sum, peer) => sum + peer.rawDown, 0);
      const before = received();
      world.run(10 * SECOND);
      return (received() - before) / 10 / KIB;
    };
    expect(rateNow()).toBeCloseTo(200, -1);
    leecher.session.changeSettings({ ...leecher.session.settings, alternativeLimits: true });
    expect(rateNow()).toBeCloseTo(50, -1);
    leecher.session.changeSettings({ ...leecher.session.settings, alternativeLimits: false });
    expect(rateNow()).toBeCloseTo(200, -1);
  });

  test("of a torrent and of one peer hold within the session's", () => {
    const session = new Traffic();
    const torrent = new Traffic(session);
    const peer = new Traffic(torrent);
    session.down.limit = 100 * KIB;
    torrent.down.limit = 60 * KIB;
    peer.down.limit = 20 * KIB;
    let taken = 0;
    for (let now = 0; now <= 10 * SECOND; now += 50) {
      if (peer.down.available(now) <= 0) continue;
      peer.down.spend(KIB, now);
      taken += KIB;
    }
    expect(taken / 10 / (20 * KIB)).toBeCloseTo(1, 1);
    peer.down.limit = 0;
    torrent.down.limit = 0;
    expect(peer.down.isLimited).toBe(true);
    session.down.limit = 0;
    expect(peer.down.available(11 * SECOND)).toBe(Number.POSITIVE_INFINITY);
  });
});
