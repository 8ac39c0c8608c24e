import { type RefObject, useLayoutEffect, useRef } from "react";
import { usePixelRatio } from "../use-size.ts";

/**
 * A canvas of a size in CSS pixels, painted whenever `paint` is another function.
 * @param geometry - Left on the element for whoever probes pixels.
 */
export function useCanvas(
  width: number,
  height: number,
  paint: (context: CanvasRenderingContext2D, font: string) => void,
  geometry: object,
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ratio = usePixelRatio();
  useLayoutEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (surface === null || !context || columns <= 0 || rows <= 0) return;
    if (surface.width !== columns || surface.height !== rows) {
      surface.width = columns;
      surface.height = rows;
      surface.style.width = `${width}px`;
      surface.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context, getComputedStyle(surface).fontFamily);
    surface.dataset.geometry = JSON.stringify(geometry);
  }, [width, height, ratio, paint, geometry]);
  return canvas;
}
