import type { Watch, WatchPart } from "../../core/contract/messages.ts";
import type { AppState, TabName } from "./app-state.ts";

/** The parts that a tab shows: the heatmap names files, the peer table draws our own pieces above its strips. */
const PARTS: Record<TabName, readonly WatchPart[]> = {
  peers: ["peers", "known", "pieces"],
  pieces: ["peers", "pieces", "blocks", "files"],
  files: ["files"],
  trackers: ["trackers"],
  log: ["log"],
  charts: [],
};

/** What the engine shall tell us of: only what is on screen, and nothing while nobody sees it. */
export function watchesFor(
  state: Pick<AppState, "isHidden" | "selected" | "tab" | "selectedPeer" | "openedPeer" | "pinned" | "choosing"> & {
    readonly engine: Pick<AppState["engine"], "torrents">;
  },
): Watch[] {
  const watches: Watch[] = [];
  const { selected, choosing, pinned, isHidden } = state;
  if (isHidden) return watches;
  for (const torrent of new Set([selected, choosing[0]])) {
    if (torrent === undefined || !state.engine.torrents.has(torrent)) continue;
    const parts = new Set(torrent === selected ? PARTS[state.tab] : []);
    if (torrent === choosing[0]) parts.add("files");
    const isPeers = torrent === selected && state.tab === "peers";
    const peer = isPeers ? (state.openedPeer ?? state.selectedPeer) : undefined;
    if (isPeers && state.openedPeer !== undefined) for (const part of ["life", "files"] as const) parts.add(part);
    const piece = state.tab === "pieces" && torrent === selected && pinned?.kind === "piece" ? pinned.piece : undefined;
    watches.push({
      torrent,
      parts: [...parts],
      ...(peer === undefined ? {} : { peer }),
      ...(piece === undefined ? {} : { piece }),
    });
  }
  return watches;
}

/** Whether two lists of watches ask for the same. */
export function sameWatches(a: readonly Watch[], b: readonly Watch[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
