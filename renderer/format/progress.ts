import type { TorrentView } from "../../core/contract/views.ts";
import type { Bytes } from "../../core/model/units.ts";

/** How far a torrent is: its wanted bytes, or its metadata while that is missing. */
export interface Progress {
  readonly of: "downloaded" | "metadata";
  readonly part: Bytes;
  /** Never 0 of what is not known yet: that would be all of it. */
  readonly whole: Bytes;
}

export function progressOf({
  metadata,
  bytesDone,
  bytesWanted,
}: Pick<TorrentView, "metadata" | "bytesDone" | "bytesWanted">): Progress {
  if (metadata === undefined) return { of: "downloaded", part: bytesDone, whole: bytesWanted };
  return { of: "metadata", part: metadata.received, whole: Math.max(1, metadata.size) };
}
