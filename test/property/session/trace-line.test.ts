import fc from "fast-check";
import { expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { formatLine, fromPlain, parseLine, toFields, toPlain } from "../../../core/session/trace/line.ts";
import { withoutPayload } from "../../../core/session/trace/recorder.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const bitfield = fc.array(fc.boolean(), { maxLength: 70 }).map((bits) => {
  const field = new Bitfield(bits.length);
  bits.forEach((isSet, i) => {
    if (isSet) field.set(i);
  });
  return field;
});
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.string(),
    fc.boolean(),
    bytes,
    bitfield,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,9}$/), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** Bitfields have secrets that a comparison does not see. */
const shown = (value: unknown): unknown => JSON.stringify(toPlain(value));

test("data comes out of a line as it went in", () => {
  fc.assert(
    fc.property(data, fc.nat(), (value, at) => {
      const line = { at, line: "input", kind: "any", fields: toFields({ value }) } as const;
      const back = parseLine(formatLine(line));
      expect(back).toEqual(line);
      const got = fromPlain(back.fields.value);
      expect(shown(got)).toBe(shown(value));
      if (value instanceof Uint8Array || value instanceof Bitfield) expect(got).toEqual(value);
    }),
  );
});

test("a chunk without its payload has every other byte, and room for the rest", () => {
  const run = fc.record({ other: fc.integer({ min: 0, max: 20 }), payload: fc.integer({ min: 1, max: 30 }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), fc.nat(20), (runs, tail) => {
      const length = runs.reduce((sum, { other, payload }) => sum + other + payload, tail);
      const chunk = new Uint8Array(length).fill(0xaa);
      let at = 0;
      const payload = runs.map((one) => {
        at += one.other + one.payload;
        chunk.fill(0xbb, at - one.payload, at);
        return { bytes: one.payload, behind: length - at };
      });
      const parts = withoutPayload(chunk, payload);
      const sizes = parts.map((part) => (typeof part === "number" ? part : part.length / 2));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(length);
      for (const part of parts) if (typeof part === "string") expect(part).toMatch(/^(aa)+$/);
      expect(parts.filter((part) => typeof part === "number")).toEqual(runs.map((one) => one.payload));
    }),
  );
});
