import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import {
  bytesEqual,
  compareBytes,
  concatBytes,
  fromHex,
  readUint32,
  toHex,
  writeUint32,
} from "../../../core/model/bytes.ts";
import {
  formatEndpoint,
  formatIpv6,
  normalHost,
  parseEndpoint,
  readCompactIpv6,
} from "../../../core/model/endpoint.ts";
import { InvariantError } from "../../../core/model/invariant.ts";
import { FileLayout, PieceLayout } from "../../../core/model/layout.ts";
import { randomBelow, seededRandom, shuffle } from "../../../core/model/random.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";

describe("a bitfield", () => {
  const steps = fc.array(fc.tuple(fc.nat(200), fc.boolean()), { maxLength: 100 });

  test("is a set of numbers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), steps, (length, changes) => {
        const field = new Bitfield(length);
        const set = new Set<number>();
        for (const [at, is] of changes) {
          const index = at % length;
          expect(is ? field.set(index) : field.clear(index)).toBe(set.has(index) !== is);
          if (is) set.add(index);
          else set.delete(index);
        }
        const visited: number[] = [];
        field.forEach((index) => visited.push(index));
        expect(visited).toEqual([...set].sort((a, b) => a - b));
        expect(field.count).toBe(set.size);
        expect(field.isEmpty).toBe(set.size === 0);
        expect(field.isFull).toBe(set.size === length);
        for (let index = 0; index < length; index++) expect(field.has(index)).toBe(set.has(index));
        const copy = field.copy();
        expect(copy.bytes).toEqual(field.bytes);
        expect(copy.count).toBe(field.count);
        copy.clear(0);
        expect(field.has(0)).toBe(set.has(0));
      }),
    );
  });

  test("from bytes masks what lies past its end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.infiniteStream(fc.nat(255)), (length, stream) => {
        const bytes = Uint8Array.from({ length: Bitfield.byteLength(length) }, () => stream.next().value as number);
        const field = Bitfield.fromBytes(bytes, length);
        let count = 0;
        for (let i = 0; i < length; i++) if (((bytes[i >> 3] as number) & (0x80 >> (i & 7))) !== 0) count++;
        expect(field.count).toBe(count);
        field.forEach((index) => expect(index).toBeLessThan(length));
        expect(Bitfield.full(length).isFull).toBe(true);
      }),
    );
  });

  test("of the wrong byte length is our own bug", () => {
    expect(() => Bitfield.fromBytes(new Uint8Array(2), 8)).toThrow(InvariantError);
  });

  test("has its first piece in the high bit of its first byte (BEP 3)", () => {
    const field = new Bitfield(10);
    field.set(0);
    field.set(9);
    expect([...field.bytes]).toEqual([0x80, 0x40]);
  });
});

describe("bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 20 });

  test("survive hexadecimal", () => {
    fc.assert(
      fc.property(bytes, (one) => {
        expect(fromHex(toHex(one))).toEqual(one);
      }),
    );
    for (const text of ["0", "0g", "zz", "0x00", " 00"]) expect(fromHex(text)).toBeUndefined();
    expect(fromHex("aAFf")).toEqual(Uint8Array.of(0xaa, 0xff));
  });

  test("compare as Buffer does", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(bytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(concatBytes(a, b)).toEqual(new Uint8Array(Buffer.concat([a, b])));
      }),
    );
  });

  test("hold unsigned numbers of 32 bits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        const place = new Uint8Array(6).fill(9);
        writeUint32(place, 1, value);
        expect(readUint32(place, 1)).toBe(value);
        expect([place[0], place[5]]).toEqual([9, 9]);
      }),
    );
  });
});

describe("a piece layout", () => {
  test("divides every byte among blocks", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.integer({ min: 1, max: 300_000 }),
        (total, pieceLength) => {
          fc.pre(total / pieceLength < 500);
          const layout = new PieceLayout(total, pieceLength);
          let sum = 0;
          for (let piece = 0; piece < layout.pieceCount; piece++) {
            expect(layout.pieceOffset(piece)).toBe(sum);
            let within = 0;
            for (let block = 0; block < layout.blocksIn(piece); block++) {
              const length = layout.blockLength(piece, block);
              expect(length).toBeGreaterThan(0);
              expect(length).toBeLessThanOrEqual(BLOCK_LENGTH);
              within += length;
            }
            expect(within).toBe(layout.lengthOf(piece));
            sum += within;
          }
          expect(sum).toBe(total);
        },
      ),
    );
  });

  test("judges piece indexes", () => {
    const layout = new PieceLayout(100, 30);
    expect([-1, 0, 3, 4, 1.5, Number.NaN].map((index) => layout.isPiece(index))).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("a file layout", () => {
  const files = fc.array(fc.record({ length: fc.nat(50), isPadding: fc.boolean() }), { minLength: 1, maxLength: 12 });

  test("finds for every span the files that hold it", () => {
    fc.assert(
      fc.property(files, fc.nat(1000), fc.nat(200), (laid, at, most) => {
        const total = laid.reduce((sum, file) => sum + file.length, 0);
        fc.pre(total > 0);
        const offset = at % total;
        const length = Math.min(most, total - offset);
        const owners = laid.flatMap((file, index) => Array.from({ length: file.length }, (_, i) => `${index}:${i}`));
        const spans = new FileLayout(laid).spans(offset, length);
        const found = spans.flatMap((span) =>
          Array.from({ length: span.length }, (_, i) => `${span.fileIndex}:${span.fileOffset + i}`),
        );
        expect(found).toEqual(owners.slice(offset, offset + length));
      }),
    );
  });

  test("finds for every file the pieces that hold it", () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 60 }), (laid, pieceLength) => {
        const layout = new FileLayout(laid);
        laid.forEach((file, index) => {
          const start = layout.starts[index] as number;
          const pieces = layout.piecesOf(index, pieceLength);
          if (file.length === 0) expect(pieces).toBeUndefined();
          else {
            expect(pieces).toEqual({
              first: Math.floor(start / pieceLength),
              last: Math.floor((start + file.length - 1) / pieceLength),
            });
          }
        });
      }),
    );
  });
});

describe("an endpoint", () => {
  test("survives its text", () => {
    const port = fc.integer({ min: 1, max: 65535 });
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatIpv6)),
        port,
        (host, at) => {
          expect(parseEndpoint(formatEndpoint({ host, port: at }))).toEqual({ host: normalHost(host), port: at });
        },
      ),
    );
  });

  test("of IPv6 is written as RFC 5952 says", () => {
    const write = (hex: string) => formatIpv6(fromHex(hex) as Uint8Array);
    expect(write("00000000000000000000000000000000")).toBe("::");
    expect(write("00000000000000000000000000000001")).toBe("::1");
    expect(write("20010db8000000000001000000000001")).toBe("2001:db8::1:0:0:1");
    expect(write("20010db8000100010001000100010001")).toBe("2001:db8:1:1:1:1:1:1");
    expect(write("20010db8000000010001000100010001")).toBe("2001:db8:0:1:1:1:1:1");
    expect(write("20010000000000010000000000000000")).toBe("2001:0:0:1::");
  });

  test("that URL writes the same way", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16, max: 3 }), (address) => {
        expect(`[${formatIpv6(address)}]`).toBe(new URL(`http://[${formatIpv6(address)}]/`).hostname);
      }),
    );
  });

  test("of no meaning is none", () => {
    for (const text of [
      "",
      "host",
      "host:0",
      "host:65536",
      "::1:80",
      "[::1]",
      "[::1]:x",
      "a b:80",
      "host:1e3",
      ":80",
    ]) {
      expect(parseEndpoint(text)).toBeUndefined();
    }
  });

  test("in a compact list has a port, and IPv4 in IPv6's clothes is IPv4", () => {
    const entry = (hex: string, port: number) => [...(fromHex(hex) as Uint8Array), port >> 8, port & 255];
    const bytes = Uint8Array.from([
      ...entry("20010db8000000000000000000000001", 6881),
      ...entry("20010db8000000000000000000000002", 0),
      ...entry("00000000000000000000ffffc0000201", 1),
      7,
    ]);
    expect(readCompactIpv6(bytes)).toEqual([
      { host: "2001:db8::1", port: 6881 },
      { host: "192.0.2.1", port: 1 },
    ]);
  });
});

describe("chance", () => {
  test("is the same from the same seed, and spread evenly", () => {
    const random = seededRandom(42);
    const again = seededRandom(42);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = randomBelow(random, 10);
      expect(value).toBe(randomBelow(again, 10));
      counts[value] = (counts[value] as number) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });

  test("shuffles without loss", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(9)), (seed, items) => {
        expect(shuffle(seededRandom(seed), [...items]).sort()).toEqual([...items].sort());
      }),
    );
  });
});
