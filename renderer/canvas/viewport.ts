import type { Range } from "./geometry.ts";

/**
 * Which part of the torrent a plot shows, whatever the plot's width. The torrent is thought of as a picture of `scale`
 * plots side by side, of which one is in sight.
 */
export interface Viewport {
  /** 1: the whole torrent. */
  readonly scale: number;
  /** Where the plot's left edge is, as a share of the torrent: 0 … 1 − 1 / scale. */
  readonly start: number;
}

export const WHOLE: Viewport = { scale: 1, start: 0 };

/** The same in device pixels: whole ones, so that a picture that is moved looks the same beside where it was. */
export interface Window {
  /** Columns of the whole torrent. */
  readonly world: number;
  /** The first column in sight. */
  readonly left: number;
  /** How many are. */
  readonly width: number;
}

/** @param columns - Device pixels of the plot. */
export function windowOf({ scale, start }: Viewport, columns: number): Window {
  const world = Math.max(columns, Math.round(columns * scale));
  return { world, left: Math.min(world - columns, Math.max(0, Math.round(start * world))), width: columns };
}

/** A block is never drawn wider than this, in device pixels of a screen without scaling. */
const WIDEST_BLOCK = 28;

/** The scale at which single blocks can be read. @param plotWidth - CSS pixels. */
export function closestScale(blocks: number, plotWidth: number): number {
  return Math.max(1, (blocks * WIDEST_BLOCK) / Math.max(1, plotWidth));
}

/** @param at - Of the plot's width, 0 … 1: what is there stays there. */
export function zoomed(view: Viewport, factor: number, at: number, closest: number): Viewport {
  const scale = Math.min(closest, Math.max(1, view.scale * factor));
  return limited({ scale, start: view.start + at / view.scale - at / scale });
}

/** @param by - Plot widths to the right. */
export function moved(view: Viewport, by: number): Viewport {
  return limited({ ...view, start: view.start + by / view.scale });
}

/** Moves as little as is needed to show a range of the torrent, given in shares of it. */
export function revealing(view: Viewport, { first, end }: Range): Viewport {
  const shown = 1 / view.scale;
  if (first < view.start || end - first > shown) return limited({ ...view, start: first });
  return end > view.start + shown ? limited({ ...view, start: end - shown }) : view;
}

function limited({ scale, start }: Viewport): Viewport {
  return { scale, start: Math.min(1 - 1 / scale, Math.max(0, start)) };
}
