import { memo, type RefObject, useCallback, useLayoutEffect, useRef } from "react";
import { paintBitfield, paintOwn, type Raster } from "../../canvas/paint.ts";
import { usePalette } from "../use-scheme.ts";
import { usePixelRatio } from "../use-size.ts";

interface StripProps {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly label: string;
}

/** A peer's bitfield as one line of the heatmap. */
export const PeerStrip = memo(function PeerStrip({
  bits,
  pieceCount,
  width,
  height,
  label,
}: StripProps & { bits: Uint8Array | undefined; pieceCount: number }) {
  const palette = usePalette();
  const paint = useCallback(
    (raster: Raster) => paintBitfield(raster, 0, 0, raster.width, raster.height, bits, pieceCount, palette),
    [bits, pieceCount, palette],
  );
  const canvas = useStrip(width, height, paint);
  return <canvas ref={canvas} className="strip" role="img" aria-label={label} data-testid="peer-strip" />;
});

/** Our own pieces, above the peers' strips and aligned with them. */
export const OwnStrip = memo(function OwnStrip({ states, width, height, label }: StripProps & { states: Uint8Array }) {
  const palette = usePalette();
  const paint = useCallback(
    (raster: Raster) => paintOwn(raster, 0, 0, raster.width, raster.height, states, palette),
    [states, palette],
  );
  const canvas = useStrip(width, height, paint);
  return <canvas ref={canvas} className="strip" role="img" aria-label={label} data-testid="own-strip" />;
});

/** Draws whenever `paint`, the size or the screen's resolution changed. */
function useStrip(width: number, height: number, paint: (raster: Raster) => void): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ratio = usePixelRatio();
  useLayoutEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    const columns = Math.round(width * ratio);
    if (surface === null || !context || columns <= 0) return;
    surface.width = columns;
    surface.height = Math.round(height * ratio);
    surface.style.width = `${width}px`;
    surface.style.height = `${height}px`;
    const image = context.createImageData(surface.width, surface.height);
    paint({ pixels: new Uint32Array(image.data.buffer), width: surface.width, height: surface.height });
    context.putImageData(image, 0, 0);
  }, [width, height, ratio, paint]);
  return canvas;
}
