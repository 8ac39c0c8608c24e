import { describe, expect, test } from "vitest";
import { encodeBencode } from "../../core/model/bencode.ts";
import { decodeExtensionHandshake } from "../../core/wire/extension-handshake.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { decodePexMessage, encodePexMessage, PEX_FLAG, type PexMessage } from "../../core/wire/pex-message.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { type Machine, World } from "./support/world.ts";

const SECOND = 1000;
const content = makeContent([MIB], 64 * KIB);
const secret = { ...content, metainfo: { ...content.metainfo, isPrivate: true } };
const pex = { settings: { pex: true } };
/** The number that the other side gives to `ut_pex` messages. */
const THEIR_ID = 33;

const partners = ({ torrent }: Machine) =>
  [...torrent.swarm.peers].filter(({ phase }) => phase === "open").map(({ host }) => host);

/** It says that it understands messages of peers, and where it listens. */
function introduce(peer: ScriptedPeer, listenPort?: number): void {
  const p = listenPort === undefined ? {} : { p: listenPort };
  const handshake = encodeBencode({ m: { ut_pex: THEIR_ID, ut_holepunch: 4 }, ...p });
  peer.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(0), handshake));
}

function tell(peer: ScriptedPeer, added: PexMessage["added"], dropped: PexMessage["dropped"] = []): void {
  peer.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(1), encodePexMessage({ added, dropped })));
}

/** Messages of peers that it was sent. */
function told(peer: ScriptedPeer): PexMessage[] {
  return peer
    .heard(MESSAGE.extended)
    .filter(({ payload }) => payload[0] === THEIR_ID)
    .map(({ payload }) => {
      const message = decodePexMessage(payload.subarray(1));
      if ("fault" in message) throw new Error(message.fault);
      return message;
    });
}

describe("peers", () => {
  test("learn of each other through a third, without a tracker", () => {
    const world = new World(1);
    const [middle, left, right] = [world.machine(pex), world.machine(pex), world.machine(pex)] as const;
    middle.share(content, { has: [0] });
    for (const end of [left, right]) end.knows(end.share(content), middle);
    world.runUntil(() => partners(left).includes(right.host) && partners(right).includes(left.host), 90 * SECOND);
    const [met] = [...left.torrent.swarm.peers].filter(({ host }) => host === right.host);
    const [back] = [...right.torrent.swarm.peers].filter(({ host }) => host === left.host);
    expect([met, back].some((peer) => peer?.sources.some(({ kind }) => kind === "pex"))).toBe(true);
  });

  test("over IPv6 are told, too", () => {
    const world = new World(2);
    const [middle, left, right] = ["2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1"].map((host) =>
      world.machine({ ...pex, host }),
    ) as [Machine, Machine, Machine];
    middle.share(content, { has: [0] });
    for (const end of [left, right]) end.knows(end.share(content), middle);
    world.runUntil(() => partners(left).includes(right.host), 90 * SECOND);
  });

  test("of a private torrent are told to nobody, and believed from nobody", () => {
    const machine = new World(3).machine(pex);
    machine.share(secret);
    const one = new ScriptedPeer(machine, 1);
    const other = new ScriptedPeer(machine, 2);
    for (const peer of [one, other]) introduce(peer, 7000);
    tell(one, [{ host: "10.1.1.1", port: 5, flags: 0 }]);
    machine.world.run(70 * SECOND);
    expect(one.isClosed).toBe(false);
    expect(told(one)).toEqual([]);
    const [handshake] = one.heard(MESSAGE.extended);
    const { extensions } = decodeExtensionHandshake(handshake?.payload.subarray(1) as Uint8Array) as never;
    expect([...(extensions as Map<string, number>).keys()].sort()).toEqual(["lt_donthave", "ut_metadata"]);
    expect(machine.torrent.swarm.book.find({ host: "10.1.1.1", port: 5 })).toBeUndefined();
  });

  test("are neither told nor believed where the user does not want it", () => {
    const machine = new World(4).machine({ settings: { pex: false } });
    machine.share(content);
    const one = new ScriptedPeer(machine, 1);
    introduce(one, 7000);
    introduce(new ScriptedPeer(machine, 2), 7000);
    tell(one, [{ host: "10.1.1.1", port: 5, flags: 0 }]);
    machine.world.run(70 * SECOND);
    expect(told(one)).toEqual([]);
    expect(machine.torrent.swarm.book.size).toBe(0);
  });
});

test("peers that are connected hear of it when the user begins to want the exchange", () => {
  const machine = new World(17).machine({ settings: { pex: false } });
  machine.share(content);
  const peer = new ScriptedPeer(machine, 1);
  introduce(peer, 7001);
  introduce(new ScriptedPeer(machine, 2), 7002);
  machine.world.run(5 * SECOND);
  expect(peer.heard(MESSAGE.extended).map(({ payload }) => payload.includes("ut_pex"))).toEqual([false]);
  machine.session.changeSettings({ ...machine.session.settings, pex: true });
  machine.world.run(10 * SECOND);
  expect(peer.heard(MESSAGE.extended)[1]?.payload.includes("ut_pex")).toBe(true);
  expect(told(peer)).toHaveLength(1);
});

describe("we tell a peer", () => {
  function scene(seed: number): Machine {
    const machine = new World(seed).machine(pex);
    machine.share(content);
    return machine;
  }

  test("of those that are connected and say where they listen, with what is known of them", () => {
    const machine = scene(5);
    const curious = new ScriptedPeer(machine, 1);
    introduce(curious, 7001);
    introduce(new ScriptedPeer(machine, 2), 7002);
    // Where it listens nobody knows.
    introduce(new ScriptedPeer(machine, 3));
    const seed = new ScriptedPeer(machine, 4);
    introduce(seed, 7004);
    seed.say((writer) => writer.bare(MESSAGE.haveAll));
    machine.world.run(10 * SECOND);
    const [first] = told(curious);
    expect(first?.added).toEqual([
      { host: "10.8.0.2", port: 7002, flags: PEX_FLAG.holepunch },
      { host: "10.8.0.4", port: 7004, flags: PEX_FLAG.holepunch | PEX_FLAG.uploadOnly },
    ]);
    expect(first?.dropped).toEqual([]);
  });

  test("that a peer can be dialled, when we did", () => {
    const world = new World(6);
    const [machine, dialled] = [world.machine(pex), world.machine(pex)] as const;
    dialled.share(content);
    machine.knows(machine.share(content), dialled);
    const curious = new ScriptedPeer(machine, 1);
    introduce(curious, 7001);
    world.runUntil(() => told(curious).length > 0, 20 * SECOND);
    expect(told(curious)[0]?.added).toEqual([{ ...dialled.endpoint, flags: PEX_FLAG.reachable | PEX_FLAG.holepunch }]);
  });

  test("nothing of web seeds, which are no peers to anybody else", () => {
    const url = "http://web.test/file";
    const world = new World(9);
    const machine = world.machine({ settings: { pex: true, downLimit: 20 * KIB } });
    const fromWeb = makeContent([MIB], 64 * KIB, { webSeeds: [url] });
    world.web.serve(url, fromWeb);
    machine.share(fromWeb);
    const curious = new ScriptedPeer(machine, 1);
    introduce(curious, 7001);
    world.run(10 * SECOND);
    expect(
      [...machine.torrent.swarm.peers].some(({ transport, phase }) => transport === "web" && phase === "open"),
    ).toBe(true);
    expect(told(curious)).toEqual([]);
  });

  test("also in a crowd, each in its turn", () => {
    const machine = new World(16).machine({ settings: { pex: true, maxConnectionsPerTorrent: 400 } });
    machine.share(content);
    const crowd = Array.from({ length: 300 }, (_, i) => new ScriptedPeer(machine, i + 1, undefined, `10.8.1.${i}`));
    for (const peer of crowd) introduce(peer);
    machine.world.run(10 * SECOND);
    introduce(new ScriptedPeer(machine, 999), 7000);
    machine.world.run(30 * SECOND);
    expect(crowd.filter((peer) => told(peer).length !== 1)).toEqual([]);
  });

  test("once a minute who came and who went since, at most fifty of each", () => {
    const machine = scene(7);
    const curious = new ScriptedPeer(machine, 0);
    introduce(curious, 7000);
    const others = Array.from({ length: 70 }, (_, i) => new ScriptedPeer(machine, i + 1));
    others.forEach((peer, i) => introduce(peer, 7001 + i));
    machine.world.run(50 * SECOND);
    expect(told(curious).map(({ added }) => added.length)).toEqual([50]);
    machine.world.run(20 * SECOND);
    for (const peer of others.splice(0, 60)) peer.hangUp();
    for (let minute = 0; minute < 3; minute++) {
      for (const peer of [curious, ...others]) peer.say((writer) => writer.keepAlive());
      machine.world.run(60 * SECOND);
    }
    expect(told(curious).map(({ added, dropped }) => [added.length, dropped.length])).toEqual([
      [50, 0],
      [20, 0],
      [0, 50],
      [0, 10],
    ]);
    const times = curious.heard(MESSAGE.extended).filter(({ payload }) => payload[0] === THEIR_ID);
    times.slice(1).forEach(({ at }, i) => expect(at - (times[i]?.at ?? 0)).toBeGreaterThanOrEqual(60 * SECOND));
  });

  test("nothing of our own network, when it is outside", () => {
    const machine = scene(8);
    const outside = new ScriptedPeer(machine, 1, undefined, "8.8.8.8");
    introduce(outside, 7001);
    introduce(new ScriptedPeer(machine, 2), 7002);
    introduce(new ScriptedPeer(machine, 3, undefined, "9.9.9.9"), 7003);
    machine.world.run(10 * SECOND);
    expect(told(outside).flatMap(({ added }) => added.map(({ host }) => host))).toEqual(["9.9.9.9"]);
  });
});

describe("of what a peer tells", () => {
  function scene(seed: number, host?: string): ScriptedPeer {
    const machine = new World(seed).machine(pex);
    machine.share(content);
    const peer = new ScriptedPeer(machine, 1, undefined, host);
    introduce(peer, 7001);
    return peer;
  }
  const book = ({ machine }: ScriptedPeer) => machine.torrent.swarm.book;
  const many = (count: number, host = (i: number) => `20.0.${i >> 8}.${i & 255}`) =>
    Array.from({ length: count }, (_, i) => ({ host: host(i), port: 1000 + i, flags: 0 }));

  test("fifty peers are taken, more are passed over, and far more end the connection", () => {
    const peer = scene(10);
    tell(peer, many(60));
    expect(book(peer).size).toBe(50);
    tell(peer, many(201));
    expect(peer.peer.closing).toMatchObject({ reason: "pex-abuse", closeReason: 287 });
    expect(peer.peer.closing?.detail).toBe("201 peers in one message, at most 200");
  });

  test("no more is read than a message may have", () => {
    const peer = scene(11);
    tell(peer, [], many(3000));
    expect(peer.peer.closing).toMatchObject({ reason: "pex-abuse", closeReason: 287 });
  });

  test("a message a minute is heard, with a grace of three", () => {
    const peer = scene(12);
    for (let minute = 0; minute < 10; minute++) {
      tell(peer, []);
      peer.machine.world.run(60 * SECOND);
      peer.say((writer) => writer.keepAlive());
    }
    for (let i = 0; i < 4; i++) tell(peer, []);
    expect(peer.isClosed).toBe(false);
    tell(peer, []);
    expect(peer.peer.closing).toMatchObject({ reason: "pex-abuse", closeReason: 288 });
  });

  test("four endpoints at one address are taken, whoever tells of them", () => {
    const peer = scene(13);
    tell(
      peer,
      many(10, () => "20.1.1.1"),
    );
    expect(book(peer).size).toBe(4);
    const other = new ScriptedPeer(peer.machine, 2);
    tell(other, [{ host: "20.1.1.1", port: 9, flags: 0 }]);
    expect(book(peer).size).toBe(4);
  });

  test("nothing in our own network is believed from outside", () => {
    const peer = scene(14, "8.8.8.8");
    tell(peer, [
      { host: "192.168.0.1", port: 80, flags: 0 },
      { host: "127.0.0.1", port: 80, flags: 0 },
      { host: "fe80::1", port: 80, flags: 0 },
      { host: "9.9.9.9", port: 80, flags: 0 },
    ]);
    expect(book(peer).endpoints(9)).toEqual([{ host: "9.9.9.9", port: 80 }]);
  });

  test("what is no dictionary is a bad message", () => {
    const peer = scene(15);
    peer.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(1), encodeBencode([])));
    expect(peer.peer.closing).toMatchObject({ reason: "bad-message", detail: "extended: ut_pex is no dictionary" });
  });
});
