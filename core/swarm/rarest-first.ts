import { type Random, randomBelow, shuffle } from "../model/random.ts";
import type { PieceIndex } from "../model/units.ts";

/**
 * The pieces that may be started, ordered by how few peers have them, kept in order while counts change by one.
 *
 * `#order` holds every piece, grouped into buckets by key: 0 for pieces that may not be started (verified, unwanted,
 * in flight), 1 + n for those that n peers have. A change of one moves a piece over one bucket's border with a swap,
 * so a `have` costs O(1) and nothing is ever sorted. Peers with everything add the same to each and are counted apart.
 *
 * Invariant: `#order[#position[p]] = p`, and bucket k is `#order[#start[k] … #start[k+1])`.
 */
export class RarestFirst {
  /** Seeds: they have every piece, so they change no order. */
  seeds = 0;
  readonly #availability: Uint16Array;
  readonly #key: Uint16Array;
  readonly #order: Uint32Array;
  readonly #position: Uint32Array;
  /** Where each bucket begins; one more than there are buckets. */
  readonly #start: number[];
  readonly #random: Random;

  /** All pieces start as not to be started, and nobody has them. */
  constructor(pieceCount: number, random: Random) {
    this.#availability = new Uint16Array(pieceCount);
    this.#key = new Uint16Array(pieceCount);
    const order = shuffle(
      random,
      Array.from({ length: pieceCount }, (_, piece) => piece),
    );
    this.#order = Uint32Array.from(order);
    this.#position = new Uint32Array(pieceCount);
    for (let at = 0; at < pieceCount; at++) this.#position[this.#order[at] as number] = at;
    this.#start = [0, pieceCount];
    this.#random = random;
  }

  /** Connected peers that have the piece. */
  availability(piece: PieceIndex): number {
    return (this.#availability[piece] as number) + this.seeds;
  }

  gained(piece: PieceIndex): void {
    this.#availability[piece] = (this.#availability[piece] as number) + 1;
    if (this.isStartable(piece)) this.#raise(piece);
  }

  lost(piece: PieceIndex): void {
    this.#availability[piece] = (this.#availability[piece] as number) - 1;
    if (this.isStartable(piece)) this.#lower(piece);
  }

  isStartable(piece: PieceIndex): boolean {
    return (this.#key[piece] as number) > 0;
  }

  setStartable(piece: PieceIndex, startable: boolean): void {
    if (this.isStartable(piece) === startable) return;
    const goal = startable ? 1 + (this.#availability[piece] as number) : 0;
    while ((this.#key[piece] as number) < goal) this.#raise(piece);
    while ((this.#key[piece] as number) > goal) this.#lower(piece);
  }

  get startableCount(): number {
    return this.#order.length - (this.#start[1] as number);
  }

  /**
   * Visits startable pieces, rarest first, equals from a random place on.
   * @param visit - Returns false to end. Must not change the order.
   */
  forEach(visit: (piece: PieceIndex) => boolean): void {
    for (let bucket = 1; bucket < this.#start.length - 1; bucket++) {
      const first = this.#start[bucket] as number;
      const size = (this.#start[bucket + 1] as number) - first;
      if (size === 0) continue;
      const turn = randomBelow(this.#random, size);
      for (let i = 0; i < size; i++) {
        const at = first + (i + turn < size ? i + turn : i + turn - size);
        if (!visit(this.#order[at] as number)) return;
      }
    }
  }

  /** The same without chance, for the eye: it leaves no trace in what is picked later. */
  survey(visit: (piece: PieceIndex) => boolean): void {
    for (let at = this.#start[1] as number; at < this.#order.length; at++) {
      if (!visit(this.#order[at] as number)) return;
    }
  }

  /** To the next bucket: swapped with the last of its own, whose place then belongs to the next. */
  #raise(piece: PieceIndex): void {
    const bucket = this.#key[piece] as number;
    if (bucket + 2 >= this.#start.length) this.#start.push(this.#order.length);
    const border = (this.#start[bucket + 1] as number) - 1;
    this.#swap(this.#position[piece] as number, border);
    this.#start[bucket + 1] = border;
    this.#key[piece] = bucket + 1;
  }

  #lower(piece: PieceIndex): void {
    const bucket = this.#key[piece] as number;
    const border = this.#start[bucket] as number;
    this.#swap(this.#position[piece] as number, border);
    this.#start[bucket] = border + 1;
    this.#key[piece] = bucket - 1;
  }

  #swap(a: number, b: number): void {
    const first = this.#order[a] as number;
    const second = this.#order[b] as number;
    this.#order[a] = second;
    this.#order[b] = first;
    this.#position[second] = a;
    this.#position[first] = b;
  }
}
