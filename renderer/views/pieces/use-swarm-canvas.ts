import { type RefObject, useEffect, useRef } from "react";
import { paintSwarm, type SwarmPicture, writeNames } from "../../canvas/swarm-picture.ts";

/** Draws the picture once a frame at most, and only when it changed. */
export function useSwarmCanvas(picture: SwarmPicture): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useRef<ImageData>(undefined);
  const { geometry, rows, pieces, scrollTop, ratio, palette } = picture;

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const surface = canvas.current;
      const context = surface?.getContext("2d");
      if (surface === null || !context) return;
      const width = Math.round(geometry.width * ratio);
      const height = Math.round(geometry.height * ratio);
      if (width === 0 || height === 0) return;
      if (surface.width !== width || surface.height !== height) {
        surface.width = width;
        surface.height = height;
        surface.style.width = `${geometry.width}px`;
        surface.style.height = `${geometry.height}px`;
      }
      // Kept between frames: a full window is megabytes that need not be allocated four times a second.
      if (image.current?.width !== width || image.current.height !== height)
        image.current = new ImageData(width, height);
      const shown = { geometry, rows, pieces, scrollTop, ratio, palette };
      paintSwarm({ pixels: new Uint32Array(image.current.data.buffer), width, height }, shown);
      context.putImageData(image.current, 0, 0);
      writeNames(context, shown, getComputedStyle(surface).fontFamily);
      tellGeometry(surface, shown);
    });
    return () => cancelAnimationFrame(frame);
  }, [geometry, rows, pieces, scrollTop, ratio, palette]);

  return canvas;
}

/** Leaves on the element where everything was drawn, for whoever probes pixels. */
function tellGeometry(surface: HTMLCanvasElement, { geometry, rows, pieces, scrollTop }: SwarmPicture): void {
  surface.dataset.geometry = JSON.stringify({ ...geometry, scrollTop, pieceCount: pieces.states.length });
  surface.dataset.peers = rows
    .slice(0, PROBED_ROWS)
    .map((row) => row.id)
    .join(" ");
}

const PROBED_ROWS = 200;
