import { expect, test } from "vitest";
import { hasPort, parsePortRanges } from "../../../core/model/port-ranges.ts";

test("ports are listed one by one and from one to another", () => {
  const ranges = parsePortRanges(" 25,110, 6881 - 6889 ") ?? [];
  expect([24, 25, 26, 110, 6880, 6881, 6889, 6890].filter((port) => hasPort(ranges, port))).toEqual([
    25, 110, 6881, 6889,
  ]);
  expect(parsePortRanges("")).toEqual([]);
});

test.each(["0", "65536", "25,", "25;26", "9-8", "-9", "a", "1-2-3"])("%s is no list of ports", (text) => {
  expect(parsePortRanges(text)).toBeUndefined();
});
