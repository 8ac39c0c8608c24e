import { toHex } from "../../core/model/bytes.ts";
import type { InfoHash } from "../../core/model/info-hash.ts";

/** The hashes that name a torrent, as hexadecimal digits: 40 of v1, 64 of v2. */
export function hashTexts(infoHash: InfoHash): { readonly v1?: string; readonly v2?: string } {
  return {
    ...(infoHash.kind === "v2" ? {} : { v1: toHex(infoHash.v1) }),
    ...(infoHash.kind === "v1" ? {} : { v2: toHex(infoHash.v2) }),
  };
}
