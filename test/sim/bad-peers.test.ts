import { describe, expect, test } from "vitest";
import type { Peer } from "../../core/peer/peer.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { goneAt, isComplete, isRight, KIB, liesOnDisk, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 128 * KIB);

describe("a peer that sends corrupt blocks", () => {
  test.each([1, 2, 3, 4, 5, 6])("is banned, and no honest peer beside it (seed %i)", (number) => {
    const world = new World(number);
    const honest = [world.machine(), world.machine(), world.machine()];
    const liar = world.machine();
    for (const seed of honest) seed.share(content, { isSeed: true });
    liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, ...honest, liar);
    world.checkEvery = 10;
    let looked = 0;
    world.runUntil(() => {
      if (looked++ % 200 === 0) expect(liesOnDisk(leecher)).toEqual([]);
      return isComplete(leecher);
    }, 2 * MINUTE);
    expect(isRight(leecher, content)).toBe(true);
    world.run(5 * SECOND);
    for (const seed of honest) expect(goneAt(leecher, seed).map(({ reason }) => reason)).not.toContain("banned");
    const bans = goneAt(leecher, liar).filter(({ reason }) => reason === "banned");
    if (bans.length > 0) expect(bans[0]).toMatchObject({ code: -201, by: "us" });
    expect(goneAt(leecher, liar)[0]?.flags).toContain("F");
  });

  test.each([1, 2, 3, 4, 5])(
    "are all banned where five of six lie, and the honest one completes it (seed %i)",
    (number) => {
      const world = new World(number);
      world.checkEvery = 5;
      const honest = world.machine();
      const liars = Array.from({ length: 5 }, () => world.machine());
      honest.share(content, { isSeed: true });
      for (const liar of liars) liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
      const leecher = world.machine();
      const torrent = leecher.share(content);
      leecher.knows(torrent, ...liars, honest);
      world.runUntil(() => isComplete(leecher), 5 * MINUTE);
      expect(isRight(leecher, content)).toBe(true);
      expect(goneAt(leecher, honest).map(({ reason }) => reason)).not.toContain("banned");
      for (const liar of liars) expect(goneAt(leecher, liar).map(({ reason }) => reason)).toContain("banned");
      expect(torrent.wasted).toBeLessThan(4 * MIB);
      const alone = torrent.gone.filter(({ detail }) => detail.includes("every block came from it"));
      expect(alone.length).toBeLessThanOrEqual(5);
    },
  );

  test("alone is banned after its first piece, with the evidence", () => {
    const world = new World(1);
    const liar = world.machine();
    liar.share(content, { isSeed: true, disk: { corrupts: (piece) => piece % 2 === 0 } });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, liar);
    world.runUntil(() => torrent.gone.length > 0, MINUTE);
    expect(torrent.gone[0]).toMatchObject({ reason: "banned", code: -201, by: "us" });
    expect(torrent.gone[0]?.detail).toMatch(/^piece \d+ failed its hash, every block came from it$/);
    expect(liesOnDisk(leecher)).toEqual([]);
    expect(torrent.log.since(0).some(({ kind, text }) => kind === "piece-failed" && text.includes(liar.host))).toBe(
      true,
    );
  });

  test("stays banned, whoever names it again and whoever dials", () => {
    const world = new World(2);
    const liar = world.machine();
    liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, liar);
    world.runUntil(() => torrent.gone.length > 0, MINUTE);
    torrent.swarm.learn(liar.endpoint, { kind: "tracker", tracker: "http://t.test/" });
    leecher.wake();
    world.run(5 * MINUTE);
    expect(torrent.gone).toHaveLength(1);
    liar.knows(liar.torrent, leecher);
    world.run(10 * SECOND);
    // It dials in plain, and once more encrypted.
    expect(torrent.gone.map(({ reason, by }) => `${reason} ${by}`)).toEqual(["banned us", "banned us", "banned us"]);
    expect(torrent.downloaded).toBeLessThan(2 * MIB);
  });
});

describe("a peer that keeps its word for itself", () => {
  test("is snubbed after a minute, and its blocks come from elsewhere", () => {
    const world = new World(7);
    const silent = world.machine();
    silent.share(content, { isSeed: true, disk: { withholds: () => true } });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, silent);
    world.runUntil(() => (peerAt(leecher, silent)?.window.outstanding.length ?? 0) > 0, 30 * SECOND);
    const asked = world.clock.now;
    world.runUntil(() => peerAt(leecher, silent)?.isSnubbed === true, 2 * MINUTE);
    expect(world.clock.now - asked).toBeGreaterThanOrEqual(60 * SECOND);
    expect(world.clock.now - asked).toBeLessThan(63 * SECOND);
    expect(peerAt(leecher, silent)?.window.outstanding.length).toBeLessThanOrEqual(1);
    const helper = world.machine();
    helper.share(content, { isSeed: true });
    leecher.knows(torrent, helper);
    world.runUntil(() => isComplete(leecher), 30 * SECOND);
    expect(isRight(leecher, content)).toBe(true);
  });

  test("bit by bit is snubbed once its oldest request is 20 s overdue, though something comes all the time", () => {
    const world = new World(7);
    const leecher = world.machine();
    leecher.share(content);
    const drip = new ScriptedPeer(leecher, 1);
    drip.say((writer) => {
      writer.bare(MESSAGE.haveAll);
      writer.bare(MESSAGE.unchoke);
    });
    const asked = world.clock.now;
    const [first] = drip.peer.window.outstanding;
    drip.say((writer) => writer.blockHeader(first?.piece ?? 0, (first?.block ?? 0) * 16 * KIB, 16 * KIB));
    while (!drip.peer.isSnubbed) {
      drip.hear(new Uint8Array(160));
      world.run(SECOND);
    }
    expect(world.clock.now - asked).toBeGreaterThanOrEqual(80 * SECOND);
    expect(world.clock.now - asked).toBeLessThan(83 * SECOND);
  });

  test("that gave before is snubbed once it is 20 s later than it has shown it can be", () => {
    const world = new World(9);
    const moody = world.machine({ up: 300 * KIB });
    const torrentOfMoody = moody.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, moody);
    world.runUntil(() => torrent.swarm.ledger.verified.count >= 10, MINUTE);
    const storage = moody.storageOf(torrentOfMoody);
    storage.manner = { ...storage.manner, withholds: () => true };
    const peer = peerAt(leecher, moody) as Peer;
    world.run(10 * SECOND);
    expect(peer.isSnubbed).toBe(false);
    const { timeout } = peer.window;
    expect(timeout).toBeLessThan(20 * SECOND);
    const last = peer.lastBlockAt as number;
    world.runUntil(() => peer.isSnubbed, MINUTE);
    expect(world.clock.now - last).toBeGreaterThan(20 * SECOND);
    expect(world.clock.now - last).toBeLessThan(22 * SECOND + timeout);
    expect(peer.window.outstanding.length).toBe(1);
    world.run(22 * SECOND);
    expect(peer.window.outstanding.length).toBe(0);
  });

  test("does not hold back a piece that the rest of the swarm lacks, also where no endgame comes", () => {
    // Pieces from 16 on are nowhere: the endgame never comes.
    const world = new World(8);
    const silent = world.machine();
    silent.share(content, { isSeed: true, disk: { withholds: () => true } });
    const half = world.machine({ up: 300 * KIB });
    half.share(content, { has: [...Array(16).keys()] });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, silent);
    world.runUntil(() => peerAt(leecher, silent)?.isSnubbed === true, 2 * MINUTE);
    leecher.knows(torrent, half);
    world.runUntil(() => torrent.swarm.ledger.verified.count === 16, 5 * MINUTE);
  });

  test("is no longer snubbed when a block of it comes", () => {
    const world = new World(9);
    const moody = world.machine();
    const torrentOfMoody = moody.share(content, { isSeed: true, disk: { withholds: () => true } });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, moody);
    world.runUntil(() => peerAt(leecher, moody)?.isSnubbed === true, 2 * MINUTE);
    const storage = moody.storageOf(torrentOfMoody);
    storage.manner = { ...storage.manner, withholds: () => false };
    world.runUntil(() => isComplete(leecher), 5 * MINUTE);
    expect(isRight(leecher, content)).toBe(true);
    expect(goneAt(leecher, moody).every(({ flags }) => !flags.includes("S"))).toBe(true);
  });
});

describe("a peer that drops away in the middle of a piece", () => {
  test("loses what it had not sent, and its blocks are asked elsewhere within a second", () => {
    const world = new World(10);
    const [first, second] = [world.machine({ up: 300 * KIB }), world.machine({ up: 300 * KIB })];
    for (const seed of [first, second]) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, first, second);
    world.runUntil(() => torrent.swarm.ledger.verified.count >= 10, MINUTE);
    const asked = (peerAt(leecher, first)?.window.outstanding ?? []).map(({ piece, block }) => [piece, block] as const);
    expect(asked.length).toBeGreaterThan(0);
    first.turnOff();
    expect(goneAt(leecher, first).at(-1)).toMatchObject({ reason: "closed-by-peer", code: 0, by: "network" });
    world.run(SECOND + 100);
    const window = peerAt(leecher, second)?.window;
    const { ledger } = torrent.swarm;
    for (const [piece, block] of asked) {
      const partial = ledger.partials.get(piece);
      const isDone =
        partial === undefined ? ledger.verified.has(piece) || ledger.writing.has(piece) : partial.isReceived(block);
      const isWaiting = partial?.isRequested(block) === true && window?.has(piece, block);
      // A full window asks for them next: what is begun goes first.
      const isNext = (window?.room ?? 0) <= 0;
      expect(isDone || isWaiting || isNext).toBe(true);
    }
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, content)).toBe(true);
    expect(torrent.wasted).toBe(0);
  });

  test("and was the only one to be waited for does not stop the end", () => {
    const world = new World(11);
    const slow = world.machine({ up: 2 * KIB });
    const fast = world.machine();
    for (const seed of [slow, fast]) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, slow, fast);
    world.runUntil(() => torrent.swarm.ledger.verified.count >= 25, MINUTE);
    slow.turnOff();
    world.runUntil(() => isComplete(leecher), 10 * SECOND);
  });
});

describe("a parole", () => {
  const small = makeContent([6 * 128 * KIB], 128 * KIB, { seed: 77 });

  test.each([1, 2, 3])(
    "of a peer that falls silent in the middle of its own piece holds that piece up no longer than a snub (seed %i)",
    (number) => {
      const world = new World(number);
      world.checkEvery = 5;
      const [honest, silent] = [world.machine({ up: 20 * KIB }), world.machine({ up: 20 * KIB })];
      honest.share(small, { isSeed: true });
      const torrentOfSilent = silent.share(small, { isSeed: true });
      const leecher = world.machine();
      const torrent = leecher.share(small);
      leecher.knows(torrent, silent, honest);
      world.runUntil(() => peerAt(leecher, silent)?.phase === "open", MINUTE);
      const peer = peerAt(leecher, silent) as Peer;
      peer.isOnParole = true;
      const own = () => [...torrent.swarm.ledger.partials.values()].find(({ exclusiveTo }) => exclusiveTo === peer.id);
      world.runUntil(() => (own()?.received ?? 0) > 0, MINUTE);
      const storage = silent.storageOf(torrentOfSilent);
      storage.manner = { ...storage.manner, withholds: () => true };
      world.runUntil(() => isComplete(leecher), 2 * MINUTE);
      expect(isRight(leecher, small)).toBe(true);
    },
  );

  test.each([1, 2, 3])("of everybody does not leave what they began together undone (seed %i)", (number) => {
    const world = new World(number);
    world.checkEvery = 5;
    const seeds = [world.machine({ up: 40 * KIB }), world.machine({ up: 40 * KIB })];
    for (const seed of seeds) seed.share(small, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(small);
    leecher.knows(torrent, ...seeds);
    const { ledger, rarest } = torrent.swarm;
    world.runUntil(() => rarest.startableCount === 0 && ledger.open.size > 0, MINUTE);
    for (const peer of torrent.swarm.peers) peer.isOnParole = true;
    world.runUntil(() => isComplete(leecher), MINUTE);
    expect(isRight(leecher, small)).toBe(true);
  });
});

describe("the endgame", () => {
  test("asks the fast for what the slow owe, and takes back what came", () => {
    const world = new World(12);
    const slow = world.machine({ up: 3 * KIB });
    const fast = world.machine({ up: MIB });
    for (const seed of [slow, fast]) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, slow, fast);
    const start = world.clock.now;
    let sawFlag = false;
    world.runUntil(() => {
      if (peerAt(leecher, slow)?.isEndgame === true) sawFlag = true;
      return isComplete(leecher);
    }, MINUTE);
    // Four blocks of the slow one alone are 21 s.
    expect(world.clock.now - start).toBeLessThan(10 * SECOND);
    expect(sawFlag).toBe(true);
    expect(isRight(leecher, content)).toBe(true);
    expect(goneAt(leecher, slow).map(({ reason }) => reason)).not.toContain("unrequested-block");
  });

  test("never mixes the bytes of two peers in one block", () => {
    // Two peers answer the same block at once, byte by byte interleaved; one of them lies.
    for (let number = 40; number < 48; number++) {
      const small = makeContent([256 * KIB], 256 * KIB, { seed: 3 });
      const world = new World(number);
      const honest = world.machine({ up: 20 * KIB });
      const liar = world.machine({ up: 20 * KIB });
      honest.share(small, { isSeed: true });
      liar.share(small, { isSeed: true, disk: { corrupts: () => true } });
      const leecher = world.machine();
      const torrent = leecher.share(small);
      leecher.knows(torrent, honest, liar);
      world.runUntil(() => isComplete(leecher), 10 * MINUTE);
      expect(goneAt(leecher, honest).map(({ reason }) => reason)).not.toContain("banned");
    }
  });
});
