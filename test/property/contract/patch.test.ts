import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPatch, difference } from "../../../core/contract/patch.ts";

interface Row {
  readonly name?: string;
  readonly count?: number;
  readonly bytes?: Uint8Array;
  readonly list?: readonly number[];
  readonly nested?: { readonly a: number };
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const row: fc.Arbitrary<Row> = fc
  .record({
    name: optional(fc.constantFrom("a", "b")),
    count: optional(fc.constantFrom(0, 1, Number.NaN, -0)),
    bytes: optional(fc.uint8Array({ maxLength: 2, max: 1 })),
    list: optional(fc.array(fc.nat(1), { maxLength: 2 })),
    nested: optional(fc.record({ a: fc.nat(1) })),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

describe("a patch", () => {
  test("brings what was before to what is after", () => {
    fc.assert(
      fc.property(fc.option(row, { nil: undefined }), row, (before, after) => {
        const frozen = before && Object.freeze({ ...before });
        const patch = difference<Row>(frozen, after);
        expect(patch === undefined ? before : applyPatch<Row>(frozen, patch)).toEqual(after);
      }),
    );
  });

  test("of equals is none, and one row's own difference is none", () => {
    fc.assert(
      fc.property(row, (one) => {
        expect(difference<Row>(one, structuredClone(one))).toBeUndefined();
        expect(difference<Row>(one, one)).toBeUndefined();
      }),
    );
  });

  test("names nothing that did not change", () => {
    const before: Row = { name: "a", count: 1, bytes: Uint8Array.of(1), list: [1, 2], nested: { a: 1 } };
    const after: Row = { name: "a", count: 2, bytes: Uint8Array.of(1), list: [1, 2] };
    expect(difference(before, after)).toEqual({ set: { count: 2 }, unset: ["nested"] });
    expect(difference(before, { ...before, bytes: Uint8Array.of(2) })).toEqual({ set: { bytes: Uint8Array.of(2) } });
  });

  test("of an empty first row still says that there is one", () => {
    expect(difference<Row>(undefined, {})).toEqual({ set: {} });
  });

  test("treats a field that is undefined like one that is not there", () => {
    expect(difference<{ a?: number | undefined }>({ a: undefined }, {})).toBeUndefined();
    expect(difference<{ a?: number | undefined }>({ a: 1 }, { a: undefined })).toEqual({ set: {}, unset: ["a"] });
  });
});
