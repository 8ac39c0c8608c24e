import { PIECE_STATE, type PiecesView } from "../../core/contract/views.ts";

/** Pieces that exist `from` … `to` times, ourselves not counted. */
export interface ReplicationBar {
  readonly from: number;
  readonly to: number;
  readonly pieces: number;
  /** Of these, those that we lack and want. */
  readonly lacked: number;
}

/** More bars can't be read beside the map. */
const MOST_BARS = 16;
/** The engine counts no further. */
const MOST_COUNTED = 255;

/** How many pieces exist how often: a bar for each number of owners, or for a few, from nowhere on. */
export function replication({ states, availability }: PiecesView): ReplicationBar[] {
  const all = new Uint32Array(MOST_COUNTED + 1);
  const lacked = new Uint32Array(MOST_COUNTED + 1);
  let most = 0;
  let least = MOST_COUNTED;
  for (let piece = 0; piece < states.length; piece++) {
    const owners = availability[piece] as number;
    all[owners] = (all[owners] as number) + 1;
    if (owners > most) most = owners;
    if (owners < least) least = owners;
    const state = states[piece];
    if (state !== PIECE_STATE.verified && state !== PIECE_STATE.unwanted)
      lacked[owners] = (lacked[owners] as number) + 1;
  }
  if (states.length === 0) return [];
  // Where nothing is rare, bars of rare pieces are empty: they are told while there is room for them.
  const first = most > MOST_BARS ? least : Math.min(least, 1);
  const step = Math.max(1, Math.ceil((most - first + 1) / MOST_BARS));
  const bars: ReplicationBar[] = [];
  for (let from = first === 0 ? 0 : first; from <= most; ) {
    // What is nowhere is always told apart.
    const to = from === 0 ? 0 : Math.min(most, from + step - 1);
    let pieces = 0;
    let missing = 0;
    for (let owners = from; owners <= to; owners++) {
      pieces += all[owners] as number;
      missing += lacked[owners] as number;
    }
    bars.push({ from, to, pieces, lacked: missing });
    from = to + 1;
  }
  return bars;
}
