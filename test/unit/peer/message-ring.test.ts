import { expect, test } from "vitest";
import { RECENT_MESSAGES } from "../../../core/model/peer-face.ts";
import { MESSAGE, messageText } from "../../../core/model/wire-message.ts";
import { MessageRing, WATCHED_MESSAGES } from "../../../core/peer/message-ring.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { makeContent } from "../../sim/support/content.ts";
import { ScriptedPeer } from "../../sim/support/scripted.ts";
import { World } from "../../sim/support/world.ts";

test("says messages in words with their numbers, oldest first", () => {
  const ring = new MessageRing();
  ring.note("in", MESSAGE.unchoke, 1);
  ring.note("out", MESSAGE.request, 2, 3, 16_384, 16_000);
  ring.note("in", MESSAGE.piece, 3, 3, 16_384, 16_000);
  ring.note("in", MESSAGE.have, 4, 17);
  ring.note("out", MESSAGE.bitfield, 5, 12);
  ring.note("in", MESSAGE.extended, 6, 0, 80);
  ring.note("in", MESSAGE.extended, 7, 1, 90, 0);
  ring.noteKeepAlive("out", 8);
  expect(ring.since(0).map((message) => [message.at, message.way, messageText(message)])).toEqual([
    [1, "in", "unchoke"],
    [2, "out", "request 3 @ 16384, 16000 bytes"],
    [3, "in", "piece 3 @ 16384, 16000 bytes"],
    [4, "in", "have 17"],
    [5, "out", "bitfield, 12 pieces"],
    [6, "in", "extended handshake"],
    [7, "in", "ut_pex, 90 bytes"],
    [8, "out", "keep-alive"],
  ]);
});

const pieces = (ring: MessageRing, first: number) => ring.since(first).map(({ a }) => a);
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);

test("keeps the last ones alone, and a reader learns by their numbers what it missed", () => {
  const ring = new MessageRing();
  const more = (count: number) => {
    for (let i = 0; i < count; i++) ring.note("in", MESSAGE.have, 0, ring.written);
  };
  more(RECENT_MESSAGES + 5);
  expect(pieces(ring, 0)).toEqual(range(5, RECENT_MESSAGES + 5));
  expect(pieces(ring, RECENT_MESSAGES)).toEqual(range(RECENT_MESSAGES, RECENT_MESSAGES + 5));
  expect(pieces(ring, ring.written)).toEqual([]);

  ring.widen();
  expect(pieces(ring, 0)).toEqual(range(5, RECENT_MESSAGES + 5));
  more(WATCHED_MESSAGES + 100);
  ring.widen();
  const { written } = ring;
  expect(written).toBe(RECENT_MESSAGES + 5 + WATCHED_MESSAGES + 100);
  expect(pieces(ring, RECENT_MESSAGES + 5)).toEqual(range(written - WATCHED_MESSAGES, written));
});

test("a tap hears every byte of both directions in plain, from the handshakes on", () => {
  const world = new World(1);
  const machine = world.machine();
  machine.share(makeContent([64 * 1024], 32 * 1024), { isSeed: true });
  const scripted = new ScriptedPeer(machine, 1);
  const heard: Record<"in" | "out", Buffer> = { in: Buffer.alloc(0), out: Buffer.alloc(0) };
  scripted.peer.messages.tap = {
    passed(way, bytes) {
      heard[way] = Buffer.concat([heard[way], bytes]);
    },
  };
  const said = scripted.said.length;
  const told = new MessageWriter();
  told.bare(MESSAGE.interested);
  told.block(MESSAGE.request, 1, 0, 16_384);
  const bytes = told.take();
  scripted.hear(bytes);
  world.run(31_000);
  scripted.say((writer) => writer.block(MESSAGE.request, 1, 0, 16_384));
  world.run(1000);
  expect(heard.in.subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
  expect(scripted.heard(MESSAGE.piece)).toHaveLength(1);
  const frames = scripted.said.slice(said).map(({ id, payload }) => {
    const head = Buffer.alloc(id < 0 ? 4 : 5);
    head.writeUInt32BE(id < 0 ? 0 : 1 + payload.length);
    if (id >= 0) head[4] = id;
    return Buffer.concat([head, payload]);
  });
  expect(heard.out).toEqual(Buffer.concat(frames));
});
