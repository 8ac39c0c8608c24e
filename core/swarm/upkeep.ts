import type { Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { measure } from "../peer/standing.ts";
import { trafficOf } from "./allowance.ts";
import { type Extended, reviewIntroductions } from "./extensions.ts";
import { stuckPiece } from "./parole.ts";
import { CROWDED, closeIfUseless, loseSnubbed } from "./patience.ts";
import { abandon, giveBack, type Recipient, reviewEndgame } from "./receiving.ts";
import { type Servant, serve } from "./serving.ts";
import { Sleepers } from "./sleepers.ts";

/** The torrent whose peers are looked after. */
interface Tended extends Recipient, Servant, Extended {
  readonly peers: Recipient["peers"];
  readonly disk: Recipient["disk"];
  readonly ledger: Recipient["ledger"];
  readonly limits: Extended["limits"];
  readonly isSeeding: boolean;
  readonly isSuperSeeding: boolean;
  /** Peers that are connected, or being dialled. */
  readonly seats: number;
  /** It may be asked for more. */
  turnEnded(peer: Peer): void;
}

/** What the peers of a torrent are looked at for each second: those that are awake. */
export class Upkeep {
  readonly #swarm: Tended;
  readonly #sleepers = new Sleepers();
  #wasCrowded = false;
  /** What every peer was told of us. */
  #self = "";
  #turn = 0;

  constructor(swarm: Tended) {
    this.#swarm = swarm;
  }

  rouse(peer: Peer, now: Timestamp): void {
    if (this.#sleepers.isAwake(peer)) return;
    this.#sleepers.rouse(peer);
    peer.now = now;
    measure(peer);
  }

  forget(peer: Peer): void {
    this.#sleepers.forget(peer);
  }

  tick(now: Timestamp): void {
    const swarm = this.#swarm;
    const { limits, ledger, peers } = swarm;
    let { seats } = swarm;
    const isCrowded = () => limits.arePlacesShort() || seats >= CROWDED * limits.maxPeers();
    const wasCrowded = this.#wasCrowded;
    this.#wasCrowded = isCrowded();
    // Those that were of no use before that, too.
    if (this.#wasCrowded && !wasCrowded) for (const peer of peers) this.rouse(peer, now);
    const awake = this.#sleepers.awakeAt(now);
    for (const peer of awake) {
      peer.tick(now);
      if (peer.phase !== "open") continue;
      peer.overhead.spend(peer, trafficOf(swarm, peer));
      const lost = loseSnubbed(peer, now);
      giveBack(swarm, lost);
      if (lost.length > 0) ledger.openToOthers(peer.id);
      if (closeIfUseless(peer, isCrowded(), now)) seats--;
    }
    this.#reviewIntroductions(now);
    const stuck = stuckPiece(ledger, peers);
    if (stuck !== undefined) abandon(swarm, stuck);
    // Blocks and memory that came free are asked for by whoever can, also by those that have nothing to say.
    for (const peer of awake) {
      if (peer.isClosed) continue;
      swarm.turnEnded(peer);
      reviewEndgame(swarm, peer);
      peer.flush();
      if (swarm.metadata.isKnown) this.#sleepers.settle(peer, now);
    }
  }

  /** After a limit let go: everybody may be asked and served again. */
  resumeTransfers(now: Timestamp): void {
    const open = this.#sleepers.awakeAt(now).filter((peer) => peer.phase === "open");
    // Another peer is first each time, so that none takes all of a small allowance.
    this.#turn = open.length === 0 ? 0 : (this.#turn + 1) % open.length;
    for (const peer of [...open.slice(this.#turn), ...open.slice(0, this.#turn)]) {
      peer.now = now;
      serve(this.#swarm, peer);
      this.#swarm.turnEnded(peer);
      peer.flush();
    }
  }

  /** Everybody hears of it when what we tell of ourselves is no longer so. */
  #reviewIntroductions(now: Timestamp): void {
    const { isSeeding, isSuperSeeding, exchangesPeers, punchesHoles } = this.#swarm;
    const self = `${isSeeding} ${isSuperSeeding} ${exchangesPeers} ${punchesHoles}`;
    if (self === this.#self) return;
    this.#self = self;
    reviewIntroductions(this.#swarm, now);
  }
}
