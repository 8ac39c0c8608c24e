import {
  type GonePeer,
  type KnownPeerView,
  type LogEntry,
  type PeerView,
  PIECE_STATE,
  type TrackerView,
} from "../../../core/contract/views.ts";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { CLOSE_REASONS, type CloseReason } from "../../../core/model/close-reason.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { KIB, MIB } from "../../../core/model/units.ts";

/** A plausible swarm without sockets: peers come, give, take and leave. Enough to look at and to test views with. */
export class FakeSwarm {
  readonly states: Uint8Array;
  readonly peers = new Map<number, FakePeer>();
  readonly gone: GonePeer[] = [];
  readonly known: ReadonlyMap<string, KnownPeerView>;
  readonly log: LogEntry[] = [];
  readonly trackers: TrackerView[];
  readonly pieceCount: number;
  readonly #random: Random;
  readonly #most: number;
  #nextPeer = 1;

  constructor(pieceCount: number, peers: number, seed: number, now: number) {
    this.pieceCount = pieceCount;
    this.states = new Uint8Array(pieceCount);
    this.#random = seededRandom(seed);
    this.#most = peers;
    this.trackers = fakeTrackers(now);
    this.known = fakeKnown(Math.min(400, peers * 3), now);
    for (let i = 0; i < peers; i++) this.#arrive(now - randomBelow(this.#random, 900_000), i);
    for (let i = 0; i < pieceCount * 0.42; i++) this.states[this.#below(pieceCount)] = PIECE_STATE.verified;
    for (let i = 0; i < Math.min(14, pieceCount / 8); i++) this.#beginPiece();
    this.note(now - 900_000, "added", "Added to /home/ada/Downloads");
    this.note(now - 898_000, "started", "Started: 0 of 500 pieces verified");
    this.note(now - 897_000, "tracker", "tracker.example.org gave 50 peers, asks again in 30 min");
    this.note(now - 400_000, "piece-failed", "Piece 117 failed its hash; 3 peers took part", 117);
    this.note(now - 120_000, "tracker", "tracker.example.net did not answer within 15 s; the next tier is asked");
    const reasons = [
      "connect-failed",
      "closed-by-peer",
      "handshake-timeout",
      "bad-message",
      "both-seeds",
      "inactive",
      "too-many-peers",
    ] as const;
    for (const [i, reason] of reasons.entries())
      this.#leave(this.#arrive(now - 600_000, i), reason, now - 300_000 + i * 37_000);
  }

  note(at: number, kind: LogEntry["kind"], text: string, piece?: number): void {
    this.log.push(piece === undefined ? { at, kind, text } : { at, kind, text, piece });
  }

  get verified(): number {
    return this.states.reduce((sum, state) => sum + (state === PIECE_STATE.verified ? 1 : 0), 0);
  }

  availability(): Uint8Array {
    const counts = new Uint8Array(this.pieceCount);
    for (const { field } of this.peers.values()) {
      field?.forEach((piece) => {
        counts[piece] = Math.min(255, (counts[piece] as number) + 1);
      });
    }
    return counts;
  }

  /** A quarter of a second passes. */
  step(now: number): void {
    for (let piece = 0; piece < this.pieceCount; piece++) {
      const state = this.states[piece];
      if (state === PIECE_STATE.writing) this.states[piece] = PIECE_STATE.verified;
      else if (state === PIECE_STATE.failed && this.#chance(0.1)) this.states[piece] = PIECE_STATE.missing;
      else if (state === PIECE_STATE.requested && this.#chance(0.12)) {
        this.states[piece] = this.#chance(0.03) ? PIECE_STATE.failed : PIECE_STATE.writing;
        this.#beginPiece();
      }
    }
    for (const peer of this.peers.values()) this.#move(peer, now);
    if (this.#chance(0.02)) {
      const leaving = [...this.peers.values()][this.#below(this.peers.size)];
      if (leaving !== undefined) this.#leave(leaving, this.#pick(LEAVING), now);
    }
    if (this.peers.size < this.#most && this.#chance(0.2)) this.#arrive(now, this.#below(CLIENTS.length));
  }

  #move(peer: FakePeer, now: number): void {
    const { view, field } = peer;
    const gives = view.weAreInterested && !view.peerChokes && !view.isSnubbed;
    const downRate = gives ? Math.max(0, peer.speed * (0.75 + this.#below(50) / 100)) : 0;
    const upRate = !view.weChoke && view.peerIsInterested ? peer.speed * 0.3 * (0.6 + this.#below(80) / 100) : 0;
    if (field !== undefined && !field.isFull && this.#chance(0.6)) field.set(this.#below(this.pieceCount));
    peer.view = {
      ...view,
      downRate,
      upRate,
      payloadDown: view.payloadDown + downRate / 4,
      payloadUp: view.payloadUp + upRate / 4,
      requestsOut: gives ? Math.min(view.requestWindow, 4 + this.#below(view.requestWindow)) : 0,
      requestsIn: upRate > 0 ? this.#below(20) : 0,
      peerChokes: this.#chance(0.004) ? !view.peerChokes : view.peerChokes,
      weChoke: this.#chance(0.004) ? !view.weChoke : view.weChoke,
      isSnubbed: this.#chance(0.002) ? !view.isSnubbed : view.isSnubbed,
      lastSeenAt: now,
      piecesCount: field?.count ?? 0,
      ...(field === undefined ? {} : { pieces: field.bytes.slice() }),
    };
  }

  #arrive(now: number, kind: number): FakePeer {
    const id = this.#nextPeer++;
    const random = this.#random;
    const [client, prefix] = CLIENTS[kind % CLIENTS.length] as readonly [string, string];
    const isOpen = kind % 11 !== 10;
    const isSeed = isOpen && kind % 4 === 0;
    const field = isSeed ? Bitfield.full(this.pieceCount) : isOpen ? new Bitfield(this.pieceCount) : undefined;
    const share = 0.1 + this.#below(80) / 100;
    const start = this.#below(this.pieceCount);
    // Half in order from somewhere, half scattered: both kinds of clients are in the wild.
    for (let i = 0; i < this.pieceCount * share; i++) {
      field?.set(kind % 2 === 0 ? (start + i) % this.pieceCount : this.#below(this.pieceCount));
    }
    const isV6 = kind % 7 === 3;
    const peerId = randomBytes(random, 20);
    peerId.set([...prefix].map((character) => character.charCodeAt(0)));
    const view: PeerView = {
      id,
      host: isV6
        ? `2001:db8:${id.toString(16)}::${this.#below(999).toString(16)}`
        : `${[192, 198, 203][id % 3]}.${[0, 51, 0][id % 3]}.${[2, 100, 113][id % 3]}.${1 + this.#below(250)}`,
      ...(isV6 ? {} : { country: COUNTRIES[id % COUNTRIES.length] as string }),
      port: 1024 + this.#below(60_000),
      direction: kind % 3 === 1 ? "incoming" : "outgoing",
      isLocalConnection: kind % 3 !== 1,
      transport: kind % 5 === 2 ? "utp" : "tcp",
      encryption: kind % 4 === 1 ? "rc4" : kind % 4 === 2 ? "handshake" : "none",
      phase: isOpen ? "open" : kind % 2 === 0 ? "connecting" : "queued",
      supports: {
        extensionProtocol: true,
        fast: kind % 2 === 0,
        dht: kind % 3 === 0,
        v2: kind % 5 === 0,
        azureus: false,
        unknown: kind % 6 === 0 ? ["3:0x20"] : [],
      },
      sources:
        kind % 3 === 1
          ? [{ kind: "incoming" }]
          : kind % 3 === 2
            ? [{ kind: "pex" }, { kind: "dht" }]
            : [{ kind: "tracker", tracker: "http://tracker.example.org/announce" }],
      weChoke: kind % 3 === 0,
      weAreInterested: isOpen,
      peerChokes: kind % 5 === 1,
      peerIsInterested: isOpen && !isSeed,
      isSeed,
      isUploadOnly: isSeed,
      isSnubbed: kind % 9 === 5,
      isOptimistic: kind % 12 === 4,
      isOnParole: false,
      isEndgame: false,
      isHolepunched: false,
      piecesCount: field?.count ?? 0,
      payloadDown: isOpen ? this.#below(90) * MIB : 0,
      payloadUp: isOpen ? this.#below(30) * MIB : 0,
      protocolDown: this.#below(200) * KIB,
      protocolUp: this.#below(200) * KIB,
      protocolDownRate: 0,
      protocolUpRate: 0,
      downRate: 0,
      upRate: 0,
      requestsOut: 0,
      requestsIn: 0,
      requestWindow: 8 + this.#below(60),
      hashFailures: kind % 13 === 6 ? 1 : 0,
      wasted: this.#below(3) * 16 * KIB,
      timesChoked: this.#below(5),
      timesUnchoked: 1 + this.#below(5),
      ...(isOpen
        ? {
            peerId,
            client,
            reserved: Uint8Array.of(0, 0, 0, 0, 0, 0x10, 0, 0x05),
            torrent: "0".repeat(40),
            connectedAt: now,
            lastSeenAt: now,
            roundTrip: 20 + this.#below(300),
            extensionHandshake: `{m: {ut_metadata: 2, ut_pex: 1}, p: 6881, reqq: 500, v: "${client}"}`,
          }
        : {}),
    };
    const peer: FakePeer = { view, field, speed: (20 + this.#below(600)) * KIB };
    this.peers.set(id, peer);
    this.#move(peer, now);
    return peer;
  }

  #leave({ view }: FakePeer, reason: CloseReason, now: number): void {
    this.peers.delete(view.id);
    this.gone.push({
      peer: view.id,
      host: view.host,
      port: view.port,
      direction: view.direction,
      transport: view.transport,
      ...(view.client === undefined || reason === "connect-failed" ? {} : { client: view.client }),
      reason,
      code: CLOSE_REASONS[reason].code,
      by: reason === "closed-by-peer" ? "peer" : reason === "connect-failed" ? "network" : "us",
      detail: DETAILS[reason] ?? "after 120 s without a byte",
      at: now,
      flags: flagLetters(view),
      sources: [...new Set(view.sources.map(({ kind }) => kind))],
      payloadDown: reason === "connect-failed" ? 0 : view.payloadDown,
      payloadUp: reason === "connect-failed" ? 0 : view.payloadUp,
      ...(view.connectedAt === undefined || reason === "connect-failed" ? {} : { connectedAt: view.connectedAt }),
    });
  }

  #beginPiece(): void {
    for (let tries = 0; tries < 50; tries++) {
      const piece = this.#below(this.pieceCount);
      if (this.states[piece] !== PIECE_STATE.missing) continue;
      this.states[piece] = PIECE_STATE.requested;
      return;
    }
  }

  #below(bound: number): number {
    return randomBelow(this.#random, Math.max(1, bound));
  }

  #chance(share: number): boolean {
    return this.#below(1_000_000) < share * 1_000_000;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }
}

export interface FakePeer {
  view: PeerView;
  readonly field: Bitfield | undefined;
  /** Bytes a second, about. */
  readonly speed: number;
}

const CLIENTS = [
  ["qBittorrent 4.6.3", "-qB4630-"],
  ["Transmission 4.0.5", "-TR4050-"],
  ["libtorrent 2.0.8", "-LT2080-"],
  ["µTorrent 3.6.0", "-UT3600-"],
  ["Deluge 2.1.1", "-DE2110-"],
  ["aria2 1.36.0", "A2-1-36-"],
  ["rtorrent 0.9.8", "-lt0D80-"],
  ["KTorrent 23.08", "-KT2308-"],
  ["Peerscope 0.1.0", "-PS0100-"],
] as const;

const LEAVING: readonly CloseReason[] = ["closed-by-peer", "inactive", "useless", "bad-message", "replaced"];

const DETAILS: Partial<Record<CloseReason, string>> = {
  "connect-failed": "connection refused after 31 ms, 1 of 3 tries",
  "closed-by-peer": "end of stream while we waited for 12 blocks",
  "handshake-timeout": "17 of 68 handshake bytes after 30 s",
  "bad-message": "bitfield of 62 bytes for 500 pieces, 63 bytes expected",
  "both-seeds": "it has all 500 pieces and so have we",
  "too-many-peers": "50 of 50 connections of this torrent",
  useless: "3 min without interest on either side",
  replaced: "slowest of 50 peers, 112 B/s",
};

function fakeTrackers(now: number): TrackerView[] {
  return [
    {
      url: "http://tracker.example.org/announce",
      tier: 0,
      state: "working",
      lastAnswerAt: now - 240_000,
      nextAnnounceAt: now + 1_560_000,
      seeds: 31,
      leechers: 118,
      downloads: 20_412,
      peersGiven: 50,
      failures: 0,
    },
    {
      url: "http://tracker.example.net:6969/announce",
      tier: 1,
      state: "failed",
      message: "no answer within 15 s",
      nextAnnounceAt: now + 55_000,
      peersGiven: 0,
      failures: 3,
    },
    {
      url: "https://[2001:db8::7]/a/very/long/path/that/goes/on/announce?passkey=0123456789abcdef",
      tier: 1,
      state: "announcing",
      peersGiven: 0,
      failures: 0,
    },
    {
      url: "udp://tracker.example.com:1337",
      tier: 2,
      state: "unsupported",
      message: "UDP trackers are not supported yet",
      peersGiven: 0,
      failures: 0,
    },
  ];
}

const COUNTRIES = ["DE", "NL", "US", "FR", "JP", "BR", "SE", "IN", "GB", "PL"] as const;

/** Candidates: some never tried, some that failed, one that is ourselves. */
function fakeKnown(count: number, now: number): ReadonlyMap<string, KnownPeerView> {
  const known = new Map<string, KnownPeerView>();
  for (let n = 0; n < count; n++) {
    const [host, port] = [`198.51.${100 + (n >> 8)}.${n & 255}`, 6881 + n];
    const failures = n % 4;
    known.set(`${host}:${port}`, {
      host,
      port,
      country: COUNTRIES[n % COUNTRIES.length] as string,
      sources: n % 2 === 0 ? [{ kind: "dht" }] : [{ kind: "pex" }],
      failures,
      nextTry: failures === 0 ? 0 : now + failures * 40_000 + n * 1000,
      ...(failures === 0
        ? {}
        : {
            lastEnd: {
              reason: "connect-failed",
              code: -200,
              by: "network",
              detail: failures === 2 ? "no answer within 15 s" : "connection refused (ECONNREFUSED)",
              at: now - n * 9000,
            },
          }),
      ...(n === 5 ? { hindrance: "self" as const } : {}),
    });
  }
  return known;
}
