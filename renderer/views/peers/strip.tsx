import { memo, useLayoutEffect, useRef } from "react";
import { paintBitfield, paintOwn, type Raster } from "../../canvas/paint.ts";
import { usePalette } from "../use-scheme.ts";
import { usePixelRatio } from "../use-size.ts";

interface StripProps {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pieceCount: number;
  readonly label: string;
}

/** A peer's bitfield as one line of the heatmap. */
export const PeerStrip = memo(function PeerStrip({ bits, ...strip }: StripProps & { bits: Uint8Array | undefined }) {
  const palette = usePalette();
  const canvas = useStrip(strip, [bits, palette], (raster) =>
    paintBitfield(raster, 0, 0, raster.width, raster.height, bits, strip.pieceCount, palette),
  );
  return <canvas ref={canvas} className="strip" role="img" aria-label={strip.label} data-testid="peer-strip" />;
});

/** Our own pieces, above the peers' strips and aligned with them. */
export const OwnStrip = memo(function OwnStrip({ states, ...strip }: StripProps & { states: Uint8Array }) {
  const palette = usePalette();
  const canvas = useStrip(strip, [states, palette], (raster) =>
    paintOwn(raster, 0, 0, raster.width, raster.height, states, palette),
  );
  return <canvas ref={canvas} className="strip" role="img" aria-label={strip.label} data-testid="own-strip" />;
});

/** Draws whenever what is drawn, the size or the screen's resolution changed. */
function useStrip(
  { width, height, pieceCount }: StripProps,
  drawn: readonly unknown[],
  paint: (raster: Raster) => void,
) {
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
  }, [width, height, ratio, pieceCount, ...drawn]);
  return canvas;
}
