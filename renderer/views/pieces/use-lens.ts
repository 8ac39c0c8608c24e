import { useCallback, useMemo, useState } from "react";
import type { Range } from "../../canvas/geometry.ts";
import { moved, revealing, type Viewport, WHOLE, zoomed } from "../../canvas/viewport.ts";

/** How the user looks at the swarm's map: which part of the torrent, and how high the rows. */
export interface Lens {
  readonly view: Viewport;
  /** How much higher the rows are than they would be. */
  readonly rowScale: number;
  /** @param at - Of the plot's width, 0 … 1: what is there stays there. */
  zoomBy(factor: number, at?: number): void;
  /** @param by - Plot widths to the right. */
  moveBy(by: number): void;
  /** @param range - Shares of the torrent. */
  reveal(range: Range): void;
  showWhole(): void;
  growRows(factor: number): void;
}

const LEAST_ROWS = 1 / 4;
const MOST_ROWS = 12;

/** @param closest - The scale at which single blocks fill the eye. */
export function useLens(closest: number): Lens {
  const [view, setView] = useState(WHOLE);
  const [rowScale, setRowScale] = useState(1);
  const zoomBy = useCallback(
    (factor: number, at = 0.5) => setView((before) => zoomed(before, factor, at, closest)),
    [closest],
  );
  const rest = useMemo(
    () => ({
      moveBy: (by: number) => setView((before) => moved(before, by)),
      reveal: (range: Range) => setView((before) => revealing(before, range)),
      showWhole: () => {
        setView(WHOLE);
        setRowScale(1);
      },
      growRows: (factor: number) => setRowScale((before) => Math.min(MOST_ROWS, Math.max(LEAST_ROWS, before * factor))),
    }),
    [],
  );
  return useMemo(() => ({ view, rowScale, zoomBy, ...rest }), [view, rowScale, zoomBy, rest]);
}
