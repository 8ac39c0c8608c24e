import { describe, expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 64 * KIB);

describe("allowed fast", () => {
  test("grants a choked newcomer ten pieces, serves those and rejects the others", () => {
    const world = new World(1);
    const machine = world.machine();
    machine.share(content, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => writer.bare(MESSAGE.haveNone));
    world.run(SECOND);
    const granted = peer.heard(MESSAGE.allowedFast).map(({ payload }) => payload.readUInt32BE(0));
    expect(new Set(granted).size).toBe(10);
    const other = [...Array(64).keys()].find((piece) => !granted.includes(piece)) as number;
    peer.say((writer) => {
      writer.block(MESSAGE.request, granted[3] as number, 0, 16 * KIB);
      writer.block(MESSAGE.request, other, 0, 16 * KIB);
    });
    world.run(2 * SECOND);
    expect(peer.heard(MESSAGE.unchoke)).toHaveLength(0);
    expect(peer.heard(MESSAGE.piece).map(({ payload }) => payload.readUInt32BE(0))).toEqual([granted[3]]);
    expect(peer.heard(MESSAGE.reject).map(({ payload }) => payload.readUInt32BE(0))).toEqual([other]);
  });

  test("is not granted to who has enough to trade", () => {
    const world = new World(2);
    const machine = world.machine();
    machine.share(content, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => writer.payload(MESSAGE.bitfield, Uint8Array.of(0xff, 0xff, 0, 0, 0, 0, 0, 0)));
    world.run(SECOND);
    expect(peer.heard(MESSAGE.allowedFast)).toHaveLength(0);
  });

  test("of a peer is what we ask it for while it chokes us, and nothing else", () => {
    const world = new World(3);
    const machine = world.machine();
    machine.share(content);
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => {
      writer.bare(MESSAGE.haveAll);
      writer.piece(MESSAGE.allowedFast, 7);
      writer.piece(MESSAGE.allowedFast, 9);
    });
    world.run(2 * SECOND);
    const asked = new Set(peer.heard(MESSAGE.request).map(({ payload }) => payload.readUInt32BE(0)));
    expect(asked.size).toBeGreaterThan(0);
    expect([...asked].filter((piece) => piece !== 7 && piece !== 9)).toEqual([]);
  });
});
