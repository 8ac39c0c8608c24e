import { BLOCK_STATE, type BlocksView } from "../../core/contract/views.ts";

/** A block in flight, as it is painted: what was received waits for the rest of its piece. */
export const FLIGHT = { received: 0, asked: 1, shared: 2 } as const;

/** Blocks of the torrent (piece × blocks a piece + block) and their {@link FLIGHT}, in turn; what stands out is last. */
export type FlightMarks = readonly number[];

export interface Flight {
  /** Of our own row: each block once. */
  readonly own: FlightMarks;
  /** By the peer that was asked, or gave. */
  readonly byPeer: ReadonlyMap<number, FlightMarks>;
}

export const NO_FLIGHT: Flight = { own: [], byPeer: new Map() };

/** @param blocksPerPiece - Of every piece but the last, which may have fewer. */
export function flightOf(blocks: BlocksView, blocksPerPiece: number): Flight {
  const { pieces, shared } = blocks;
  const own: number[] = [];
  const byPeer = new Map<number, number[]>();
  const mark = (peer: number, unit: number, kind: number) => {
    const marks = byPeer.get(peer);
    if (marks === undefined) byPeer.set(peer, [unit, kind]);
    else marks.push(unit, kind);
  };
  const several = new Set<number>();
  for (let i = 0; i + 2 < shared.length; i += 3) {
    several.add((shared[i] as number) * blocksPerPiece + (shared[i + 1] as number));
  }
  for (const wanted of [BLOCK_STATE.received, BLOCK_STATE.asked]) {
    for (const [piece, { states, peers }] of pieces) {
      for (let block = 0; block < states.length; block++) {
        if (states[block] !== wanted) continue;
        const unit = piece * blocksPerPiece + block;
        const asked = several.has(unit) ? FLIGHT.shared : FLIGHT.asked;
        const kind = wanted === BLOCK_STATE.received ? FLIGHT.received : asked;
        own.push(unit, kind);
        mark(peers[block] as number, unit, kind);
      }
    }
  }
  for (let i = 0; i + 2 < shared.length; i += 3) {
    const unit = (shared[i] as number) * blocksPerPiece + (shared[i + 1] as number);
    // It may have come a moment ago, or its piece be told of later.
    if (pieces.get(shared[i] as number)?.states[shared[i + 1] as number] !== BLOCK_STATE.asked) continue;
    mark(shared[i + 2] as number, unit, FLIGHT.shared);
  }
  return { own, byPeer };
}
