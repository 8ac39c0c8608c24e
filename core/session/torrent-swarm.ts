import type { Bitfield } from "../model/bitfield.ts";
import { otherWireHash, wireHash } from "../model/info-hash.ts";
import { HashService } from "../swarm/hash-service.ts";
import type { PeerBook } from "../swarm/peer-book.ts";
import { Swarm } from "../swarm/swarm.ts";
import { webSeedsOf } from "../swarm/web-seed-urls.ts";
import { wantedPieces } from "./file-choice.ts";
import type { Torrent } from "./torrent.ts";
import type { TorrentSurroundings } from "./torrent-record.ts";

/** What a torrent hands to its swarm. It is another one when what is verified begins anew, and once the metadata is there. */
export function swarmOf(
  torrent: Torrent,
  { ourPeerId, limits, random }: TorrentSurroundings,
  book: PeerBook,
  verified: Bitfield,
): Swarm {
  const { id, metainfo, unwantedFiles, storage, traffic, wishes } = torrent;
  const v2Hash = otherWireHash(metainfo.infoHash);
  return new Swarm({
    residence: {
      torrent: id,
      infoHash: wireHash(metainfo.infoHash),
      ...(v2Hash === undefined ? {} : { v2Hash }),
      ourPeerId,
      pieceCount: metainfo.pieceCount,
      dhtPort: () => (torrent.metainfo.isPrivate ? undefined : limits.dhtPort()),
    },
    layout: metainfo.layout,
    verified,
    wanted: wantedPieces(metainfo, unwantedFiles),
    info: metainfo.magnet === undefined ? metainfo.infoBytes : undefined,
    infoHash: metainfo.infoHash,
    hashes: new HashService(metainfo, limits.digest.sha256),
    isPrivate: metainfo.isPrivate,
    webSeeds: webSeedsOf(metainfo),
    book,
    disk: storage,
    limits: wishes.within(limits),
    order: wishes.orderOf(metainfo),
    traffic,
    events: torrent,
    random,
  });
}
