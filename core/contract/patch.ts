/** Changed fields of a flat object, and those that became undefined. A first patch sets them all. */
export interface Patch<T> {
  readonly set: Partial<T>;
  readonly unset?: readonly (keyof T)[];
}

/**
 * Compares field by field; arrays and bytes by content, other objects by their JSON.
 * @returns Undefined when nothing differs.
 */
export function difference<T extends object>(before: T | undefined, after: T): Patch<T> | undefined {
  const set: Partial<T> = {};
  const unset: (keyof T)[] = [];
  let differs = before === undefined;
  for (const key of Object.keys(after) as (keyof T)[]) {
    if (after[key] === undefined || (before !== undefined && sameValue(before[key], after[key]))) continue;
    set[key] = after[key];
    differs = true;
  }
  if (before !== undefined) {
    for (const key of Object.keys(before) as (keyof T)[]) {
      if (before[key] === undefined || after[key] !== undefined) continue;
      unset.push(key);
      differs = true;
    }
  }
  if (!differs) return undefined;
  return unset.length > 0 ? { set, unset } : { set };
}

/** The other half of {@link difference}: a new object, `before` left as it is. */
export function applyPatch<T extends object>(before: T | undefined, patch: Patch<T>): T {
  const after = { ...before, ...patch.set } as T;
  for (const key of patch.unset ?? []) delete after[key];
  return after;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((value, i) => value === b[i]);
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
