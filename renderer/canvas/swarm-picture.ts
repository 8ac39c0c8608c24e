import type { BlocksView, PiecesView } from "../../core/contract/views.ts";
import { havesBetween } from "../store/have-trail.ts";
import { availabilityColumns } from "./coverage.ts";
import type { Flight } from "./flight.ts";
import { type Cut, rowTop, type SwarmGeometry, visibleRowRange } from "./geometry.ts";
import { clearAbove, fillRows, paintAvailability, type Raster } from "./paint.ts";
import type { Palette } from "./palette.ts";
import { RowColumns } from "./row-columns.ts";
import { cutLine, gapsOf, markFlight, ownLine, rarityLine, rowLine } from "./swarm-lines.ts";
import type { Window } from "./viewport.ts";

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
  readonly window: Window;
  readonly cut: Cut;
  readonly rows: readonly SwarmRow[];
  readonly pieces: PiecesView;
  readonly blocks: BlocksView | undefined;
  readonly flight: Flight;
  readonly scrollTop: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
  readonly palette: Palette;
}

/** The lines above the rows, and of what they were made. */
interface Bands {
  readonly of: readonly unknown[];
  readonly bars: Uint8Array;
  readonly rarity: Uint32Array;
  readonly own: Uint32Array;
}

/** Paints bands and visible rows, and keeps what it counted for the next time. */
export class SwarmPainter {
  /** By peer. */
  #rows = new Map<number, RowColumns>();
  #bands: Bands | undefined;

  /** @param raster - Of the canvas's device pixels; all of them are painted. */
  paint(raster: Raster, picture: SwarmPicture): void {
    const { geometry, window, cut, rows, flight, scrollTop, ratio, palette } = picture;
    const device = (css: number) => Math.round(css * ratio);
    const left = device(geometry.plotLeft);
    raster.pixels.fill(0);
    if (window.width <= 0 || left + window.width > raster.width) return;
    const gaps = gapsOf(window, cut);
    const line = new Uint32Array(window.width);
    const { first, end } = visibleRowRange(geometry, scrollTop);
    for (let index = first; index < end; index++) {
      const row = rows[index];
      if (row === undefined) continue;
      rowLine(line, this.#columnsOf(row, window, cut.pieceCount), palette);
      const marks = flight.byPeer.get(row.id);
      if (marks !== undefined) markFlight(line, marks, window, cut, palette);
      cutLine(line, gaps);
      const top = device(rowTop(geometry, index, scrollTop));
      const bottom = device(rowTop(geometry, index + 1, scrollTop) - geometry.rowGap);
      fillRows(raster, left, top, bottom - top, line);
    }
    clearAbove(raster, device(geometry.rowsTop));
    this.#paintBands(raster, left, picture, gaps);
    if (this.#rows.size > 2 * rows.length + SPARE_ROWS) this.#forget(rows);
  }

  #paintBands(raster: Raster, left: number, picture: SwarmPicture, gaps: readonly number[]): void {
    const { geometry, ratio, palette } = picture;
    const device = (css: number) => Math.round(css * ratio);
    const { availability, rarity, own } = geometry;
    const bands = this.#bandsOf(picture, gaps);
    paintAvailability(raster, left, device(availability.top), device(availability.height), bands.bars, palette);
    fillRows(raster, left, device(rarity.top), device(rarity.height), bands.rarity);
    fillRows(raster, left, device(own.top), device(own.height), bands.own);
  }

  /** Rows are scrolled more often than pieces change. */
  #bandsOf({ window, cut, pieces, blocks, flight, palette }: SwarmPicture, gaps: readonly number[]): Bands {
    const of = [window, cut, pieces, flight, palette];
    if (this.#bands !== undefined && of.every((part, i) => part === this.#bands?.of[i])) return this.#bands;
    const most = mostOwners(pieces);
    const own = ownLine(pieces, blocks, flight.own, window, cut, palette);
    cutLine(own, gaps);
    const bars = availabilityColumns(pieces.availability, most, window.world, window);
    this.#bands = { of, bars, rarity: rarityLine(pieces, most, window, palette), own };
    return this.#bands;
  }

  #columnsOf({ id, bits }: SwarmRow, window: Window, pieceCount: number): Uint8Array {
    let row = this.#rows.get(id);
    if (row !== undefined && row.bits !== bits) {
      const haves = row.bits === undefined || bits === undefined ? undefined : havesBetween(row.bits, bits);
      if (haves === undefined || bits === undefined) row = undefined;
      else row.gain(bits, haves);
    }
    const is = row?.window;
    const isSame = is?.world === window.world && is.left === window.left && is.width === window.width;
    if (row === undefined || !isSame) {
      row = new RowColumns(bits, pieceCount, window, row);
      this.#rows.set(id, row);
    }
    return row.columns;
  }

  /** Of peers that are gone. */
  #forget(rows: readonly SwarmRow[]): void {
    const here = new Set(rows.map(({ id }) => id));
    this.#rows = new Map([...this.#rows].filter(([id]) => here.has(id)));
  }
}

const SPARE_ROWS = 50;

const mostOf = new WeakMap<Uint8Array, number>();

/** How many have the piece that most have: the full height of a bar. */
export function mostOwners({ availability }: PiecesView): number {
  let most = mostOf.get(availability);
  if (most === undefined) {
    most = availability.reduce((highest, count) => Math.max(highest, count), 0);
    mostOf.set(availability, most);
  }
  return most;
}
