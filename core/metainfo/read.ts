import { toLatin1 } from "../model/bytes.ts";
import { torrentId } from "../model/info-hash.ts";
import { FileLayout, PieceLayout } from "../model/layout.ts";
import { BLOCK_LENGTH } from "../model/units.ts";
import { type Magnet, parseMagnet } from "./magnet.ts";
import { type Digest, type Metainfo, refused } from "./metainfo.ts";
import { type ParsedTorrent, parseTorrent } from "./parse.ts";
import { safeName } from "./safe-path.ts";

/** Reads a .torrent, see {@link parseTorrent}; or a magnet link, whose torrent has neither files nor pieces until its metadata is there. */
export function readTorrent(bytes: Uint8Array, digest: Digest, asV2 = false): ParsedTorrent {
  if (!/^\s*magnet:/i.test(toLatin1(bytes.subarray(0, 20)))) return parseTorrent(bytes, digest, asV2);
  const parsed = parseMagnet(new TextDecoder().decode(bytes));
  return parsed.ok ? { ok: true, torrent: awaited(parsed.magnet) } : refused("structure", parsed.fault);
}

function awaited(magnet: Magnet): Metainfo {
  const { infoHash, name, trackerTiers, webSeeds } = magnet;
  return {
    infoHash,
    infoBytes: new Uint8Array(0),
    name: safeName(name ?? torrentId(infoHash)),
    isMultiFile: false,
    files: [],
    totalLength: 0,
    pieceLength: BLOCK_LENGTH,
    pieceCount: 0,
    pieceHashes: new Uint8Array(0),
    trackerTiers,
    webSeeds,
    nodes: [],
    isPrivate: false,
    warnings: [],
    layout: new PieceLayout(0, BLOCK_LENGTH),
    fileLayout: new FileLayout([]),
    magnet,
  };
}
