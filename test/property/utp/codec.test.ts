import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HEADER_LENGTH, PACKET, PacketReader } from "../../../core/utp/packet.ts";
import { ReorderBuffer } from "../../../core/utp/reorder-buffer.ts";
import { packet, read } from "../../unit/utp/packets.ts";

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const draft = fc.record({
  type: fc.constantFrom("data", "fin", "state", "reset", "syn") as fc.Arbitrary<keyof typeof PACKET>,
  connectionId: uint16,
  timestamp: uint32,
  difference: uint32,
  window: uint32,
  sequence: uint16,
  acknowledged: uint16,
  mask: fc.option(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 128 }), { nil: [] }),
  closeReason: uint16,
  padding: fc.integer({ min: 2, max: 950 }),
  payload: fc.uint8Array({ maxLength: 1400 }),
});

describe("the uTP codec", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(draft, (each) => {
        const reader = read(packet(each));
        const { mask, padding, payload, type, ...numbers } = each;
        expect(reader).toMatchObject({ ...numbers, type: PACKET[type], payloadLength: payload.length });
        expect([...reader.bytes.subarray(reader.selectiveStart, reader.selectiveEnd)]).toEqual(mask);
        expect(reader.payloadStart).toBe(HEADER_LENGTH + (2 + mask.length) + 6 + padding);
        expect(reader.bytes.subarray(reader.payloadStart)).toEqual(payload);
      }),
    );
  });

  it("reads any bytes without leaving them, or refuses", () => {
    const reader = new PacketReader();
    const start = fc.tuple(
      fc.integer({ min: 0, max: 4 }).map((type) => (type << 4) | 1),
      fc.integer({ min: 0, max: 5 }),
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), ([first, extension], rest) => {
        const bytes = Uint8Array.of(first, extension, ...rest);
        if (!reader.read(bytes)) return;
        const { selectiveStart, selectiveEnd, payloadStart } = reader;
        expect(selectiveStart).toBeLessThanOrEqual(selectiveEnd);
        expect(selectiveEnd).toBeLessThanOrEqual(payloadStart);
        expect(payloadStart).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it("masks exactly the packets that wait", () => {
    const ahead = fc.uniqueArray(fc.integer({ min: 2, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(uint16, ahead, (last, distances) => {
        const buffer = new ReorderBuffer({ used: 0, limit: 1 << 20 });
        for (const distance of distances) buffer.add((last + distance) & 0xffff, Uint8Array.of(1));
        const length = buffer.maskLength(last);
        expect(length % 4).toBe(0);
        const mask = new Uint8Array(length);
        buffer.writeMask(last, mask, 0, length);
        const told: number[] = [];
        for (let bit = 0; bit < 8 * length; bit++)
          if (((mask[bit >> 3] as number) >> (bit & 7)) & 1) told.push(bit + 2);
        expect(told).toEqual([...distances].sort((a, b) => a - b));
      }),
    );
  });
});
