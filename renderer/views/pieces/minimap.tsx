import { type PointerEvent, useEffect, useRef } from "react";
import type { PiecesView } from "../../../core/contract/views.ts";
import type { SwarmGeometry } from "../../canvas/geometry.ts";
import { paintOwn } from "../../canvas/paint.ts";
import type { Palette } from "../../canvas/palette.ts";
import { formatCount } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import type { Lens } from "./use-lens.ts";

const HEIGHT = 10;
/** CSS pixels: what is smaller can't be grasped. */
const LEAST_THUMB = 14;

/** The whole torrent under the map, with a thumb over the part of it that is in sight. */
export function Minimap({
  pieces,
  lens,
  geometry,
  palette,
  ratio,
}: {
  pieces: PiecesView;
  lens: Lens;
  geometry: SwarmGeometry;
  palette: Palette;
  ratio: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grasped = useRef<number>(undefined);
  const { plotLeft, plotWidth } = geometry;
  const { scale, start } = lens.view;
  const { states } = pieces;
  const pieceCount = states.length;

  useEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    const [width, height] = [Math.round(plotWidth * ratio), Math.round(HEIGHT * ratio)];
    if (surface === null || !context || width < 1) return;
    surface.width = width;
    surface.height = height;
    const image = context.createImageData(width, height);
    paintOwn({ pixels: new Uint32Array(image.data.buffer), width, height }, 0, 0, width, height, states, palette);
    context.putImageData(image, 0, 0);
  }, [states, palette, plotWidth, ratio]);

  const thumb = Math.max(LEAST_THUMB, plotWidth / scale);
  const left = scale === 1 ? 0 : (start / (1 - 1 / scale)) * (plotWidth - thumb);

  function at(event: PointerEvent): number {
    return event.clientX - event.currentTarget.getBoundingClientRect().left;
  }

  /** Puts the thumb's left edge there. */
  function moveTo(edge: number): void {
    const goal = Math.min(1, Math.max(0, edge / Math.max(1, plotWidth - thumb))) * (1 - 1 / scale);
    lens.moveBy((goal - start) * scale);
  }

  function press(event: PointerEvent): void {
    const x = at(event);
    const isOnThumb = x >= left && x <= left + thumb;
    grasped.current = isOnThumb ? x - left : thumb / 2;
    event.currentTarget.setPointerCapture(event.pointerId);
    if (!isOnThumb) moveTo(x - thumb / 2);
  }

  const first = Math.floor(start * pieceCount);
  const last = Math.min(pieceCount - 1, Math.max(first, Math.ceil((start + 1 / scale) * pieceCount) - 1));
  return (
    <div
      className="minimap"
      role="scrollbar"
      aria-label={say.swarm.overview}
      aria-orientation="horizontal"
      aria-controls="swarm-map"
      aria-valuemin={0}
      aria-valuemax={pieceCount - 1}
      aria-valuenow={first}
      aria-valuetext={say.swarm.inSight(formatCount(first), formatCount(last), formatCount(pieceCount))}
      tabIndex={-1}
      data-testid="minimap"
      style={{ marginInlineStart: plotLeft, width: plotWidth }}
      onPointerDown={press}
      onPointerMove={(event) => {
        if (grasped.current !== undefined) moveTo(at(event) - grasped.current);
      }}
      onPointerUp={() => {
        grasped.current = undefined;
      }}
      onPointerCancel={() => {
        grasped.current = undefined;
      }}
    >
      <canvas ref={canvas} className="minimap-canvas" style={{ width: plotWidth, height: HEIGHT }} />
      <div className="minimap-thumb" style={{ transform: `translateX(${left}px)`, width: thumb }} />
    </div>
  );
}
