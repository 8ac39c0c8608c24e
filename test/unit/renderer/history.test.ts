import { expect, test } from "vitest";
import type { HistoryView } from "../../../core/contract/views.ts";
import { mergedHistory } from "../../../renderer/store/history.ts";

const view = (times: readonly number[], span: HistoryView["span"] = "5m"): HistoryView => ({
  span,
  times,
  series: { down: times.map((at) => at / 1000) },
});

test("what came since is put behind what was known, and what is older than the span goes", () => {
  const first = view([1000, 2000, 3000]);
  expect(mergedHistory(undefined, first)).toBe(first);
  expect(mergedHistory(first, view([4000]))).toEqual(view([1000, 2000, 3000, 4000]));
  expect(mergedHistory(first, view([]))).toEqual(first);
  const late = mergedHistory(first, view([302_000]));
  expect(late).toEqual(view([3000, 302_000]));
});

test("another span begins anew", () => {
  const hour = view([10_000], "1h");
  expect(mergedHistory(view([1000]), hour)).toBe(hour);
});
