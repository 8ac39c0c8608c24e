import { expect, test, vi } from "vitest";
import { concatBytes, writeUint32 } from "../../../core/model/bytes.ts";
import { WireFramer } from "../../../core/session/recording-framer.ts";

const KIB = 1024;

/** A message `bitfield` whose bytes count up. */
function longMessage(length: number): Uint8Array {
  const message = new Uint8Array(4 + length).map((_, at) => at);
  writeUint32(message, 0, length);
  message[4] = 5;
  return message;
}

/** Each message as it is told, and the bytes that were copied for all of them. */
function framed(stream: Uint8Array, step: number): { messages: Uint8Array[]; copied: number } {
  const messages: Uint8Array[] = [];
  const framer = new WireFramer({ held: new Uint8Array(0), rest: 0 }, (_way, _at, bytes) => messages.push(bytes));
  const set = vi.spyOn(Uint8Array.prototype, "set");
  const slice = vi.spyOn(Uint8Array.prototype, "slice");
  for (let at = 0; at < stream.length; at += step) framer.passed("in", stream.subarray(at, at + step), 0);
  const parts = [...set.mock.calls.map(([source]) => source), ...slice.mock.results.map(({ value }) => value)];
  const copied = parts.reduce((sum, { length }) => sum + length, 0);
  set.mockRestore();
  slice.mockRestore();
  return { messages, copied };
}

test("a long message that comes in drops is copied a few times, not once for each drop", () => {
  const message = longMessage(256 * KIB);
  const { messages, copied } = framed(message, 256);
  expect(messages).toEqual([message]);
  expect(copied).toBeGreaterThan(message.length / 2);
  expect(copied).toBeLessThan(6 * message.length);
});

test("messages are told alike, however their stream is cut", () => {
  const stream = concatBytes(longMessage(300), new Uint8Array(4), longMessage(1), longMessage(70), longMessage(2));
  const whole = framed(stream, stream.length).messages;
  expect(whole.map(({ length }) => length)).toEqual([304, 4, 5, 74, 6]);
  for (const step of [1, 3, 5, 64, 305]) expect(framed(stream, step).messages).toEqual(whole);
});
