import { expect, test } from "vitest";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { makeContent } from "../support/content.ts";
import { KIB, MIB } from "../support/measures.ts";
import { ScriptedPeer } from "../support/scripted.ts";
import { World } from "../support/world.ts";

test("a reject answers a cancel of ours as well, and only beyond these a hundred are suffered", () => {
  const world = new World(1);
  const machine = world.machine();
  const torrent = machine.share(makeContent([4 * MIB], 64 * KIB));
  const peer = new ScriptedPeer(machine, 1);
  peer.peer.window.target = 200;
  peer.say((writer) => {
    writer.piece(MESSAGE.allowedFast, 0);
    writer.payload(MESSAGE.bitfield, new Uint8Array(8).fill(0xfe));
    writer.bare(MESSAGE.unchoke);
  });
  const asked = peer.heard(MESSAGE.request).map(({ payload }) => [0, 4, 8].map((at) => payload.readUInt32BE(at)));
  expect(asked.length).toBe(200);
  torrent.wantFiles([0], false, machine.now);
  expect(peer.heard(MESSAGE.cancel)).toHaveLength(200);
  const reject = ([piece, begin, length]: number[]) =>
    peer.say((writer) => writer.block(MESSAGE.reject, piece as number, begin as number, length as number));
  for (const request of asked) reject(request);
  for (const request of asked.slice(0, 100)) reject(request);
  expect(peer.peer.closing).toBeUndefined();
  reject([0, 0, 16 * KIB]);
  expect(peer.peer.closing).toMatchObject({
    reason: "bad-reject",
    by: "us",
    detail: "101 rejects of what was not asked",
  });
});
