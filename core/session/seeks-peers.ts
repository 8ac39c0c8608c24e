import type { Torrent } from "./torrent.ts";

/** It runs, and anybody may name its peers: those of a private one come from its trackers alone (BEP 27). */
export function seeksPeers({ activity, metainfo }: Torrent): boolean {
  return activity.kind === "running" && !metainfo.isPrivate;
}
