import {
  GIVEN_PIECES,
  type GivenPiece,
  type PeerLifeUpdate,
  QUEUED_REQUESTS,
  type RequestsView,
} from "../../contract/peer-life.ts";
import { BLOCK_LENGTH, type Millis, type PieceIndex, type Timestamp } from "../../model/units.ts";
import type { Peer } from "../../peer/peer.ts";
import type { PieceAttempt } from "../../swarm/piece-history.ts";
import type { Torrent } from "../torrent.ts";

/** What needs a look at the whole torrent is looked at this often. */
const LOOK_EVERY: Millis = 1000;
const NEXT_PIECES = 16;
/** Pieces that are looked at to find those. */
const MOST_CANDIDATES = 4096;

/** What an interface was told of the life of the peer whose page it shows. */
export class ToldLife {
  readonly peer: number;
  /** The one that it was told of. */
  #told: Peer | undefined;
  #changes = 0;
  #revision = -1;
  #forgotten = 0;
  #samples = 0;
  #until: Timestamp = 0;
  #joined = 0;
  #messages = 0;
  #requests = "";
  #given = "";
  #next = "";
  #lookedAt: Timestamp = 0;

  constructor(peer: number) {
    this.peer = peer;
  }

  /** @returns What is news; nothing once the peer is gone. */
  update(torrent: Torrent, now: Timestamp): PeerLifeUpdate | undefined {
    let peer: Peer | undefined;
    for (const one of torrent.swarm.peers) if (one.id === this.peer) peer = one;
    if (peer === undefined) return undefined;
    const reset = this.#told !== peer;
    this.#told = peer;
    const isLook = reset || now - this.#lookedAt >= LOOK_EVERY;
    if (isLook) this.#lookedAt = now;
    if (isLook) torrent.swarm.rouse(peer, now);
    const parts = {
      ...this.#history(peer),
      ...this.#wire(peer),
      ...this.#queues(peer),
      ...(isLook ? this.#look(torrent, peer) : {}),
    };
    if (!reset && Object.keys(parts).length === 0) return undefined;
    return { peer: peer.id, reset, ...parts };
  }

  #history({ history, createdAt: begun }: Peer): Pick<PeerLifeUpdate, "history"> {
    const { samples } = history;
    const { until } = samples;
    if (history.revision === this.#revision && until === this.#until) return {};
    // The last one that was told may have changed since.
    const changesFrom = history.forgotten === this.#forgotten ? Math.max(0, this.#changes - 1) : 0;
    const samplesFrom = samples.joined === this.#joined ? Math.max(0, this.#samples - 1) : 0;
    this.#revision = history.revision;
    this.#forgotten = history.forgotten;
    this.#changes = history.count;
    this.#joined = samples.joined;
    this.#samples = samples.count;
    this.#until = until;
    const changes = history.from(changesFrom);
    return { history: { begun, until, changesFrom, changes, samplesFrom, samples: samples.from(samplesFrom) } };
  }

  #wire({ messages }: Peer): Pick<PeerLifeUpdate, "messages"> {
    messages.widen();
    const news = messages.since(this.#messages);
    this.#messages = messages.written;
    if (news.length === 0) return {};
    const numbers: number[] = [];
    for (const { at, way, id, a, b, c } of news) numbers.push(at, way === "in" ? 0 : 1, id, a, b, c);
    return { messages: { first: messages.written - news.length, numbers } };
  }

  #queues({ window, requestsIn, reading }: Peer): Pick<PeerLifeUpdate, "requests"> {
    const requests: RequestsView = {
      ours: window.outstanding
        .slice(0, QUEUED_REQUESTS)
        .flatMap(({ piece, block, length, sentAt }) => [piece, block * BLOCK_LENGTH, length, sentAt]),
      ourCount: window.outstanding.length,
      its: requestsIn.slice(0, QUEUED_REQUESTS).flatMap(({ piece, begin, length, at }) => [piece, begin, length, at]),
      itsCount: requestsIn.length,
      reading,
    };
    const before = this.#requests;
    this.#requests = JSON.stringify(requests);
    return this.#requests === before ? {} : { requests };
  }

  #look(torrent: Torrent, peer: Peer): Pick<PeerLifeUpdate, "given" | "next"> {
    const given = givenPieces(torrent, peer.id);
    const next = nextPieces(torrent, peer);
    const [wasGiven, wasNext] = [this.#given, this.#next];
    this.#given = JSON.stringify(given);
    this.#next = JSON.stringify(next);
    return { ...(this.#given !== wasGiven && { given }), ...(this.#next !== wasNext && { next }) };
  }
}

function givenPieces({ swarm }: Torrent, peer: number): GivenPiece[] {
  const given: GivenPiece[] = [];
  for (const attempt of swarm.history.latest(GIVEN_PIECES, ({ givers }) => isGiver(givers, peer))) {
    given.push(givenPiece(attempt, peer, swarm.ledger.layout.lengthOf(attempt.piece)));
  }
  return given;
}

function isGiver(givers: readonly number[], peer: number): boolean {
  for (let i = 0; i < givers.length; i += 2) if (givers[i] === peer) return true;
  return false;
}

function givenPiece({ piece, endedAt: at, isRight, givers }: PieceAttempt, peer: number, length: number): GivenPiece {
  let blocks = 0;
  let of = 0;
  const others = new Set<number>();
  for (let i = 0; i < givers.length; i += 2) {
    const count = givers[i + 1] as number;
    of += count;
    if (givers[i] === peer) blocks += count;
    else others.add(givers[i] as number);
  }
  return { piece, at, blocks, of, isRight, others: others.size, length };
}

/** Pieces under way that it could help with come first, then those that it suggests, then the rarest that it has. */
function nextPieces({ swarm }: Torrent, { pieces, suggested, isOnParole, id }: Peer): PieceIndex[] {
  if (pieces === undefined || swarm.isSeeding) return [];
  const next = new Set<PieceIndex>();
  for (const { piece, exclusiveTo } of swarm.ledger.open) {
    const isShared = isOnParole || exclusiveTo !== undefined ? exclusiveTo === id : true;
    if (next.size < NEXT_PIECES && isShared && pieces.has(piece)) next.add(piece);
  }
  for (const piece of suggested) if (next.size < NEXT_PIECES && swarm.rarest.isStartable(piece)) next.add(piece);
  let looked = 0;
  swarm.rarest.survey((piece) => {
    if (pieces.has(piece)) next.add(piece);
    return next.size < NEXT_PIECES && ++looked < MOST_CANDIDATES;
  });
  return [...next].slice(0, NEXT_PIECES);
}
