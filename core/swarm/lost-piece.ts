import { readUint32 } from "../model/bytes.ts";
import type { Peer } from "../peer/peer.ts";
import { contentFault, type WireFault } from "../wire/decoder.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { changeInterest, uncountPiece } from "./interest.ts";
import type { PieceLedger } from "./piece-ledger.ts";
import type { SwarmDisk } from "./ports.ts";
import type { RarestFirst } from "./rarest-first.ts";
import { giveBack } from "./receiving.ts";

/** What the loss of a piece touches. */
export interface LosingPieces {
  readonly ledger: PieceLedger;
  readonly rarest: RarestFirst;
  readonly disk: SwarmDisk;
}

/**
 * `lt_donthave` (BEP 54): the peer no longer has a piece. What we asked of it is taken back, and asked for elsewhere.
 * @param payload - The number of the piece.
 */
export function losePiece(swarm: LosingPieces, peer: Peer, payload: Uint8Array): WireFault | undefined {
  if (payload.length !== 4) return contentFault(MESSAGE.extended, `lt_donthave of ${payload.length} bytes`);
  const piece = readUint32(payload, 0);
  const { pieces } = peer;
  const count = peer.residence?.pieceCount ?? 0;
  if (count === 0) {
    peer.early?.lost(piece);
    return undefined;
  }
  if (piece >= count) return contentFault(MESSAGE.extended, `lt_donthave of piece ${piece}, the torrent has ${count}`);
  peer.allowedFast.delete(piece);
  peer.suggested.delete(piece);
  if (pieces?.clear(piece) !== true) return undefined;
  uncountPiece(swarm.rarest, pieces, piece);
  const asked = peer.window.outstanding.filter((request) => request.piece === piece);
  for (const { block } of asked) peer.cancel(piece, block);
  giveBack(swarm, asked);
  if (swarm.ledger.needs(piece)) changeInterest(peer, peer.wantedPieces - 1);
  return undefined;
}
