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
import { closestScale, moved, revealing, WHOLE, windowOf, zoomed } from "../../../renderer/canvas/viewport.ts";

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

describe("what the plot shows of the torrent", () => {
  const pixels = fc.integer({ min: 100, max: 4000 });
  const steps = fc.array(
    fc.record({ factor: fc.double({ min: 0.2, max: 5, noNaN: true }), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { maxLength: 20 },
  );

  it("stays within it, however it is zoomed and moved", () => {
    fc.assert(
      fc.property(pixels, steps, (columns, walk) => {
        let view = WHOLE;
        for (const { factor, at } of walk) {
          view = moved(zoomed(view, factor, at, 500), at - 0.5);
          const { world, left, width } = windowOf(view, columns);
          expect(view.scale >= 1 && view.scale <= 500).toBe(true);
          expect(left >= 0 && left + width <= world && width === columns).toBe(true);
        }
      }),
    );
  });

  it("keeps what is under the pointer there while it is zoomed", () => {
    const near = zoomed({ scale: 4, start: 0.5 }, 3, 0.25, 1000);
    expect(near.start + 0.25 / near.scale).toBeCloseTo(0.5 + 0.25 / 4, 12);
    expect(zoomed(near, 1 / 1000, 0.9, 1000)).toEqual(WHOLE);
  });

  it("comes as close as single blocks, and no closer", () => {
    const closest = closestScale(100_000 * 16, 1000);
    const { world } = windowOf(zoomed(WHOLE, 1e9, 0, closest), 1000);
    expect(world / (100_000 * 16)).toBeCloseTo(28, 6);
  });

  it("moves as little as it must to show something", () => {
    const view = { scale: 10, start: 0.5 };
    expect(revealing(view, { first: 0.52, end: 0.53 })).toEqual(view);
    expect(revealing(view, { first: 0.1, end: 0.11 }).start).toBeCloseTo(0.1);
    expect(revealing(view, { first: 0.7, end: 0.71 }).start).toBeCloseTo(0.61);
  });
});

describe("the swarm heatmap", () => {
  it("gives few peers named rows, and many peers thin ones", () => {
    expect(swarmGeometry(1000, 400, 10)).toMatchObject({ hasNames: true, rowHeight: 20 });
    expect(swarmGeometry(1000, 400, 60)).toMatchObject({ hasNames: true, rowHeight: 15 });
    expect(swarmGeometry(1000, 400, 1000)).toMatchObject({ hasNames: false, rowHeight: 2 });
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
          const window = windowOf(WHOLE, geometry.plotWidth);
          const { first, end } = columnsOf(piece, window.world, pieceCount);
          const x = geometry.plotLeft + (first + end) / 2;
          const y = rowTop(geometry, row, scrollTop) + geometry.rowHeight / 2;
          fc.pre(y >= geometry.rowsTop);
          const spot = spotAt(geometry, x, y, scrollTop, window, 1, { pieceCount, blocksPerPiece: 1 });
          const shown = piecesAt(first, window.world, pieceCount);
          expect(spot).toEqual({ piece: shown.first, block: undefined, part: "row", row });
          expect(piece >= shown.first && piece < shown.end).toBe(true);
          const visible = visibleRowRange(geometry, scrollTop);
          if (y < height) expect(row >= visible.first && row < visible.end).toBe(true);
        },
      ),
    );
  });

  it("tells its bands from its rows, and the margins from both", () => {
    const geometry = swarmGeometry(1000, 400, 5);
    const window = windowOf(WHOLE, geometry.plotWidth);
    const at = (x: number, y: number) =>
      spotAt(geometry, x, y, 0, window, 1, { pieceCount: 100, blocksPerPiece: 1 })?.part;
    const middle = geometry.plotLeft + geometry.plotWidth / 2;
    expect(at(middle, geometry.availability.top)).toBe("availability");
    expect(at(middle, geometry.own.top + 1)).toBe("own");
    expect(at(middle, geometry.rowsTop)).toBe("row");
    expect(at(geometry.plotLeft - 1, geometry.rowsTop)).toBeUndefined();
    expect(at(middle, geometry.rowsTop + 5 * geometry.rowHeight)).toBeUndefined();
    expect(at(middle, geometry.own.top - 1)).toBe("availability");
    expect(at(middle, geometry.rowsTop - 1)).toBeUndefined();
  });

  it("is empty without pieces", () => {
    const geometry = swarmGeometry(1000, 400, 5);
    const window = windowOf(WHOLE, geometry.plotWidth);
    expect(spotAt(geometry, 500, 150, 0, window, 1, { pieceCount: 0, blocksPerPiece: 1 })).toBeUndefined();
  });
});
