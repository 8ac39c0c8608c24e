import { describe, expect, test } from "vitest";
import type { Peer } from "../../core/peer/peer.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { type Machine, World } from "./support/world.ts";

const content = makeContent([4 * MIB], 64 * KIB);
const other = makeContent([4 * MIB], 64 * KIB, { seed: 2 });

const interested = (peer: ScriptedPeer) => peer.say((writer) => writer.bare(MESSAGE.interested));
const keepAlive = (peers: readonly ScriptedPeer[]) => {
  for (const peer of peers) if (!peer.isClosed) peer.say((writer) => writer.keepAlive());
};
const closings = (machine: Machine) => machine.torrent.gone.map(({ reason }) => reason);

/** A seed with three places, all of them taken. */
function fullHouse(number: number, join: (peer: ScriptedPeer) => void = () => {}) {
  const world = new World(number);
  const machine = world.machine({ settings: { maxConnectionsPerTorrent: 3 } });
  const torrent = machine.share(content, { isSeed: true });
  const guests = [1, 2, 3].map((n) => new ScriptedPeer(machine, n, undefined, `203.0.113.${n}`));
  for (const guest of guests) join(guest);
  return { world, machine, torrent, guests };
}

describe("a caller, where all places are taken,", () => {
  test("gets the place of one that nobody wants anything of, once that had its chance", () => {
    const { world, machine, torrent } = fullHouse(1);
    world.run(29 * SECOND);
    expect(new ScriptedPeer(machine, 8).peer.closing).toMatchObject({ reason: "too-many-peers" });
    world.run(2 * SECOND);
    expect(new ScriptedPeer(machine, 9).peer.phase).toBe("open");
    expect(torrent.gone).toHaveLength(1);
    expect(torrent.gone[0]).toMatchObject({ reason: "replaced", code: -207, by: "us" });
    expect(torrent.gone[0]?.detail).toBe("it made room for 10.8.0.9:5009; 3 peers connected, at most 3");
  });

  test("gets none of those that want something, before five minutes without a block", () => {
    const { world, machine, guests } = fullHouse(2, interested);
    for (let minute = 1; minute < 5; minute++) {
      world.run(MINUTE);
      keepAlive(guests);
      expect(new ScriptedPeer(machine, 10 + minute).isClosed).toBe(true);
    }
    expect(closings(machine)).toEqual([]);
    world.run(MINUTE + SECOND);
    expect(new ScriptedPeer(machine, 20).isClosed).toBe(false);
    expect(closings(machine)).toEqual(["replaced"]);
  });

  test("of higher canonical priority gets the place of the lowest, after a minute without a block", () => {
    const { world, machine, guests } = fullHouse(3, interested);
    const { ownAddress } = machine.session.limits;
    ownAddress.tell("198.51.100.1", "http://tracker.test/", true);
    const rank = (peer: { readonly host: string; readonly port: number }) => ownAddress.priorityOf(peer) ?? 0;
    const byRank = guests.map(({ peer }) => peer).sort((a, b) => rank(a) - rank(b));
    const lowest = byRank[0] as Peer;
    const hosts = Array.from({ length: 250 }, (_, n) => `192.0.2.${n}`);
    const low = hosts.find((host) => rank({ host, port: 1 }) < rank(lowest)) as string;
    const high = hosts.find((host) => rank({ host, port: 1 }) > rank(lowest)) as string;
    world.run(50 * SECOND);
    expect(new ScriptedPeer(machine, 10, undefined, high).isClosed).toBe(true);
    world.run(11 * SECOND);
    expect(new ScriptedPeer(machine, 11, undefined, low).isClosed).toBe(true);
    expect(new ScriptedPeer(machine, 12, undefined, high).isClosed).toBe(false);
    expect(lowest.closing).toMatchObject({ reason: "replaced" });
  });

  test("never gets the place of one that takes blocks", () => {
    const { world, machine, guests } = fullHouse(4, interested);
    for (let round = 0; round < 40; round++) {
      world.run(10 * SECOND);
      for (const guest of guests) guest.say((writer) => writer.block(MESSAGE.request, round, 0, 16 * KIB));
    }
    expect(new ScriptedPeer(machine, 10).isClosed).toBe(true);
    expect(closings(machine)).toEqual([]);
  });

  test("is not kept out by those that we dialled, though we want something of them", () => {
    const world = new World(5);
    const machine = world.machine({ settings: { maxConnectionsPerTorrent: 4 } });
    const torrent = machine.share(content);
    for (let n = 0; n < 4; n++) {
      const mute = world.machine();
      mute.share(content, { isSeed: true, disk: { withholds: () => true } });
      machine.knows(torrent, mute);
    }
    world.run(59 * SECOND);
    expect([...torrent.swarm.peers].every((peer) => peer.weAreInterested)).toBe(true);
    expect(new ScriptedPeer(machine, 10).isClosed).toBe(true);
    world.run(5 * SECOND);
    expect(new ScriptedPeer(machine, 11).isClosed).toBe(false);
    // A quarter of the places is theirs, and no more.
    expect(new ScriptedPeer(machine, 12).isClosed).toBe(true);
    expect(closings(machine)).toEqual(["replaced"]);
  });
});

test("our address is learnt of what peers tell in their extension handshake", () => {
  const world = new World(13);
  const here = world.machine({ host: "198.51.100.1" });
  const torrent = here.share(content);
  for (const host of ["203.0.113.1", "203.0.113.2"]) {
    const there = world.machine({ host });
    there.share(content);
    here.knows(torrent, there);
  }
  world.run(2 * SECOND);
  expect(here.session.limits.ownAddress.epoch).toBe(1);
  expect([...torrent.swarm.peers].map(({ extension }) => extension?.ourAddress)).toEqual([here.host, here.host]);
});

describe("candidates, where all places are taken,", () => {
  test("get the places of those that nobody wants anything of, one by one", () => {
    const world = new World(6);
    const machine = world.machine({ settings: { maxConnectionsPerTorrent: 4 } });
    const torrent = machine.share(content);
    const lurkers = [1, 2, 3, 4].map((n) => new ScriptedPeer(machine, n));
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    torrent.swarm.learn(seed.endpoint, { kind: "pex" });
    world.run(20 * SECOND);
    expect(closings(machine)).toEqual([]);
    world.runUntil(() => isComplete(machine), 2 * MINUTE);
    expect(lurkers.filter(({ isClosed }) => isClosed)).toHaveLength(1);
    expect(closings(machine)[0]).toBe("replaced");
  });

  test("get places from callers that hold all of them and exchange nothing", () => {
    const world = new World(7);
    const machine = world.machine({ settings: { maxConnectionsPerTorrent: 4 } });
    const torrent = machine.share(content, { has: [0] });
    const callers = [1, 2, 3, 4].map((n) => new ScriptedPeer(machine, n));
    for (const caller of callers) interested(caller);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    torrent.swarm.learn(seed.endpoint, { kind: "pex" });
    world.run(59 * SECOND);
    expect(closings(machine)).toEqual([]);
    world.runUntil(() => isComplete(machine), 2 * MINUTE);
    expect(callers.filter(({ isClosed }) => isClosed)).toHaveLength(1);
  });

  test("get a place from another torrent where the session is full", () => {
    const world = new World(8);
    const machine = world.machine({ settings: { maxConnections: 4 } });
    machine.share(other);
    for (const n of [1, 2, 3, 4]) new ScriptedPeer(machine, n);
    const torrent = machine.share(content);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    torrent.swarm.learn(seed.endpoint, { kind: "pex" });
    world.runUntil(() => torrent.swarm.isSeeding, 2 * MINUTE);
    expect(closings(machine)).toEqual(["replaced"]);
  });
});

describe("a peer that is of no use any more", () => {
  test("has three minutes from when interest ended, not from when it came", () => {
    const world = new World(14);
    const machine = world.machine({ settings: { maxConnectionsPerTorrent: 3 } });
    const torrent = machine.share(content, { isSeed: true });
    const guests = [1, 2, 3].map((n) => new ScriptedPeer(machine, n));
    const live = (minutes: number) => {
      for (let half = 0; half < 2 * minutes; half++) {
        keepAlive(guests);
        world.run(MINUTE / 2);
      }
    };
    for (const guest of guests) interested(guest);
    live(10);
    guests[0]?.say((writer) => writer.bare(MESSAGE.notInterested));
    live(2.5);
    expect(torrent.gone).toEqual([]);
    live(1);
    expect(torrent.gone).toHaveLength(1);
    expect(torrent.gone[0]).toMatchObject({ reason: "useless", code: -41, host: guests[0]?.peer.host });
    expect(torrent.gone[0]?.detail).toMatch(/^no interest either way for 18[0-2] s, and places are short$/);
  });

  test("goes when the session is near its limit, though its torrent is not", () => {
    const world = new World(15);
    const machine = world.machine({ settings: { maxConnections: 4 } });
    const torrent = machine.share(content);
    const guests = [1, 2, 3].map((n) => new ScriptedPeer(machine, n));
    const live = () => {
      for (let half = 0; half < 8; half++) {
        keepAlive(guests);
        world.run(MINUTE / 2);
      }
    };
    live();
    expect(torrent.gone).toEqual([]);
    guests.push(new ScriptedPeer(machine, 4));
    live();
    expect(closings(machine)).toContain("useless");
  });
});

describe("the limits of connections", () => {
  test("hold for the session over all torrents, for callers and for those we dial", () => {
    const world = new World(9);
    const machine = world.machine({ settings: { maxConnections: 6 } });
    const torrents = [machine.share(content), machine.share(other)];
    for (let n = 0; n < 10; n++) {
      const seed = world.machine({ settings: { upLimit: 16 * KIB } });
      for (const [i, each] of [content, other].entries()) {
        seed.share(each, { isSeed: true });
        torrents[i]?.swarm.learn(seed.endpoint, { kind: "pex" });
      }
    }
    machine.wake();
    for (let second = 0; second < 60; second++) {
      world.run(SECOND);
      expect(machine.session.connections).toBeLessThanOrEqual(6);
    }
    expect(machine.session.connections).toBe(6);
    expect(new ScriptedPeer(machine, 1).peer.closing).toMatchObject({
      reason: "too-many-peers",
      detail: "6 peers connected to all torrents, at most 6",
    });
  });

  test("let callers that say nothing go first, so that one who speaks is heard in the midst of a flood", () => {
    const world = new World(10);
    const machine = world.machine({ settings: { maxConnections: 5 } });
    machine.share(content);
    const link = { backlog: 0, send() {}, sendBlock() {}, close() {} };
    const call = (n: number) => machine.session.accept({ host: "10.9.0.1", port: n }, "tcp", link, machine.now);
    const flood = Array.from({ length: 100 }, (_, n) => call(n + 1));
    expect(machine.session.connections).toBe(15);
    expect(flood.slice(0, 85).every((peer) => peer.closing?.reason === "replaced")).toBe(true);
    expect(new ScriptedPeer(machine, 1).peer.phase).toBe("open");
    expect(machine.session.connections).toBeLessThanOrEqual(15);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    machine.knows(machine.torrent, seed);
    world.run(SECOND);
    expect([...machine.torrent.swarm.peers].map(({ host }) => host)).toContain(seed.host);
  });

  test("keep so many at most half-open in the session, and the rest waits", () => {
    const world = new World(11);
    const machine = world.machine({ settings: { maxHalfOpen: 7 } });
    const torrents = [machine.share(content), machine.share(other)];
    world.network.holes.add("10.77.0.1");
    for (let port = 1; port <= 40; port++) {
      for (const torrent of torrents) torrent.swarm.learn({ host: "10.77.0.1", port }, { kind: "pex" });
    }
    machine.wake();
    const inPhase = (phase: Peer["phase"]) =>
      torrents.flatMap(({ swarm }) => [...swarm.peers]).filter((peer) => peer.phase === phase).length;
    for (let second = 0; second < 40; second++) {
      world.run(SECOND);
      expect(inPhase("connecting")).toBe(7);
    }
    expect(inPhase("queued")).toBeGreaterThan(20);
  });

  test("give a dial 15 s, and 3 s more for every one that failed before", () => {
    const world = new World(12);
    const machine = world.machine();
    const torrent = machine.share(content);
    world.network.holes.add("10.77.0.1");
    torrent.swarm.learn({ host: "10.77.0.1", port: 1 }, { kind: "pex" });
    machine.wake();
    world.runUntil(() => torrent.gone.length === 4, 10 * MINUTE);
    const waited = torrent.gone.map(({ detail }) => /^no answer in (\d+) s$/.exec(detail)?.[1]);
    expect(waited.map(Number)).toEqual([15, 18, 21, 24]);
    expect(torrent.gone[0]).toMatchObject({ reason: "connect-failed", code: -200, by: "network" });
  });
});
