import { describe, expect, it } from "vitest";
import {
  arranged,
  type ColumnShape,
  columnTemplate,
  LEAST_WIDTH,
  moved,
  nudged,
  ordered,
  resized,
  shownOrHidden,
} from "../../../renderer/store/table-layout.ts";

const SHAPES: readonly ColumnShape[] = [
  { id: "address", width: 160 },
  { id: "client", width: 100, yields: 1 },
  { id: "via", width: 60, yields: 2 },
  { id: "id", width: 200, isHiddenAtFirst: true },
  { id: "pieces", width: 120, grows: 1 },
];
const ids = (columns: readonly ColumnShape[]) => columns.map(({ id }) => id).join(" ");

describe("columns of a table", () => {
  it("are as they were made until somebody arranges them", () => {
    expect(ids(arranged(SHAPES, {}, 0))).toBe("address client via pieces");
    expect(columnTemplate(arranged(SHAPES, {}, 0), {})).toBe("160px 100px 60px minmax(120px, 1fr)");
  });

  it("give way by their rank where there is no room for all", () => {
    expect(ids(arranged(SHAPES, {}, 440))).toBe("address client via pieces");
    expect(ids(arranged(SHAPES, {}, 439))).toBe("address client pieces");
    expect(ids(arranged(SHAPES, {}, 300))).toBe("address pieces");
    expect(ids(arranged(SHAPES, {}, 10))).toBe("address pieces");
  });

  it("stay for good when the user asked for them", () => {
    const layout = shownOrHidden(shownOrHidden({}, "via", true), "id", true);
    expect(ids(arranged(SHAPES, layout, 10))).toBe("address via id pieces");
    expect(ids(arranged(SHAPES, shownOrHidden(layout, "id", false), 10))).toBe("address via pieces");
  });

  it("are moved in front of one another, or to the end", () => {
    expect(ids(ordered(SHAPES, moved(SHAPES, {}, "pieces", "client")))).toBe("address pieces client via id");
    expect(ids(ordered(SHAPES, moved(SHAPES, {}, "address", undefined)))).toBe("client via id pieces address");
    expect(moved(SHAPES, {}, "via", "via")).toEqual({});
  });

  it("are nudged past a neighbour that is seen, whatever is hidden between them", () => {
    const visible = arranged(SHAPES, {}, 0);
    expect(ids(arranged(SHAPES, nudged(SHAPES, {}, visible, "pieces", -1), 0))).toBe("address client pieces via");
    expect(ids(arranged(SHAPES, nudged(SHAPES, {}, visible, "via", 1), 0))).toBe("address client pieces via");
    expect(nudged(SHAPES, {}, visible, "pieces", 1)).toEqual({});
    expect(nudged(SHAPES, {}, visible, "id", 1)).toEqual({});
  });

  it("that are new appear where their author put them, and those that are gone are forgotten", () => {
    expect(ids(ordered(SHAPES, { order: ["pieces", "former", "client", "pieces", "address"] }))).toBe(
      "pieces client via id address",
    );
  });

  it("keep within widths that can be gripped", () => {
    expect(columnTemplate([{ id: "via", width: 60 }], resized({}, "via", -20))).toBe(`${LEAST_WIDTH}px`);
    expect(resized({}, "via", 81.6).widths).toEqual({ via: 82 });
  });
});
