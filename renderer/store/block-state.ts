import type { DetailUpdate } from "../../core/contract/messages.ts";
import type { BlocksView, PieceBlocks } from "../../core/contract/views.ts";

/** @returns The blocks in flight after an update. Pieces that it does not touch keep their identity. */
export function applyBlocks(
  before: BlocksView | undefined,
  { reset, opened, closed, changed, shared }: NonNullable<DetailUpdate["blocks"]>,
): BlocksView {
  const pieces = new Map(reset ? undefined : before?.pieces);
  for (const piece of closed) pieces.delete(piece);
  const copied = new Map<number, PieceBlocks>();
  for (let i = 0; i + 1 < opened.length; i += 2) {
    const count = opened[i + 1] as number;
    copied.set(opened[i] as number, { states: new Uint8Array(count), peers: new Float64Array(count).fill(-1) });
  }
  for (let i = 0; i + 3 < changed.length; i += 4) {
    const [piece, block, state, peer] = changed.slice(i, i + 4) as [number, number, number, number];
    let blocks = copied.get(piece);
    if (blocks === undefined) {
      const known = pieces.get(piece);
      if (known === undefined) continue;
      blocks = { states: known.states.slice(), peers: known.peers.slice() };
      copied.set(piece, blocks);
    }
    blocks.states[block] = state;
    blocks.peers[block] = peer;
  }
  for (const [piece, blocks] of copied) pieces.set(piece, blocks);
  return { pieces, shared: shared ?? (reset ? [] : (before?.shared ?? [])) };
}
