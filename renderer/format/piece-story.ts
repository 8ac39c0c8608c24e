import { BLOCK_STATE, type BlocksView, type PieceAttemptView, type PieceBlocks } from "../../core/contract/views.ts";
import { say } from "../words/say.ts";
import { formatCount } from "./units.ts";

/** A row of blocks that are alike. */
export interface BlockRun {
  readonly first: number;
  readonly last: number;
  readonly kind: "free" | "asked" | "shared" | "received";
  /** Who was asked, or gave them. */
  readonly peers: readonly number[];
}

/** @returns The blocks of a piece under way, run by run; undefined when none of them is. */
export function blockRuns(blocks: BlocksView | undefined, piece: number): BlockRun[] | undefined {
  const known = blocks?.pieces.get(piece);
  if (blocks === undefined || known === undefined) return undefined;
  const others = othersAsked(blocks, piece);
  const runs: BlockRun[] = [];
  for (let block = 0; block < known.states.length; block++) {
    const { kind, peers } = blockOf(known, block, others.get(block) ?? []);
    const before = runs.at(-1);
    if (before?.kind === kind && sameNumbers(before.peers, peers)) runs[runs.length - 1] = { ...before, last: block };
    else runs.push({ first: block, last: block, kind, peers });
  }
  return runs;
}

function blockOf(
  { states, peers }: PieceBlocks,
  block: number,
  others: readonly number[],
): Pick<BlockRun, "kind" | "peers"> {
  if (states[block] === BLOCK_STATE.free) return { kind: "free", peers: [] };
  const peer = peers[block] as number;
  if (states[block] === BLOCK_STATE.received) return { kind: "received", peers: [peer] };
  return others.length === 0 ? { kind: "asked", peers: [peer] } : { kind: "shared", peers: [peer, ...others] };
}

/** The endgame: who else is asked for each block. */
function othersAsked({ shared }: BlocksView, piece: number): Map<number, number[]> {
  const others = new Map<number, number[]>();
  for (let i = 0; i + 2 < shared.length; i += 3) {
    if (shared[i] !== piece) continue;
    const block = shared[i + 1] as number;
    others.set(block, [...(others.get(block) ?? []), shared[i + 2] as number]);
  }
  return others;
}

/** `Blocks 0–3: received from 192.0.2.7:6881`. */
export function runWords({ first, last, kind, peers }: BlockRun, nameOf: (peer: number) => string): string {
  const which = say.swarm.blocksFrom(formatCount(first), formatCount(last));
  const names = peers.map(nameOf).join(", ");
  const what =
    kind === "free" ? say.swarm.free : kind === "received" ? say.swarm.receivedFrom(names) : say.swarm.askedOf(names);
  return `${which}: ${what}`;
}

/** Who gave how many blocks, the most first. */
export function contributorsOf({ givers }: PieceAttemptView): { readonly peer: number; readonly blocks: number }[] {
  const blocks = new Map<number, number>();
  for (let i = 0; i + 1 < givers.length; i += 2) {
    const peer = givers[i] as number;
    if (peer >= 0) blocks.set(peer, (blocks.get(peer) ?? 0) + (givers[i + 1] as number));
  }
  return [...blocks].map(([peer, count]) => ({ peer, blocks: count })).sort((a, b) => b.blocks - a.blocks);
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
