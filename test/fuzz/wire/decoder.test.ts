import { expect, test } from "vitest";
import { writeUint32 } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { type BlockTarget, WireDecoder, type WireSink } from "../../../core/wire/decoder.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "../../../core/wire/extension-handshake.ts";
import { decodeReserved, HandshakeReader } from "../../../core/wire/handshake.ts";
import { MAX_MESSAGE_LENGTH } from "../../../core/wire/message-id.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { mutate, seedOfRun } from "../mutate.ts";

/** Checks that what it is told is within the limits, and keeps none of it. */
class Judge implements WireSink {
  messages = 0;
  #blockRest = 0;
  readonly #place = new Uint8Array(16_384);

  keepAlive(): void {
    this.messages++;
  }

  message(id: number, payload: Uint8Array): undefined {
    expect(this.#blockRest).toBe(0);
    expect(id).not.toBe(7);
    expect(payload.length).toBeLessThan(MAX_MESSAGE_LENGTH);
    this.messages++;
  }

  blockBegins(_piece: number, begin: number, length: number): BlockTarget | undefined {
    expect(this.#blockRest).toBe(0);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThanOrEqual(16_384);
    this.#blockRest = length;
    return begin % 2 === 0 ? { bytes: this.#place, at: 0 } : undefined;
  }

  blockProgress(bytes: number): void {
    this.#blockRest -= bytes;
    expect(this.#blockRest).toBeGreaterThanOrEqual(0);
  }

  blockEnds(): undefined {
    expect(this.#blockRest).toBe(0);
    this.messages++;
  }
}

/** A conversation as a peer would lead it. */
function conversation(random: Random): Uint8Array {
  const writer = new MessageWriter();
  for (let i = randomBelow(random, 30); i >= 0; i--) {
    const id = randomBelow(random, 24);
    if (id === 7) {
      const length = 1 + randomBelow(random, 200);
      writer.blockHeader(random.uint32(), random.uint32(), length);
      writer.raw(randomBytes(random, length));
    } else if (id === 5) writer.payload(5, randomBytes(random, 13));
    else if (id === 20) writer.payload(20, randomBytes(random, 1 + randomBelow(random, 60)));
    else if (id === 9) writer.port(randomBelow(random, 65536));
    else if ([4, 13, 17].includes(id)) writer.piece(id, random.uint32());
    else if ([6, 8, 16].includes(id)) writer.block(id, random.uint32(), random.uint32(), random.uint32());
    else if (id < 4 || id === 14 || id === 15) writer.bare(id);
    else if (id === 10) writer.keepAlive();
    else writer.payload(id, randomBytes(random, randomBelow(random, 40)));
  }
  return writer.take();
}

test("the decoder throws at nothing, and tells its sink nothing that is out of bounds", () => {
  const seed = seedOfRun();
  const random = seededRandom(seed);
  let faults = 0;
  let messages = 0;
  for (let run = 0; run < 3000; run++) {
    const stream = mutate(random, conversation(random));
    const decoder = new WireDecoder(randomBelow(random, 5) === 0 ? undefined : 100);
    const judge = new Judge();
    let fault: unknown;
    for (let at = 0; at < stream.length && fault === undefined; ) {
      const size = 1 + randomBelow(random, 60);
      fault = decoder.push(stream.subarray(at, at + size), judge);
      at += size;
    }
    if (fault !== undefined) faults++;
    messages += judge.messages;
  }
  // The mutations neither spare everything nor kill everything.
  expect(faults, `seed ${seed}`).toBeGreaterThan(300);
  expect(messages, `seed ${seed}`).toBeGreaterThan(3000);
});

test("a stream of promises is not given the memory that it promises", () => {
  const judge = new Judge();
  const before = process.memoryUsage().arrayBuffers;
  const decoders: WireDecoder[] = [];
  for (let i = 0; i < 2000; i++) {
    const decoder = new WireDecoder();
    const promise = new Uint8Array(100);
    writeUint32(promise, 0, MAX_MESSAGE_LENGTH);
    promise[4] = 20;
    decoder.push(promise, judge);
    decoders.push(decoder);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  expect(decoders).toHaveLength(2000);
});

test("handshakes and extension handshakes throw at nothing", () => {
  const seed = seedOfRun();
  const random = seededRandom(seed);
  const handshake = encodeExtensionHandshake({ client: "x", listenPort: 1, requestLimit: 500, uploadOnly: true });
  for (let run = 0; run < 4000; run++) {
    const bytes = mutate(random, randomBelow(random, 2) === 0 ? handshake : randomBytes(random, 90));
    const decoded = decodeExtensionHandshake(bytes);
    if ("fault" in decoded) expect(decoded.fault.length, `seed ${seed}`).toBeGreaterThan(0);
    else {
      expect(decoded.text.length, `seed ${seed}`).toBeLessThanOrEqual(4000);
      expect((decoded.client ?? "").length, `seed ${seed}`).toBeLessThanOrEqual(60);
      if (decoded.listenPort !== undefined) expect(decoded.listenPort, `seed ${seed}`).toBeLessThan(65536);
    }
    const reader = new HandshakeReader();
    reader.push(bytes);
    decodeReserved(bytes.subarray(0, 8));
  }
});
