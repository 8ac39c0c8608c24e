import { readFileSync } from "node:fs";
import { formatMagnet } from "../../core/metainfo/magnet.ts";
import { parseTorrent } from "../../core/metainfo/parse.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";

/** The link that names a torrent and nobody who has it. */
export function linkOf(torrent: string): string {
  const parsed = parseTorrent(readFileSync(torrent), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  return formatMagnet({ ...parsed.torrent, trackerTiers: [], webSeeds: [], peers: [] });
}
