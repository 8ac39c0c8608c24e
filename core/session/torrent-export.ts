import type { ExportReply } from "../contract/messages.ts";
import { formatMagnet } from "../metainfo/magnet.ts";
import { torrentFile } from "../metainfo/torrent-file.ts";
import type { Torrent } from "./torrent.ts";

/** The torrent for others, with the trackers that it has now. */
export function exportTorrent({ metainfo, announcer, hasMetadata }: Torrent): ExportReply {
  const { infoHash, name, webSeeds, infoBytes } = metainfo;
  const trackerTiers = announcer.tiers();
  const magnet = formatMagnet({ infoHash, name, trackerTiers, webSeeds, peers: [] });
  return hasMetadata ? { magnet, file: torrentFile(infoBytes, { ...metainfo, trackerTiers }) } : { magnet };
}
