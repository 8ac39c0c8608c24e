import { isLocalHost, partyOf } from "../model/address.ts";
import { toHex } from "../model/bytes.ts";
import type { BanProof } from "../model/peer-face.ts";
import type { PieceIndex } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { PartialPiece } from "./partial-piece.ts";

/** Trust moves by these; a peer at the last is banned. */
const PASSED = 1;
const FAILED = -2;
const NUISANCE = -1;
const BANNED_AT = -7;
const MOST_TRUST = 20;
/** Those that are gone and were not trusted: who comes back goes on from there. */
const MAX_DISTRUSTED = 1000;
/** Failed pieces that are kept to be compared: a few kilobytes each. */
const MAX_SUSPECTS = 256;

/** What a failed piece looked like: a sum of each block, and who gave it. */
interface Suspect {
  readonly sums: Uint32Array;
  readonly givers: readonly number[];
  /** Whose trust this piece has cost, by connection. */
  readonly doubted: ReadonlyMap<number, string>;
}

/** Evidence against a peer, in words, when it is to be banned. */
export interface Accusation {
  readonly peer: Peer;
  readonly evidence: string;
  readonly proof?: Omit<BanProof, "hash">;
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
  /** By who it is, whichever connection it comes on; those that moved last are last. */
  readonly #trust = new Map<string, number>();
  readonly #suspects = new Map<PieceIndex, Suspect>();

  /**
   * A piece passed.
   * @param known - Who is connected, or was until lately.
   * @returns Those proven to have lied when it failed before.
   */
  passed(partial: PartialPiece, contributors: readonly Peer[], wasAlone: boolean, known: Iterable<Peer>): Accusation[] {
    for (const peer of contributors) {
      if (peer.isClosed) continue;
      this.#move(identityOf(peer), PASSED);
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
    for (const [id, who] of suspect.doubted) if (!liars.has(id) && this.#trust.has(who)) this.#move(who, -FAILED);
    const bans: Accusation[] = [];
    for (const peer of known) {
      const block = liars.get(peer.id);
      if (block === undefined) continue;
      const { piece } = partial;
      const [gave, right] = [suspect.sums[block] as number, sums[block] as number];
      bans.push({
        peer,
        evidence: `its block ${block} of piece ${piece} was not the one that passed the hash`,
        proof: { piece, block: { index: block, gave, right } },
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
        proof: { piece },
      }));
    }
    const bans: Accusation[] = [];
    const doubted = new Map<number, string>();
    for (const peer of contributors) {
      if (peer.isOnParole) continue;
      peer.isOnParole = true;
      doubted.set(peer.id, identityOf(peer));
      const trust = this.#move(identityOf(peer), FAILED);
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

  /** It was closed for what it sent. @returns Undefined while it may come again. */
  nuisance(peer: Peer, what: string): Accusation | undefined {
    const trust = this.#move(identityOf(peer), NUISANCE);
    return trust > BANNED_AT ? undefined : { peer, evidence: `trust ${trust} after it was closed again: ${what}` };
  }

  /** It is gone. What it did for us is forgotten, what it did to us is not. */
  forget(peer: Peer): void {
    const who = identityOf(peer);
    if ((this.#trust.get(who) ?? 0) >= 0) this.#trust.delete(who);
  }

  #move(who: string, by: number): number {
    const trust = Math.min(MOST_TRUST, (this.#trust.get(who) ?? 0) + by);
    this.#trust.delete(who);
    this.#trust.set(who, trust);
    const [oldest] = this.#trust.keys();
    if (this.#trust.size > MAX_DISTRUSTED && oldest !== undefined) this.#trust.delete(oldest);
    return trust;
  }
}

/** Who it is to us: its address, or where many may share that, its id. */
function identityOf(peer: Peer): string {
  return isLocalHost(peer.host) && peer.peerId !== undefined ? toHex(peer.peerId) : partyOf(peer);
}
