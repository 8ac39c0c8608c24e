import { describe, expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { goneAt, isComplete, isRight, KIB, liesOnDisk, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([3 * MIB + 777], 64 * KIB);

/** One seed, one leecher that is `verified` pieces far. */
function halfway(number: number, verified = 20, up = MIB) {
  const world = new World(number);
  const seed = world.machine({ up });
  const leecher = world.machine();
  seed.share(content, { isSeed: true });
  const torrent = leecher.share(content);
  leecher.knows(torrent, seed);
  world.runUntil(() => torrent.swarm.ledger.verified.count >= verified, MINUTE);
  return { world, seed, leecher, torrent };
}

describe("a pause", () => {
  test("closes every connection by the user's word, gives all memory back, and keeps what is verified", () => {
    const { world, seed, leecher, torrent } = halfway(1);
    torrent.pause(world.clock.now);
    const { count } = torrent.swarm.ledger.verified;
    expect(torrent.swarm.peers.size).toBe(0);
    expect(torrent.gone.at(-1)).toMatchObject({
      reason: "local",
      code: -203,
      by: "user",
      detail: "the torrent was paused",
    });
    world.run(10 * SECOND);
    expect(leecher.storageOf(torrent).held).toBe(0);
    expect(torrent.swarm.ledger.partials.size).toBe(0);
    expect(torrent.swarm.ledger.verified.count).toBeGreaterThanOrEqual(count);
    expect(goneAt(seed, leecher).at(-1)).toMatchObject({ reason: "closed-by-peer", by: "peer" });
  });

  test("ends with a resume: the peers are called again at once, and only the rest is fetched", () => {
    const { world, leecher, torrent } = halfway(2);
    torrent.pause(world.clock.now);
    world.run(2 * SECOND);
    const fetched = torrent.swarm.ledger.bytesVerified();
    torrent.resume(world.clock.now);
    leecher.wake();
    world.runUntil(() => isComplete(leecher), 20 * SECOND);
    expect(isRight(leecher, content)).toBe(true);
    // What was in flight at the pause is fetched twice, no more.
    expect(torrent.downloaded).toBeLessThan(content.bytes.length + 2 * MIB);
    expect(fetched).toBeGreaterThan(MIB);
    expect(leecher.storageOf(torrent).checks).toBe(0);
  });

  test("refuses those who call meanwhile, and says why on both sides", () => {
    const { world, seed, leecher, torrent } = halfway(3);
    torrent.pause(world.clock.now);
    world.run(SECOND);
    seed.knows(seed.torrent, leecher);
    world.run(5 * SECOND);
    expect(leecher.session.refused.at(-1)).toMatchObject({ reason: "no-such-torrent", by: "us", closeReason: 2 });
    expect(torrent.swarm.peers.size).toBe(0);
  });
});

describe("a torrent that is let go", () => {
  const tracked = makeContent([MIB], 64 * KIB, { seed: 12, trackers: ["http://tracker.test/announce"] });

  test.each(["paused", "removed"])("and %s says so to its tracker", (how) => {
    const world = new World(30);
    const machine = world.machine();
    const torrent = machine.share(tracked);
    world.run(2 * SECOND);
    const members = world.announced.get(torrent.id);
    expect(members?.has(machine)).toBe(true);
    if (how === "paused") torrent.pause(world.clock.now);
    else machine.session.remove(torrent, world.clock.now);
    world.run(2 * SECOND);
    expect(members?.has(machine)).toBe(false);
  });
});

describe("wanted files", () => {
  const files = makeContent([500 * KIB, 700 * KIB, 300 * KIB, 1], 64 * KIB, { seed: 9 });

  test("are all that is fetched", () => {
    const world = new World(4);
    const seed = world.machine();
    const leecher = world.machine();
    seed.share(files, { isSeed: true });
    const torrent = leecher.share(files, { unwantedFiles: [1] });
    leecher.knows(torrent, seed);
    world.runUntil(() => isComplete(leecher), MINUTE);
    world.run(5 * SECOND);
    const { ledger } = torrent.swarm;
    // 500 KiB end within piece 7, 1200 KiB within piece 18.
    for (let piece = 0; piece < ledger.layout.pieceCount; piece++) {
      expect(ledger.verified.has(piece)).toBe(piece <= 7 || piece >= 18);
    }
    expect(torrent.downloaded).toBe(ledger.bytesVerified());
    expect(torrent.completedAt).toBeDefined();
    expect(torrent.log.since(0).map(({ text }) => text)).toContain("Every wanted file is complete.");
  });

  test("may be changed while they come, both ways", () => {
    const world = new World(5);
    const seed = world.machine({ up: 256 * KIB });
    const leecher = world.machine();
    seed.share(files, { isSeed: true });
    const torrent = leecher.share(files);
    leecher.knows(torrent, seed);
    world.runUntil(() => torrent.swarm.ledger.verified.count > 4, MINUTE);
    torrent.wantFiles([0, 1, 2], false, world.clock.now);
    const { ledger } = torrent.swarm;
    // The last file alone is wanted: it is one byte, in the last piece.
    world.runUntil(() => isComplete(leecher), MINUTE);
    world.run(5 * SECOND);
    expect(ledger.partials.size).toBe(0);
    expect(leecher.storageOf(torrent).held).toBe(0);
    torrent.wantFiles([0, 1, 2], true, world.clock.now);
    expect(torrent.completedAt).toBeUndefined();
    leecher.knows(torrent, seed);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, files)).toBe(true);
  });

  test("none of which is wanted let the peers go", () => {
    const world = new World(6);
    const seed = world.machine({ up: 256 * KIB });
    const leecher = world.machine();
    seed.share(files, { isSeed: true });
    const torrent = leecher.share(files);
    leecher.knows(torrent, seed);
    world.runUntil(() => torrent.swarm.ledger.verified.count > 2, MINUTE);
    torrent.wantFiles([0, 1, 2, 3], false, world.clock.now);
    world.run(SECOND);
    expect(goneAt(leecher, seed).at(-1)).toMatchObject({ reason: "both-seeds" });
    expect(leecher.storageOf(torrent).held).toBe(0);
  });
});

describe("a disk that fails", () => {
  const fault = {
    kind: "disk-full",
    path: "/downloads/x",
    cause: "ENOSPC: no space left on device",
    advice: "Free some.",
  } as const;

  test("stops the torrent with the cause, and lets it go on after", () => {
    const { world, leecher, torrent } = halfway(7, 10);
    leecher.storageOf(torrent).fault = fault;
    world.runUntil(() => torrent.activity.kind === "faulted", 10 * SECOND);
    expect(torrent.activity).toMatchObject({ fault: { kind: "disk-full", path: "/downloads/x" } });
    expect(torrent.gone.at(-1)).toMatchObject({ reason: "local", by: "us" });
    const { count } = torrent.swarm.ledger.verified;
    world.run(30 * SECOND);
    expect(torrent.swarm.peers.size).toBe(0);
    expect(leecher.storageOf(torrent).held).toBe(0);
    leecher.storageOf(torrent).fault = undefined;
    torrent.resume(world.clock.now);
    expect(torrent.swarm.ledger.verified.count).toBe(count);
    world.runUntil(() => isComplete(leecher), 30 * SECOND);
    expect(isRight(leecher, content)).toBe(true);
  });
});

describe("a recheck", () => {
  test("forgets, finds what is right on the disk, and goes on", () => {
    const { world, leecher, torrent } = halfway(8);
    const storage = leecher.storageOf(torrent);
    const damaged = [...Array(torrent.metainfo.pieceCount).keys()].find((piece) =>
      torrent.swarm.ledger.verified.has(piece),
    ) as number;
    const at = torrent.metainfo.layout.pieceOffset(damaged);
    storage.bytes[at] = (storage.bytes[at] as number) ^ 1;
    torrent.recheck(world.clock.now);
    expect(torrent.activity.kind).toBe("checking");
    expect(goneAt(leecher, world.machines[0] as never).at(-1)).toMatchObject({ reason: "checking", by: "us" });
    world.runUntil(() => torrent.activity.kind === "running", MINUTE);
    expect(torrent.swarm.ledger.verified.has(damaged)).toBe(false);
    expect(liesOnDisk(leecher)).toEqual([]);
    expect(torrent.swarm.ledger.verified.count).toBeGreaterThan(15);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, content)).toBe(true);
  });

  test("never shows a negative rate", () => {
    const { world, torrent } = halfway(9, 30);
    torrent.recheck(world.clock.now);
    for (let i = 0; i < 20; i++) {
      world.run(SECOND);
      expect(torrent.down.rate).toBeGreaterThanOrEqual(0);
      expect(torrent.up.rate).toBeGreaterThanOrEqual(0);
    }
  });

  test("of a seed that somebody downloads from ends with the truth", () => {
    const { world, seed, leecher } = halfway(10);
    seed.torrent.recheck(world.clock.now);
    world.runUntil(() => seed.torrent.activity.kind === "running", MINUTE);
    expect(seed.torrent.swarm.isSeeding).toBe(true);
    leecher.knows(leecher.torrent, seed);
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, content)).toBe(true);
  });
});

describe("a rate limit", () => {
  test.each([
    ["the downloader's", { downLimit: 200 * KIB }, {}],
    ["the uploader's", {}, { upLimit: 200 * KIB }],
  ])("of %s side holds, and is used", (_, down, up) => {
    const world = new World(20);
    const seed = world.machine({ settings: up });
    const leecher = world.machine({ settings: down });
    seed.share(content, { isSeed: true });
    leecher.knows(leecher.share(content), seed);
    world.run(2 * SECOND);
    const before = leecher.torrent.downloaded;
    world.run(10 * SECOND);
    const rate = (leecher.torrent.downloaded - before) / 10;
    expect(rate).toBeLessThan(215 * KIB);
    expect(rate).toBeGreaterThan(185 * KIB);
  });
});

describe("a peer named by the user", () => {
  test("is connected within a second, with its source", () => {
    const { world, seed, leecher } = halfway(21, 1);
    expect(peerAt(leecher, seed)?.sources).toEqual([{ kind: "user" }]);
    const late = world.machine();
    late.share(content, { isSeed: true });
    leecher.knows(leecher.torrent, late);
    world.runUntil(() => peerAt(leecher, late)?.phase === "open", SECOND);
  });

  test("who is connected already gains the source", () => {
    const { world, seed, leecher } = halfway(22, 1);
    leecher.torrent.swarm.learn(seed.endpoint, { kind: "tracker", tracker: "http://t.test/announce" });
    world.run(10);
    expect(peerAt(leecher, seed)?.sources).toEqual([
      { kind: "user" },
      { kind: "tracker", tracker: "http://t.test/announce" },
    ]);
  });
});
