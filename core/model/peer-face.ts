import type { Closing } from "./close-reason.ts";
import type { TorrentId } from "./info-hash.ts";
import type { Bytes, BytesPerSecond, Millis, Timestamp } from "./units.ts";

export type Direction = "incoming" | "outgoing";
/** `web`: a web seed, over HTTP (BEP 17, 19). */
export type Transport = "tcp" | "utp" | "web";

/** `handshake`: message stream encryption, then plain text; `rc4`: all of it. */
export type Encryption = "none" | "handshake" | "rc4";

/**
 * Where a connection is in its life, in this order:
 * `queued` (wants a dial, the half-open limit is reached), `connecting` (half-open), `encrypting`,
 * `handshaking` (socket open, BitTorrent handshake not complete), `open`, `closed`.
 */
export type PeerPhase = "queued" | "connecting" | "encrypting" | "handshaking" | "open" | "closed";

/** A way in which we learnt of a peer. `tracker` says which. */
export type PeerSource =
  | { readonly kind: "tracker"; readonly tracker: string }
  /** The torrent or its link names it as a web seed. */
  | { readonly kind: "web-seed"; readonly url: string }
  | { readonly kind: "dht" | "pex" | "lsd" | "resume" | "incoming" | "user" | "magnet" };

export type PeerSourceKind = PeerSource["kind"];

/** The same for two sources that are the same: which tracker and which web seed counts. */
export function sourceKey(source: PeerSource): string {
  if (source.kind === "tracker") return `tracker ${source.tracker}`;
  return source.kind === "web-seed" ? `web-seed ${source.url}` : source.kind;
}

/** What the eight reserved bytes of the handshake say. */
export interface PeerSupports {
  readonly extensionProtocol: boolean;
  readonly fast: boolean;
  readonly dht: boolean;
  readonly v2: boolean;
  readonly azureus: boolean;
  /** Bits set that we have no name for, as `byte:mask` in hex, e.g. `3:0x20`. */
  readonly unknown: readonly string[];
}

/** One decoded message, kept for the eye. */
export interface RecentMessage {
  readonly at: Timestamp;
  /** `in`: from the peer; `out`: from us. */
  readonly way: "in" | "out";
  /** The message in words: `have 17`, `request 3 @ 16384, 16384 bytes`. */
  readonly text: string;
}

/**
 * A peer's public face: every property that two generations of `Net::BitTorrent::Peer` document, and those that
 * people ask for. The engine, the command line and the interface use these names.
 */
export interface PeerFace {
  /** Unique among the connections of one engine run. */
  readonly id: number;
  /** As dialled or as accepted. */
  readonly host: string;
  /** The dialled port, or an incoming peer's ephemeral port until it tells its listen port (BEP 10 `p`). */
  readonly port: number;
  readonly direction: Direction;
  /** We dialled it, and the port we dialled is its listen port. */
  readonly isLocalConnection: boolean;
  readonly transport: Transport;
  readonly encryption: Encryption;
  readonly phase: PeerPhase;
  /** 20 bytes, once its handshake is complete. */
  readonly peerId?: Uint8Array;
  /** Name and version, from the peer id or BEP 10 `v`. */
  readonly client?: string;
  /** The 8 reserved bytes of its handshake. */
  readonly reserved?: Uint8Array;
  readonly supports: PeerSupports;
  readonly sources: readonly PeerSource[];
  /** Undefined for an incoming peer until its handshake names one. */
  readonly torrent?: TorrentId;
  /** One bit a piece, high bit first; undefined until it told us anything of its pieces. */
  readonly pieces?: Uint8Array;
  readonly weChoke: boolean;
  readonly weAreInterested: boolean;
  readonly peerChokes: boolean;
  readonly peerIsInterested: boolean;
  /** It has every piece and the metadata is known. */
  readonly isSeed: boolean;
  /** BEP 21, or a seed. */
  readonly isUploadOnly: boolean;
  readonly isSnubbed: boolean;
  /** Since when; undefined while it is not. */
  readonly snubbedSince?: Timestamp;
  readonly isOptimistic: boolean;
  readonly isOnParole: boolean;
  readonly isEndgame: boolean;

  /** Connected through a rendezvous (BEP 55). */
  readonly isHolepunched: boolean;
  /** Pieces it has, of the torrent's. */
  readonly piecesCount: number;
  readonly connectedAt?: Timestamp;
  readonly lastSeenAt?: Timestamp;
  readonly payloadDown: Bytes;
  readonly payloadUp: Bytes;
  readonly protocolDown: Bytes;
  readonly protocolUp: Bytes;
  readonly protocolDownRate: BytesPerSecond;
  readonly protocolUpRate: BytesPerSecond;
  /** Of payload. */
  readonly downRate: BytesPerSecond;
  readonly upRate: BytesPerSecond;
  /** Its own limits, within those of torrent and session; absent: none. */
  readonly downLimit?: BytesPerSecond;
  readonly upLimit?: BytesPerSecond;
  /** Blocks we asked for and wait for. */
  readonly requestsOut: number;
  /** Blocks it asked for and waits for. */
  readonly requestsIn: number;
  /** How many we would like to have outstanding. */
  readonly requestWindow: number;
  /** Mean time from request to block. */
  readonly roundTrip?: Millis;
  /** Pieces that failed their hash with blocks of it in them. */
  readonly hashFailures: number;
  /** Bytes it sent that were of no use: duplicates, unrequested, failed. */
  readonly wasted: Bytes;
  /** How often it choked and unchoked us. */
  readonly timesChoked: number;
  readonly timesUnchoked: number;
  /** ISO 3166-1 alpha-2, when a database is present. */
  readonly country?: string;
  /** Its BEP 10 handshake as it came, in readable form. */
  readonly extensionHandshake?: string;
  /** The last messages, oldest first, at most {@link RECENT_MESSAGES}. */
  readonly recentMessages: readonly RecentMessage[];
}

/** Enough to see a conversation, little enough to keep for every peer. */
export const RECENT_MESSAGES = 24;

/** How the last connection to a known peer ended, or the last try. */
export interface LastEnd extends Pick<Closing, "reason" | "by" | "detail"> {
  /** The number of the reason, see `CLOSE_REASONS`. */
  readonly code: number;
  readonly at: Timestamp;
}

/** What proved that a peer lies. */
export interface BanProof {
  readonly piece: number;
  /** What the piece must hash to, in hex: its SHA-1, or with v2 alone the root of its SHA-256 tree. */
  readonly hash: string;
  /** The one block that was false: 32-bit sums (FNV-1a) of what it gave, and of what passed. */
  readonly block?: { readonly index: number; readonly gave: number; readonly right: number };
}

/** A peer that left, and why. */
export interface GonePeer extends Closing {
  readonly peer: number;
  readonly host: string;
  readonly port: number;
  readonly direction: Direction;
  readonly transport: Transport;
  /** As in {@link PeerFace}. */
  readonly peerId?: Uint8Array;
  readonly client?: string;
  /** The number of the reason, see `CLOSE_REASONS`. */
  readonly code: number;
  readonly at: Timestamp;
  /** The flag letters it had last. */
  readonly flags: string;
  /** Who named it, each kind once. */
  readonly sources: readonly PeerSourceKind[];
  /** Of one that was banned for what it gave. */
  readonly proof?: BanProof;
  readonly payloadDown: Bytes;
  readonly payloadUp: Bytes;
  readonly connectedAt?: Timestamp;
  /** As in {@link PeerFace}. */
  readonly country?: string;
}

/** Peers that left are remembered a torrent, newest kept: a page to scroll, not an archive. */
export const GONE_PEERS = 500;
