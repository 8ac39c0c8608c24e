import fc from "fast-check";
import { expect, test } from "vitest";
import { type BencodeInput, decodeBencode, decodeBencodePrefix, encodeBencode } from "../../../core/model/bencode.ts";
import { concatBytes } from "../../../core/model/bytes.ts";

const latin1Key = fc.uint8Array({ maxLength: 8 }).map((bytes) => String.fromCharCode(...bytes));

/** Values as the decoder gives them: byte strings as bytes. */
const { value } = fc.letrec<{ value: BencodeInput }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.array(fc.tuple(latin1Key, tie("value")), { maxLength: 6 }).map((entries) => new Map(entries)),
  ),
}));

test("decoding gives back what was encoded, without a warning", () => {
  fc.assert(
    fc.property(value, (input) => {
      const result = decodeBencode(encodeBencode(input));
      expect(result.ok).toBe(true);
      if (!result.ok) return;
      expect(result.value).toEqual(input);
      expect(result.warnings).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("encoding what was decoded gives the same bytes", () => {
  fc.assert(
    fc.property(value, (input) => {
      const bytes = encodeBencode(input);
      const result = decodeBencode(bytes);
      expect(result.ok && encodeBencode(result.value as BencodeInput)).toEqual(bytes);
    }),
  );
});

test("no truncation of a value is a value", () => {
  fc.assert(
    fc.property(value, fc.nat(), (input, cut) => {
      const bytes = encodeBencode(input);
      const result = decodeBencode(bytes.subarray(0, cut % bytes.length));
      expect(result.ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("bytes after a value are left alone by the prefix decoder and refused by the other", () => {
  fc.assert(
    fc.property(value, fc.uint8Array({ minLength: 1 }), (input, tail) => {
      const head = encodeBencode(input);
      const bytes = concatBytes(head, tail);
      const prefix = decodeBencodePrefix(bytes);
      expect(prefix.ok && prefix.end).toBe(head.length);
      expect(decodeBencode(bytes).ok).toBe(false);
    }),
  );
});

test("the spans of the outermost dictionary hold its values", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(latin1Key, value)), (entries) => {
      const dict = new Map(entries);
      const bytes = encodeBencode(dict);
      const result = decodeBencode(bytes);
      if (!result.ok) throw new Error(result.fault.words);
      expect(result.spans.size).toBe(dict.size);
      for (const [key, span] of result.spans) {
        expect(bytes.subarray(span.start, span.end)).toEqual(encodeBencode(dict.get(key) as BencodeInput));
      }
    }),
  );
});

test("arbitrary bytes give a value or a fault within them, never an exception", () => {
  const bencodeLike = fc
    .array(fc.constantFrom(..."dlie0123456789:-ax".split("")), { maxLength: 60 })
    .map((characters) => new TextEncoder().encode(characters.join("")));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), bencodeLike), (bytes) => {
      const result = decodeBencode(bytes);
      if (result.ok) return;
      expect(result.fault.offset).toBeLessThanOrEqual(bytes.length);
      expect(result.fault.words).toMatch(/^[\x20-\x7e]+$/);
    }),
    { numRuns: 2000 },
  );
});
