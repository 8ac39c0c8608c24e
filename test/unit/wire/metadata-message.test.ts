import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  MAX_METADATA,
  METADATA_PART,
} from "../../../core/wire/metadata-message.ts";

describe("a message of ut_metadata", () => {
  test("is written as BEP 9 has it", () => {
    expect(toLatin1(encodeMetadataMessage({ kind: "request", part: 0 }))).toBe("d8:msg_typei0e5:piecei0ee");
    const data = encodeMetadataMessage({ kind: "data", part: 0, size: 3, bytes: fromLatin1("xyz") });
    expect(toLatin1(data)).toBe("d8:msg_typei1e5:piecei0e10:total_sizei3eexyz");
    expect(toLatin1(encodeMetadataMessage({ kind: "reject", part: 4 }))).toBe("d8:msg_typei2e5:piecei4ee");
  });

  test("is read as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 * METADATA_PART }), fc.nat(), (size, chosen) => {
        const part = chosen % Math.ceil(size / METADATA_PART);
        const bytes = new Uint8Array(Math.min(METADATA_PART, size - part * METADATA_PART)).fill(chosen);
        for (const message of [
          { kind: "data", part, size, bytes },
          { kind: "request", part },
          { kind: "reject", part },
        ] as const) {
          expect(decodeMetadataMessage(encodeMetadataMessage(message))).toEqual(message);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("of a kind that came later is passed over", () => {
    expect(decodeMetadataMessage(fromLatin1("d8:msg_typei7e5:piecei0ee"))).toBeUndefined();
  });

  const long = MAX_METADATA / METADATA_PART;
  test.each([
    ["no bencode", "x", "ut_metadata: "],
    ["no dictionary", "i1e", "ut_metadata without msg_type"],
    ["no type", "d5:piecei0ee", "ut_metadata without msg_type"],
    ["no part", "d8:msg_typei0ee", "ut_metadata request of part nothing"],
    ["a part below none", "d8:msg_typei0e5:piecei-1ee", "ut_metadata request of part -1"],
    ["a part beyond all", `d8:msg_typei2e5:piecei${long}ee`, `ut_metadata reject of part ${long}`],
    ["no size", "d8:msg_typei1e5:piecei0eex", `ut_metadata data of no bytes in all, at most ${MAX_METADATA}`],
    ["too large a size", `d8:msg_typei1e5:piecei0e10:total_sizei${MAX_METADATA + 1}ee`, "bytes in all, at most"],
    ["too few bytes", "d8:msg_typei1e5:piecei0e10:total_sizei3eexy", "part 0 with 2 bytes, 3 expected"],
    ["a part behind the end", "d8:msg_typei1e5:piecei1e10:total_sizei3ee", "part 1 with 0 bytes"],
  ])("with %s is a fault in words", (_, text, words) => {
    expect(decodeMetadataMessage(fromLatin1(text))).toEqual({ fault: expect.stringContaining(words) });
  });

  test("with more bytes than a part is a fault", () => {
    const head = fromLatin1("d8:msg_typei1e5:piecei0e10:total_sizei40000ee");
    const payload = concatBytes(head, new Uint8Array(METADATA_PART + 1));
    expect(decodeMetadataMessage(payload)).toEqual({ fault: expect.stringContaining("16385 bytes, 16384 expected") });
  });
});
