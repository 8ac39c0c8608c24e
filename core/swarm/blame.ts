import type { Peer } from "../peer/peer.ts";

/** Trust moves by these; a peer at the last is banned. */
const PASSED = 1;
const FAILED = -2;
const BANNED_AT = -7;
const MOST_TRUST = 20;

/** Evidence against a peer, in words, when it is to be banned. */
export type Verdict = { readonly kind: "none" } | { readonly kind: "ban"; readonly evidence: string };

/**
 * Who is to blame for a piece that failed its hash. Its only contributor is; several are put on parole, where each is
 * asked for whole pieces alone until one of them passes.
 *
 * @see peer semantics, section 3 "ban"
 */
export class Blame {
  readonly #trust = new Map<number, number>();

  passed(peer: Peer, wasAlone: boolean): void {
    this.#move(peer, PASSED);
    if (wasAlone) peer.isOnParole = false;
  }

  failed(peer: Peer, piece: number, wasAlone: boolean): Verdict {
    peer.hashFailures++;
    const trust = this.#move(peer, FAILED);
    if (wasAlone) return { kind: "ban", evidence: `piece ${piece} failed its hash, every block came from it` };
    peer.isOnParole = true;
    if (trust > BANNED_AT) return { kind: "none" };
    return { kind: "ban", evidence: `trust ${trust} after ${peer.hashFailures} failed pieces, the last was ${piece}` };
  }

  forget(peer: Peer): void {
    this.#trust.delete(peer.id);
  }

  #move(peer: Peer, by: number): number {
    const trust = Math.min(MOST_TRUST, (this.#trust.get(peer.id) ?? 0) + by);
    this.#trust.set(peer.id, trust);
    return trust;
  }
}
