import { expect, test } from "vitest";
import { writeUint32 } from "../../../core/model/bytes.ts";
import { WireDecoder, type WireSink } from "../../../core/wire/decoder.ts";
import { MAX_MESSAGE_LENGTH } from "../../../core/wire/message-id.ts";

test("a stream of promises is not given the memory that it promises", () => {
  const sink: WireSink = {
    keepAlive() {},
    message: () => undefined,
    blockBegins: () => undefined,
    blockProgress() {},
    blockEnds: () => undefined,
  };
  const before = process.memoryUsage().arrayBuffers;
  const decoders: WireDecoder[] = [];
  for (let i = 0; i < 2000; i++) {
    const decoder = new WireDecoder();
    const promise = new Uint8Array(100);
    writeUint32(promise, 0, MAX_MESSAGE_LENGTH);
    promise[4] = 20;
    decoder.push(promise, sink);
    decoders.push(decoder);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  expect(decoders).toHaveLength(2000);
});
