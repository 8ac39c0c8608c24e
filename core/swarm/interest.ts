import type { Bitfield } from "../model/bitfield.ts";
import type { PieceIndex } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { PieceLedger } from "./piece-ledger.ts";
import type { RarestFirst } from "./rarest-first.ts";

// What peers have, as availability; and what of it we need, as interest.

/** It told its pieces at once. @param before - What was counted of it until now. */
export function countPieces(rarest: RarestFirst, pieces: Bitfield, before: Bitfield | undefined): void {
  if (before !== undefined) uncountPieces(rarest, before);
  if (pieces.isFull) rarest.seeds++;
  else pieces.forEach((piece) => rarest.gained(piece));
}

export function uncountPieces(rarest: RarestFirst, pieces: Bitfield): void {
  if (pieces.isFull) rarest.seeds--;
  else pieces.forEach((piece) => rarest.lost(piece));
}

/** @param pieces - With `piece` in it already. */
export function countPiece(rarest: RarestFirst, pieces: Bitfield, piece: PieceIndex): void {
  if (!pieces.isFull) return rarest.gained(piece);
  // It counts apart from now on, not piece by piece.
  pieces.forEach((other) => {
    if (other !== piece) rarest.lost(other);
  });
  rarest.seeds++;
}

/** @param pieces - Without `piece` already. */
export function uncountPiece(rarest: RarestFirst, pieces: Bitfield, piece: PieceIndex): void {
  if (pieces.count < pieces.length - 1) return rarest.lost(piece);
  // It counts piece by piece from now on.
  rarest.seeds--;
  pieces.forEach((other) => rarest.gained(other));
}

/** Counts afresh what the peer has that we need, and lets it know when that begins or ends. */
export function reviewInterest(ledger: PieceLedger, peer: Peer): void {
  let wanted = 0;
  if (peer.pieces?.isFull === true) wanted = ledger.missingWanted;
  else {
    peer.pieces?.forEach((piece) => {
      if (ledger.needs(piece)) wanted++;
    });
  }
  changeInterest(peer, wanted);
}

/** @param wanted - Pieces it has that we need. */
export function changeInterest(peer: Peer, wanted: number): void {
  peer.wantedPieces = wanted;
  if (peer.phase === "open") peer.setInterest(wanted > 0);
}
