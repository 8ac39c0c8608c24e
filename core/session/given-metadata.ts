import { type Digest, isInfoOf, type Metainfo } from "../metainfo/metainfo.ts";
import { readTorrent } from "../metainfo/read.ts";

/** What a .torrent tells of a torrent that was known by its magnet link alone. */
interface GivenMetadata {
  readonly info: Uint8Array;
  readonly layers: ReadonlyMap<string, Uint8Array>;
  /** As the link says, with what the file says around its `info`. */
  readonly metainfo: Metainfo;
}

/** @returns Undefined when the file is not of the torrent that the link names. */
export function readGiven(file: Uint8Array, linked: Metainfo, digest: Digest): GivenMetadata | undefined {
  const parsed = readTorrent(file, digest, linked.infoHash.kind === "v2");
  if (!parsed.ok || !isInfoOf(parsed.torrent.infoBytes, linked.infoHash, digest)) return undefined;
  const { infoBytes, pieceLayers, webSeeds, httpSeeds, nodes, comment, createdBy, createdAt } = parsed.torrent;
  return {
    info: infoBytes,
    layers: pieceLayers ?? new Map(),
    metainfo: {
      ...linked,
      webSeeds: [...new Set([...linked.webSeeds, ...webSeeds])],
      nodes,
      ...(httpSeeds === undefined ? {} : { httpSeeds }),
      ...(comment === undefined ? {} : { comment }),
      ...(createdBy === undefined ? {} : { createdBy }),
      ...(createdAt === undefined ? {} : { createdAt }),
    },
  };
}
