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
  readonly availability: Band;
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

const TOP = 4;
const AVAILABILITY_HEIGHT = 28;
const OWN_HEIGHT = 14;
const BAND_GAP = 6;
const NAMED_ROW = 15;
const HIGHEST_ROW = 20;
const LOWEST_ROW = 3;
/** Up to so many peers, names matter more than seeing all rows at once. */
const NAMED_ROWS = 100;
const NAMES_WIDTH = 192;
/** When only the two bands have names. */
const BAND_NAMES_WIDTH = 92;
/** Below this width, names would take more than they give. */
const NAMES_FROM = 520;
const RIGHT = 12;

/** Lays the heatmap out for a view of `width` × `height` CSS pixels. */
export function swarmGeometry(width: number, height: number, rowCount: number): SwarmGeometry {
  const availability = { top: TOP, height: AVAILABILITY_HEIGHT };
  const own = { top: availability.top + availability.height + BAND_GAP, height: OWN_HEIGHT };
  const rowsTop = own.top + own.height + BAND_GAP;
  const rowHeight = swarmRowHeight(rowCount, height - rowsTop);
  const hasNames = width >= NAMES_FROM && rowHeight >= NAMED_ROW;
  const plotLeft = hasNames ? NAMES_WIDTH : width >= NAMES_FROM ? BAND_NAMES_WIDTH : RIGHT;
  return {
    width,
    height,
    plotLeft,
    plotWidth: Math.max(1, width - plotLeft - RIGHT),
    availability,
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

/** What is under a point of the canvas, in CSS pixels. */
export interface Spot {
  readonly piece: number;
  readonly part: "availability" | "own" | "row";
  /** With `part` "row". */
  readonly row: number | undefined;
}

/** @returns Undefined outside of the plot and between its parts. */
export function spotAt(
  geometry: SwarmGeometry,
  x: number,
  y: number,
  scrollTop: number,
  pieceCount: number,
): Spot | undefined {
  const across = x - geometry.plotLeft;
  if (pieceCount === 0 || across < 0 || across >= geometry.plotWidth) return undefined;
  const piece = Math.min(pieceCount - 1, Math.floor((across * pieceCount) / geometry.plotWidth));
  if (isWithin(geometry.availability, y)) return { piece, part: "availability", row: undefined };
  if (isWithin(geometry.own, y)) return { piece, part: "own", row: undefined };
  const row = Math.floor((y - geometry.rowsTop + scrollTop) / geometry.rowHeight);
  if (y < geometry.rowsTop || row >= geometry.rowCount) return undefined;
  return { piece, part: "row", row };
}

function isWithin({ top, height }: Band, y: number): boolean {
  return y >= top && y < top + height;
}
