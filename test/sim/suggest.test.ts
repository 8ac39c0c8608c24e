import { expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 32 * KIB);

/** What a peer is asked for first that has the pieces up to `count` and suggests these. */
function askedFirst(count: number, suggested: readonly number[]): number[] {
  const world = new World(4);
  const machine = world.machine();
  machine.share(content);
  const peer = new ScriptedPeer(machine, 1);
  peer.say((writer) => {
    writer.payload(MESSAGE.bitfield, new Uint8Array(16).fill(0xff, 0, count >> 3));
    for (const piece of suggested) writer.piece(MESSAGE.suggest, piece);
    writer.bare(MESSAGE.unchoke);
  });
  world.run(SECOND);
  return [...new Set(peer.heard(MESSAGE.request).map(({ payload }) => payload.readUInt32BE(0)))];
}

test("what a peer suggests is asked of it before what is rare", () => {
  expect(askedFirst(128, [77, 99])).toEqual([77, 99]);
});

test("what a peer suggests and has not is not asked of it", () => {
  const asked = askedFirst(64, [77, 12]);
  expect(asked[0]).toBe(12);
  expect(asked.every((piece) => piece < 64)).toBe(true);
});

test("of many suggestions the latest sixteen count", () => {
  const asked = askedFirst(
    128,
    [...Array(40).keys()].map((i) => 50 + i),
  );
  expect(asked).toEqual([74, 75]);
});
