import { formatCount } from "../format/units.ts";
import { say } from "../words/say.ts";
import { columnsOf, rowTop, visibleRowRange } from "./geometry.ts";
import { cssColour } from "./palette.ts";
import type { SwarmPicture } from "./swarm-picture.ts";

const NAME_LEFT = 12;
const NAME_GAP = 10;
const SHARE_WIDTH = 42;
/** CSS pixels between two numbers on the axis, at least. */
const TICK_SPACE = 84;

/** Writes the rows' names and the axis beside the plot, over what was painted. */
export function writeWords(context: CanvasRenderingContext2D, picture: SwarmPicture, family: string): void {
  const { geometry, ratio, palette } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = "middle";
  context.font = `500 11px ${family}`;
  context.fillStyle = cssColour(palette.quiet);
  if (geometry.plotLeft > NAME_LEFT) {
    const { availability, rarity, own } = geometry;
    context.fillText(say.swarm.availability, NAME_LEFT, availability.top + availability.height / 3);
    context.fillText(say.swarm.rarityName, NAME_LEFT, rarity.top + rarity.height / 2 - 2);
    context.fillText(say.swarm.ours, NAME_LEFT, own.top + own.height / 2 + 1);
  }
  writeAxis(context, picture);
  if (geometry.hasNames) writeNames(context, picture, family);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

function writeNames(context: CanvasRenderingContext2D, picture: SwarmPicture, family: string): void {
  const { geometry, rows, scrollTop, palette } = picture;
  const right = geometry.plotLeft - NAME_GAP;
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

/** Numbers of pieces, round ones, each over the left edge of its piece. */
function writeAxis(context: CanvasRenderingContext2D, picture: SwarmPicture): void {
  const { geometry, window, cut, ratio, palette } = picture;
  const piecesInSight = (window.width / window.world) * cut.pieceCount;
  const step = roundStep((piecesInSight * TICK_SPACE) / geometry.plotWidth);
  const firstPiece = (window.left / window.world) * cut.pieceCount;
  const { top, height } = geometry.axis;
  context.save();
  context.font = context.font.replace("11px", "10px");
  for (let piece = Math.ceil(firstPiece / step) * step; piece < cut.pieceCount; piece += step) {
    const column = columnsOf(piece, window.world, cut.pieceCount).first - window.left;
    if (column >= window.width) break;
    const x = geometry.plotLeft + Math.max(0, column) / ratio;
    const label = formatCount(piece);
    context.fillStyle = cssColour(palette.grid);
    context.fillRect(Math.round(x * ratio) / ratio, top + 4, 1 / ratio, height - 5);
    if (x + 4 + context.measureText(label).width > geometry.width) continue;
    context.fillStyle = cssColour(palette.quiet);
    context.fillText(label, x + 4, top + height / 2);
  }
  context.restore();
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  const times = [1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10;
  return Math.max(1, times * power);
}

const cuts = new Map<string, string>();
const MOST_CUTS = 4000;

/** Text that is cut where it would be wider than `most`; measuring is slow, and names stay. */
function fitted(context: CanvasRenderingContext2D, text: string, most: number): string {
  const key = `${most} ${text}`;
  const known = cuts.get(key);
  if (known !== undefined) return known;
  let shown = text;
  for (let length = text.length - 1; length > 0 && context.measureText(shown).width > most; length--) {
    shown = `${text.slice(0, length)}…`;
  }
  if (cuts.size >= MOST_CUTS) cuts.clear();
  cuts.set(key, shown);
  return shown;
}
