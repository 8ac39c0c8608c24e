import type { Locator } from "playwright-core";
import { columnsOf, rowTop, type SwarmGeometry } from "../../../renderer/canvas/geometry.ts";
import { PALETTES, rampColour } from "../../../renderer/canvas/palette.ts";

/** What is painted for each piece: `#` the ramp's full end, `.` its empty end, `?` anything else. */
export type Cells = string;

export function cellsOf(pieces: readonly boolean[]): Cells {
  return pieces.map((has) => (has ? "#" : ".")).join("");
}

/** Reads a peer's strip, or our own. */
export async function readStrip(strip: Locator, pieceCount: number): Promise<Cells> {
  const { width, height } = await sizeOf(strip);
  const xs = columnsOfPieces(width, pieceCount);
  return toCells(await colours(strip, xs, Math.floor(height / 2)));
}

/** The heatmap, as it says itself where it drew what. */
interface Heatmap {
  readonly geometry: SwarmGeometry & { readonly scrollTop: number; readonly pieceCount: number };
  /** Peer ids, a row each. */
  readonly peers: readonly string[];
}

async function readHeatmap(canvas: Locator): Promise<Heatmap> {
  const { geometry = "", peers = "" } = await canvas.evaluate((element) => ({ ...(element as HTMLElement).dataset }));
  return { geometry: JSON.parse(geometry), peers: peers.split(" ") };
}

/** Reads one peer's row of the swarm's heatmap. */
export async function readPeerRow(canvas: Locator, peer: string): Promise<Cells> {
  const { geometry, peers } = await readHeatmap(canvas);
  const row = peers.indexOf(peer);
  if (row < 0) throw new Error(`peer ${peer} has no row among ${peers}`);
  return readBand(canvas, geometry, rowTop(geometry, row, geometry.scrollTop) + geometry.rowHeight / 2);
}

/** The middle of one cell of the heatmap, in CSS pixels of the canvas. */
export async function placeOf(canvas: Locator, row: number, piece: number): Promise<{ x: number; y: number }> {
  const { geometry } = await readHeatmap(canvas);
  return {
    x: geometry.plotLeft + ((piece + 0.5) * geometry.plotWidth) / geometry.pieceCount,
    y: rowTop(geometry, row, geometry.scrollTop) + geometry.rowHeight / 2,
  };
}

/** Reads our own pieces' band of the swarm's heatmap. */
export async function readOwnBand(canvas: Locator): Promise<Cells> {
  const { geometry } = await readHeatmap(canvas);
  return readBand(canvas, geometry, geometry.own.top + geometry.own.height / 2);
}

async function readBand(canvas: Locator, geometry: Heatmap["geometry"], middle: number): Promise<Cells> {
  const { width } = await sizeOf(canvas);
  const ratio = width / geometry.width;
  const left = Math.round(geometry.plotLeft * ratio);
  const xs = columnsOfPieces(Math.round(geometry.plotWidth * ratio), geometry.pieceCount).map((x) => left + x);
  return toCells(await colours(canvas, xs, Math.floor(middle * ratio)));
}

/** The first device pixel of each piece. */
function columnsOfPieces(width: number, pieceCount: number): number[] {
  return Array.from({ length: pieceCount }, (_, piece) => columnsOf(piece, width, pieceCount).first);
}

function sizeOf(canvas: Locator): Promise<{ width: number; height: number }> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    return { width, height };
  });
}

/** Of the canvas's own pixels, not of what the screen made of them. */
function colours(canvas: Locator, xs: readonly number[], y: number): Promise<string[]> {
  return canvas.evaluate(
    (element, at) => {
      const surface = element as HTMLCanvasElement;
      const { data } = surface.getContext("2d")?.getImageData(0, at.y, surface.width, 1) ?? { data: [] };
      return at.xs.map((x) => [...data.slice(4 * x, 4 * x + 3)].join(" "));
    },
    { xs, y },
  );
}

const named = new Map(
  Object.values(PALETTES).flatMap(({ ramp }) => [
    [rampColour(ramp, 1).join(" "), "#"] as const,
    [rampColour(ramp, 0).join(" "), "."] as const,
  ]),
);

function toCells(found: readonly string[]): Cells {
  return found.map((colour) => named.get(colour) ?? "?").join("");
}
