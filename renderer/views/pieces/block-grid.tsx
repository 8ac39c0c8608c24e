import { useEffect, useRef } from "react";
import { type Colour, cssColour, type Palette, rampColour } from "../../canvas/palette.ts";
import type { BlockRun } from "../../format/piece-story.ts";
import { usePalette } from "../use-scheme.ts";
import { usePixelRatio, useSize } from "../use-size.ts";

const LARGEST = 18;
const SMALLEST = 5;
const MOST_HEIGHT = 132;

/** A piece's blocks as cells, from left to right and top to bottom. The list beside it says the same in words. */
export function BlockGrid({
  count,
  runs,
  isVerified,
  givers,
}: {
  count: number;
  runs: readonly BlockRun[] | undefined;
  isVerified: boolean;
  /** Who gave each block of a verified piece: where the giver changes, so does the shade. */
  givers: readonly number[] | undefined;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(frame);
  const ratio = usePixelRatio();
  const palette = usePalette();
  const cell = cellSize(count, width);
  const columns = Math.max(1, Math.floor(width / cell));
  const height = Math.ceil(count / columns) * cell;

  useEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    if (surface === null || !context || width === 0) return;
    surface.width = Math.round(width * ratio);
    surface.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const paint = (first: number, last: number, colour: Colour) => {
      context.fillStyle = cssColour(colour);
      for (let block = first; block <= last; block++) {
        const [x, y] = [(block % columns) * cell, Math.floor(block / columns) * cell];
        context.fillRect(x, y, cell - 1, cell - 1);
      }
    };
    paint(0, count - 1, rampColour(palette.ramp, isVerified ? 1 : 0));
    for (const { first, last, kind } of runs ?? []) paint(first, last, colourOf(kind, palette));
    if (givers === undefined) return;
    for (let i = 0, first = 0; i + 1 < givers.length; i += 2) {
      const length = givers[i + 1] as number;
      if (i % 4 === 2) paint(first, first + length - 1, rampColour(palette.ramp, OTHER_GIVER));
      first += length;
    }
  }, [count, runs, isVerified, givers, width, height, columns, cell, ratio, palette]);

  return (
    <div ref={frame} className="block-grid" aria-hidden="true">
      <canvas ref={canvas} style={{ width, height }} data-testid="piece-block-grid" />
    </div>
  );
}

const OTHER_GIVER = 0.7;

function colourOf(kind: BlockRun["kind"], palette: Palette): Colour {
  if (kind === "free") return rampColour(palette.ramp, 0);
  if (kind === "asked") return palette.states.requested;
  return kind === "shared" ? palette.shared : palette.received;
}

/** As large as fits. */
function cellSize(count: number, width: number): number {
  for (let cell = LARGEST; cell > SMALLEST; cell--) {
    if (Math.ceil(count / Math.max(1, Math.floor(width / cell))) * cell <= MOST_HEIGHT) return cell;
  }
  return SMALLEST;
}
