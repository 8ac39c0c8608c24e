import { describe, expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 64 * KIB);
const other = makeContent([4 * MIB], 64 * KIB, { seed: 2 });
const LIAR = "203.0.113.5";

/** A leecher that has banned a liar on the open internet. */
function scene() {
  const world = new World(1);
  const liar = world.machine({ host: LIAR });
  liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
  const leecher = world.machine();
  const torrent = leecher.share(content);
  leecher.knows(torrent, liar);
  world.runUntil(() => torrent.gone.length > 0, MINUTE);
  return { world, liar, leecher, torrent };
}

describe("a ban", () => {
  test("is listed with whom, what for, where, when and by whom", () => {
    const { world, leecher, torrent } = scene();
    expect(leecher.session.bans.list()).toEqual([
      {
        party: LIAR,
        evidence: torrent.gone[0]?.detail,
        by: "us",
        at: expect.any(Number),
        torrent: torrent.id,
        torrentName: content.metainfo.name,
        client: "Peerscope 0.1.0",
      },
    ]);
    expect(leecher.session.bans.list()[0]?.at).toBeLessThanOrEqual(world.clock.now);
  });

  test("holds in every torrent, for who is dialled and for who calls, and turns callers away unheard", () => {
    const { world, liar, leecher } = scene();
    liar.share(other, { isSeed: true });
    const second = leecher.share(other);
    expect(leecher.session.addPeer(second, liar.endpoint)?.party).toBe(LIAR);
    second.swarm.learn(liar.endpoint, { kind: "pex" });
    leecher.wake();
    world.run(MINUTE);
    expect(second.gone).toEqual([]);
    const caller = new ScriptedPeer(leecher, 1, undefined, LIAR);
    expect(caller.isClosed).toBe(true);
    expect(leecher.session.refused.at(-1)).toMatchObject({ host: LIAR, reason: "banned", code: -201, by: "us" });
    expect(leecher.session.refused.at(-1)?.detail).toMatch(/failed its hash/);
  });

  test("that is lifted lets the peer be dialled at once", () => {
    const { world, liar, leecher, torrent } = scene();
    liar.turnOff();
    expect(leecher.session.liftBan("203.0.113.6")).toBe(false);
    expect(leecher.session.liftBan(LIAR)).toBe(true);
    expect(leecher.session.bans.size).toBe(0);
    world.run(5 * SECOND);
    expect(torrent.gone.at(-1)).toMatchObject({ host: LIAR, reason: "connect-failed" });
  });

  test("by the user closes every connection to the address, in all torrents", () => {
    const world = new World(2);
    const machine = world.machine();
    const torrent = machine.share(content);
    const [a, b, stranger] = [
      new ScriptedPeer(machine, 1, undefined, LIAR),
      new ScriptedPeer(machine, 2, undefined, LIAR),
      new ScriptedPeer(machine, 3, undefined, "203.0.113.6"),
    ];
    expect(machine.session.banPeer(torrent, a.peer.id, machine.now)).toBe(true);
    expect([a.isClosed, b.isClosed, stranger.isClosed]).toEqual([true, true, false]);
    expect(torrent.gone.map(({ reason, by }) => `${reason} ${by}`)).toEqual(["banned user", "banned user"]);
    expect(machine.session.bans.list()).toMatchObject([{ party: LIAR, by: "user", evidence: "banned by hand" }]);
    expect(machine.session.banPeer(torrent, a.peer.id, machine.now)).toBe(false);
  });

  test("of a local peer leaves the others at its address alone", () => {
    const world = new World(3);
    const machine = world.machine();
    const torrent = machine.share(content);
    const [a, b] = [
      new ScriptedPeer(machine, 1, undefined, "127.0.0.1"),
      new ScriptedPeer(machine, 2, undefined, "127.0.0.1"),
    ];
    machine.session.banPeer(torrent, a.peer.id, machine.now);
    expect([a.isClosed, b.isClosed]).toEqual([true, false]);
    expect(new ScriptedPeer(machine, 1, undefined, "127.0.0.1").isClosed).toBe(true);
    expect(new ScriptedPeer(machine, 4, undefined, "127.0.0.1").isClosed).toBe(false);
  });

  test("finds who lied and hung up before the disk had judged its piece", () => {
    const world = new World(4);
    const liar = world.machine({ host: LIAR });
    liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, liar);
    world.runUntil(() => torrent.swarm.ledger.writing.size > 0, MINUTE);
    liar.turnOff();
    expect(leecher.session.bans.size).toBe(0);
    world.run(5 * SECOND);
    expect(leecher.session.bans.list()).toMatchObject([
      { party: LIAR, by: "us", evidence: expect.stringMatching(/failed its hash, every block came from it$/) },
    ]);
    expect(torrent.log.since(0).filter(({ text }) => text.startsWith(`Banned ${LIAR}`))).toHaveLength(1);
  });

  test.each([1, 2, 3])(
    "finds who lied among others and left before the good piece came, and nobody honest (seed %i)",
    (number) => {
      const world = new World(number);
      // Too few pieces for each to begin its own.
      const two = makeContent([512 * KIB], 256 * KIB);
      const honest = [world.machine({ up: 100 * KIB }), world.machine({ up: 100 * KIB })];
      for (const seed of honest) seed.share(two, { isSeed: true });
      const liar = world.machine({ host: LIAR, up: 100 * KIB });
      liar.share(two, { isSeed: true, disk: { corrupts: () => true } });
      const leecher = world.machine();
      const torrent = leecher.share(two);
      leecher.knows(torrent, ...honest, liar);
      world.runUntil(() => torrent.swarm.ledger.failed.size > 0, MINUTE);
      expect(leecher.session.bans.size).toBe(0);
      liar.turnOff();
      world.runUntil(() => torrent.swarm.isSeeding, 5 * MINUTE);
      expect(leecher.session.bans.list()).toMatchObject([{ party: LIAR, by: "us" }]);
      expect(leecher.session.bans.list()[0]?.evidence).toMatch(/was not the one that passed the hash$/);
    },
  );
});
