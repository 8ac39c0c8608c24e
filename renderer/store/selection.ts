/** Rows that are chosen, in a table where several may be. */
export interface Selection<Key> {
  readonly keys: ReadonlySet<Key>;
  /** The row that keys move from. It need not be chosen itself: a group never is. */
  readonly active: Key | undefined;
  /** Where a range begins that is drawn with Shift. */
  readonly anchor: Key | undefined;
}

export const NOTHING_CHOSEN: Selection<never> = { keys: new Set(), active: undefined, anchor: undefined };

/** `one`: it alone; `toggle`: it as well, or no more; `range`: all between the anchor and it. */
export type ChoiceKind = "one" | "toggle" | "range";

/**
 * The selection after a row was pressed, or reached by a key.
 *
 * @param isChoosable - False for rows that are no more than headings.
 */
export function chosen<Key>(
  rows: readonly Key[],
  before: Selection<Key>,
  target: Key,
  kind: ChoiceKind,
  isChoosable: (key: Key) => boolean,
): Selection<Key> {
  if (kind === "range" && before.anchor !== undefined && rows.includes(before.anchor)) {
    const [from, to] = [rows.indexOf(before.anchor), rows.indexOf(target)];
    const keys = rows.slice(Math.min(from, to), Math.max(from, to) + 1).filter(isChoosable);
    return { keys: new Set(keys), active: target, anchor: before.anchor };
  }
  if (kind === "toggle") {
    const keys = new Set(before.keys);
    if (isChoosable(target) && !keys.delete(target)) keys.add(target);
    return { keys, active: target, anchor: target };
  }
  return { keys: new Set(isChoosable(target) ? [target] : []), active: target, anchor: target };
}

export function allChosen<Key>(
  rows: readonly Key[],
  before: Selection<Key>,
  isChoosable: (key: Key) => boolean,
): Selection<Key> {
  return { ...before, keys: new Set(rows.filter(isChoosable)) };
}
