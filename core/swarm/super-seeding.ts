import { type Random, randomBelow } from "../model/random.ts";
import type { Millis, PieceIndex, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { MESSAGE } from "../wire/message-id.ts";

/** Who neither took nor spread its piece for so long is shown another, and others may be shown that one. */
const PATIENCE: Millis = 120_000;
/** A piece that so many have spreads without us. */
const ENOUGH_COPIES = 2;

/** What one peer believes that we have. */
interface Showing {
  piece: PieceIndex | undefined;
  /** When it came, was shown the piece, or got it. */
  since: Timestamp;
}

/** What super-seeding must know of the torrent. */
interface Sower {
  readonly peers: ReadonlySet<Peer>;
  readonly rarest: { availability(piece: PieceIndex): number };
  readonly residence: { readonly pieceCount: number };
}

/**
 * A seed that pretends to have nothing, and shows each peer one piece at a time: the next only when somebody else has
 * the last one. So each piece leaves us about once, and who does not share gets little.
 *
 * @see BEP 16
 */
export class SuperSeeding {
  isOn = false;
  readonly #swarm: Sower;
  readonly #random: Random;
  readonly #showings = new Map<Peer, Showing>();

  constructor(swarm: Sower, random: Random) {
    this.#swarm = swarm;
    this.#random = random;
  }

  /** Does it not know that we have everything? */
  hidesFrom(peer: Peer): boolean {
    return this.#showings.has(peer);
  }

  /** It connects while we pretend. */
  hideFrom(peer: Peer): void {
    this.#showings.set(peer, { piece: undefined, since: peer.now });
  }

  /** It is gone, or may know everything now. */
  forget(peer: Peer): void {
    this.#showings.delete(peer);
  }

  /** Everybody may know everything now, also of what they have themselves: only so are we a seed to them. */
  end(now: Timestamp): void {
    for (const peer of this.#showings.keys()) {
      peer.now = now;
      for (let piece = 0; piece < this.#swarm.residence.pieceCount; piece++) peer.sendPiece(MESSAGE.have, piece);
      peer.flush();
    }
    this.#showings.clear();
  }

  /** Somebody has another piece: who waited for that is shown the next. */
  gained(gainer: Peer, piece: PieceIndex): void {
    for (const [peer, showing] of this.#showings) {
      if (showing.piece !== piece) continue;
      if (peer === gainer) showing.since = gainer.now;
      this.#review(peer, showing, gainer.now);
      peer.flush();
    }
  }

  /** Once a second: who has just come, and who has waited too long. */
  tick(now: Timestamp): void {
    for (const [peer, showing] of this.#showings) {
      this.#review(peer, showing, now);
      peer.flush();
    }
  }

  #review(peer: Peer, showing: Showing, now: Timestamp): void {
    const isOver = now - showing.since >= PATIENCE;
    if (showing.piece !== undefined && !isOver && !this.#hasSpread(peer, showing.piece)) return;
    const next = this.#rarest(peer, isOver ? Number.POSITIVE_INFINITY : ENOUGH_COPIES, now);
    if (next === undefined) return;
    showing.piece = next;
    showing.since = now;
    peer.now = now;
    peer.sendPiece(MESSAGE.have, next);
  }

  /** It has the piece, and so has somebody else; or there is nobody who lacks it. */
  #hasSpread(peer: Peer, piece: PieceIndex): boolean {
    if (peer.pieces?.has(piece) !== true) return false;
    if (this.#swarm.rarest.availability(piece) > 1) return true;
    for (const other of this.#swarm.peers) {
      if (other !== peer && other.phase === "open" && !other.isUploadOnly) return false;
    }
    return true;
  }

  /** @returns A piece that it lacks, is not on its way to anybody, and that fewer have than `copies`. */
  #rarest(peer: Peer, copies: number, now: Timestamp): PieceIndex | undefined {
    const underWay = new Set<PieceIndex | undefined>([this.#showings.get(peer)?.piece]);
    for (const { piece, since } of this.#showings.values()) if (now - since < PATIENCE) underWay.add(piece);
    let rarest: PieceIndex | undefined;
    let fewest = copies;
    let equals = 1;
    for (let piece = 0; piece < this.#swarm.residence.pieceCount; piece++) {
      const count = this.#swarm.rarest.availability(piece);
      if (count > fewest || count >= copies || peer.pieces?.has(piece) === true || underWay.has(piece)) continue;
      if (count === fewest && randomBelow(this.#random, ++equals) > 0) continue;
      if (count < fewest) equals = 1;
      fewest = count;
      rarest = piece;
    }
    return rarest;
  }
}
