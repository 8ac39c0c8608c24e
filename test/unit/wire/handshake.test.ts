import { describe, expect, test } from "vitest";
import { fromLatin1 } from "../../../core/model/bytes.ts";
import {
  decodeReserved,
  encodeHandshake,
  HANDSHAKE_LENGTH,
  HandshakeReader,
  OUR_RESERVED,
} from "../../../core/wire/handshake.ts";

const infoHash = Uint8Array.from({ length: 20 }, (_, i) => i + 1);
const peerId = fromLatin1("-PS0100-abcdefghijkl");
const bytes = encodeHandshake({ reserved: OUR_RESERVED, infoHash, peerId });

describe("the handshake", () => {
  test("is 68 bytes in the order of BEP 3", () => {
    expect(bytes.length).toBe(HANDSHAKE_LENGTH);
    expect(bytes[0]).toBe(19);
    expect(Buffer.from(bytes.subarray(1, 20)).toString()).toBe("BitTorrent protocol");
    expect(bytes.subarray(28, 48)).toEqual(infoHash);
    expect(bytes.subarray(48)).toEqual(peerId);
  });

  test("is read however it is cut, and what follows it is left", () => {
    const stream = new Uint8Array([...bytes, 1, 2, 3]);
    for (let size = 1; size <= stream.length; size++) {
      const reader = new HandshakeReader();
      let at = 0;
      while (reader.received < HANDSHAKE_LENGTH) {
        const taken = reader.push(stream.subarray(at, at + size));
        expect(taken).toBeDefined();
        at += taken as number;
      }
      expect(at).toBe(HANDSHAKE_LENGTH);
      expect(reader.reserved).toEqual(OUR_RESERVED);
      expect(reader.infoHash).toEqual(infoHash);
      expect(reader.peerId).toEqual(peerId);
    }
  });

  test("shows each part as soon as it is there", () => {
    const reader = new HandshakeReader();
    reader.push(bytes.subarray(0, 27));
    expect(reader.reserved).toBeUndefined();
    reader.push(bytes.subarray(27, 47));
    expect(reader.reserved).toEqual(OUR_RESERVED);
    expect(reader.infoHash).toBeUndefined();
    reader.push(bytes.subarray(47, 67));
    expect(reader.infoHash).toEqual(infoHash);
    expect(reader.peerId).toBeUndefined();
    reader.push(bytes.subarray(67));
    expect(reader.peerId).toEqual(peerId);
  });

  test("of another protocol is refused on its first wrong byte, wherever it is cut", () => {
    for (let wrong = 0; wrong < 20; wrong++) {
      const spoilt = bytes.slice();
      spoilt[wrong] = (spoilt[wrong] as number) ^ 0x20;
      for (const size of [1, 7, 68]) {
        const reader = new HandshakeReader();
        let at = 0;
        let taken: number | undefined = 0;
        while (at < spoilt.length && taken !== undefined) {
          taken = reader.push(spoilt.subarray(at, at + size));
          at += size;
        }
        expect(taken).toBeUndefined();
        expect(at).toBe((Math.floor(wrong / size) + 1) * size);
      }
    }
  });
});

describe("the reserved bits", () => {
  test("have names where BEPs give them one", () => {
    expect(decodeReserved(Uint8Array.of(0x80, 0, 0, 0, 0, 0x10, 0, 0x15))).toEqual({
      azureus: true,
      extensionProtocol: true,
      fast: true,
      dht: true,
      v2: true,
      unknown: [],
    });
  });

  test("without a name are kept by place and mask", () => {
    expect(decodeReserved(Uint8Array.of(0, 0, 0, 0x20, 0, 0, 0, 0x81)).unknown).toEqual(["3:0x20", "7:0x80"]);
    expect(decodeReserved(new Uint8Array(8).fill(0xff)).unknown).toHaveLength(64 - 5);
  });

  test("are none before the handshake", () => {
    expect(decodeReserved(undefined)).toEqual({
      azureus: false,
      extensionProtocol: false,
      fast: false,
      dht: false,
      v2: false,
      unknown: [],
    });
  });

  test("of ours say extension protocol and fast", () => {
    expect(decodeReserved(OUR_RESERVED)).toMatchObject({
      extensionProtocol: true,
      fast: true,
      dht: false,
      unknown: [],
    });
  });
});
