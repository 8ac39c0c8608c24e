import type { Watch, WatchPart } from "../../core/contract/messages.ts";
import type { AppState, TabName } from "./app-state.ts";

/** The parts that a tab shows: the heatmap names files, the peer table draws our own pieces above its strips. */
const PARTS: Record<TabName, readonly WatchPart[]> = {
  peers: ["peers", "known", "pieces"],
  pieces: ["peers", "pieces", "files"],
  files: ["files"],
  trackers: ["trackers"],
  log: ["log"],
};

/** What the engine shall tell us of: only what is on screen. */
export function watchesFor(
  state: Pick<AppState, "selected" | "tab" | "selectedPeer" | "choosing"> & {
    readonly engine: Pick<AppState["engine"], "torrents">;
  },
): Watch[] {
  const watches: Watch[] = [];
  const { selected, choosing } = state;
  for (const torrent of new Set([selected, choosing[0]])) {
    if (torrent === undefined || !state.engine.torrents.has(torrent)) continue;
    const parts = new Set(torrent === selected ? PARTS[state.tab] : []);
    if (torrent === choosing[0]) parts.add("files");
    const peer = torrent === selected && state.tab === "peers" ? state.selectedPeer : undefined;
    watches.push({ torrent, parts: [...parts], ...(peer === undefined ? {} : { peer }) });
  }
  return watches;
}

/** Whether two lists of watches ask for the same. */
export function sameWatches(a: readonly Watch[], b: readonly Watch[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
