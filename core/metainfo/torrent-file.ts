import { type BencodeInput, encodeBencode } from "../model/bencode.ts";
import { concatBytes, fromHex, fromLatin1, toLatin1 } from "../model/bytes.ts";
import type { Metainfo } from "./metainfo.ts";

/** What a .torrent says around its `info` dictionary. */
export type AroundInfo = Pick<
  Metainfo,
  "trackerTiers" | "webSeeds" | "httpSeeds" | "comment" | "createdBy" | "createdAt"
> &
  Partial<Pick<Metainfo, "nodes" | "pieceLayers">>;

/**
 * The .torrent around an `info` dictionary, whose bytes stay as they are: its hash names the torrent.
 *
 * @param info - Well-formed bencode; as peers gave it (BEP 9), or a .torrent had it.
 */
export function torrentFile(info: Uint8Array, around: AroundInfo): Uint8Array {
  const { trackerTiers, webSeeds, httpSeeds = [], nodes = [], pieceLayers, comment, createdBy, createdAt } = around;
  const fields: { [key: string]: BencodeInput | undefined } = {
    announce: trackerTiers[0]?.[0],
    "announce-list": trackerTiers.flat().length > 1 ? trackerTiers : undefined,
    comment,
    "created by": createdBy,
    "creation date": createdAt === undefined ? undefined : Math.floor(createdAt / 1000),
    httpseeds: httpSeeds.length > 0 ? httpSeeds : undefined,
  };
  const before = encodeBencode(fields);
  const after = encodeBencode({
    nodes: nodes.length > 0 ? nodes.map(({ host, port }) => [host, port]) : undefined,
    "piece layers": pieceLayers !== undefined && pieceLayers.size > 0 ? byRoot(pieceLayers) : undefined,
    "url-list": webSeeds.length > 0 ? webSeeds : undefined,
  });
  // Keys are sorted: all of the first come before `info`, the last after it.
  return concatBytes(before.subarray(0, -1), fromLatin1("4:info"), info, after.subarray(1));
}

/** Keyed by the roots' own bytes (BEP 52). */
function byRoot(layers: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  return new Map([...layers].map(([root, layer]) => [toLatin1(fromHex(root) ?? new Uint8Array(0)), layer]));
}
