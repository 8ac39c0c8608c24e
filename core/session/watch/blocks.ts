import type { DetailUpdate } from "../../contract/messages.ts";
import { BLOCK_STATE } from "../../contract/views.ts";
import type { PieceIndex } from "../../model/units.ts";
import type { PartialPiece } from "../../swarm/partial-piece.ts";
import type { Torrent } from "../torrent.ts";

/** Changes that one update tells, about 40 KB: what is past them is told by the next, as it is then. */
const MOST_CHANGES = 3000;
/** Numbers of blocks that several are asked for: in the endgame little is left. */
const MOST_SHARED = 3 * 500;

interface Blocks {
  readonly states: Uint8Array;
  readonly peers: Float64Array;
}

/** What an interface was told of a torrent's blocks in flight. */
export class ToldBlocks {
  readonly #pieces = new Map<PieceIndex, Blocks>();
  #shared: readonly number[] = [];
  #isFirst = true;

  /** @returns What is news, or undefined when nothing is. */
  update(torrent: Torrent): DetailUpdate["blocks"] {
    const { pieces, shared } = blocksOf(torrent);
    const closed = [...this.#pieces.keys()].filter((piece) => !pieces.has(piece));
    for (const piece of closed) this.#pieces.delete(piece);
    const opened: number[] = [];
    const changed: number[] = [];
    for (const [piece, fresh] of pieces) {
      if (changed.length >= 4 * MOST_CHANGES) break;
      let told = this.#pieces.get(piece);
      if (told === undefined) {
        told = noBlocks(fresh.states.length);
        this.#pieces.set(piece, told);
        opened.push(piece, fresh.states.length);
      }
      tell(piece, told, fresh, changed);
    }
    const isSharedNew = shared.length !== this.#shared.length || shared.some((value, i) => value !== this.#shared[i]);
    this.#shared = shared;
    const reset = this.#isFirst;
    this.#isFirst = false;
    if (!reset && opened.length + closed.length + changed.length === 0 && !isSharedNew) return undefined;
    return { reset, opened, closed, changed, ...(isSharedNew && { shared }) };
  }
}

/** Appends what differs, and takes it as told. */
function tell(piece: PieceIndex, told: Blocks, fresh: Blocks, changed: number[]): void {
  for (let block = 0; block < fresh.states.length; block++) {
    const state = fresh.states[block] as number;
    const peer = fresh.peers[block] as number;
    if (told.states[block] === state && told.peers[block] === peer) continue;
    told.states[block] = state;
    told.peers[block] = peer;
    changed.push(piece, block, state, peer);
  }
}

function noBlocks(count: number): Blocks {
  return { states: new Uint8Array(count), peers: new Float64Array(count).fill(-1) };
}

function blocksOf({ swarm }: Torrent): { pieces: Map<PieceIndex, Blocks>; shared: number[] } {
  const { partials, writing } = swarm.ledger;
  const pieces = new Map<PieceIndex, Blocks>();
  for (const partial of [...writing.values(), ...partials.values()]) pieces.set(partial.piece, receivedOf(partial));
  const shared: number[] = [];
  for (const peer of swarm.peers) {
    for (const { piece, block } of peer.window.outstanding) {
      const blocks = partials.has(piece) ? pieces.get(piece) : undefined;
      if (blocks === undefined || blocks.states[block] === BLOCK_STATE.received) continue;
      if (blocks.states[block] === BLOCK_STATE.free) {
        blocks.states[block] = BLOCK_STATE.asked;
        blocks.peers[block] = peer.id;
      } else if (shared.length < MOST_SHARED) shared.push(piece, block, peer.id);
    }
  }
  return { pieces, shared };
}

function receivedOf(partial: PartialPiece): Blocks {
  const blocks = noBlocks(partial.blockCount);
  for (let block = 0; block < partial.blockCount; block++) {
    if (!partial.isReceived(block)) continue;
    blocks.states[block] = BLOCK_STATE.received;
    blocks.peers[block] = partial.giver(block);
  }
  return blocks;
}
