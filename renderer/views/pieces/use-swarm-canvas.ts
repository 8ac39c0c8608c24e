import { type RefObject, useEffect, useRef } from "react";
import { SwarmPainter, type SwarmPicture } from "../../canvas/swarm-picture.ts";
import { writeWords } from "../../canvas/swarm-words.ts";

/** Draws the picture once a frame at most, and only when it changed. */
export function useSwarmCanvas(picture: SwarmPicture): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useRef<ImageData>(undefined);
  const painter = useRef<SwarmPainter>(undefined);

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const surface = canvas.current;
      const context = surface?.getContext("2d");
      if (surface === null || !context) return;
      const { geometry, ratio } = picture;
      const width = Math.round(geometry.width * ratio);
      const height = Math.round(geometry.height * ratio);
      if (width === 0 || height === 0) return;
      const started = performance.now();
      if (surface.width !== width || surface.height !== height) {
        surface.width = width;
        surface.height = height;
        surface.style.width = `${geometry.width}px`;
        surface.style.height = `${geometry.height}px`;
      }
      // Kept between frames: a full window is megabytes that need not be allocated four times a second.
      if (image.current?.width !== width || image.current.height !== height)
        image.current = new ImageData(width, height);
      painter.current ??= new SwarmPainter();
      painter.current.paint({ pixels: new Uint32Array(image.current.data.buffer), width, height }, picture);
      context.putImageData(image.current, 0, 0);
      writeWords(context, picture, familyOf(surface));
      tellGeometry(surface, picture, performance.now() - started);
    });
    return () => cancelAnimationFrame(frame);
  }, [picture]);

  return canvas;
}

let family: string | undefined;

/** Asked for once: to ask makes the browser lay the page out. */
function familyOf(surface: HTMLElement): string {
  family ??= getComputedStyle(surface).fontFamily;
  return family;
}

/** Leaves on the element where everything was drawn, for whoever probes pixels. */
function tellGeometry(surface: HTMLCanvasElement, picture: SwarmPicture, millis: number): void {
  const { geometry, rows, cut, window, scrollTop } = picture;
  surface.dataset.geometry = JSON.stringify({ ...geometry, ...cut, window, scrollTop });
  surface.dataset.millis = millis.toFixed(2);
  surface.dataset.peers = rows
    .slice(0, PROBED_ROWS)
    .map((row) => row.id)
    .join(" ");
}

const PROBED_ROWS = 200;
