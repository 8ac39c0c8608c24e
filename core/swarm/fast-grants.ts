import type { Bitfield } from "../model/bitfield.ts";
import type { Peer } from "../peer/peer.ts";
import type { Residence } from "../peer/ports.ts";
import { ALLOWED_FAST_PIECES, allowedFastSet } from "../wire/allowed-fast.ts";
import { MESSAGE } from "../wire/message-id.ts";

/**
 * Tells a peer that has next to nothing which pieces of ours it may have while we choke it, once.
 * @see BEP 6 "allowed fast"
 */
export function grantFast(
  peer: Peer,
  ours: Bitfield,
  residence: Residence,
  sha1: (bytes: Uint8Array) => Uint8Array,
): void {
  const isNewcomer = peer.pieces !== undefined && peer.pieces.count < ALLOWED_FAST_PIECES;
  if (!peer.supports.fast || !isNewcomer || peer.grantedFast.size > 0 || ours.isEmpty) return;
  const granted = allowedFastSet(sha1, peer.host, residence.infoHash, residence.pieceCount);
  peer.grantedFast = new Set(granted.filter((piece) => ours.has(piece)));
  for (const piece of peer.grantedFast) peer.sendPiece(MESSAGE.allowedFast, piece);
}
