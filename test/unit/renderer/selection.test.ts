import { expect, test } from "vitest";
import {
  allChosen,
  type ChoiceKind,
  chosen,
  NOTHING_CHOSEN,
  type Selection,
} from "../../../renderer/store/selection.ts";

const ROWS = ["#open", "a", "b", "c", "#gone", "d"];
const isPeer = (key: string) => !key.startsWith("#");
const press = (before: Selection<string>, key: string, kind: ChoiceKind = "one") =>
  chosen(ROWS, before, key, kind, isPeer);
const keys = (selection: Selection<string>) => [...selection.keys].join("");

test("a press chooses one row, with Control one more or one less", () => {
  const one = press(NOTHING_CHOSEN, "b");
  expect(keys(one)).toBe("b");
  expect(keys(press(one, "d", "toggle"))).toBe("bd");
  expect(keys(press(press(one, "d", "toggle"), "b", "toggle"))).toBe("d");
  expect(keys(press(press(one, "d", "toggle"), "a"))).toBe("a");
});

test("Shift chooses all from where the last press was, in both directions, and draws the range anew", () => {
  const from = press(NOTHING_CHOSEN, "c");
  const down = press(from, "d", "range");
  expect(keys(down)).toBe("cd");
  expect(keys(press(down, "a", "range"))).toBe("abc");
});

test("a range begins anew when its first row has gone", () => {
  const gone: Selection<string> = { keys: new Set(["x"]), active: "x", anchor: "x" };
  expect(keys(press(gone, "b", "range"))).toBe("b");
});

test("headings are passed through and never chosen", () => {
  const heading = press(NOTHING_CHOSEN, "#gone");
  expect(heading).toMatchObject({ active: "#gone", keys: new Set() });
  expect(keys(press(heading, "b", "range"))).toBe("bc");
  expect(keys(press(heading, "#open", "toggle"))).toBe("");
  expect(keys(allChosen(ROWS, heading, isPeer))).toBe("abcd");
});
