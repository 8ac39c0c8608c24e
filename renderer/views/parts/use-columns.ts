import { type RefObject, useCallback, useMemo } from "react";
import {
  arranged,
  type ColumnShape,
  columnTemplate,
  LEAST_WIDTH,
  MOST_WIDTH,
  nudged,
  ordered,
  resized,
  shownOrHidden,
  type TableLayout,
  widthOf,
} from "../../store/table-layout.ts";
import { useActions, useApp } from "../app-context.tsx";
import { useSize } from "../use-size.ts";

const AS_MADE: TableLayout = {};
/** Both sides of a line, in CSS pixels. */
const LINE_PADDING = 12;
/** Kept free at the end of each line for the button above. */
const CORNER = 22;
/** Space that a cell keeps around what is in it, and a little air. */
const CELL_PADDING = 18;

/** The columns of a table that its user arranges, and what may be done to them. */
export interface Columns<C extends ColumnShape> {
  /** In the order and of the number that are on screen. */
  readonly visible: readonly C[];
  /** All there are, in the user's order. */
  readonly all: readonly C[];
  readonly layout: TableLayout;
  /** CSS variables for the grid: widths reach the cells through them, without a render. */
  readonly style: Record<string, string>;
  change(layout: TableLayout): void;
  resize(id: string, width: number): void;
  /** As {@link resize}, on screen only: while an edge is dragged. */
  preview(id: string, width: number): void;
  nudge(id: string, step: 1 | -1): void;
  show(id: string, isShown: boolean): void;
  fit(id: string): void;
  /** CSS pixels, as it is on screen. */
  widthOf(id: string): number;
}

/**
 * @param table - Names the table in the user's preferences.
 * @param shapes - Must keep its identity between renders.
 */
export function useColumns<C extends ColumnShape>(
  table: string,
  shapes: readonly C[],
  scroller: RefObject<HTMLElement | null>,
): Columns<C> {
  const { prefer } = useActions();
  const layout = useApp((state) => state.preferences.tables[table]) ?? AS_MADE;
  const tables = useApp((state) => state.preferences.tables);
  const { width } = useSize(scroller);
  const all = useMemo(() => ordered(shapes, layout), [shapes, layout]);
  const room = Math.max(0, width - LINE_PADDING - CORNER);
  const kept = arranged(shapes, layout, room)
    .map(({ id }) => id)
    .join(" ");
  // Each step of a splitter is another room; rows are to be drawn again only when it changes what is visible.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `kept` is what `room` comes to
  const visible = useMemo(() => arranged(shapes, layout, room), [shapes, layout, kept]);
  const style = useMemo(() => columnStyle(visible, layout), [visible, layout]);

  const change = useCallback(
    (changed: TableLayout) => prefer({ tables: { ...tables, [table]: changed } }),
    [prefer, tables, table],
  );
  const onScreen = (id: string): number => {
    const head = scroller.current?.querySelector<HTMLElement>(`[data-head="${id}"]`);
    const shape = shapes.find((column) => column.id === id);
    return head?.offsetWidth ?? (shape === undefined ? LEAST_WIDTH : widthOf(shape, layout));
  };
  return {
    visible,
    all,
    layout,
    style,
    change,
    widthOf: onScreen,
    resize: (id, to) => change(resized(layout, id, to)),
    preview(id, to) {
      const drawn = columnStyle(visible, resized(layout, id, to));
      for (const [name, value] of Object.entries(drawn)) scroller.current?.style.setProperty(name, value);
    },
    nudge: (id, step) => change(nudged(shapes, layout, visible, id, step)),
    show: (id, isShown) => change(shownOrHidden(layout, id, isShown)),
    fit: (id) => change(resized(layout, id, contentWidth(scroller.current, id))),
  };
}

function columnStyle(visible: readonly ColumnShape[], layout: TableLayout): Record<string, string> {
  const least = visible.reduce((sum, column) => sum + widthOf(column, layout), LINE_PADDING);
  return { "--columns": `${columnTemplate(visible, layout)} ${CORNER}px`, "--least-width": `${least + CORNER}px` };
}

/** What the widest cell of a column that exists would need. Rows out of sight do not. */
function contentWidth(grid: HTMLElement | null, id: string): number {
  const range = document.createRange();
  let widest = LEAST_WIDTH;
  for (const cell of grid?.querySelectorAll(`[data-head="${id}"] .grid-title, [data-cell="${id}"]`) ?? []) {
    range.selectNodeContents(cell);
    widest = Math.max(widest, range.getBoundingClientRect().width + CELL_PADDING);
  }
  return Math.min(MOST_WIDTH, Math.ceil(widest));
}
