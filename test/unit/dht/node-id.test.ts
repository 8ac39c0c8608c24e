import { describe, expect, it, test } from "vitest";
import { compareDistance, idForHost, mayHaveId, randomIdSharing, sharedBits } from "../../../core/dht/node-id.ts";
import { fromHex, fromLatin1, toHex } from "../../../core/model/bytes.ts";
import { crc32c } from "../../../core/model/crc32c.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { name } from "./lone-dht.ts";

/** BEP 42 "test vectors". */
const VECTORS = [
  ["124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"],
  ["21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"],
  ["65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616"],
  ["84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41"],
  ["43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"],
] as const;

describe("ids bound to addresses (BEP 42)", () => {
  test("CRC-32C has the value that RFC 3720 and its catalogue publish", () => {
    expect(crc32c(fromLatin1("123456789"))).toBe(0xe3069283);
  });

  it.for(VECTORS)("%s may have the id that the specification gives it", ([host, id]) => {
    expect(mayHaveId(host, fromHex(id) as Uint8Array)).toBe(true);
  });

  it.for(VECTORS)("%s may not have it with another of its 21 bits, nor with another number", ([host, id]) => {
    for (const bit of [0, 7, 20]) {
      const other = fromHex(id) as Uint8Array;
      other[bit >> 3] = (other[bit >> 3] as number) ^ (0x80 >> (bit & 7));
      expect(mayHaveId(host, other)).toBe(false);
    }
    const other = fromHex(id) as Uint8Array;
    other[19] = (other[19] as number) ^ 1;
    expect(mayHaveId(host, other)).toBe(false);
  });

  test("what follows the 21 bits is free", () => {
    const [host, id] = VECTORS[0];
    const other = fromHex(id) as Uint8Array;
    other[2] = (other[2] as number) ^ 0x07;
    other[10] = 0;
    expect(mayHaveId(host, other)).toBe(true);
  });

  it.for(["124.31.75.21", "2001:db8:1234:5678::1", "2a00:1450:4001:81b::200e"])(
    "%s gets ids that it may have",
    (host) => {
      const random = seededRandom(3);
      const ids = Array.from({ length: 20 }, () => idForHost(host, random));
      for (const id of ids) expect(mayHaveId(host, id)).toBe(true);
      expect(new Set(ids.map(toHex)).size).toBe(20);
      expect(mayHaveId("8.8.8.8", ids[0] as Uint8Array)).toBe(false);
    },
  );

  it.for(["10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.9.9", "127.0.0.1", "::1", "fe80::1"])(
    "any id will do at %s, which is nobody's place on the internet",
    (host) => expect(mayHaveId(host, name(1, 2, 3))).toBe(true),
  );

  test("a name is no address, and may have none", () => {
    expect(mayHaveId("example.org", name(1))).toBe(false);
  });
});

describe("distance", () => {
  test("counts the leading bits that two ids share", () => {
    expect(sharedBits(name(0x80), name())).toBe(0);
    expect(sharedBits(name(0xff, 0x10), name(0xff, 0x18))).toBe(12);
    expect(sharedBits(name(5), name(5))).toBe(160);
  });

  test("puts what shares more first, and knows of equals", () => {
    expect(compareDistance(name(), name(1), name(2))).toBeLessThan(0);
    expect(compareDistance(name(0xff), name(1), name(2))).toBeGreaterThan(0);
    expect(compareDistance(name(9), name(4), name(4))).toBe(0);
  });

  test("draws ids that share exactly so many bits", () => {
    const random = seededRandom(1);
    const id = idForHost("124.31.75.21", random);
    for (const bits of [0, 1, 7, 8, 9, 63, 158, 159]) {
      for (let i = 0; i < 10; i++) expect(sharedBits(id, randomIdSharing(id, bits, random))).toBe(bits);
    }
  });
});
