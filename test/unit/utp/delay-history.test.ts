import { describe, expect, it } from "vitest";
import { DelayHistory } from "../../../core/utp/delay-history.ts";

const MINUTE = 60_000;

describe("the delay history", () => {
  it("counts as waiting what is beyond the least so far", () => {
    const history = new DelayHistory();
    expect([5000, 7000, 4000, 4500].map((sample) => history.add(sample, 0))).toEqual([0, 2000, 0, 500]);
  });

  it("sees past the wrap of clocks that differ by hours", () => {
    const history = new DelayHistory();
    expect([0xffff_ff00, 0x0000_0100, 0xffff_fe00].map((sample) => history.add(sample, 0))).toEqual([0, 512, 0]);
    expect(history.add(0x0000_0000, 0)).toBe(512);
  });

  it("remembers the least for ten minutes, and no longer", () => {
    const history = new DelayHistory();
    history.add(1000, 0);
    for (let minute = 1; minute < 10; minute++) expect(history.add(3000, minute * MINUTE)).toBe(2000);
    expect(history.add(3000, 10 * MINUTE)).toBe(0);
  });
});
