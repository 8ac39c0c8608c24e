import type { Peer } from "../peer/peer.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PieceLedger } from "./piece-ledger.ts";

/**
 * Whoever is on parole shares no piece. When everybody is who could give anything, and nothing is left to be started,
 * what several began would stay undone.
 * @returns A piece to be begun anew for one of them alone, or undefined while there is another way.
 */
export function stuckPiece(ledger: PieceLedger, peers: Iterable<Peer>): PartialPiece | undefined {
  if (ledger.open.size === 0 || ledger.hasStartable) return undefined;
  let isAnyOnParole = false;
  for (const peer of peers) {
    if (!peer.weAreInterested || peer.peerChokes) continue;
    if (!peer.isOnParole || peer.window.outstanding.length > 0) return undefined;
    isAnyOnParole = true;
  }
  if (!isAnyOnParole) return undefined;
  for (const partial of ledger.open) if (partial.exclusiveTo === undefined) return partial;
  return undefined;
}
