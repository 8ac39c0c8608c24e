import type { Locator } from "playwright-core";
import { type Cut, columnsOf, rowTop, type SwarmGeometry } from "../../../renderer/canvas/geometry.ts";
import { PALETTES, type Palette, rampColour } from "../../../renderer/canvas/palette.ts";
import type { Window } from "../../../renderer/canvas/viewport.ts";

/** The map, as it says itself where it drew what. */
export interface MapPlan extends SwarmGeometry, Cut {
  readonly window: Window;
  readonly scrollTop: number;
  /** Peer ids, a row each. */
  readonly peers: readonly string[];
}

/** What a block may be painted as, one letter each. */
const LETTERS: readonly (readonly [letter: string, colour: (palette: Palette) => readonly number[]])[] = [
  ["#", ({ ramp }) => rampColour(ramp, 1)],
  [".", ({ ramp }) => rampColour(ramp, 0)],
  ["a", ({ states }) => states.requested],
  ["r", ({ received }) => received],
  ["s", ({ shared }) => shared],
];

const letterOf = new Map(
  Object.values(PALETTES).flatMap((palette) =>
    LETTERS.map(([letter, colour]) => [colour(palette).join(" "), letter] as const),
  ),
);

export async function planOf(canvas: Locator): Promise<MapPlan> {
  const { geometry = "", peers = "" } = await canvas.evaluate((element) => ({ ...(element as HTMLElement).dataset }));
  return { ...JSON.parse(geometry), peers: peers.split(" ") };
}

/** Where a block or piece begins on the map, CSS pixels of the canvas; undefined when it is out of sight. */
function columnOf(plan: MapPlan, piece: number, block: number | undefined): number | undefined {
  const { window, pieceCount, blocksPerPiece } = plan;
  const { first } =
    block === undefined
      ? columnsOf(piece, window.world, pieceCount)
      : columnsOf(piece * blocksPerPiece + block, window.world, pieceCount * blocksPerPiece);
  return first >= window.left && first < window.left + window.width ? first - window.left : undefined;
}

/**
 * Reads the map's own pixels in one row: the first of each block, or of each piece, that is in sight.
 * @param row - A peer's id, or our own pieces.
 * @returns By `piece/block` or `piece`.
 */
export async function readRow(canvas: Locator, row: string | "own", byBlocks: boolean): Promise<Map<string, string>> {
  const plan = await planOf(canvas);
  const index = plan.peers.indexOf(row);
  if (row !== "own" && index < 0) throw new Error(`peer ${row} has no row among ${plan.peers}`);
  const middle =
    row === "own"
      ? plan.own.top + plan.own.height / 2
      : rowTop(plan, index, plan.scrollTop) + (plan.rowHeight - plan.rowGap) / 2;
  const names: string[] = [];
  const columns: number[] = [];
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    for (let block = 0; block < (byBlocks ? plan.blocksPerPiece : 1); block++) {
      const column = columnOf(plan, piece, byBlocks ? block : undefined);
      if (column === undefined) continue;
      names.push(byBlocks ? `${piece}/${block}` : `${piece}`);
      columns.push(column);
    }
  }
  const found = await canvas.evaluate(
    (element, { at, left, width, y }) => {
      const surface = element as HTMLCanvasElement;
      const ratio = surface.width / width;
      const line = surface.getContext("2d")?.getImageData(0, Math.floor(y * ratio), surface.width, 1).data ?? [];
      const first = Math.round(left * ratio);
      return at.map((column) => [...line.slice(4 * (first + column), 4 * (first + column) + 3)].join(" "));
    },
    { at: columns, left: plan.plotLeft, width: plan.width, y: middle },
  );
  return new Map(names.map((name, i) => [name, letterOf.get(found[i] as string) ?? "?"]));
}

/** The middle of a piece, in CSS pixels of the canvas, in our own row. */
export async function placeOfOwn(canvas: Locator, piece: number): Promise<{ x: number; y: number }> {
  const plan = await planOf(canvas);
  const { window, pieceCount, own, plotLeft, plotWidth } = plan;
  const { first, end } = columnsOf(piece, window.world, pieceCount);
  const ratio = window.width / plotWidth;
  return { x: plotLeft + ((first + end) / 2 - window.left) / ratio, y: own.top + own.height / 2 };
}
