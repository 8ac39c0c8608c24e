import { type BlocksView, PIECE_STATE, type PiecesView } from "../../core/contract/views.ts";
import { FULL, GAP, gapColumns, NO_MARK, NOT_NEEDED, ownColumns, rarityColumns } from "./coverage.ts";
import type { FlightMarks } from "./flight.ts";
import { type Cut, columnsOf, hasBlocks } from "./geometry.ts";
import { inks } from "./paint.ts";
import { CLEAR, type Palette, pixel, rampColour } from "./palette.ts";
import type { Window } from "./viewport.ts";

/** Lines of pixels, one a band or row, as wide as the plot. */

/** Blocks at least this wide, in device pixels, get a gap between them: among narrower ones it would be the most of the ink. */
const GAPPED_BLOCK = 8;

/** Where nothing is painted, so that the ground shows between cells: of pieces, and of blocks that can be told apart. */
export function gapsOf(window: Window, cut: Cut): readonly number[] {
  const gaps = gapColumns(window, cut.pieceCount);
  const units = cut.pieceCount * cut.blocksPerPiece;
  if (cut.blocksPerPiece === 1 || window.world / units < GAPPED_BLOCK) return gaps;
  // Twice as wide between pieces, so that they hold together.
  const wider = gaps.flatMap((column) => (column > 0 ? [column - 1] : []));
  return [...gapColumns(window, units), ...wider];
}

/** A peer's coverage in ink; a new line is not made. */
export function rowLine(line: Uint32Array, columns: Uint8Array, palette: Palette): void {
  const { ramp } = inks(palette);
  for (let column = 0; column < columns.length; column++) line[column] = ramp[columns[column] as number] as number;
}

/** Blocks in flight over a line: each at least one pixel wide, however many pieces share it. */
export function markFlight(line: Uint32Array, marks: FlightMarks, window: Window, cut: Cut, palette: Palette): void {
  const { flight } = inks(palette);
  const units = cut.pieceCount * cut.blocksPerPiece;
  for (let i = 0; i + 1 < marks.length; i += 2) {
    const { first, end } = columnsOf(marks[i] as number, window.world, units);
    const from = Math.max(0, first - window.left);
    const to = Math.min(window.width, end - window.left);
    if (to > from) line.fill(flight[marks[i + 1] as number] as number, from, to);
  }
}

/** Our own pieces; those that are under way by their blocks, where these can be told apart. */
export function ownLine(
  pieces: PiecesView,
  blocks: BlocksView | undefined,
  marks: FlightMarks,
  window: Window,
  cut: Cut,
  palette: Palette,
): Uint32Array {
  const { ramp, marks: stateInks } = inks(palette);
  const own = ownColumns(pieces.states, window.world, window);
  const line = new Uint32Array(window.width);
  for (let column = 0; column < window.width; column++) {
    const covered = own.coverage[column] as number;
    const mark = own.marks[column] as number;
    line[column] = (covered === GAP || mark === NO_MARK ? ramp[covered] : stateInks[mark]) as number;
  }
  if (!hasBlocks(window, cut)) return line;
  for (const piece of blocks?.pieces.keys() ?? []) {
    if (pieces.states[piece] !== PIECE_STATE.requested) continue;
    const { first, end } = columnsOf(piece, window.world, cut.pieceCount);
    const [from, to] = [Math.max(0, first - window.left), Math.min(window.width, end - window.left)];
    if (to > from) line.fill(ramp[0] as number, from, to);
  }
  const underWay = marks.filter((_, i) => {
    const unit = marks[i - (i % 2)] as number;
    return pieces.states[Math.floor(unit / cut.blocksPerPiece)] === PIECE_STATE.requested;
  });
  markFlight(line, underWay, window, cut, palette);
  return line;
}

/** How rare the pieces are that we lack. */
export function rarityLine(pieces: PiecesView, most: number, window: Window, palette: Palette): Uint32Array {
  const line = new Uint32Array(window.width);
  const absent = pixel(palette.absent);
  rarityColumns(pieces, most, window).forEach((value, column) => {
    if (value === NOT_NEEDED) return;
    line[column] = value === FULL ? absent : pixel(rampColour(palette.rarity, value / FULL));
  });
  return line;
}

/** Nothing is painted in the gaps. */
export function cutLine(line: Uint32Array, gaps: readonly number[]): void {
  for (const column of gaps) line[column] = CLEAR;
}
