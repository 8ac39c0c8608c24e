// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual table are placed one by one, which <table> can't do
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and points to its row (aria-activedescendant)
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import {
  type ComponentProps,
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
} from "react";
import type { Sort } from "../../store/sorting.ts";

export interface GridColumn<Column extends string> {
  readonly id: string;
  readonly title: string;
  /** Absent: the column can't be sorted by. */
  readonly sort?: Column;
  readonly isNumber?: boolean;
  /** Instead of the title. */
  readonly head?: ReactNode;
}

/** What a row's outermost element must carry. */
export type RowAttributes = Pick<
  ComponentProps<"div">,
  "id" | "role" | "className" | "style" | "onPointerDown" | "onDoubleClick"
> & {
  readonly "aria-rowindex": number;
  readonly "aria-selected": boolean | undefined;
};

interface GridProps<Key extends string | number, Column extends string> {
  readonly label: string;
  readonly testId: string;
  /** Names the table's columns in the style sheet. */
  readonly className: string;
  readonly columns: readonly GridColumn<Column>[];
  readonly rows: readonly Key[];
  /** CSS pixels. */
  readonly rowHeight: number;
  readonly renderRow: (key: Key, attributes: RowAttributes) => ReactNode;
  readonly selected?: Key | undefined;
  readonly onSelect?: (key: Key) => void;
  /** Enter or a double click. */
  readonly onOpen?: (key: Key) => void;
  /** Delete. */
  readonly onDelete?: (key: Key) => void;
  /** Space. */
  readonly onToggle?: (key: Key) => void;
  /** Escape. */
  readonly onLeave?: () => void;
  readonly sort?: Sort<Column> | undefined;
  readonly onSort?: (column: Column) => void;
  readonly empty?: ReactNode;
}

/** CSS pixels. */
export const GRID_HEAD_HEIGHT = 30;

/**
 * A table of any length: only the rows in sight exist. One tab stop; arrows, Home, End and Page keys choose a row,
 * left and right reach what can be focused within it (`data-stop`).
 */
export function Grid<Key extends string | number, Column extends string = never>(props: GridProps<Key, Column>) {
  const { label, testId, className, columns, rows, rowHeight, renderRow, selected, onSelect, sort, onSort, empty } =
    props;
  const scroller = useRef<HTMLDivElement>(null);
  const gridId = useId();
  const rowId = (key: Key) => `${gridId}-${key}`;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index] as Key,
    overscan: 8,
    scrollPaddingEnd: GRID_HEAD_HEIGHT,
  });
  const selectedIndex = selected === undefined ? -1 : rows.indexOf(selected);

  useEffect(() => {
    if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: "auto" });
  }, [selectedIndex, virtualizer]);

  function handleKey(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const target = targetRow(event.key, selectedIndex, rows.length, page);
    const key = rows[selectedIndex];
    if (target !== undefined) {
      const next = rows[target];
      if (next !== undefined) onSelect?.(next);
      scroller.current?.focus();
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      if (key !== undefined) moveWithin(scroller.current, rowId(key), event.key === "ArrowRight" ? 1 : -1);
    } else if (event.key === "Escape" && event.target !== scroller.current) {
      scroller.current?.focus();
    } else {
      const act = { Enter: props.onOpen, Delete: props.onDelete, Backspace: props.onDelete, " ": props.onToggle }[
        event.key
      ];
      const isOnButton = event.target !== scroller.current && (event.key === "Enter" || event.key === " ");
      if (event.key === "Escape") props.onLeave?.();
      if (act === undefined || key === undefined || isOnButton) return;
      act(key);
    }
    event.preventDefault();
  }

  return (
    <div
      ref={scroller}
      className={`grid ${className}`}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={selected !== undefined && selectedIndex >= 0 ? rowId(selected) : undefined}
      data-testid={testId}
      onKeyDown={handleKey}
    >
      <div className="grid-head" role="rowgroup">
        <div className="grid-line" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div className="grid-body" role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const key = rows[index] as Key;
          const style: CSSProperties = { height: rowHeight, transform: `translateY(${start}px)` };
          return renderRow(key, {
            id: rowId(key),
            role: "row",
            className: "grid-line grid-row",
            style,
            "aria-rowindex": index + 2,
            "aria-selected": onSelect === undefined ? undefined : key === selected,
            onPointerDown: () => onSelect?.(key),
            onDoubleClick: () => props.onOpen?.(key),
          });
        })}
      </div>
      {rows.length === 0 && empty !== undefined && <div className="grid-empty">{empty}</div>}
    </div>
  );
}

function HeadCell<Column extends string>({
  column,
  sort,
  onSort,
}: {
  column: GridColumn<Column>;
  sort: Sort<Column> | undefined;
  onSort: ((column: Column) => void) | undefined;
}) {
  const { sort: by, title, head, isNumber } = column;
  const isSorted = by !== undefined && sort?.column === by;
  const direction = isSorted ? (sort.descending ? "descending" : "ascending") : undefined;
  const Arrow = direction === "descending" ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      className={`grid-cell cell-${column.id}`}
      data-number={isNumber}
      aria-sort={direction}
      aria-label={head === undefined ? undefined : title}
    >
      {by === undefined || onSort === undefined ? (
        (head ?? title)
      ) : (
        <button type="button" className="grid-sort" tabIndex={-1} onClick={() => onSort(by)}>
          <span>{title}</span>
          {isSorted && <Arrow size={12} aria-hidden="true" />}
        </button>
      )}
    </div>
  );
}

/** One cell. `testId` names the column for whoever looks for it. */
export function Cell({
  column,
  isNumber,
  children,
  title,
}: {
  column: string;
  isNumber?: boolean;
  children?: ReactNode;
  title?: string | undefined;
}) {
  return (
    <div role="gridcell" className={`grid-cell cell-${column}`} data-cell={column} data-number={isNumber} title={title}>
      {children}
    </div>
  );
}

function targetRow(key: string, from: number, count: number, page: number): number | undefined {
  const limited = (index: number) => Math.min(count - 1, Math.max(0, index));
  if (key === "ArrowDown") return limited(from + 1);
  if (key === "ArrowUp") return limited(from < 0 ? 0 : from - 1);
  if (key === "Home") return 0;
  if (key === "End") return limited(count - 1);
  if (key === "PageDown") return limited(from + page);
  if (key === "PageUp") return limited(from - page);
  return undefined;
}

/** Moves the focus between a row's stops; before the first one is the grid itself. */
function moveWithin(grid: HTMLElement | null, rowId: string, step: 1 | -1): void {
  const row = document.getElementById(rowId);
  if (grid === null || row === null) return;
  const stops = [...row.querySelectorAll<HTMLElement>("[data-stop]")];
  const next = stops.indexOf(document.activeElement as HTMLElement) + step;
  (next < 0 ? grid : (stops[Math.min(next, stops.length - 1)] ?? grid)).focus();
}
