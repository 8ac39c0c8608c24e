import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeUint32 } from "../../../core/model/bytes.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { type BlockTarget, WireDecoder, type WireFault, type WireSink } from "../../../core/wire/decoder.ts";
import { MAX_MESSAGE_LENGTH, MESSAGE, messageName } from "../../../core/wire/message-id.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";

const PIECES = 37;

/** Writes down what a decoder says. */
class Scribe implements WireSink {
  readonly said: string[] = [];
  #block: { text: string; bytes: Uint8Array; arrived: number } | undefined;
  readonly discards: boolean;

  constructor(discards = false) {
    this.discards = discards;
  }

  keepAlive(): void {
    this.said.push("keep-alive");
  }

  message(id: number, payload: Uint8Array): undefined {
    this.said.push(`${id}:${Buffer.from(payload).toString("hex")}`);
  }

  blockBegins(piece: number, begin: number, length: number): BlockTarget | undefined {
    // The block has strangers around it, which must stay as they are.
    this.#block = {
      text: `piece ${piece} ${begin} ${length}`,
      bytes: new Uint8Array(length + 2).fill(0xee),
      arrived: 0,
    };
    return this.discards ? undefined : { bytes: this.#block.bytes, at: 1 };
  }

  blockProgress(bytes: number): void {
    if (this.#block !== undefined) this.#block.arrived += bytes;
  }

  blockEnds(): undefined {
    const block = this.#block;
    if (block === undefined) throw new Error("a block ends that never began");
    expect(block.arrived).toBe(block.bytes.length - 2);
    expect([block.bytes[0], block.bytes.at(-1)]).toEqual([0xee, 0xee]);
    this.said.push(`${block.text} ${Buffer.from(block.bytes.subarray(1, -1)).toString("hex")}`);
    this.#block = undefined;
  }
}

/** Feeds `stream` in chunks whose lengths cycle through `cuts`; each chunk is a fresh copy that is spoilt afterwards. */
function feed(bytes: Uint8Array, cuts: readonly number[], sink: WireSink, pieceCount: number | undefined = PIECES) {
  const decoder = new WireDecoder(pieceCount);
  const stream = new Uint8Array(bytes);
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const chunk = stream.slice(at, at + (cuts[turn % cuts.length] as number));
    const fault = decoder.push(chunk, sink);
    chunk.fill(0xcc);
    at += chunk.length;
    if (fault !== undefined) return { fault, read: at };
  }
  return { fault: undefined, read: at };
}

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
type Step = { readonly write: (writer: MessageWriter) => void; readonly says: string };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const words = (...values: number[]) => {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, i) => {
    writeUint32(bytes, 4 * i, value);
  });
  return hex(bytes);
};

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ write: (writer) => writer.keepAlive(), says: "keep-alive" }),
  fc
    .constantFrom(
      MESSAGE.choke,
      MESSAGE.unchoke,
      MESSAGE.interested,
      MESSAGE.notInterested,
      MESSAGE.haveAll,
      MESSAGE.haveNone,
    )
    .map((id) => ({ write: (writer: MessageWriter) => writer.bare(id), says: `${id}:` })),
  fc.tuple(fc.constantFrom(MESSAGE.have, MESSAGE.suggest, MESSAGE.allowedFast), uint32).map(([id, piece]) => ({
    write: (writer: MessageWriter) => writer.piece(id, piece),
    says: `${id}:${words(piece)}`,
  })),
  fc
    .tuple(fc.constantFrom(MESSAGE.request, MESSAGE.cancel, MESSAGE.reject), uint32, uint32, uint32)
    .map(([id, piece, begin, length]) => ({
      write: (writer: MessageWriter) => writer.block(id, piece, begin, length),
      says: `${id}:${words(piece, begin, length)}`,
    })),
  fc.uint8Array({ minLength: 5, maxLength: 5 }).map((bits) => ({
    write: (writer: MessageWriter) => writer.payload(MESSAGE.bitfield, bits),
    says: `5:${hex(bits)}`,
  })),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => ({
    write: (writer: MessageWriter) => writer.payload(MESSAGE.extended, bytes),
    says: `20:${hex(bytes)}`,
  })),
  fc.integer({ min: 0, max: 0xffff }).map((port) => ({
    write: (writer: MessageWriter) => writer.port(port),
    says: `9:${port.toString(16).padStart(4, "0")}`,
  })),
  fc
    .tuple(fc.constantFrom(MESSAGE.hashRequest, MESSAGE.hashReject), fc.uint8Array({ minLength: 48, maxLength: 48 }))
    .map(([id, bytes]) => ({
      write: (writer: MessageWriter) => writer.payload(id, bytes),
      says: `${id}:${hex(bytes)}`,
    })),
  fc
    .tuple(fc.uint8Array({ minLength: 48, maxLength: 48 }), fc.nat(550))
    .map(([head, nodes]) => Buffer.concat([head, Buffer.alloc(32 * nodes, 7)]))
    .map((bytes) => ({
      write: (writer: MessageWriter) => writer.payload(MESSAGE.hashes, bytes),
      says: `${MESSAGE.hashes}:${hex(bytes)}`,
    })),
  fc.tuple(fc.integer({ min: 24, max: 255 }), fc.uint8Array({ maxLength: 40 })).map(([id, bytes]) => ({
    write: (writer: MessageWriter) => writer.payload(id, bytes),
    says: `${id}:`,
  })),
  fc.tuple(uint32, uint32, fc.uint8Array({ minLength: 1, maxLength: 300 })).map(([piece, begin, block]) => ({
    write: (writer: MessageWriter) => {
      writer.blockHeader(piece, begin, block.length);
      writer.raw(block);
    },
    says: `piece ${piece} ${begin} ${block.length} ${hex(block)}`,
  })),
);

const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

describe("decoding", () => {
  test("what the writer wrote comes back, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), cuts, (steps, lengths) => {
        const writer = new MessageWriter();
        for (const { write } of steps) write(writer);
        const stream = writer.take();
        expect(writer.length).toBe(0);
        const scribe = new Scribe();
        expect(feed(stream, lengths, scribe).fault).toBeUndefined();
        expect(scribe.said).toEqual(steps.map(({ says }) => says));
      }),
    );
  });

  test("any bytes at all decode alike, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          // Short prefixes, so that messages happen.
          fc
            .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.uint8Array({ minLength: 1, maxLength: 20 })), {
              maxLength: 12,
            })
            .map((parts) => Uint8Array.from(parts.flatMap(([length, bytes]) => [0, 0, 0, length, ...bytes]))),
        ),
        cuts,
        fc.boolean(),
        (stream, lengths, discards) => {
          const whole = new Scribe(discards);
          const cut = new Scribe(discards);
          const first = feed(stream, [Math.max(1, stream.length)], whole);
          const second = feed(stream, lengths, cut);
          expect(cut.said).toEqual(whole.said);
          expect(second.fault).toEqual(first.fault);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** One message of `id` that claims `length` bytes after its prefix, and has them. */
function claim(id: number, length: number): Uint8Array {
  const bytes = new Uint8Array(4 + length);
  writeUint32(bytes, 0, length);
  bytes[4] = id;
  return bytes;
}

describe("malformed lengths", () => {
  const exact: readonly [number, number][] = [
    ...[0, 1, 2, 3, 14, 15].map((id): [number, number] => [id, 1]),
    ...[4, 13, 17].map((id): [number, number] => [id, 5]),
    ...[6, 8, 16].map((id): [number, number] => [id, 13]),
    [9, 3],
    [5, 1 + Math.ceil(PIECES / 8)],
  ];

  test.each(exact)("message %i of any length but %i is refused, however it is cut", (id, right) => {
    for (const wrong of [1, 2, right - 1, right + 1, 40, MAX_MESSAGE_LENGTH]) {
      if (wrong === right || wrong < 1) continue;
      for (const size of [1, 3, 1 << 21]) {
        const scribe = new Scribe();
        const { fault } = feed(claim(id, wrong), [size], scribe);
        expect(fault?.message).toBe(messageName(id));
        expect(fault?.detail).toContain(`${wrong} bytes, ${right} expected`);
        expect(scribe.said).toEqual([]);
      }
    }
    expect(feed(claim(id, right), [7], new Scribe()).fault).toBeUndefined();
  });

  test("a block has between 1 and 16,384 bytes", () => {
    for (const length of [1, 8, 9, 9 + BLOCK_LENGTH + 1, MAX_MESSAGE_LENGTH]) {
      expect(feed(claim(7, length), [13], new Scribe()).fault).toMatchObject({ message: "piece", closeReason: 264 });
    }
    for (const length of [10, 9 + BLOCK_LENGTH])
      expect(feed(claim(7, length), [13], new Scribe()).fault).toBeUndefined();
  });

  test("an extended message has an id", () => {
    expect(feed(claim(20, 1), [1], new Scribe()).fault).toMatchObject({ message: "extended", closeReason: 274 });
    expect(feed(claim(20, 2), [1], new Scribe()).fault).toBeUndefined();
  });

  test("a bitfield of any length passes while the number of pieces is unknown", () => {
    const decoder = new WireDecoder();
    const scribe = new Scribe();
    expect(decoder.push(claim(5, 100), scribe)).toBeUndefined();
    expect(scribe.said).toHaveLength(1);
  });

  test("a prefix past the limit is refused on its fourth byte, wherever it is cut", () => {
    for (const length of [0xffff_ffff, 0x8000_0000, MAX_MESSAGE_LENGTH + 1]) {
      for (const before of [new Uint8Array(0), Uint8Array.of(0, 0, 0, 1, 0), Uint8Array.of(0, 0, 0, 2, 20, 1)]) {
        const stream = new Uint8Array(before.length + 4);
        stream.set(before);
        writeUint32(stream, before.length, length);
        for (let size = 1; size <= stream.length; size++) {
          const { fault, read } = feed(stream, [size], new Scribe());
          expect(fault).toEqual<WireFault>({
            message: "length prefix",
            detail: `message of ${length} bytes, at most ${MAX_MESSAGE_LENGTH}`,
            closeReason: 261,
          });
          expect(read).toBe(stream.length);
        }
      }
    }
  });

  test("the largest message of an unknown kind is passed over, and what follows it is read", () => {
    for (const size of [1, 60_000, 1 << 21]) {
      const scribe = new Scribe();
      const stream = Buffer.concat([claim(200, MAX_MESSAGE_LENGTH), claim(1, 1)]);
      expect(feed(stream, [size], scribe).fault).toBeUndefined();
      expect(scribe.said).toEqual(["200:", "1:"]);
    }
  });

  test("an extended message longer than any handshake is passed over, and such a handshake is refused at once", () => {
    for (const size of [1, 1000, 1 << 21]) {
      const long = claim(20, 100_000);
      long[5] = 3;
      const scribe = new Scribe();
      expect(feed(Buffer.concat([long, claim(1, 1)]), [size], scribe).fault).toBeUndefined();
      expect(scribe.said).toEqual(["20:03", "1:"]);
      const { fault, read } = feed(claim(20, 100_000), [size], new Scribe());
      expect(fault).toMatchObject({ message: "extended", detail: "handshake of 99999 bytes, at most 65536" });
      if (size === 1) expect(read).toBe(6);
    }
    const whole = new Scribe();
    feed(claim(20, 65_537), [999], whole);
    expect(whole.said[0]?.length).toBe(3 + 2 * 65_536);
  });
});

describe("the sink's word", () => {
  test("a fault of the sink ends the reading at once", () => {
    const fault: WireFault = { message: "have", detail: "piece 99", closeReason: 265 };
    let calls = 0;
    const sink: WireSink = {
      keepAlive: () => {},
      message: () => {
        calls++;
        return fault;
      },
      blockBegins: () => undefined,
      blockProgress: () => {},
      blockEnds: () => undefined,
    };
    const writer = new MessageWriter();
    writer.piece(MESSAGE.have, 99);
    writer.piece(MESSAGE.have, 98);
    const stream = writer.take();
    for (const size of [1, 5, 100]) {
      calls = 0;
      expect(feed(stream, [size], sink).fault).toEqual(fault);
      expect(calls).toBe(1);
    }
  });

  test("a stopped decoder reads no further, also within one chunk", () => {
    const decoder = new WireDecoder(PIECES);
    let calls = 0;
    const sink: WireSink = {
      keepAlive: () => {},
      message: () => {
        calls++;
        decoder.stopped = true;
        return undefined;
      },
      blockBegins: () => undefined,
      blockProgress: () => {},
      blockEnds: () => undefined,
    };
    const writer = new MessageWriter();
    writer.bare(MESSAGE.choke);
    writer.bare(MESSAGE.unchoke);
    expect(decoder.push(writer.take(), sink)).toBeUndefined();
    expect(calls).toBe(1);
  });

  test("a block whose place is taken away in the middle writes nothing more, and still ends", () => {
    const writer = new MessageWriter();
    writer.blockHeader(1, 0, 100);
    writer.raw(new Uint8Array(100).fill(7));
    writer.keepAlive();
    const stream = writer.take();
    const place = new Uint8Array(100);
    const decoder = new WireDecoder(PIECES);
    let ends = 0;
    let alive = 0;
    const sink: WireSink = {
      keepAlive: () => {
        alive++;
      },
      message: () => undefined,
      blockBegins: () => ({ bytes: place, at: 0 }),
      blockProgress: () => {},
      blockEnds: () => {
        ends++;
        return undefined;
      },
    };
    decoder.push(stream.subarray(0, 13 + 40), sink);
    decoder.discardBlock();
    decoder.push(stream.subarray(13 + 40), sink);
    expect(place.indexOf(0)).toBe(40);
    expect([ends, alive]).toEqual([1, 1]);
  });
});

test("where a block's bytes lie in a chunk is told, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ piece: fc.nat(PIECES - 1), length: fc.integer({ min: 1, max: 300 }) }), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 9 }),
      (blocks, cuts) => {
        const writer = new MessageWriter();
        const parts: Buffer[] = [];
        for (const { piece, length } of blocks) {
          writer.bare(MESSAGE.unchoke);
          writer.blockHeader(piece, 0, length);
          parts.push(Buffer.from(writer.take()), Buffer.alloc(length, 0xbb));
        }
        const stream = Buffer.concat(parts);
        const decoder = new WireDecoder(PIECES);
        let told = 0;
        let at = 0;
        for (let turn = 0; at < stream.length; turn++) {
          const chunk = stream.subarray(at, at + (cuts[turn % cuts.length] as number));
          const silent = { keepAlive: () => {}, message: () => undefined, blockEnds: () => undefined };
          const sink: WireSink = {
            ...silent,
            blockBegins: () => undefined,
            blockProgress: (bytes, behind) => {
              const end = chunk.length - behind;
              expect(chunk.subarray(end - bytes, end).every((value) => value === 0xbb)).toBe(true);
              told += bytes;
            },
          };
          expect(decoder.push(chunk, sink)).toBeUndefined();
          at += chunk.length;
        }
        expect(told).toBe(blocks.reduce((sum, { length }) => sum + length, 0));
      },
    ),
  );
});
