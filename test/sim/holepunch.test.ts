import { describe, expect, test } from "vitest";
import { encodeBencode } from "../../core/model/bencode.ts";
import type { Endpoint } from "../../core/model/endpoint.ts";
import {
  decodeHolepunchMessage,
  encodeHolepunchMessage,
  HOLEPUNCH_ERROR,
  type HolepunchMessage,
} from "../../core/wire/holepunch-message.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { type Machine, World } from "./support/world.ts";

const SECOND = 1000;
const content = makeContent([MIB], 64 * KIB);
const secret = { ...content, metainfo: { ...content.metainfo, isPrivate: true } };
/** The number that the other side gives to `ut_holepunch` messages. */
const THEIR_ID = 44;

const meeting = (one: Machine, other: Machine) =>
  [...one.torrent.swarm.peers].find(({ host, phase }) => host === other.host && phase === "open");

describe("two peers that nobody can dial", () => {
  /** Both know only a third, which has the first piece. */
  function line(seed: number, settings: object = {}) {
    const world = new World(seed);
    const relay = world.machine({ settings: { pex: true } });
    const [left, right] = [0, 1].map(() =>
      world.machine({ isBehindNat: true, settings: { pex: true, ...settings } }),
    ) as [Machine, Machine];
    relay.share(content, { has: [0] });
    for (const end of [left, right]) end.knows(end.share(content), relay);
    return { world, relay, left, right };
  }

  test("meet through a third, and are shown so on both sides", () => {
    const { world, left, right } = line(1);
    world.runUntil(() => meeting(left, right) !== undefined && meeting(right, left) !== undefined, 150 * SECOND);
    for (const peer of [meeting(left, right), meeting(right, left)]) {
      expect(peer).toMatchObject({ isHolepunched: true, transport: "utp" });
    }
    world.run(60 * SECOND);
    expect(meeting(left, right)).toBeDefined();
  });

  test("don't meet where one of them has no uTP", () => {
    const { world, left, right } = line(2, { transport: "tcp" });
    world.run(200 * SECOND);
    expect(meeting(left, right)).toBeUndefined();
  });
});

describe("who is asked to bring two peers together", () => {
  function scene(seed: number, what = content) {
    const machine = new World(seed).machine();
    machine.share(what);
    const guest = (number: number, knowsHow = true) => {
      const peer = new ScriptedPeer(machine, number);
      const m = knowsHow ? { ut_holepunch: THEIR_ID } : {};
      const handshake = encodeBencode({ m, p: 7000 + number });
      peer.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(0), handshake));
      return peer;
    };
    return { machine, guest };
  }

  const say = (peer: ScriptedPeer, message: HolepunchMessage) =>
    peer.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(4), encodeHolepunchMessage(message)));
  const ask = (peer: ScriptedPeer, endpoint: Endpoint) => say(peer, { kind: "rendezvous", endpoint });
  const heard = (peer: ScriptedPeer) =>
    peer
      .heard(MESSAGE.extended)
      .filter(({ payload }) => payload[0] === THEIR_ID)
      .map(({ payload }) => decodeHolepunchMessage(payload.subarray(1)));
  const at = (number: number): Endpoint => ({ host: `10.8.0.${number}`, port: 7000 + number });

  test("tells each where the other is, once a minute", () => {
    const { machine, guest } = scene(3);
    const [one, other] = [guest(1), guest(2)];
    ask(one, at(2));
    ask(one, at(2));
    expect(heard(one)).toEqual([{ kind: "connect", endpoint: at(2) }]);
    expect(heard(other)).toEqual([{ kind: "connect", endpoint: at(1) }]);
    machine.world.run(61 * SECOND);
    ask(one, at(2));
    expect(heard(other)).toHaveLength(2);
  });

  test("says why not, in numbers", () => {
    const { guest } = scene(4);
    const one = guest(1);
    guest(3, false);
    ask(one, at(2));
    ask(one, at(3));
    ask(one, at(1));
    expect(heard(one)).toEqual([
      { kind: "error", endpoint: at(2), error: HOLEPUNCH_ERROR.notConnected },
      { kind: "error", endpoint: at(3), error: HOLEPUNCH_ERROR.noSupport },
      { kind: "error", endpoint: at(1), error: HOLEPUNCH_ERROR.noSelf },
    ]);
  });

  test("answers ten questions at once, and then one in six seconds", () => {
    const { machine, guest } = scene(5);
    const one = guest(1);
    for (let i = 0; i < 30; i++) ask(one, { host: "20.0.0.1", port: 1 + i });
    expect(heard(one)).toHaveLength(10);
    machine.world.run(13 * SECOND);
    for (let i = 0; i < 30; i++) ask(one, { host: "20.0.0.1", port: 1 + i });
    expect(heard(one)).toHaveLength(12);
  });

  test("dials who is named to it over uTP at once, once a minute, and nobody within its network for a stranger", () => {
    const { machine, guest } = scene(6);
    const one = guest(1);
    const { swarm } = machine.torrent;
    const named = { host: "20.0.0.1", port: 9 };
    const dials = () => [...swarm.peers].filter(({ host }) => host === named.host);
    say(one, { kind: "connect", endpoint: named });
    machine.world.run(1);
    expect(dials()).toMatchObject([{ phase: "connecting", transport: "utp", isHolepunched: true }]);
    const outside = new ScriptedPeer(machine, 9, undefined, "8.8.8.8");
    say(outside, { kind: "connect", endpoint: { host: "192.168.0.1", port: 80 } });
    machine.world.run(40 * SECOND);
    expect(swarm.book.find({ host: "192.168.0.1", port: 80 })).toBeUndefined();
    expect(dials()).toEqual([]);
    say(one, { kind: "connect", endpoint: named });
    machine.world.run(1);
    expect(dials().filter(({ isHolepunched }) => isHolepunched)).toEqual([]);
  });

  test("does nothing of the kind for a private torrent", () => {
    const { machine, guest } = scene(7, secret);
    const [one, other] = [guest(1), guest(2)];
    ask(one, at(2));
    say(one, { kind: "connect", endpoint: { host: "20.0.0.1", port: 9 } });
    machine.world.run(SECOND);
    expect([...heard(one), ...heard(other)]).toEqual([]);
    expect(machine.torrent.swarm.book.size).toBe(0);
  });
});
