import { PIECE_STATE } from "../../core/contract/views.ts";
import { hasPiece } from "../format/describe-pieces.ts";
import { cssColour } from "./palette.ts";
import type { LifePalette } from "./timeline-palette.ts";

/** Whose a piece is: both's, only the peer's, only ours, or neither's. */
export const SHARE = { neither: 0, onlyWe: 1, onlyIt: 2, both: 3 } as const;
export type ShareName = keyof typeof SHARE;

/** A peer's pieces against ours, a {@link SHARE} each. */
export function sharesOf(states: Uint8Array, bits: Uint8Array | undefined): Uint8Array {
  const shares = new Uint8Array(states.length);
  for (let piece = 0; piece < shares.length; piece++) {
    const we = states[piece] === PIECE_STATE.verified ? SHARE.onlyWe : SHARE.neither;
    shares[piece] = we + (hasPiece(bits, piece) ? SHARE.onlyIt : 0);
  }
  return shares;
}

/** How many pieces are whose. */
export function countShares(shares: Uint8Array): Record<ShareName, number> {
  const counts = [0, 0, 0, 0];
  for (const share of shares) counts[share] = (counts[share] as number) + 1;
  const [neither = 0, onlyWe = 0, onlyIt = 0, both = 0] = counts;
  return { neither, onlyWe, onlyIt, both };
}

/** Cells in rows, in CSS pixels, that fill a space as well as they can. */
export interface ShareGeometry {
  readonly width: number;
  readonly height: number;
  /** From one cell to the next, the gap among it. */
  readonly step: number;
  readonly gap: number;
  readonly columns: number;
  readonly cells: number;
  /** Pieces that a cell stands for. */
  readonly perCell: number;
}

const LARGEST = 18;
const SMALLEST = 4;

export function shareGeometry(width: number, space: number, pieceCount: number): ShareGeometry {
  let step = LARGEST;
  const rowsAt = (size: number, cells: number) => Math.ceil(cells / Math.max(1, Math.floor(width / size)));
  while (step > SMALLEST && rowsAt(step, pieceCount) * step > space) step--;
  const columns = Math.max(1, Math.floor(width / step));
  const most = columns * Math.max(1, Math.floor(space / step));
  const perCell = Math.max(1, Math.ceil(pieceCount / most));
  const cells = Math.ceil(pieceCount / perCell);
  const height = Math.ceil(cells / columns) * step;
  return { width, height, step, gap: step >= 6 ? 1 : 0.5, columns, cells, perCell };
}

/** The cell's corner, in CSS pixels. */
export function cellPlace({ columns, step }: ShareGeometry, cell: number): { x: number; y: number } {
  return { x: (cell % columns) * step, y: Math.floor(cell / columns) * step };
}

/** @returns Undefined beside the cells. */
export function cellAt({ columns, step, cells }: ShareGeometry, x: number, y: number): number | undefined {
  const column = Math.floor(x / step);
  const cell = Math.floor(y / step) * columns + column;
  return x < 0 || y < 0 || column >= columns || cell >= cells ? undefined : cell;
}

export interface SharePicture {
  readonly geometry: ShareGeometry;
  readonly shares: Uint8Array;
  /** Asked for and under way, and those that come next. */
  readonly flight: ReadonlySet<number>;
  readonly next: ReadonlySet<number>;
  readonly palette: LifePalette;
}

const NAMES: readonly ShareName[] = ["neither", "onlyWe", "onlyIt", "both"];

/** @param context - Scaled to CSS pixels. */
export function paintShares(context: CanvasRenderingContext2D, picture: SharePicture): void {
  const { geometry, shares, palette } = picture;
  const { step, gap, perCell, cells } = geometry;
  context.clearRect(0, 0, geometry.width, geometry.height);
  for (const name of NAMES) {
    context.fillStyle = cssColour(palette.shares[name]);
    for (let cell = 0; cell < cells; cell++) {
      if (shareOfCell(shares, cell * perCell, (cell + 1) * perCell) !== SHARE[name]) continue;
      const { x, y } = cellPlace(geometry, cell);
      context.fillRect(x, y, step - gap, step - gap);
    }
  }
  mark(context, picture, picture.next, palette.next, true);
  mark(context, picture, picture.flight, palette.flight, false);
}

/** Of several pieces: what most of them are. */
function shareOfCell(shares: Uint8Array, first: number, end: number): number {
  if (end - first === 1) return shares[first] ?? 0;
  const counts = [0, 0, 0, 0];
  for (const share of shares.subarray(first, end)) counts[share] = (counts[share] as number) + 1;
  return counts.indexOf(Math.max(...counts));
}

function mark(
  context: CanvasRenderingContext2D,
  { geometry }: SharePicture,
  pieces: ReadonlySet<number>,
  ink: LifePalette["flight"],
  isRing: boolean,
): void {
  const { step, gap, perCell } = geometry;
  const size = step - gap;
  context.fillStyle = cssColour(ink);
  context.strokeStyle = cssColour(ink);
  const line = size >= 10 ? 2 : 1;
  context.lineWidth = line;
  for (const piece of pieces) {
    const { x, y } = cellPlace(geometry, Math.floor(piece / perCell));
    if (isRing) context.strokeRect(x + line / 2, y + line / 2, size - line, size - line);
    else {
      const inset = Math.max(1, size * 0.28);
      context.fillRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset);
    }
  }
}
