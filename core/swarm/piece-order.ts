import type { PieceIndex } from "../model/units.ts";
import type { RarestFirst } from "./rarest-first.ts";

/**
 * Which pieces come before others by the user's wish: group by group, and in a group the rarest first, or one by one.
 *
 * A piece is in exactly one group.
 */
export class PieceOrder {
  readonly #groups: readonly Uint32Array[];
  readonly #groupOf: Uint8Array;
  readonly #isSequential: boolean;
  /** In each group: none before this place may be started, as long as nothing was given back. */
  readonly #from: Uint32Array;
  #openings = -1;

  /** @param groups - The most urgent first, at most 255; in each, pieces in the order in which they come one by one. */
  constructor(groups: readonly Uint32Array[], pieceCount: number, isSequential: boolean) {
    this.#groups = groups;
    this.#groupOf = new Uint8Array(pieceCount);
    this.#isSequential = isSequential;
    this.#from = new Uint32Array(groups.length);
    groups.forEach((pieces, group) => {
      for (const piece of pieces) this.#groupOf[piece] = group;
    });
  }

  /**
   * Visits pieces that may be started, the most wanted first.
   * @param openings - Of the ledger: moves when a piece may be started again.
   * @param isRun - One behind the other, whatever is chosen: for a web seed.
   * @param visit - Returns false to end. Must not change `rarest`.
   */
  forEach(rarest: RarestFirst, openings: number, isRun: boolean, visit: (piece: PieceIndex) => boolean): void {
    if (openings !== this.#openings) {
      this.#openings = openings;
      this.#from.fill(0);
    }
    for (let group = 0; group < this.#groups.length; group++) {
      if (!(isRun || this.#isSequential ? this.#inTurn(group, rarest, visit) : this.#byRarity(group, rarest, visit)))
        return;
    }
  }

  #inTurn(group: number, rarest: RarestFirst, visit: (piece: PieceIndex) => boolean): boolean {
    const pieces = this.#groups[group] as Uint32Array;
    let at = this.#from[group] as number;
    while (at < pieces.length && !rarest.isStartable(pieces[at] as number)) at++;
    this.#from[group] = at;
    for (; at < pieces.length; at++) {
      const piece = pieces[at] as number;
      if (rarest.isStartable(piece) && !visit(piece)) return false;
    }
    return true;
  }

  #byRarity(group: number, rarest: RarestFirst, visit: (piece: PieceIndex) => boolean): boolean {
    let goesOn = true;
    rarest.forEach((piece) => {
      if (this.#groupOf[piece] === group) goesOn = visit(piece);
      return goesOn;
    });
    return goesOn;
  }
}
