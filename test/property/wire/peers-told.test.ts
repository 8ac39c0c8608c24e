import { describe, expect, test } from "vitest";
import { addressText } from "../../../core/model/address.ts";
import { concatBytes } from "../../../core/model/bytes.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import {
  decodeHolepunchMessage,
  encodeHolepunchMessage,
  type HolepunchMessage,
} from "../../../core/wire/holepunch-message.ts";
import { decodePexMessage, encodePexMessage } from "../../../core/wire/pex-message.ts";

const CASES = 300;

function endpoint(random: Random): Endpoint {
  const bytes = randomBytes(random, randomBelow(random, 2) === 0 ? 4 : 16);
  return { host: addressText(bytes) as string, port: 1 + randomBelow(random, 65_535) };
}

const some = <T>(random: Random, make: () => T): T[] => Array.from({ length: randomBelow(random, 60) }, make);
const byFamily = <T extends Endpoint>(peers: readonly T[]): T[] => [
  ...peers.filter(({ host }) => !host.includes(":")),
  ...peers.filter(({ host }) => host.includes(":")),
];

describe("a message of peers (BEP 11)", () => {
  test("is read as it was meant, IPv4 first", () => {
    const random = seededRandom(21);
    for (let i = 0; i < CASES; i++) {
      const added = some(random, () => ({ ...endpoint(random), flags: randomBelow(random, 256) }));
      const dropped = some(random, () => endpoint(random));
      const read = decodePexMessage(encodePexMessage({ added, dropped }));
      expect(read).toEqual({ added: byFamily(added), dropped: byFamily(dropped) });
    }
  });

  test("keeps each flag with its peer, also beside one without a port, and does without flags", () => {
    const told = (fields: string) => decodePexMessage(Buffer.from(fields, "latin1"));
    const twice = "\x0a\x00\x00\x01\x00\x00\x0a\x00\x00\x02\x00\x05";
    expect(told(`d5:added12:${twice}7:added.f2:\x01\x02e`)).toEqual({
      added: [{ host: "10.0.0.2", port: 5, flags: 2 }],
      dropped: [],
    });
    expect(told(`d5:added12:${twice}e`)).toMatchObject({ added: [{ flags: 0 }] });
    expect(told(`d5:added11:${twice.slice(0, 11)}e`)).toMatchObject({ added: [] });
    expect(told("d5:addedi5e7:droppedlee")).toEqual({ added: [], dropped: [] });
  });

  test("that is none is a fault in words", () => {
    for (const bytes of ["", "le", "i1e", "d5:added", "garbage"]) {
      expect(decodePexMessage(Buffer.from(bytes))).toHaveProperty("fault");
    }
  });
});

describe("a message for a rendezvous (BEP 55)", () => {
  const make = (random: Random): HolepunchMessage => {
    const kind = (["rendezvous", "connect", "error"] as const)[randomBelow(random, 3)] as HolepunchMessage["kind"];
    const at = endpoint(random);
    return kind === "error" ? { kind, endpoint: at, error: randomBelow(random, 2 ** 32) } : { kind, endpoint: at };
  };

  test("is read as it was meant, also with bytes behind it", () => {
    const random = seededRandom(22);
    for (let i = 0; i < CASES; i++) {
      const message = make(random);
      const bytes = encodeHolepunchMessage(message);
      expect(bytes.length).toBe(message.endpoint.host.includes(":") ? 24 : 12);
      expect(decodeHolepunchMessage(concatBytes(bytes, randomBytes(random, randomBelow(random, 4))))).toEqual(message);
    }
  });

  test("that is cut short is a fault, unless a code is missing that would say nothing", () => {
    const random = seededRandom(23);
    for (let i = 0; i < CASES; i++) {
      const message = make(random);
      const bytes = encodeHolepunchMessage(message);
      const cut = bytes.subarray(0, randomBelow(random, bytes.length));
      const isReadable = message.kind !== "error" && cut.length >= bytes.length - 4;
      if (isReadable) expect(decodeHolepunchMessage(cut)).toEqual(message);
      else expect(decodeHolepunchMessage(cut)).toHaveProperty("fault");
    }
  });

  test("of a later kind is passed over; an address of an unknown kind, or port 0, is a fault", () => {
    expect(decodeHolepunchMessage(Uint8Array.of(3, 0, 1))).toBeUndefined();
    expect(decodeHolepunchMessage(Uint8Array.of(0, 2, 1, 2, 3, 4, 0, 1, 0, 0, 0, 0))).toEqual({
      fault: "ut_holepunch with an address of kind 2",
    });
    expect(decodeHolepunchMessage(Uint8Array.of(0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0))).toEqual({
      fault: "ut_holepunch with port 0",
    });
  });
});
