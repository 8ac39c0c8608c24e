import type { CloseReason, Closing } from "../model/close-reason.ts";
import type { Bytes, PieceIndex, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { type Accusation, Blame } from "./blame.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PieceHistory } from "./piece-history.ts";
import type { PieceLedger } from "./piece-ledger.ts";
import type { StoreResult, SwarmDisk, SwarmEvents } from "./ports.ts";
import { drop } from "./receiving.ts";

/** Closed for these, a peer has cost us some of our trust. */
const NUISANCES: ReadonlySet<CloseReason> = new Set([
  "bad-message",
  "bad-request",
  "bad-reject",
  "unrequested-block",
  "pex-abuse",
]);

/** Those that are gone and had given something: what they gave may be judged only now. */
const MAX_GONE = 100;

/** What a piece's end means to the rest of the torrent. */
interface Concerned {
  readonly ledger: PieceLedger;
  readonly peers: ReadonlySet<Peer>;
  readonly disk: SwarmDisk;
  readonly events: SwarmEvents;
  readonly history: PieceHistory;
  readonly now: Timestamp;
  wasted: Bytes;
  /** A piece is there, and may be told of. */
  announce(piece: PieceIndex): void;
  /** Everybody may be asked for more. */
  askAll(): void;
}

/** What the disk says of whole pieces: kept, or thrown away and somebody blamed. */
export class Verdicts {
  readonly #swarm: Concerned;
  readonly #blame = new Blame();
  /** Longest gone first. */
  readonly #gone = new Set<Peer>();
  #isRetired = false;

  constructor(swarm: Concerned) {
    this.#swarm = swarm;
  }

  /** What the disk still has to say is no longer of interest. */
  retire(): void {
    this.#isRetired = true;
  }

  /** A peer is gone; it may have been closed for what it sent. */
  closed(peer: Peer, { reason, by, detail }: Closing): void {
    const isNuisance = by === "us" && peer.openedAt !== undefined && NUISANCES.has(reason);
    const accusation = isNuisance ? this.#blame.nuisance(peer, detail) : undefined;
    this.#blame.forget(peer);
    if (peer.down.total > 0) this.#gone.add(peer);
    const [longestGone] = this.#gone;
    if (this.#gone.size > MAX_GONE && longestGone !== undefined) this.#gone.delete(longestGone);
    if (accusation !== undefined) this.#ban([accusation]);
  }

  /** The disk has stored or refused what came of a piece. */
  stored(partial: PartialPiece, result: StoreResult): void {
    const { ledger, disk, peers } = this.#swarm;
    const { piece } = partial;
    const isKnown = ledger.writing.get(piece) === partial || ledger.partials.get(piece) === partial;
    if (!isKnown || this.#isRetired) return partial.dispose(disk);
    if (result.kind === "fault") {
      if (ledger.partials.has(piece)) drop(this.#swarm, partial);
      else {
        partial.dispose(disk);
        ledger.unwrite(piece);
      }
      return this.#swarm.events.faulted(result.fault);
    }
    this.#swarm.history.note(partial, result.kind === "stored", this.#swarm.now);
    const givers = partial.contributors();
    const known = [...peers, ...this.#gone];
    const contributors = known.filter((peer) => givers.includes(peer.id));
    const wasAlone = givers.length === 1;
    if (result.kind === "stored") {
      const bans = this.#blame.passed(partial, contributors, wasAlone, known);
      partial.dispose(disk);
      this.#swarm.announce(piece);
      this.#ban(bans);
    } else {
      const bans = this.#blame.failed(partial, contributors, wasAlone);
      partial.dispose(disk);
      this.#failed(piece, contributors);
      this.#ban(bans);
      this.#swarm.askAll();
    }
  }

  #failed(piece: PieceIndex, contributors: readonly Peer[]): void {
    const { ledger, events } = this.#swarm;
    ledger.fail(piece);
    const length = ledger.layout.lengthOf(piece);
    this.#swarm.wasted += length;
    events.pieceFailed(piece, contributors);
    for (const peer of contributors) peer.wasted += Math.round(length / contributors.length);
  }

  #ban(bans: readonly Accusation[]): void {
    for (const { peer, evidence, proof } of bans) this.#swarm.events.convicted(peer, evidence, proof);
  }
}
