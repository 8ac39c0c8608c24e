import { readFileSync, renameSync, writeFileSync } from "node:fs";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window was. */
export interface WindowState {
  readonly bounds: Rectangle;
  readonly isMaximized: boolean;
}

export const SMALLEST_WINDOW = { width: 720, height: 480 } as const;
const FIRST_WINDOW = { width: 1280, height: 820 } as const;
/** Less of a window on a screen can't be grabbed. */
const LEAST_VISIBLE = 80;

/** @returns What was kept, or undefined when nothing readable was: the window then opens as for the first time. */
export function readWindowState(file: string): WindowState | undefined {
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
  const { bounds, isMaximized } = (kept ?? {}) as { bounds?: Partial<Rectangle>; isMaximized?: unknown };
  const numbers = [bounds?.x, bounds?.y, bounds?.width, bounds?.height];
  if (!numbers.every((value) => Number.isInteger(value)) || typeof isMaximized !== "boolean") return undefined;
  return { bounds: bounds as Rectangle, isMaximized };
}

/** Losing it costs the window's place only, so it is replaced whole but not forced to the disk. */
export function keepWindowState(file: string, state: WindowState): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, JSON.stringify(state));
  renameSync(temporary, file);
}

/**
 * Where to open the window: where it was, unless that screen is gone or too small now.
 * @param workAreas - Of each screen, without task bars; the first is the main one.
 */
export function placeWindow(kept: WindowState | undefined, workAreas: readonly Rectangle[]): Partial<Rectangle> {
  const main = workAreas[0];
  const limited = (wanted: number, least: number, room: number | undefined) =>
    Math.max(least, Math.min(wanted, room ?? wanted));
  const { bounds } = kept ?? {};
  const screen = bounds === undefined ? undefined : workAreas.find((area) => isReachable(bounds, area));
  const { width, height } = bounds ?? FIRST_WINDOW;
  const size = {
    width: limited(width, SMALLEST_WINDOW.width, (screen ?? main)?.width),
    height: limited(height, SMALLEST_WINDOW.height, (screen ?? main)?.height),
  };
  return screen === undefined || bounds === undefined ? size : { x: bounds.x, y: bounds.y, ...size };
}

/** Enough of the title bar is on the screen to be grabbed. */
function isReachable(bounds: Rectangle, area: Rectangle): boolean {
  const visible = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  return visible >= LEAST_VISIBLE && bounds.y >= area.y && bounds.y <= area.y + area.height - LEAST_VISIBLE;
}
