import type { Window } from "./viewport.ts";

/** Where pieces and peers are on a canvas, in whole device pixels. Pure: a test finds the pixel of any piece. */

/** A half-open range of pieces or of pixel columns. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

/** The pieces that one pixel column stands for: at least one, several when pieces are more than columns. */
export function piecesAt(column: number, columns: number, pieceCount: number): Range {
  if (pieceCount <= columns) {
    const first = Math.min(pieceCount - 1, Math.floor(((column + 0.5) * pieceCount) / columns));
    return { first, end: first + 1 };
  }
  const first = Math.floor((column * pieceCount) / columns);
  return { first, end: Math.max(first + 1, Math.floor(((column + 1) * pieceCount) / columns)) };
}

/** The pixel columns that show a piece: at least one. */
export function columnsOf(piece: number, columns: number, pieceCount: number): Range {
  if (pieceCount <= columns) {
    // The columns whose centre falls into the piece: the inverse of piecesAt.
    const first = Math.max(0, Math.ceil((piece * columns) / pieceCount - 0.5));
    const end = Math.ceil(((piece + 1) * columns) / pieceCount - 0.5);
    return { first, end: Math.max(first + 1, end) };
  }
  let first = Math.min(columns - 1, Math.floor((piece * columns) / pieceCount));
  while (first > 0 && piecesAt(first, columns, pieceCount).first > piece) first--;
  while (first < columns - 1 && piecesAt(first, columns, pieceCount).end <= piece) first++;
  return { first, end: first + 1 };
}

/** Cells at least this wide, in device pixels, get a gap between them: they read as single pieces. */
const GAPPED_CELL = 5;

/** Whether the last column of each piece is left empty. */
export function hasGaps(columns: number, pieceCount: number): boolean {
  return columns / pieceCount >= GAPPED_CELL;
}

/** The swarm heatmap's parts, in CSS pixels from the canvas's corner. */
export interface SwarmGeometry {
  /** The canvas. */
  readonly width: number;
  readonly height: number;
  /** Left of it are the names of the rows. */
  readonly plotLeft: number;
  readonly plotWidth: number;
  /** Numbers of pieces. */
  readonly axis: Band;
  readonly availability: Band;
  readonly rarity: Band;
  readonly own: Band;
  /** Where the peers' rows begin; they scroll below it. */
  readonly rowsTop: number;
  /** A row with the gap to the next one. */
  readonly rowHeight: number;
  readonly rowGap: number;
  readonly rowCount: number;
  /** Whether rows are high enough to carry their peer's name. */
  readonly hasNames: boolean;
}

/** A full-width strip. */
export interface Band {
  readonly top: number;
  readonly height: number;
}

const AXIS_HEIGHT = 16;
const AVAILABILITY_HEIGHT = 28;
const RARITY_HEIGHT = 8;
const OWN_HEIGHT = 14;
const BAND_GAP = 4;
const NAMED_ROW = 15;
const HIGHEST_ROW = 20;
const LOWEST_ROW = 2;
/** Up to so many peers, names matter more than seeing all rows at once. */
const NAMED_ROWS = 100;
const NAMES_WIDTH = 184;
/** When only the bands have names. */
const BAND_NAMES_WIDTH = 92;
/** Below this width, names would take more than they give. */
const NAMES_FROM = 460;
const SIDE = 12;

/**
 * Lays the heatmap out for a view of `width` × `height` CSS pixels.
 * @param rowScale - How much higher the user wants the rows than they would be.
 */
export function swarmGeometry(width: number, height: number, rowCount: number, rowScale = 1): SwarmGeometry {
  const below = ({ top, height: taken }: Band, next: number, gap = BAND_GAP) => ({
    top: top + taken + gap,
    height: next,
  });
  const axis = { top: 2, height: AXIS_HEIGHT };
  const availability = below(axis, AVAILABILITY_HEIGHT, 0);
  const rarity = below(availability, RARITY_HEIGHT, 2);
  const own = below(rarity, OWN_HEIGHT);
  const rowsTop = below(own, 0, BAND_GAP + 2).top;
  const fitting = swarmRowHeight(rowCount, height - rowsTop);
  const rowHeight = Math.min(2 * HIGHEST_ROW, Math.max(LOWEST_ROW, Math.round(fitting * rowScale)));
  const isWide = width >= NAMES_FROM;
  const hasNames = isWide && rowHeight >= NAMED_ROW;
  // The plot keeps its place while rows grow and shrink between named and thin.
  const plotLeft = !isWide ? SIDE : hasNames || rowCount <= NAMED_ROWS ? NAMES_WIDTH : BAND_NAMES_WIDTH;
  return {
    width,
    height,
    plotLeft,
    plotWidth: Math.max(1, width - plotLeft - SIDE),
    axis,
    availability,
    rarity,
    own,
    rowsTop,
    rowHeight,
    rowGap: rowHeight >= 6 ? 1 : 0,
    rowCount,
    hasNames,
  };
}

function swarmRowHeight(rowCount: number, available: number): number {
  const fitting = Math.floor(available / Math.max(1, rowCount));
  if (fitting >= NAMED_ROW || rowCount <= NAMED_ROWS) return Math.min(HIGHEST_ROW, Math.max(NAMED_ROW, fitting));
  return Math.max(LOWEST_ROW, fitting);
}

/** The height of all rows and what is above them: what a scroll bar spans. */
export function contentHeight(geometry: SwarmGeometry): number {
  return geometry.rowsTop + geometry.rowCount * geometry.rowHeight;
}

/** A row's top on the canvas; above `rowsTop` or below the canvas when it is scrolled out of sight. */
export function rowTop(geometry: SwarmGeometry, row: number, scrollTop: number): number {
  return geometry.rowsTop + row * geometry.rowHeight - scrollTop;
}

/** The rows of which at least a part is visible. */
export function visibleRowRange(geometry: SwarmGeometry, scrollTop: number): Range {
  const space = Math.max(0, geometry.height - geometry.rowsTop);
  const first = Math.max(0, Math.floor(scrollTop / geometry.rowHeight));
  return {
    first: Math.min(geometry.rowCount, first),
    end: Math.min(geometry.rowCount, Math.ceil((scrollTop + space) / geometry.rowHeight)),
  };
}

/** How a torrent is cut. */
export interface Cut {
  readonly pieceCount: number;
  /** Of every piece but the last, which may have fewer. */
  readonly blocksPerPiece: number;
}

/** What is under a point of the plot. */
export interface Spot {
  readonly piece: number;
  /** Where blocks are wide enough to be told apart. */
  readonly block: number | undefined;
  readonly part: "availability" | "own" | "row";
  /** With `part` "row". */
  readonly row: number | undefined;
}

/**
 * @param x - With `y`, CSS pixels from the canvas's corner.
 * @param window - What the plot shows, in device pixels, of which `ratio` are one CSS pixel.
 * @returns Undefined outside of the plot and between its parts.
 */
export function spotAt(
  geometry: SwarmGeometry,
  x: number,
  y: number,
  scrollTop: number,
  window: Window,
  ratio: number,
  cut: Cut,
): Spot | undefined {
  const column = Math.floor((x - geometry.plotLeft) * ratio);
  if (cut.pieceCount === 0 || column < 0 || column >= window.width) return undefined;
  const piece = piecesAt(window.left + column, window.world, cut.pieceCount).first;
  const unit = hasBlocks(window, cut)
    ? piecesAt(window.left + column, window.world, cut.pieceCount * cut.blocksPerPiece).first
    : undefined;
  const block = unit === undefined ? undefined : unit % cut.blocksPerPiece;
  if (y >= geometry.availability.top && y < geometry.own.top)
    return { piece, block, part: "availability", row: undefined };
  if (isWithin(geometry.own, y)) return { piece, block, part: "own", row: undefined };
  const row = rowAt(geometry, y, scrollTop);
  return row === undefined ? undefined : { piece, block, part: "row", row };
}

/** The row at a height, also beside the plot. */
export function rowAt(geometry: SwarmGeometry, y: number, scrollTop: number): number | undefined {
  const row = Math.floor((y - geometry.rowsTop + scrollTop) / geometry.rowHeight);
  return y < geometry.rowsTop || row >= geometry.rowCount ? undefined : row;
}

/** Blocks at least this wide, in device pixels, can be told apart. */
const SEEN_BLOCK = 2;

/** Whether single blocks can be told apart. */
export function hasBlocks({ world }: Window, { pieceCount, blocksPerPiece }: Cut): boolean {
  return blocksPerPiece > 1 && world / (pieceCount * blocksPerPiece) >= SEEN_BLOCK;
}

function isWithin({ top, height }: Band, y: number): boolean {
  return y >= top && y < top + height;
}
