import { describe, expect, it } from "vitest";
import { HEADER_LENGTH, PACKET, PacketReader } from "../../../core/utp/packet.ts";
import { packet, read } from "./packets.ts";

/** A selective acknowledgement of packets 3, 5 and 34 past 0x0102, on a state packet, byte by byte as in BEP 29. */
const SELECTIVE = Uint8Array.of(
  ...[
    0x21, 1, 0xab, 0xcd, 0x01, 0x02, 0x03, 0x04, 0xff, 0xff, 0xff, 0xfe, 0x00, 0x10, 0x00, 0x00, 0x12, 0x34, 0x01, 0x02,
  ],
  ...[0, 4, 0b0000_1010, 0, 0, 0],
);

describe("a uTP packet", () => {
  it("is read field by field", () => {
    const reader = read(SELECTIVE);
    expect(reader).toMatchObject({
      type: PACKET.state,
      connectionId: 0xabcd,
      timestamp: 0x0102_0304,
      difference: 0xffff_fffe,
      window: 0x10_0000,
      sequence: 0x1234,
      acknowledged: 0x0102,
      selectiveStart: 22,
      selectiveEnd: 26,
      closeReason: undefined,
      payloadLength: 0,
    });
  });

  it("is written as it is read", () => {
    const { bytes } = read(SELECTIVE);
    const again = packet({
      type: "state",
      connectionId: 0xabcd,
      timestamp: 0x0102_0304,
      difference: 0xffff_fffe,
      window: 0x10_0000,
      sequence: 0x1234,
      acknowledged: 0x0102,
      mask: [0b0000_1010, 0, 0, 0],
    });
    expect(again).toEqual(bytes);
  });

  it("carries libtorrent's close reason in the lower half of four bytes", () => {
    const bytes = packet({ type: "fin", closeReason: 257 });
    expect([...bytes.subarray(HEADER_LENGTH)]).toEqual([0, 4, 0, 0, 1, 1]);
    expect(read(bytes).closeReason).toBe(257);
  });

  it("takes no close reason of another length", () => {
    const bytes = Uint8Array.of(...packet({ type: "fin" }), 0, 2, 1, 1);
    bytes[1] = 3;
    expect(read(bytes)).toMatchObject({ closeReason: undefined, payloadLength: 0 });
  });

  it("may have extensions that nobody knows, before and after those that we do", () => {
    const bytes = Uint8Array.of(...packet({ type: "data" }), 3, 3, 9, 9, 9, 2, 4, 0, 0, 0, 6, 0, 0, 77);
    bytes[1] = 200;
    expect(read(bytes)).toMatchObject({ closeReason: 6, payloadLength: 1 });
  });

  it.for([2, 3, 256, 257, 258, 259, 260, 511, 514, 515, 516, 924])(
    "is %i bytes longer with so much padding",
    (length) => {
      const payload = Uint8Array.of(1, 2, 3);
      const bytes = packet({ type: "data", padding: length, payload });
      expect(bytes.length).toBe(HEADER_LENGTH + length + payload.length);
      const reader = read(bytes);
      expect(reader.bytes.subarray(reader.payloadStart)).toEqual(payload);
    },
  );

  it.for([
    ["shorter than a header", packet({ type: "data" }).subarray(0, HEADER_LENGTH - 1)],
    ["of another version", Uint8Array.of(0x02, ...packet({ type: "data" }).subarray(1))],
    ["of a type that doesn't exist", Uint8Array.of(0x51, ...packet({ type: "data" }).subarray(1))],
    [
      "a DHT message",
      Uint8Array.from("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", (c) => c.charCodeAt(0)),
    ],
    ["with an extension that begins past its end", Uint8Array.of(0x01, 1, ...packet({ type: "data" }).subarray(2))],
    ["with an extension that ends past its end", packet({ type: "state", mask: [1, 2, 3, 4] }).subarray(0, 25)],
    [
      "with extensions without end",
      Uint8Array.of(0x01, 9, ...packet({ type: "data" }).subarray(2), ...new Array(40).fill([9, 0]).flat()),
    ],
  ] as const)("is not what is %s", ([, bytes]) => {
    expect(new PacketReader().read(bytes)).toBe(false);
  });
});
