import { bitfieldColumns, FULL, GAP, NO_MARK, ownColumns } from "./coverage.ts";
import { CLEAR, flightPixels, markPixels, type Palette, pixel, rampPixels } from "./palette.ts";

/** Turns columns into pixels. All lengths are device pixels. */

/** A picture under construction: 32-bit pixels, row after row. */
export interface Raster {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** Looked-up colours of one palette. */
export interface Inks {
  readonly ramp: Uint32Array;
  readonly marks: Uint32Array;
  /** By `FLIGHT`. */
  readonly flight: Uint32Array;
  readonly absent: number;
}

const inksOf = new WeakMap<Palette, Inks>();

export function inks(palette: Palette): Inks {
  let known = inksOf.get(palette);
  if (known === undefined) {
    known = {
      ramp: rampPixels(palette),
      marks: markPixels(palette),
      flight: flightPixels(palette),
      absent: pixel(palette.absent),
    };
    inksOf.set(palette, known);
  }
  return known;
}

/** A strip's pixels are remembered by its bytes: views never change bytes in place, so the same bytes look the same. */
const columnsOfBytes = new WeakMap<Uint8Array, { readonly pieceCount: number; readonly columns: Uint8Array }>();

/** {@link bitfieldColumns}, remembered for the last width that these bytes were drawn at. */
export function rememberedColumns(bits: Uint8Array, pieceCount: number, columns: number): Uint8Array {
  const known = columnsOfBytes.get(bits);
  if (known?.pieceCount === pieceCount && known.columns.length === columns) return known.columns;
  const fresh = bitfieldColumns(bits, pieceCount, columns);
  columnsOfBytes.set(bits, { pieceCount, columns: fresh });
  return fresh;
}

/** Paints one peer's bitfield; undefined bits are an empty strip. */
export function paintBitfield(
  raster: Raster,
  left: number,
  top: number,
  width: number,
  height: number,
  bits: Uint8Array | undefined,
  pieceCount: number,
  palette: Palette,
): void {
  const { ramp } = inks(palette);
  const columns = bits === undefined ? new Uint8Array(width) : rememberedColumns(bits, pieceCount, width);
  const line = new Uint32Array(width);
  for (let column = 0; column < width; column++) line[column] = ramp[columns[column] as number] as number;
  fillRows(raster, left, top, height, line);
}

/** Paints our own pieces: the ramp, with what stands out over it. */
export function paintOwn(
  raster: Raster,
  left: number,
  top: number,
  width: number,
  height: number,
  states: Uint8Array,
  palette: Palette,
): void {
  const { ramp, marks } = inks(palette);
  const own = ownColumns(states, width);
  const line = new Uint32Array(width);
  for (let column = 0; column < width; column++) {
    const covered = own.coverage[column] as number;
    const mark = own.marks[column] as number;
    line[column] = (covered === GAP || mark === NO_MARK ? ramp[covered] : marks[mark]) as number;
  }
  fillRows(raster, left, top, height, line);
}

/** Paints `availabilityColumns` as bars from the bottom, shaded like the ramp; what nobody has is a foot in a colour of its own. */
export function paintAvailability(
  raster: Raster,
  left: number,
  top: number,
  height: number,
  columns: Uint8Array,
  palette: Palette,
): void {
  const { ramp, absent } = inks(palette);
  const width = columns.length;
  const foot = Math.max(2, Math.round(height / 10));
  for (let y = 0; y < height; y++) {
    if (top + y < 0 || top + y >= raster.height) continue;
    const fromBottom = height - y;
    const start = (top + y) * raster.width + left;
    for (let column = 0; column < width; column++) {
      const value = columns[column] as number;
      let ink = CLEAR;
      if (value === 0) ink = fromBottom <= foot ? absent : CLEAR;
      else if (value !== GAP && fromBottom <= Math.max(foot, Math.round((value / FULL) * height))) {
        // Even a rare piece must stand out from the ground: the ramp's lower third is too pale for a thin bar.
        ink = ramp[Math.round(FULL * (0.35 + 0.5 * (value / FULL)))] as number;
      }
      raster.pixels[start + column] = ink;
    }
  }
}

/** Copies one line of pixels to each row of a band, as far as it is on the raster. */
export function fillRows(raster: Raster, left: number, top: number, height: number, line: Uint32Array): void {
  const from = Math.max(0, top);
  const end = Math.min(raster.height, top + height);
  for (let y = from; y < end; y++) raster.pixels.set(line, y * raster.width + left);
}

/** Clears everything above `bottom`: rows that are scrolled half out of sight end there. */
export function clearAbove(raster: Raster, bottom: number): void {
  raster.pixels.fill(CLEAR, 0, Math.min(raster.height, bottom) * raster.width);
}
