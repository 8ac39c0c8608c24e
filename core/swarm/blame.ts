import type { PieceIndex } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { PartialPiece } from "./partial-piece.ts";

/** Trust moves by these; a peer at the last is banned. */
const PASSED = 1;
const FAILED = -2;
const BANNED_AT = -7;
const MOST_TRUST = 20;
/** Failed pieces that are kept to be compared: a few kilobytes each. */
const MAX_SUSPECTS = 256;

/** What a failed piece looked like: a sum of each block, and who gave it. */
interface Suspect {
  readonly sums: Uint32Array;
  readonly givers: readonly number[];
  /** Ids whose trust this piece has cost. */
  readonly doubted: ReadonlySet<number>;
}

/** Evidence against a peer, in words, when it is to be banned. */
export interface Accusation {
  readonly peer: Peer;
  readonly evidence: string;
}

/**
 * Who is to blame for a piece that failed its hash.
 *
 * Its only contributor is. Several are put on parole, where each is asked for whole pieces alone until one of them
 * passes; and the piece is remembered until it comes right, for then the blocks that differ name the liar, and the
 * others are believed again. What was begun before a parole and fails during it costs no more trust: one liar spoils
 * many pieces before the first of them is judged.
 *
 * @see peer semantics, section 3 "ban"
 */
export class Blame {
  readonly #trust = new Map<number, number>();
  readonly #suspects = new Map<PieceIndex, Suspect>();

  /** A piece passed. @returns Those proven to have lied when it failed before. */
  passed(
    partial: PartialPiece,
    contributors: readonly Peer[],
    wasAlone: boolean,
    connected: Iterable<Peer>,
  ): Accusation[] {
    for (const peer of contributors) {
      this.#move(peer.id, PASSED);
      if (wasAlone) peer.isOnParole = false;
    }
    const suspect = this.#suspects.get(partial.piece);
    this.#suspects.delete(partial.piece);
    const sums = suspect === undefined ? undefined : partial.blockSums();
    if (suspect === undefined || sums === undefined) return [];
    const liars = new Map<number, number>();
    for (let block = 0; block < sums.length; block++) {
      if (sums[block] !== suspect.sums[block]) liars.set(suspect.givers[block] as number, block);
    }
    for (const id of suspect.doubted) if (!liars.has(id) && this.#trust.has(id)) this.#move(id, -FAILED);
    const bans: Accusation[] = [];
    for (const peer of connected) {
      const block = liars.get(peer.id);
      if (block === undefined) continue;
      bans.push({
        peer,
        evidence: `its block ${block} of piece ${partial.piece} was not the one that passed the hash`,
      });
    }
    return bans;
  }

  /** A piece failed. @returns Those who are to be banned for it. */
  failed(partial: PartialPiece, contributors: readonly Peer[], wasAlone: boolean): Accusation[] {
    const { piece } = partial;
    for (const peer of contributors) peer.hashFailures++;
    if (wasAlone) {
      return contributors.map((peer) => ({
        peer,
        evidence: `piece ${piece} failed its hash, every block came from it`,
      }));
    }
    const bans: Accusation[] = [];
    const doubted = new Set<number>();
    for (const peer of contributors) {
      if (peer.isOnParole) continue;
      peer.isOnParole = true;
      doubted.add(peer.id);
      const trust = this.#move(peer.id, FAILED);
      if (trust > BANNED_AT) continue;
      bans.push({ peer, evidence: `trust ${trust} after ${peer.hashFailures} failed pieces, the last was ${piece}` });
    }
    const sums = partial.blockSums();
    if (sums !== undefined && this.#suspects.size < MAX_SUSPECTS) {
      const givers = Array.from(sums, (_, block) => partial.giver(block));
      this.#suspects.set(piece, { sums, givers, doubted });
    }
    return bans;
  }

  forget(peer: Peer): void {
    this.#trust.delete(peer.id);
  }

  #move(id: number, by: number): number {
    const trust = Math.min(MOST_TRUST, (this.#trust.get(id) ?? 0) + by);
    this.#trust.set(id, trust);
    return trust;
  }
}
