import type { PeerView, PiecesView } from "../../core/contract/views.ts";
import { PIECE_STATE } from "../../core/contract/views.ts";
import { commonOnes } from "../../core/model/bitfield.ts";
import { formatEndpoint } from "../../core/model/endpoint.ts";

/** What the rows of the swarm's map may be ordered by. */
export const SWARM_COLUMNS = ["arrival", "progress", "down", "up", "client", "address", "rarity"] as const;
export type SwarmColumn = (typeof SWARM_COLUMNS)[number];

export interface SwarmSort {
  readonly column: SwarmColumn;
  readonly descending: boolean;
}

/** @returns The peers' ids in order; equals by arrival. */
export function swarmOrder(
  peers: ReadonlyMap<number, PeerView>,
  { column, descending }: SwarmSort,
  pieces: PiecesView,
): number[] {
  const all = [...peers.values()].sort((a, b) => a.id - b.id);
  if (column === "arrival") return ids(descending ? all.reverse() : all);
  const sign = descending ? -1 : 1;
  if (column === "client" || column === "address") {
    const text = column === "client" ? (peer: PeerView) => peer.client ?? "" : formatEndpoint;
    const keys = new Map(all.map((peer) => [peer, text(peer)]));
    const compare = new Intl.Collator(undefined, { numeric: true }).compare;
    return ids(all.sort((a, b) => sign * compare(keys.get(a) ?? "", keys.get(b) ?? "")));
  }
  const rare = column === "rarity" ? rarestLacking(pieces) : undefined;
  const value = (peer: PeerView): number => {
    if (column === "progress") return peer.piecesCount;
    if (column === "down") return peer.downRate;
    if (column === "up") return peer.upRate;
    return peer.pieces === undefined || rare === undefined ? 0 : commonOnes(peer.pieces, rare);
  };
  const keys = new Map(all.map((peer) => [peer, value(peer)]));
  return ids(all.sort((a, b) => sign * ((keys.get(a) as number) - (keys.get(b) as number))));
}

function ids(peers: readonly PeerView[]): number[] {
  return peers.map(({ id }) => id);
}

/** The rarest tenth of the pieces that we lack and somebody has, and all that are as rare, a bit each (BEP 3's order). */
export function rarestLacking({ states, availability }: PiecesView): Uint8Array {
  const byOwners = new Uint32Array(256);
  const isLacked = (piece: number) => {
    const state = states[piece];
    return state !== PIECE_STATE.verified && state !== PIECE_STATE.unwanted && availability[piece] !== 0;
  };
  let lacked = 0;
  for (let piece = 0; piece < states.length; piece++) {
    if (!isLacked(piece)) continue;
    lacked++;
    byOwners[availability[piece] as number] = (byOwners[availability[piece] as number] as number) + 1;
  }
  let most = 0;
  for (let seen = 0; most < 255 && seen < Math.ceil(lacked / 10); ) seen += byOwners[++most] as number;
  const bits = new Uint8Array((states.length + 7) >>> 3);
  for (let piece = 0; piece < states.length; piece++) {
    if (!isLacked(piece) || (availability[piece] as number) > most) continue;
    bits[piece >>> 3] = (bits[piece >>> 3] as number) | (0x80 >>> (piece & 7));
  }
  return bits;
}
