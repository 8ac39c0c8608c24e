import type { DetailUpdate } from "../../../core/contract/messages.ts";
import { BLOCK_STATE, type PeerView, PIECE_STATE } from "../../../core/contract/views.ts";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { type Random, randomBelow, seededRandom } from "../../../core/model/random.ts";

export interface SyntheticPeer {
  view: PeerView;
  readonly field: Bitfield;
  /** In the order in which they came. */
  readonly haves: number[];
}

const BLOCKS = 16;
/** Pieces under way at a time. */
const UNDER_WAY = 60;
const CLIENTS = ["qBittorrent 4.6.3", "Transmission 4.0.5", "libtorrent 2.0.8", "µTorrent 3.6.0", "Deluge 2.1.1"];

/** A large swarm without sockets: peers gain pieces, give blocks, and change their rates. */
export class SyntheticSwarm {
  readonly pieceLength = BLOCKS * 16 * 1024;
  readonly states: Uint8Array;
  readonly availability: Uint8Array;
  readonly peers: SyntheticPeer[];
  readonly flight: SyntheticFlight;
  readonly #random: Random = seededRandom(7);
  readonly #isCrowd: boolean;
  #changes: number[] = [];
  #turn = 0;

  constructor(pieces: number, peers: number, now: number) {
    this.#isCrowd = peers > 200;
    this.states = new Uint8Array(pieces);
    this.availability = new Uint8Array(pieces);
    for (let piece = 0; piece < pieces / 3; piece++) this.states[this.#below(pieces)] = PIECE_STATE.verified;
    this.peers = Array.from({ length: peers }, (_, index) => this.#peer(index, pieces, now));
    this.flight = new SyntheticFlight(peers >> 1 || 1);
    for (let i = 0; i < UNDER_WAY; i++) this.#begin();
  }

  /** Piece, state, piece … since the last call. */
  takeChanges(): number[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** A fifth of a second passes. */
  step(now: number): void {
    this.#turn++;
    this.peers.forEach((peer, index) => {
      const isActive = index % 3 !== 0;
      if (isActive && (index + this.#turn) % 5 === 0) this.#gain(peer);
      const downRate = isActive ? Math.round(40_000 * (1.2 + Math.sin(now / 2500 + index))) : 0;
      const upRate = index % 8 === 0 ? Math.round(20_000 * (1.2 + Math.cos(now / 2500 + index))) : 0;
      const { view } = peer;
      peer.view = {
        ...view,
        downRate,
        upRate,
        payloadDown: view.payloadDown + Math.round(downRate / 5),
        payloadUp: view.payloadUp + Math.round(upRate / 5),
        protocolDown: view.protocolDown + 13,
        protocolDownRate: 65,
        requestsOut: isActive ? 1 + ((index + this.#turn) % 9) : 0,
        ...(isActive ? { lastSeenAt: now } : {}),
        piecesCount: peer.field.count,
      } as PeerView;
    });
    for (const piece of this.flight.step()) {
      this.#set(piece, PIECE_STATE.verified);
      this.#begin();
    }
  }

  #gain(peer: SyntheticPeer): void {
    const piece = this.#below(this.states.length);
    if (!peer.field.set(piece)) return;
    peer.haves.push(piece);
    this.availability[piece] = Math.min(255, (this.availability[piece] as number) + 1);
  }

  #begin(): void {
    for (let tries = 0; tries < 100; tries++) {
      const piece = this.#below(this.states.length);
      if (this.states[piece] !== PIECE_STATE.missing) continue;
      this.#set(piece, PIECE_STATE.requested);
      return this.flight.begin(piece, 1 + this.#below(this.peers.length));
    }
  }

  #set(piece: number, state: number): void {
    this.states[piece] = state;
    this.#changes.push(piece, state);
  }

  #peer(index: number, pieces: number, now: number): SyntheticPeer {
    const field = index % 12 === 0 ? Bitfield.full(pieces) : new Bitfield(pieces);
    if (!field.isFull) {
      // Not everybody has everything: availability is counted up to 255.
      const share = ((index * 31) % 97) / 97 / (this.#isCrowd ? 6 : 1);
      const start = this.#below(pieces);
      for (let i = 0; i < pieces * share; i++) field.set(index % 2 === 0 ? (start + i) % pieces : this.#below(pieces));
    }
    field.forEach((piece) => {
      this.availability[piece] = Math.min(255, (this.availability[piece] as number) + 1);
    });
    const view = {
      id: index + 1,
      host: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
      port: 6881 + (index % 1000),
      direction: index % 3 === 0 ? "incoming" : "outgoing",
      isLocalConnection: index % 3 !== 0,
      transport: index % 4 === 0 ? "utp" : "tcp",
      encryption: index % 2 === 0 ? "rc4" : "none",
      phase: "open",
      client: CLIENTS[index % CLIENTS.length],
      supports: { extensionProtocol: true, fast: true, dht: true, v2: false, azureus: false, unknown: [] },
      sources: [{ kind: index % 3 === 0 ? "incoming" : "dht" }],
      weChoke: index % 8 !== 0,
      weAreInterested: true,
      peerChokes: index % 3 === 0,
      peerIsInterested: true,
      isSeed: field.isFull,
      isUploadOnly: field.isFull,
      isSnubbed: false,
      isOptimistic: false,
      isOnParole: false,
      isEndgame: false,
      isHolepunched: false,
      piecesCount: field.count,
      connectedAt: now - 1000 * index,
      lastSeenAt: now,
      payloadDown: 0,
      payloadUp: 0,
      protocolDown: 0,
      protocolUp: 0,
      protocolDownRate: 0,
      protocolUpRate: 0,
      downRate: 0,
      upRate: 0,
      requestsOut: 0,
      requestsIn: 0,
      requestWindow: 20,
      roundTrip: 90,
      hashFailures: 0,
      wasted: 0,
      timesChoked: 0,
      timesUnchoked: 1,
    } as unknown as PeerView;
    return { view, field, haves: [] };
  }

  #below(bound: number): number {
    return randomBelow(this.#random, bound);
  }
}

/** Blocks under way: each piece's are asked for, and come one after the other. */
class SyntheticFlight {
  readonly #pieces = new Map<number, { received: number; peer: number }>();
  readonly #spread: number;
  #opened: number[] = [];
  #closed: number[] = [];
  #changed: number[] = [];

  constructor(spread: number) {
    this.#spread = spread;
  }

  begin(piece: number, peer: number): void {
    this.#pieces.set(piece, { received: 0, peer });
    this.#opened.push(piece, BLOCKS);
    for (let block = 0; block < 8; block++)
      this.#changed.push(piece, block, BLOCK_STATE.asked, this.#giver(peer, block));
  }

  /** @returns Pieces that are whole now. */
  step(): number[] {
    const whole: number[] = [];
    let index = 0;
    for (const [piece, state] of this.#pieces) {
      if (index++ % 2 === 0) continue;
      const { peer } = state;
      this.#changed.push(piece, state.received, BLOCK_STATE.received, this.#giver(peer, state.received));
      const next = state.received + 8;
      if (next < BLOCKS) this.#changed.push(piece, next, BLOCK_STATE.asked, this.#giver(peer, next));
      if (++state.received < BLOCKS) continue;
      this.#pieces.delete(piece);
      this.#closed.push(piece);
      whole.push(piece);
    }
    return whole;
  }

  update(reset: boolean): DetailUpdate["blocks"] {
    const update = { reset, opened: this.#opened, closed: this.#closed, changed: this.#changed };
    this.#opened = [];
    this.#closed = [];
    this.#changed = [];
    if (!reset) return update;
    const opened: number[] = [];
    const changed: number[] = [];
    for (const [piece, { received, peer }] of this.#pieces) {
      opened.push(piece, BLOCKS);
      for (let block = 0; block < Math.min(BLOCKS, received + 8); block++) {
        const state = block < received ? BLOCK_STATE.received : BLOCK_STATE.asked;
        changed.push(piece, block, state, this.#giver(peer, block));
      }
    }
    return { reset, opened, closed: [], changed };
  }

  #giver(peer: number, block: number): number {
    return 1 + ((peer + (block >> 2) * 7) % this.#spread);
  }
}
