import { concatBytes, readUint32 } from "../model/bytes.ts";
import type { PieceIndex } from "../model/units.ts";

/** Pieces a choked newcomer may have of us, to have something to trade. */
export const ALLOWED_FAST_PIECES = 10;

/**
 * The pieces that a peer at an address may ask for while choked: the same ones from everybody, so that it gains nothing by
 * asking around. IPv4 only, as specified; the last byte of the address does not count.
 *
 * @param sha1 - Gives 20 bytes.
 * @param count - How many pieces; all when the torrent has no more.
 * @returns In the order they are found; empty for an address that is not IPv4.
 * @see BEP 6 "allowed fast set generation"
 */
export function allowedFastSet(
  sha1: (bytes: Uint8Array) => Uint8Array,
  host: string,
  infoHash: Uint8Array,
  pieceCount: number,
  count = ALLOWED_FAST_PIECES,
): PieceIndex[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.\d+$/.exec(host);
  if (match === null) return [];
  const wanted = Math.min(count, pieceCount);
  const found = new Set<PieceIndex>();
  let hash = concatBytes(Uint8Array.of(Number(match[1]), Number(match[2]), Number(match[3]), 0), infoHash);
  while (found.size < wanted) {
    hash = sha1(hash);
    for (let at = 0; at < 20 && found.size < wanted; at += 4) found.add(readUint32(hash, at) % pieceCount);
  }
  return [...found];
}
