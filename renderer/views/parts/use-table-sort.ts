import { nextSort, type Sort } from "../../store/sorting.ts";
import { useActions, useApp, useGetState } from "../app-context.tsx";

/** By what a table is sorted, as its user left it. */
export function useTableSort<Column extends string>(
  table: string,
  columns: readonly Column[],
): [sort: Sort<Column> | undefined, onSort: (column: Column) => void] {
  const { prefer } = useActions();
  const getState = useGetState();
  const kept = useApp((state) => state.preferences.tables[table]?.sort);
  const sort = kept !== undefined && columns.includes(kept.column as Column) ? (kept as Sort<Column>) : undefined;
  return [
    sort,
    (column) => {
      const { tables } = getState().preferences;
      const { sort: _, ...layout } = tables[table] ?? {};
      const next = nextSort(sort, column);
      prefer({ tables: { ...tables, [table]: next === undefined ? layout : { ...layout, sort: next } } });
    },
  ];
}
