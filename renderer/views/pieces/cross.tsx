import { type Cut, columnsOf, contentHeight, rowTop, type Spot, type SwarmGeometry } from "../../canvas/geometry.ts";
import type { Window } from "../../canvas/viewport.ts";
import type { Place } from "./piece-readout.tsx";

/** Where everything is on the map at this moment. */
export interface MapPlace {
  readonly geometry: SwarmGeometry;
  readonly window: Window;
  readonly ratio: number;
  readonly cut: Cut;
  readonly scrollTop: number;
}

/** Where a spot that was chosen by keys is. */
export function placeOf(spot: Spot, place: MapPlace): Place {
  const { geometry, scrollTop } = place;
  const { left, width } = columnPlace(spot.piece, spot.block, place);
  return { x: left + width / 2, y: spot.row === undefined ? geometry.own.top : rowTop(geometry, spot.row, scrollTop) };
}

/** Marks a piece's or block's column, and a peer's row. */
export function Cross({
  place,
  piece,
  block,
  row,
  isPinned,
}: {
  place: MapPlace;
  piece: number | undefined;
  block: number | undefined;
  row: number | undefined;
  isPinned: boolean;
}) {
  const { geometry, scrollTop } = place;
  const bottom = Math.min(geometry.height, contentHeight(geometry) - scrollTop);
  const column = piece === undefined ? undefined : columnPlace(piece, block, place);
  const isInSight =
    column !== undefined &&
    column.left + column.width > geometry.plotLeft &&
    column.left < geometry.plotLeft + geometry.plotWidth;
  const left = Math.max(geometry.plotLeft, column?.left ?? 0);
  const right = Math.min(geometry.plotLeft + geometry.plotWidth, (column?.left ?? 0) + (column?.width ?? 0));
  const top = row === undefined ? undefined : rowTop(geometry, row, scrollTop);
  return (
    <div className="cross" aria-hidden="true" data-pinned={isPinned}>
      {isInSight && (
        <div
          className="cross-column"
          style={{
            transform: `translate(${left}px, ${geometry.availability.top}px)`,
            width: Math.max(1, right - left),
            height: Math.max(0, bottom - geometry.availability.top),
          }}
        />
      )}
      {top !== undefined && top >= geometry.rowsTop - geometry.rowHeight && (
        <div
          className="cross-row"
          style={{
            transform: `translate(${geometry.plotLeft}px, ${Math.max(top, geometry.rowsTop)}px)`,
            width: geometry.plotWidth,
            height: geometry.rowHeight - geometry.rowGap,
          }}
        />
      )}
    </div>
  );
}

function columnPlace(
  piece: number,
  block: number | undefined,
  { geometry, window, ratio, cut }: MapPlace,
): { left: number; width: number } {
  const { first, end } =
    block === undefined
      ? columnsOf(piece, window.world, cut.pieceCount)
      : columnsOf(piece * cut.blocksPerPiece + block, window.world, cut.pieceCount * cut.blocksPerPiece);
  return { left: geometry.plotLeft + (first - window.left) / ratio, width: (end - first) / ratio };
}
