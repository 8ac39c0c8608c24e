import { useMemo, useRef } from "react";
import type { PeerView, PiecesView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { SwarmRow } from "../../canvas/swarm-picture.ts";
import { formatPercent } from "../../format/units.ts";
import { type SwarmSort, swarmOrder } from "../../store/swarm-order.ts";

/** Rows that move all the time can't be read: they are ordered anew this often, in milliseconds. */
const ORDER_EVERY = 2000;

/**
 * The map's rows in the order that the user chose.
 * @param isHeld - The user is pointing at a row: it stays where it is.
 */
export function useRows(
  peers: ReadonlyMap<number, PeerView>,
  sort: SwarmSort,
  pieces: PiecesView,
  isHeld: boolean,
): readonly SwarmRow[] {
  const kept = useRef<{ order: number[]; sort: SwarmSort; at: number }>(undefined);
  return useMemo(() => {
    const now = performance.now();
    const before = kept.current;
    const isDue = before === undefined || before.sort !== sort || (!isHeld && now - before.at >= ORDER_EVERY);
    if (isDue) kept.current = { order: swarmOrder(peers, sort, pieces), sort, at: now };
    else kept.current = { ...before, order: followed(before.order, peers) };
    return kept.current.order.map((id) => rowOf(peers.get(id) as PeerView, pieces.states.length));
  }, [peers, sort, pieces, isHeld]);
}

/** Those who left leave, those who came are last. */
function followed(order: number[], peers: ReadonlyMap<number, PeerView>): number[] {
  const known = new Set(order);
  if (order.length === peers.size && order.every((id) => peers.has(id))) return order;
  return [...order.filter((id) => peers.has(id)), ...[...peers.keys()].filter((id) => !known.has(id))];
}

/** Names and shares are made once a peer's view, not once a frame. */
const rows = new WeakMap<PeerView, SwarmRow>();

function rowOf(peer: PeerView, pieceCount: number): SwarmRow {
  let row = rows.get(peer);
  if (row === undefined) {
    const share = peer.pieces === undefined ? "" : formatPercent(peer.piecesCount, pieceCount);
    row = { id: peer.id, name: formatEndpoint(peer), share, bits: peer.pieces };
    rows.set(peer, row);
  }
  return row;
}
