/** How a user arranged a table. What is absent is as the table's author had it. */
export interface TableLayout {
  /** Columns by id, from left to right. */
  readonly order?: readonly string[];
  /** Columns that the user showed or hid by hand. */
  readonly shown?: Readonly<Record<string, boolean>>;
  /** CSS pixels. */
  readonly widths?: Readonly<Record<string, number>>;
  readonly sort?: { readonly column: string; readonly descending: boolean };
}

/** A column as its table's author had it. */
export interface ColumnShape {
  readonly id: string;
  /** CSS pixels, the cell's padding included. */
  readonly width: number;
  /** It takes of what the others leave, in this share, and at least its width. */
  readonly grows?: number;
  readonly isHiddenAtFirst?: boolean;
  /** Where there is no room for all, columns give way by this number, the highest first; without one they stay. */
  readonly yields?: number;
}

/** CSS pixels: a column stays grippable, and on the screen. */
export const LEAST_WIDTH = 34;
export const MOST_WIDTH = 1600;
/** Bounds of what is believed of a browser's storage. */
const MOST_COLUMNS = 64;
const MOST_TABLES = 32;

/**
 * The columns to show, in order.
 *
 * @param room - CSS pixels; columns that the user did not ask for give way when it is short. 0: not known yet.
 */
export function arranged<C extends ColumnShape>(shapes: readonly C[], layout: TableLayout, room: number): C[] {
  const columns = ordered(shapes, layout).filter((column) => isShown(column, layout));
  let needed = columns.reduce((sum, column) => sum + widthOf(column, layout), 0);
  const yielding = columns.filter(({ id, yields }) => yields !== undefined && layout.shown?.[id] === undefined);
  yielding.sort((a, b) => (b.yields ?? 0) - (a.yields ?? 0));
  const gone = new Set<C>();
  for (const column of yielding) {
    if (room === 0 || needed <= room) break;
    gone.add(column);
    needed -= widthOf(column, layout);
  }
  return columns.filter((column) => !gone.has(column));
}

/** All columns in the user's order; one that the user's order does not name follows whom its author put it after. */
export function ordered<C extends ColumnShape>(shapes: readonly C[], { order = [] }: TableLayout): C[] {
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  const columns = [...new Set(order)].flatMap((id) => byId.get(id) ?? []);
  const named = new Set(columns);
  shapes.forEach((shape, index) => {
    if (named.has(shape)) return;
    const before = shapes[index - 1];
    columns.splice(before === undefined ? 0 : columns.indexOf(before) + 1, 0, shape);
  });
  return columns;
}

export function isShown({ id, isHiddenAtFirst = false }: ColumnShape, { shown }: TableLayout): boolean {
  return shown?.[id] ?? !isHiddenAtFirst;
}

export function widthOf({ id, width }: ColumnShape, { widths }: TableLayout): number {
  return widths?.[id] ?? width;
}

/** As the CSS property `grid-template-columns` has it. */
export function columnTemplate(columns: readonly ColumnShape[], layout: TableLayout): string {
  return columns
    .map((column) => {
      const width = `${widthOf(column, layout)}px`;
      return column.grows === undefined ? width : `minmax(${width}, ${column.grows}fr)`;
    })
    .join(" ");
}

export function resized(layout: TableLayout, id: string, width: number): TableLayout {
  const sound = Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width)));
  return { ...layout, widths: { ...layout.widths, [id]: sound } };
}

/** @param before - The column that it is then in front of; undefined: it comes last. */
export function moved(
  shapes: readonly ColumnShape[],
  layout: TableLayout,
  id: string,
  before: string | undefined,
): TableLayout {
  if (id === before) return layout;
  const order = ordered(shapes, layout)
    .map((column) => column.id)
    .filter((other) => other !== id);
  order.splice(before === undefined ? order.length : order.indexOf(before), 0, id);
  return { ...layout, order };
}

/** One place to the left or right among those that are shown. */
export function nudged(
  shapes: readonly ColumnShape[],
  layout: TableLayout,
  visible: readonly ColumnShape[],
  id: string,
  step: 1 | -1,
): TableLayout {
  const place = visible.findIndex((column) => column.id === id);
  const target = place + step;
  if (place < 0 || target < 0 || target >= visible.length) return layout;
  return moved(shapes, layout, id, visible[step === 1 ? target + 1 : target]?.id);
}

export function shownOrHidden(layout: TableLayout, id: string, isShownNow: boolean): TableLayout {
  return { ...layout, shown: { ...layout.shown, [id]: isShownNow } };
}

/** What can be believed of tables' layouts that were kept; anybody may have written there. */
export function soundLayouts(kept: unknown): Readonly<Record<string, TableLayout>> {
  return Object.fromEntries(
    entries(kept)
      .slice(0, MOST_TABLES)
      .map(([table, layout]) => [table, soundLayout(layout)]),
  );
}

function soundLayout(kept: unknown): TableLayout {
  const { order, shown, widths, sort } = Object.fromEntries(entries(kept));
  const { column, descending } = Object.fromEntries(entries(sort));
  return {
    ...(Array.isArray(order) ? { order: order.filter(isName).slice(0, MOST_COLUMNS) } : {}),
    ...(shown === undefined ? {} : { shown: soundRecord(shown, (value) => typeof value === "boolean") }),
    ...(widths === undefined ? {} : { widths: soundRecord(widths, isWidth) }),
    ...(isName(column) && typeof descending === "boolean" ? { sort: { column, descending } } : {}),
  };
}

function soundRecord<T>(kept: unknown, isSound: (value: unknown) => value is T): Readonly<Record<string, T>> {
  const sound = entries(kept).filter((entry): entry is [string, T] => isSound(entry[1]));
  return Object.fromEntries(sound.slice(0, MOST_COLUMNS));
}

function entries(kept: unknown): [string, unknown][] {
  return typeof kept === "object" && kept !== null ? Object.entries(kept).filter(([name]) => isName(name)) : [];
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 40 && value !== "__proto__";
}

function isWidth(value: unknown): value is number {
  return typeof value === "number" && value >= LEAST_WIDTH && value <= MOST_WIDTH;
}
