// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual table are placed one by one, which <table> can't do
// biome-ignore-all lint/a11y/noStaticElementInteractions: its role is one of two, which the linter does not see
// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: as above
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and points to its row (aria-activedescendant)
import { useVirtualizer } from "@tanstack/react-virtual";
import { Columns3 } from "lucide-react";
import {
  type ComponentProps,
  type CSSProperties,
  Fragment,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { allChosen, type ChoiceKind, chosen, type Selection } from "../../store/selection.ts";
import type { Sort } from "../../store/sorting.ts";
import { say } from "../../words/say.ts";
import { ColumnMenu } from "./column-menu.tsx";
import { ArrangedHeads, type GridColumn, HeadCell, placeOf, type ShapedColumn } from "./grid-head.tsx";
import { moveBetweenHeads, moveWithin, targetRow } from "./grid-keys.ts";
import type { MenuPlace } from "./menu.tsx";
import { useColumns } from "./use-columns.ts";

export type { GridColumn, ShapedColumn } from "./grid-head.tsx";

/** What a row's outermost element must carry. */
export type RowAttributes = Pick<ComponentProps<"div">, "id" | "role" | "className" | "style"> & {
  readonly "aria-rowindex": number;
  readonly "aria-selected": boolean | undefined;
  readonly "data-row": number;
  /** Keys move from here. */
  readonly "data-active": boolean;
};

interface RowsProps<Key extends string | number> {
  readonly label: string;
  readonly testId: string;
  /** Names the table's columns in the style sheet. */
  readonly className: string;
  readonly rows: readonly Key[];
  /** CSS pixels. */
  readonly rowHeight: number;
  readonly selected?: Key | undefined;
  readonly onSelect?: (key: Key) => void;
  /** Instead of `selected` where several rows may be chosen at a time. */
  readonly selection?: Selection<Key>;
  readonly onSelection?: (selection: Selection<Key>) => void;
  /** Rows have rows beneath them, and fold. */
  readonly isTree?: boolean;
  /** Headings among the rows: reached by keys, and chosen by nobody. */
  readonly isGroup?: (key: Key) => boolean;
  readonly onFold?: (key: Key, isOpen: boolean) => void;
  /** Enter or a double click. */
  readonly onOpen?: (key: Key) => void;
  /** Delete. */
  readonly onDelete?: (key: Key) => void;
  /** Space. */
  readonly onToggle?: (key: Key) => void;
  /** Right click, Menu key or Shift+F10, after the row was chosen. */
  readonly onMenu?: (place: MenuPlace) => void;
  /** Escape. */
  readonly onLeave?: () => void;
  readonly empty?: ReactNode;
}

interface SortProps<Column extends string> {
  readonly sort?: Sort<Column> | undefined;
  readonly onSort?: (column: Column) => void;
}

type RenderRow<Key> = (key: Key, attributes: RowAttributes) => ReactNode;

/** CSS pixels. */
export const GRID_HEAD_HEIGHT = 30;

/**
 * A table of any length: only the rows in sight exist. One tab stop; arrows, Home, End and Page keys choose a row,
 * left and right reach what can be focused within it (`data-stop`).
 */
export function Grid<Key extends string | number, Column extends string = never>({
  columns,
  sort,
  onSort,
  renderRow,
  ...rows
}: RowsProps<Key> &
  SortProps<Column> & {
    readonly columns: readonly GridColumn<Column>[];
    readonly renderRow: RenderRow<Key>;
  }) {
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <Rows
      {...rows}
      scroller={scroller}
      render={renderRow}
      heads={columns.map((column) => <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />)}
    />
  );
}

/**
 * A {@link Grid} whose columns its user sorts, resizes, moves and hides; how they are is kept in the preferences.
 * Heads are reached by the arrow up from the first row.
 */
export function ArrangedGrid<Key extends string | number, Column extends string>({
  table,
  columns: shapes,
  sort,
  onSort,
  renderRow,
  ...rows
}: RowsProps<Key> &
  SortProps<Column> & {
    /** Names it in the preferences. */
    readonly table: string;
    /** Keep their identity between renders; so does `renderRow`, or all rows are drawn again. */
    readonly columns: readonly ShapedColumn<Column>[];
    /** Draws the cells of `columns`, in that order. */
    readonly renderRow: (key: Key, attributes: RowAttributes, columns: readonly ShapedColumn<Column>[]) => ReactNode;
  }) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useColumns(table, shapes, scroller);
  const [menu, setMenu] = useState<{ readonly at: MenuPlace; readonly column: string | undefined }>();
  const { visible } = columns;
  const render = useCallback<RenderRow<Key>>(
    (key, attributes) => renderRow(key, attributes, visible),
    [renderRow, visible],
  );
  return (
    <>
      <Rows
        {...rows}
        scroller={scroller}
        render={render}
        style={columns.style}
        heads={
          <ArrangedHeads
            columns={columns}
            sort={sort}
            onSort={onSort}
            onMenu={(at, column) => setMenu({ at, column })}
          />
        }
        corner={
          <button
            type="button"
            className="grid-corner"
            aria-label={say.table.chooseColumns}
            title={say.table.chooseColumns}
            aria-haspopup="menu"
            data-testid="choose-columns"
            onClick={(event) => setMenu({ at: placeOf(event.currentTarget), column: undefined })}
          >
            <Columns3 size={14} aria-hidden="true" />
          </button>
        }
      />
      {menu !== undefined && (
        <ColumnMenu
          at={menu.at}
          column={menu.column}
          columns={columns}
          onClose={() => setMenu(undefined)}
          focusAfter={() => scroller.current}
        />
      )}
    </>
  );
}

const NOBODY: ReadonlySet<never> = new Set();

function Rows<Key extends string | number>(
  props: RowsProps<Key> & {
    readonly scroller: RefObject<HTMLDivElement | null>;
    readonly heads: ReactNode;
    readonly corner?: ReactNode;
    readonly style?: CSSProperties;
    readonly render: RenderRow<Key>;
  },
) {
  const { scroller, label, testId, className, rows, rowHeight, render, selected, onSelect, onSelection, isGroup } =
    props;
  const { heads, corner, style, empty } = props;
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
  const active = props.selection === undefined ? selected : props.selection.active;
  const keys = props.selection?.keys ?? NOBODY;
  const activeIndex = active === undefined ? -1 : rows.indexOf(active);
  const isHere = activeIndex >= 0;
  const isSelectable = onSelect !== undefined || onSelection !== undefined;

  // Who chose a row wants to see it; a row that moves by itself is not run after.
  // biome-ignore lint/correctness/useExhaustiveDependencies: of `activeIndex` only whether there is one
  useEffect(() => {
    if (isHere) virtualizer.scrollToIndex(activeIndex, { align: "auto" });
  }, [active, isHere, virtualizer]);

  function choose(key: Key, kind: ChoiceKind): void {
    onSelect?.(key);
    const before: Selection<Key> = props.selection ?? { keys, active, anchor: active };
    onSelection?.(chosen(rows, before, key, kind, (row) => isGroup?.(row) !== true));
  }

  function rowUnder(event: { readonly target: EventTarget }): Key | undefined {
    const row = (event.target as Element).closest<HTMLElement>("[data-row]");
    return row === null ? undefined : rows[Number(row.dataset.row)];
  }

  function handlePointer(event: PointerEvent): void {
    const key = rowUnder(event);
    // A menu is about all that is chosen, when it is asked for on one of them.
    if (key === undefined || (event.button === 2 && keys.has(key))) return;
    choose(key, event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "toggle" : "one");
  }

  function handleMenu(event: MouseEvent): void {
    if (props.onMenu === undefined || isGroup?.(rowUnder(event) as Key)) return;
    if (rowUnder(event) === undefined && event.target !== scroller.current) return;
    event.preventDefault();
    // Asked for by a key, it has the grid for its target.
    if (event.target === scroller.current) openMenuAtRow();
    else props.onMenu({ x: event.clientX, y: event.clientY });
  }

  function openMenuAtRow(): void {
    const row = active === undefined ? null : document.getElementById(rowId(active));
    if (row === null || isGroup?.(active as Key)) return;
    const { x, y, height } = row.getBoundingClientRect();
    props.onMenu?.({ x: x + 24, y, height });
  }

  function handleCommand(event: KeyboardEvent<HTMLDivElement>): void {
    if (props.onSelection === undefined || props.selection === undefined) return;
    if (event.key === "a") props.onSelection(allChosen(rows, props.selection, (key) => isGroup?.(key) !== true));
    else if (event.key === " " && active !== undefined) choose(active, "toggle");
    else return;
    event.preventDefault();
  }

  function handleKey(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) return handleCommand(event);
    if (moveBetweenHeads(scroller.current, event)) return event.preventDefault();
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const target = targetRow(event.key, activeIndex, rows.length, page);
    const key = rows[activeIndex];
    const isOnGroup = key !== undefined && isGroup?.(key) === true;
    if (target !== undefined) {
      const next = rows[target];
      if (next !== undefined) choose(next, event.shiftKey ? "range" : "one");
      scroller.current?.focus();
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      if (isOnGroup) props.onFold?.(key, event.key === "ArrowRight");
      else if (key !== undefined) moveWithin(scroller.current, rowId(key), event.key === "ArrowRight" ? 1 : -1);
    } else if (props.onMenu !== undefined && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      openMenuAtRow();
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
      style={style}
      role={isGroup === undefined && props.isTree !== true ? "grid" : "treegrid"}
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-multiselectable={onSelection === undefined ? undefined : true}
      aria-activedescendant={active !== undefined && isHere ? rowId(active) : undefined}
      data-testid={testId}
      onKeyDown={handleKey}
      onContextMenu={handleMenu}
    >
      <div className="grid-head" role="row" aria-rowindex={1}>
        <div className="grid-line" role="presentation">
          {heads}
        </div>
        {corner !== undefined && (
          <div className="grid-corner-cell" role="columnheader">
            {corner}
          </div>
        )}
      </div>
      <div
        className="grid-body"
        role="rowgroup"
        style={{ height: virtualizer.getTotalSize() }}
        onPointerDown={handlePointer}
        onDoubleClick={(event) => {
          const key = rowUnder(event);
          if (key !== undefined) props.onOpen?.(key);
        }}
      >
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const key = rows[index] as Key;
          return (
            <GridRow
              key={key}
              rowKey={key}
              id={rowId(key)}
              index={index}
              start={start}
              height={rowHeight}
              isSelected={isSelectable ? (props.selection === undefined ? key === selected : keys.has(key)) : undefined}
              isActive={key === active}
              render={render as RenderRow<string | number>}
            />
          );
        })}
      </div>
      {rows.length === 0 && empty !== undefined && <div className="grid-empty">{empty}</div>}
    </div>
  );
}

/** Drawn again only when it moved, was chosen, or is to be drawn in another way. */
const GridRow = memo(function GridRow({
  rowKey,
  id,
  index,
  start,
  height,
  isSelected,
  isActive,
  render,
}: {
  rowKey: string | number;
  id: string;
  index: number;
  start: number;
  height: number;
  isSelected: boolean | undefined;
  isActive: boolean;
  render: RenderRow<string | number>;
}) {
  return render(rowKey, {
    id,
    role: "row",
    className: "grid-line grid-row",
    style: { height, transform: `translateY(${start}px)` },
    "aria-rowindex": index + 2,
    "aria-selected": isSelected,
    "data-row": index,
    "data-active": isActive,
  });
});

/** The cells of a row in the user's order, out of those for every column there is. */
export function cellsInOrder(
  columns: readonly { readonly id: string }[],
  cells: Readonly<Record<string, ReactNode>>,
): ReactNode {
  return columns.map(({ id }) => <Fragment key={id}>{cells[id]}</Fragment>);
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
