import fc from "fast-check";
import { expect, test } from "vitest";
import { addressText } from "../../../core/model/address.ts";
import { IpFilterReader } from "../../../core/model/ip-filter-list.ts";

/** Few enough that ranges meet: all in 192.0.2.0/24 or in 2001:db8::/120. */
const range = fc
  .tuple(fc.boolean(), fc.nat(255), fc.nat(20))
  .map(([isFour, first, length]) => ({ isFour, first, last: Math.min(255, first + length) }));
const host = (isFour: boolean, end: number): string =>
  isFour
    ? `192.0.2.${end}`
    : (addressText(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end)) as string);

test("a filter blocks exactly the addresses of its ranges, each once, in order", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
      const reader = new IpFilterReader();
      for (const { isFour, first, last } of ranges) {
        reader.write(Buffer.from(`name:${host(isFour, first)}-${host(isFour, last)}\n`));
      }
      const { filter, badLines } = reader.end();
      expect(badLines).toBe(0);
      let runs = 0;
      for (const isFour of [true, false]) {
        let was = false;
        for (let end = 0; end < 256; end++) {
          const isBlocked = ranges.some((other) => other.isFour === isFour && other.first <= end && end <= other.last);
          expect(filter.blocks(host(isFour, end))).toBe(isBlocked);
          if (isBlocked && !was) runs++;
          was = isBlocked;
        }
      }
      expect(filter.size).toBe(runs);
    }),
  );
});
