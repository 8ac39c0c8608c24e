import { PIECE_STATE } from "../../core/contract/views.ts";
import { commonOnes } from "../../core/model/bitfield.ts";
import type { PeerSource } from "../../core/model/peer-face.ts";
import type { BytesPerSecond, Timestamp } from "../../core/model/units.ts";
import { say } from "../words/say.ts";
import type { AnyPeer } from "./peer-filter.ts";
import { formatRate } from "./units.ts";

/** What single cells of the peer table say. */

/** One bit a piece that we miss, high bit first, by our states: made once for all peers. */
const missingBits = new WeakMap<Uint8Array, { readonly bits: Uint8Array; readonly count: number }>();

/**
 * The share of what we miss that a peer has, 0 … 1.
 * @param states - Our own pieces; undefined while they are not watched.
 * @returns Undefined when nobody can say, or we miss nothing.
 */
export function relevanceOf(pieces: Uint8Array | undefined, states: Uint8Array | undefined): number | undefined {
  if (pieces === undefined || states === undefined) return undefined;
  const { bits, count } = missingOf(states);
  if (count === 0) return undefined;
  return commonOnes(bits, pieces) / count;
}

function missingOf(states: Uint8Array): { readonly bits: Uint8Array; readonly count: number } {
  const made = missingBits.get(states);
  if (made !== undefined) return made;
  const bits = new Uint8Array(Math.ceil(states.length / 8));
  let count = 0;
  states.forEach((state, piece) => {
    if (state === PIECE_STATE.verified || state === PIECE_STATE.unwanted) return;
    bits[piece >>> 3] = (bits[piece >>> 3] as number) | (0x80 >>> (piece & 7));
    count++;
  });
  const missing = { bits, count };
  missingBits.set(states, missing);
  return missing;
}

/** Undefined of a peer that is not connected. */
export function connectedSince(any: AnyPeer): Timestamp | undefined {
  return any.kind === "live" ? any.peer.connectedAt : undefined;
}

/** In a word or two; a tracker by its host: `DHT, tracker.example.org`. */
export function shortSources(sources: readonly PeerSource[]): string {
  return sources
    .map((source) => (source.kind === "tracker" ? hostOf(source.tracker) : say.peers.sources[source.kind]))
    .join(", ");
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

/** `↓ 50 KiB/s ↑ ∞`; empty without limits of its own. */
export function limitWords(down: BytesPerSecond | undefined, up: BytesPerSecond | undefined): string {
  if (down === undefined && up === undefined) return "";
  const words = (limit: BytesPerSecond | undefined) => (limit === undefined ? say.peers.noLimit : formatRate(limit));
  return say.peers.limitsOf(words(down), words(up));
}
