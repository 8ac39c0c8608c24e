import type { TorrentView } from "../../core/contract/views.ts";
import { progressOf } from "../format/progress.ts";
import { share } from "../format/units.ts";
import { torrentStateWords } from "../format/words.ts";
import type { Preferences } from "./preferences.ts";

export interface Sort<Column extends string> {
  readonly column: Column;
  readonly descending: boolean;
}

export type TorrentColumn =
  | "name"
  | "state"
  | "progress"
  | "size"
  | "down"
  | "up"
  | "eta"
  | "peers"
  | "seeds"
  | "ratio";

type Key = string | number;

const TORRENT_KEYS: Record<TorrentColumn, (torrent: TorrentView) => Key> = {
  name: (torrent) => torrent.name,
  state: torrentStateWords,
  progress: (torrent) => {
    const { part, whole } = progressOf(torrent);
    return share(part, whole);
  },
  size: (torrent) => torrent.bytesWanted,
  down: (torrent) => torrent.downRate,
  up: (torrent) => torrent.upRate,
  eta: (torrent) => torrent.eta ?? Number.POSITIVE_INFINITY,
  peers: (torrent) => torrent.peersConnected,
  seeds: (torrent) => torrent.seedsConnected,
  ratio: (torrent) => (torrent.downloaded > 0 ? torrent.uploaded / torrent.downloaded : -1),
};

export const TORRENT_COLUMNS = Object.keys(TORRENT_KEYS) as readonly TorrentColumn[];

/** By what the list of torrents is sorted, as its user left it. */
export function torrentSortOf({ tables }: Pick<Preferences, "tables">): Sort<TorrentColumn> | undefined {
  const kept = tables.torrents?.sort;
  const column = TORRENT_COLUMNS.find((name) => name === kept?.column);
  return kept === undefined || column === undefined ? undefined : { ...kept, column };
}

/** Ids in the order shown: as chosen, else as they were added. */
export function torrentOrder(torrents: Iterable<TorrentView>, sort: Sort<TorrentColumn> | undefined): string[] {
  const byAge = [...torrents].sort((a, b) => a.addedAt - b.addedAt);
  return (sort === undefined ? byAge : sorted(byAge, sort, TORRENT_KEYS[sort.column])).map((torrent) => torrent.id);
}

/** A column's header was pressed: ascending, descending, then as it was. */
export function nextSort<Column extends string>(
  current: Sort<Column> | undefined,
  column: Column,
): Sort<Column> | undefined {
  if (current?.column !== column) return { column, descending: false };
  return current.descending ? undefined : { column, descending: true };
}

/** Names as people order them: `file 9` before `file 10`. */
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @param keyOf - What is compared; undefined comes last, whichever way. Equal ones stay in their order. */
export function sorted<T>(
  items: readonly T[],
  { descending }: Sort<string>,
  keyOf: (item: T) => Key | undefined,
): readonly T[] {
  const sign = descending ? -1 : 1;
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
      return sign * compareKeys(a.key, b.key);
    })
    .map(({ item }) => item);
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === "string" && typeof b === "string") return collator.compare(a, b);
  // Not a difference: infinity less infinity is not a number.
  return a < b ? -1 : a > b ? 1 : 0;
}
