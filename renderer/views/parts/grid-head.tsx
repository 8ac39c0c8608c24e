// biome-ignore-all lint/a11y/useSemanticElements: see grid.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: heads are reached by arrow keys, and focusable where they do something
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { Sort } from "../../store/sorting.ts";
import { type ColumnShape, moved } from "../../store/table-layout.ts";
import { say } from "../../words/say.ts";
import type { MenuPlace } from "./menu.tsx";
import type { Columns } from "./use-columns.ts";

export interface GridColumn<Column extends string> {
  readonly id: string;
  readonly title: string;
  /** Absent: the column can't be sorted by. */
  readonly sort?: Column;
  readonly isNumber?: boolean;
  /** Instead of the title. */
  readonly head?: ReactNode;
}

/** A column of a table whose user arranges its columns. */
export type ShapedColumn<Column extends string> = GridColumn<Column> & ColumnShape;

/** A key press changes a column by this, in CSS pixels. */
const STEP = 12;
/** A pointer that moved less has pressed, not dragged. */
const DRAG_BEGINS = 5;

/** A plain head: what a column is, and how to sort by it. */
export function HeadCell<Column extends string>({
  column,
  sort,
  onSort,
}: {
  column: GridColumn<Column>;
  sort: Sort<Column> | undefined;
  onSort: ((column: Column) => void) | undefined;
}) {
  const { sort: by, title, head, isNumber } = column;
  return (
    <div
      role="columnheader"
      className={`grid-cell cell-${column.id}`}
      data-number={isNumber}
      aria-sort={directionOf(column, sort)}
      aria-label={head === undefined ? undefined : title}
    >
      {by === undefined || onSort === undefined ? (
        (head ?? title)
      ) : (
        <button type="button" className="grid-sort" tabIndex={-1} onClick={() => onSort(by)}>
          <SortedTitle column={column} sort={sort} />
        </button>
      )}
    </div>
  );
}

/** Heads that are dragged to another place, by their edge to another width, and moved and resized by keys. */
export function ArrangedHeads<Column extends string>({
  columns,
  sort,
  onSort,
  onMenu,
}: {
  columns: Columns<ShapedColumn<Column>>;
  sort: Sort<Column> | undefined;
  onSort: ((column: Column) => void) | undefined;
  onMenu: (place: MenuPlace, column: string) => void;
}) {
  const [drag, setDrag] = useState<{ readonly id: string; readonly before: string | undefined }>();
  return columns.visible.map((column, index) => (
    <ArrangedHead
      key={column.id}
      column={column}
      columns={columns}
      sort={sort}
      onSort={onSort}
      onMenu={onMenu}
      isDragged={drag?.id === column.id}
      marksDrop={drag === undefined ? undefined : dropMark(columns.visible, index, drag.before)}
      onDrag={setDrag}
      onDrop={() => {
        if (drag !== undefined) columns.change(moved(columns.all, columns.layout, drag.id, drag.before));
        setDrag(undefined);
      }}
    />
  ));
}

function dropMark(visible: readonly ColumnShape[], index: number, before: string | undefined): string | undefined {
  if (visible[index]?.id === before) return "before";
  return before === undefined && index === visible.length - 1 ? "after" : undefined;
}

function ArrangedHead<Column extends string>({
  column,
  columns,
  sort,
  onSort,
  onMenu,
  isDragged,
  marksDrop,
  onDrag,
  onDrop,
}: {
  column: ShapedColumn<Column>;
  columns: Columns<ShapedColumn<Column>>;
  sort: Sort<Column> | undefined;
  onSort: ((column: Column) => void) | undefined;
  onMenu: (place: MenuPlace, column: string) => void;
  isDragged: boolean;
  marksDrop: string | undefined;
  onDrag: (drag: { readonly id: string; readonly before: string | undefined } | undefined) => void;
  onDrop: () => void;
}) {
  const { id, sort: by, title, head, isNumber } = column;
  const cell = useRef<HTMLDivElement>(null);
  const pressed = useRef<{ readonly x: number; hasMoved: boolean }>(undefined);

  function handleKey(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      onMenu(placeOf(event.currentTarget), id);
    } else if (event.key === "Enter" || event.key === " ") {
      if (by !== undefined) onSort?.(by);
    } else if (event.key === "F2") columns.fit(id);
    else if (step !== 0 && event.shiftKey) columns.resize(id, columns.widthOf(id) + step * STEP);
    else if (step !== 0 && (event.ctrlKey || event.metaKey)) columns.nudge(id, step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function startDrag(event: PointerEvent): void {
    if (event.button !== 0) return;
    pressed.current = { x: event.clientX, hasMoved: false };
    cell.current?.setPointerCapture(event.pointerId);
  }

  function moveDrag(event: PointerEvent): void {
    const press = pressed.current;
    if (press === undefined) return;
    press.hasMoved ||= Math.abs(event.clientX - press.x) > DRAG_BEGINS;
    if (press.hasMoved) onDrag({ id, before: columnAt(cell.current, event.clientX) });
  }

  function endDrag(): void {
    const press = pressed.current;
    pressed.current = undefined;
    if (press?.hasMoved) onDrop();
    else if (press !== undefined && by !== undefined) onSort?.(by);
  }

  return (
    <div
      ref={cell}
      role="columnheader"
      className={`grid-cell grid-arranged cell-${id}`}
      tabIndex={-1}
      data-head={id}
      data-number={isNumber}
      data-dragged={isDragged}
      data-drop={marksDrop}
      data-sortable={by !== undefined}
      aria-sort={directionOf(column, sort)}
      aria-label={head === undefined ? undefined : title}
      title={title}
      onKeyDown={handleKey}
      onPointerDown={startDrag}
      onPointerMove={moveDrag}
      onPointerUp={endDrag}
      onPointerCancel={() => {
        pressed.current = undefined;
        onDrag(undefined);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onMenu({ x: event.clientX, y: event.clientY }, id);
      }}
    >
      {head ?? <SortedTitle column={column} sort={sort} />}
      <ResizeEdge column={column} columns={columns} />
    </div>
  );
}

/** The edge between two columns: dragged, it resizes the left one; double-clicked, it fits it. */
function ResizeEdge<Column extends string>({
  column: { id },
  columns,
}: {
  column: ShapedColumn<Column>;
  columns: Columns<ShapedColumn<Column>>;
}) {
  const grip = useRef<{ readonly x: number; readonly width: number }>(undefined);
  const widthAt = (x: number) => (grip.current === undefined ? undefined : grip.current.width + x - grip.current.x);
  return (
    <span
      className="grid-edge"
      aria-hidden="true"
      title={say.table.resize}
      data-testid="column-edge"
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.button !== 0) return;
        grip.current = { x: event.clientX, width: columns.widthOf(id) };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const width = widthAt(event.clientX);
        if (width !== undefined) columns.preview(id, width);
      }}
      onPointerUp={(event) => {
        const width = widthAt(event.clientX);
        const hasMoved = grip.current !== undefined && event.clientX !== grip.current.x;
        grip.current = undefined;
        event.stopPropagation();
        if (width !== undefined && hasMoved) columns.resize(id, width);
      }}
      onPointerCancel={() => {
        grip.current = undefined;
      }}
      onDoubleClick={(event) => {
        event.stopPropagation();
        columns.fit(id);
      }}
    />
  );
}

function SortedTitle<Column extends string>({
  column,
  sort,
}: {
  column: GridColumn<Column>;
  sort: Sort<Column> | undefined;
}) {
  const direction = directionOf(column, sort);
  const Arrow = direction === "descending" ? ArrowDown : ArrowUp;
  return (
    <span className="grid-title">
      <span className="ellipsis">{column.title}</span>
      {direction !== undefined && <Arrow size={12} aria-hidden="true" />}
    </span>
  );
}

function directionOf<Column extends string>(
  { sort: by }: GridColumn<Column>,
  sort: Sort<Column> | undefined,
): "ascending" | "descending" | undefined {
  if (by === undefined || sort?.column !== by) return undefined;
  return sort.descending ? "descending" : "ascending";
}

/** The column in front of which something dropped here comes; undefined: behind the last. */
function columnAt(cell: HTMLElement | null, x: number): string | undefined {
  for (const head of cell?.parentElement?.querySelectorAll<HTMLElement>("[data-head]") ?? []) {
    const { left, width } = head.getBoundingClientRect();
    if (x < left + width / 2) return head.dataset.head;
  }
  return undefined;
}

/** Where a menu comes up that was asked for by a key. */
export function placeOf(element: Element): MenuPlace {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x, y, width, height };
}
