import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  columnsOf,
  contentHeight,
  piecesAt,
  rowTop,
  spotAt,
  swarmGeometry,
  visibleRowRange,
} from "../../../renderer/canvas/geometry.ts";

const sizes = fc.record({
  columns: fc.integer({ min: 1, max: 3000 }),
  pieceCount: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 100_000 })),
});

describe("columns of pixels", () => {
  it("stand for every piece when pieces are more, in order and each once", () => {
    fc.assert(
      fc.property(sizes, ({ columns, pieceCount }) => {
        fc.pre(pieceCount > columns);
        let next = 0;
        for (let column = 0; column < columns; column++) {
          const { first, end } = piecesAt(column, columns, pieceCount);
          if (first !== next || end <= first) expect.fail(`column ${column} has ${first} … ${end}, ${next} is next`);
          next = end;
        }
        expect(next).toBe(pieceCount);
      }),
      { numRuns: 60 },
    );
  });

  it("are shared out among the pieces when columns are more, in order and each once", () => {
    fc.assert(
      fc.property(sizes, ({ columns, pieceCount }) => {
        fc.pre(pieceCount <= columns);
        let next = 0;
        for (let piece = 0; piece < pieceCount; piece++) {
          const { first, end } = columnsOf(piece, columns, pieceCount);
          if (first !== next || end <= first) expect.fail(`piece ${piece} has ${first} … ${end}, ${next} is next`);
          next = end;
        }
        expect(next).toBe(columns);
      }),
      { numRuns: 60 },
    );
  });

  it("and pieces find each other", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ columns, pieceCount }, at) => {
          const piece = Math.floor(at * pieceCount);
          const { first, end } = columnsOf(piece, columns, pieceCount);
          for (let column = first; column < end; column++) {
            const shown = piecesAt(column, columns, pieceCount);
            expect(piece >= shown.first && piece < shown.end).toBe(true);
          }
        },
      ),
    );
  });
});

describe("the swarm heatmap", () => {
  it("gives few peers named rows, and many peers thin ones", () => {
    expect(swarmGeometry(1000, 400, 10)).toMatchObject({ hasNames: true, rowHeight: 20 });
    expect(swarmGeometry(1000, 400, 60)).toMatchObject({ hasNames: true, rowHeight: 15 });
    expect(swarmGeometry(1000, 400, 1000)).toMatchObject({ hasNames: false, rowHeight: 3 });
    expect(swarmGeometry(400, 400, 10)).toMatchObject({ hasNames: false });
  });

  it("finds the peer and the piece under the pointer", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 3840 }),
        fc.integer({ min: 150, max: 2160 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.nat(),
        fc.nat(),
        (width, height, rowCount, pieceCount, anyRow, anyPiece) => {
          const geometry = swarmGeometry(width, height, rowCount);
          const row = anyRow % rowCount;
          const piece = anyPiece % pieceCount;
          const scrollTop = Math.max(0, Math.min(row * geometry.rowHeight, contentHeight(geometry) - height));
          const x = geometry.plotLeft + ((piece + 0.5) * geometry.plotWidth) / pieceCount;
          const y = rowTop(geometry, row, scrollTop) + geometry.rowHeight / 2;
          fc.pre(y >= geometry.rowsTop);
          expect(spotAt(geometry, x, y, scrollTop, pieceCount)).toEqual({ piece, part: "row", row });
          const visible = visibleRowRange(geometry, scrollTop);
          if (y < height) expect(row >= visible.first && row < visible.end).toBe(true);
        },
      ),
    );
  });

  it("tells its bands from its rows, and the margins from both", () => {
    const geometry = swarmGeometry(1000, 400, 5);
    const at = (x: number, y: number) => spotAt(geometry, x, y, 0, 100)?.part;
    const middle = geometry.plotLeft + geometry.plotWidth / 2;
    expect(at(middle, geometry.availability.top)).toBe("availability");
    expect(at(middle, geometry.own.top + 1)).toBe("own");
    expect(at(middle, geometry.rowsTop)).toBe("row");
    expect(at(geometry.plotLeft - 1, geometry.rowsTop)).toBeUndefined();
    expect(at(middle, geometry.rowsTop + 5 * geometry.rowHeight)).toBeUndefined();
    expect(at(middle, geometry.own.top - 1)).toBeUndefined();
  });

  it("is empty without pieces", () => {
    expect(spotAt(swarmGeometry(1000, 400, 5), 500, 100, 0, 0)).toBeUndefined();
  });
});
