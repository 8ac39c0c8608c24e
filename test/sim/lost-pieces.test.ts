import { describe, expect, test } from "vitest";
import { concatBytes, writeUint32 } from "../../core/model/bytes.ts";
import { EXTENDED } from "../../core/wire/extended-id.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([MIB], 64 * KIB);
const PIECES = 16;

function scene(seed: number, has: readonly number[] = []) {
  const machine = new World(seed).machine();
  const { swarm } = machine.share(content, { has });
  return { machine, swarm };
}

function number(piece: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, piece);
  return bytes;
}

function lose(peer: ScriptedPeer, ...payload: Uint8Array[]): void {
  const message = concatBytes(Uint8Array.of(EXTENDED.lt_donthave), ...payload);
  peer.say((writer) => writer.payload(MESSAGE.extended, message));
}

describe("a peer that no longer has a piece", () => {
  test("is no seed any more, and the piece is as rare as it is", () => {
    const { machine, swarm } = scene(1);
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => writer.bare(MESSAGE.haveAll));
    expect(peer.peer.isSeed).toBe(true);
    lose(peer, number(3));
    expect(peer.peer).toMatchObject({ isSeed: false, isUploadOnly: false, wantedPieces: PIECES - 1 });
    expect(swarm.rarest.availability(3)).toBe(0);
    expect(swarm.rarest.availability(4)).toBe(1);
    lose(peer, number(3));
    lose(peer, number(4));
    expect(swarm.rarest.availability(4)).toBe(0);
    expect(peer.peer.pieces?.count).toBe(PIECES - 2);
    machine.world.run(1000);
  });

  test("is of no interest when it was the only one we need", () => {
    const { machine } = scene(
      2,
      Array.from({ length: PIECES - 1 }, (_, piece) => piece),
    );
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => writer.bare(MESSAGE.haveAll));
    expect(peer.peer.weAreInterested).toBe(true);
    lose(peer, number(PIECES - 1));
    expect(peer.peer.weAreInterested).toBe(false);
    expect(peer.heard(MESSAGE.notInterested)).toHaveLength(1);
  });

  test("is not waited for: what was asked of it is asked of others", () => {
    const { machine, swarm } = scene(3);
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => writer.piece(MESSAGE.have, 5));
    peer.say((writer) => writer.bare(MESSAGE.unchoke));
    expect(peer.heard(MESSAGE.request).length).toBeGreaterThan(0);
    lose(peer, number(5));
    expect(peer.peer.window.outstanding).toEqual([]);
    expect(peer.heard(MESSAGE.cancel)).toHaveLength(peer.heard(MESSAGE.request).length);
    const other = new ScriptedPeer(machine, 2);
    other.say((writer) => writer.piece(MESSAGE.have, 5));
    other.say((writer) => writer.bare(MESSAGE.unchoke));
    expect(other.heard(MESSAGE.request).length).toBeGreaterThan(0);
    expect(swarm.ledger.partials.size).toBe(1);
  });

  test("that does not exist, or in a message of the wrong length, misbehaves", () => {
    const { machine } = scene(4);
    const wrong = new ScriptedPeer(machine, 1);
    lose(wrong, number(PIECES));
    expect(wrong.peer.closing?.detail).toBe("extended: lt_donthave of piece 16, the torrent has 16");
    const short = new ScriptedPeer(machine, 2);
    lose(short, Uint8Array.of(1));
    expect(short.peer.closing).toMatchObject({ reason: "bad-message", detail: "extended: lt_donthave of 1 bytes" });
  });
});
