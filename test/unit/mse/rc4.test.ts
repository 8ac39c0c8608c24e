import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rc4 } from "../../../core/mse/rc4.ts";

const KEY = Uint8Array.of(1, 2, 3, 4, 5);

describe("RC4 over bytes in pieces", () => {
  test("gives the same stream however it is cut, and wherever in memory the bytes are", () => {
    const whole = new Uint8Array(4096);
    new Rc4(KEY).apply(whole);
    const cuts = fc.array(fc.nat(40), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(cuts, fc.nat(7), (lengths, offset) => {
        const memory = new Uint8Array(4096);
        const cipher = new Rc4(KEY);
        let at = offset;
        for (const length of lengths) {
          cipher.apply(memory.subarray(at, at + length));
          at += length;
        }
        expect(memory.subarray(offset, at)).toEqual(whole.subarray(0, at - offset));
        expect(memory.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
        expect(memory.subarray(at).every((byte) => byte === 0)).toBe(true);
      }),
    );
  });
});
