import type { Watch, WatchPart } from "../../core/contract/messages.ts";
import type { AppState, TabName } from "./app-state.ts";

/** The parts that a tab shows: the heatmap names files, the peer table draws our own pieces above its strips. */
const PARTS: Record<TabName, readonly WatchPart[]> = {
  peers: ["peers", "pieces"],
  pieces: ["peers", "pieces", "files"],
  files: ["files"],
  trackers: ["trackers"],
  log: ["log"],
};

/** What the engine shall tell us of: only what is on screen. */
export function watchesFor(
  state: Pick<AppState, "selected" | "tab" | "selectedPeer"> & {
    readonly engine: Pick<AppState["engine"], "torrents">;
  },
): Watch[] {
  const torrent = state.selected;
  if (torrent === undefined || !state.engine.torrents.has(torrent)) return [];
  const parts = [...PARTS[state.tab]];
  const peer = state.tab === "peers" ? state.selectedPeer : undefined;
  return [peer === undefined ? { torrent, parts } : { torrent, parts, peer }];
}

/** Whether two lists of watches ask for the same. */
export function sameWatches(a: readonly Watch[], b: readonly Watch[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
