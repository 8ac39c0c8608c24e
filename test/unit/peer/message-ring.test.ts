import { expect, test } from "vitest";
import { RECENT_MESSAGES } from "../../../core/model/peer-face.ts";
import { MessageRing } from "../../../core/peer/message-ring.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";

test("says messages in words with their numbers, oldest first", () => {
  const ring = new MessageRing();
  ring.note("in", MESSAGE.unchoke, 1);
  ring.note("out", MESSAGE.request, 2, 3, 16_384, 16_000);
  ring.note("in", MESSAGE.piece, 3, 3, 16_384, 16_000);
  ring.note("in", MESSAGE.have, 4, 17);
  ring.note("out", MESSAGE.bitfield, 5, 12);
  ring.note("in", MESSAGE.extended, 6, 0, 80);
  ring.noteKeepAlive("out", 7);
  expect(ring.list()).toEqual([
    { at: 1, way: "in", text: "unchoke" },
    { at: 2, way: "out", text: "request 3 @ 16384, 16000 bytes" },
    { at: 3, way: "in", text: "piece 3 @ 16384, 16000 bytes" },
    { at: 4, way: "in", text: "have 17" },
    { at: 5, way: "out", text: "bitfield, 12 pieces" },
    { at: 6, way: "in", text: "extended handshake" },
    { at: 7, way: "out", text: "keep-alive" },
  ]);
});

test("keeps the last ones alone", () => {
  const ring = new MessageRing();
  for (let piece = 0; piece < RECENT_MESSAGES + 5; piece++) ring.note("in", MESSAGE.have, piece, piece);
  expect(ring.list().map(({ at }) => at)).toEqual(Array.from({ length: RECENT_MESSAGES }, (_, i) => i + 5));
});
