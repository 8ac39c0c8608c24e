import type { PiecesView } from "../../core/contract/views.ts";
import { rowTop, type SwarmGeometry, visibleRowRange } from "./geometry.ts";
import { clearAbove, paintAvailability, paintBitfield, paintOwn, type Raster } from "./paint.ts";
import { cssColour, type Palette } from "./palette.ts";

/** One peer as the heatmap shows it. */
export interface SwarmRow {
  readonly id: number;
  readonly name: string;
  /** What it has, in words: `47.3%`. */
  readonly share: string;
  readonly bits: Uint8Array | undefined;
}

export interface SwarmPicture {
  readonly geometry: SwarmGeometry;
  readonly rows: readonly SwarmRow[];
  readonly pieces: PiecesView;
  readonly scrollTop: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
  readonly palette: Palette;
}

/** Paints bands and visible rows. The raster has the canvas's device pixels. */
export function paintSwarm(raster: Raster, picture: SwarmPicture): void {
  const { geometry, rows, pieces, scrollTop, ratio, palette } = picture;
  const device = (css: number) => Math.round(css * ratio);
  const left = device(geometry.plotLeft);
  const width = Math.min(device(geometry.plotWidth), raster.width - left);
  if (width <= 0) return;
  raster.pixels.fill(0);
  const { first, end } = visibleRowRange(geometry, scrollTop);
  for (let row = first; row < end; row++) {
    const top = device(rowTop(geometry, row, scrollTop));
    const bottom = device(rowTop(geometry, row + 1, scrollTop) - geometry.rowGap);
    paintBitfield(raster, left, top, width, bottom - top, rows[row]?.bits, pieces.states.length, palette);
  }
  clearAbove(raster, device(geometry.rowsTop));
  const { availability, own } = geometry;
  const most = pieces.availability.reduce((highest, count) => Math.max(highest, count), 0);
  paintAvailability(
    raster,
    left,
    device(availability.top),
    width,
    device(availability.height),
    pieces.availability,
    most,
    palette,
  );
  paintOwn(raster, left, device(own.top), width, device(own.height), pieces.states, palette);
}

const NAME_LEFT = 12;
const NAME_GAP = 10;
const SHARE_WIDTH = 42;

/** Writes the rows' names beside the plot, over what {@link paintSwarm} painted. */
export function writeNames(context: CanvasRenderingContext2D, picture: SwarmPicture, family: string): void {
  const { geometry, rows, scrollTop, ratio, palette } = picture;
  if (geometry.plotLeft <= NAME_LEFT) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = "middle";
  const right = geometry.plotLeft - NAME_GAP;
  context.font = `500 11px ${family}`;
  context.fillStyle = cssColour(palette.quiet);
  context.fillText("Availability", NAME_LEFT, geometry.availability.top + geometry.availability.height / 2);
  context.fillText("Our pieces", NAME_LEFT, geometry.own.top + geometry.own.height / 2);
  if (geometry.hasNames) {
    context.save();
    context.beginPath();
    context.rect(0, geometry.rowsTop, geometry.width, geometry.height - geometry.rowsTop);
    context.clip();
    context.font = `400 11px ${family}`;
    const { first, end } = visibleRowRange(geometry, scrollTop);
    for (let index = first; index < end; index++) {
      const row = rows[index];
      if (row === undefined) continue;
      const middle = rowTop(geometry, index, scrollTop) + (geometry.rowHeight - geometry.rowGap) / 2;
      context.textAlign = "right";
      context.fillStyle = cssColour(palette.quiet);
      context.fillText(row.share, right, middle);
      context.textAlign = "left";
      context.fillStyle = cssColour(palette.text);
      context.fillText(fitted(context, row.name, right - NAME_LEFT - SHARE_WIDTH), NAME_LEFT, middle);
    }
    context.restore();
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** Text that is cut where it would be wider than `most`. */
function fitted(context: CanvasRenderingContext2D, text: string, most: number): string {
  if (context.measureText(text).width <= most) return text;
  let length = text.length - 1;
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > most) length--;
  return `${text.slice(0, length)}…`;
}
