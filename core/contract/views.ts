import type { Ban } from "../model/ban.ts";
import type { InfoHash, TorrentId } from "../model/info-hash.ts";
import type { MappingView } from "../model/mapping-view.ts";
import type { GonePeer, LastEnd, PeerFace, PeerSource, RecentMessage } from "../model/peer-face.ts";
import type { HistorySpan } from "../model/sample-rings.ts";
import type { TrackerState, TrackerView } from "../model/tracker-view.ts";
import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../model/units.ts";

/** What an interface may see. Plain data; bitfields as bytes; everything here crosses a socket. */

/** `fetching-metadata`: of a magnet link's torrent, files and pieces are not known yet. */
export type TorrentState = "fetching-metadata" | "checking" | "downloading" | "seeding" | "paused" | "stopped-by-fault";

/** Something of the environment that stopped a torrent, with what to do about it. */
export interface DiskFaultView {
  readonly kind: "disk-full" | "read-only" | "no-permission" | "missing-file" | "io";
  readonly path: string;
  /** The system's own words, e.g. `ENOSPC: no space left on device`. */
  readonly cause: string;
  readonly advice: string;
  /** Free bytes on the volume, when known. */
  readonly free?: Bytes;
}

/** What stopped a torrent: its disk, or a magnet link that leads to what can't be downloaded. */
export type FaultView = Omit<DiskFaultView, "kind"> & { readonly kind: DiskFaultView["kind"] | "bad-metadata" };

/** One row of the torrent list. */
export interface TorrentView {
  readonly id: TorrentId;
  readonly name: string;
  readonly infoHash: InfoHash;
  readonly state: TorrentState;
  readonly fault?: FaultView;
  /** While the metadata is fetched: bytes of it that came; size 0 until a peer has named one. */
  readonly metadata?: { readonly received: Bytes; readonly size: Bytes };
  /** Paused when the metadata came, so that the user may choose files. */
  readonly asksForFiles: boolean;
  /** While checking: bytes looked at so far. */
  readonly bytesChecked?: Bytes;
  /** Bytes of wanted files that are verified and written. */
  readonly bytesDone: Bytes;
  /** Bytes of wanted files. */
  readonly bytesWanted: Bytes;
  /** Bytes of all files, padding not counted. */
  readonly bytesTotal: Bytes;
  /** Its own, within the session's; 0: none. */
  readonly downLimit: BytesPerSecond;
  readonly upLimit: BytesPerSecond;
  readonly downRate: BytesPerSecond;
  readonly upRate: BytesPerSecond;
  /** Payload over the torrent's life. */
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  readonly wasted: Bytes;
  /** Undefined when nothing arrives. */
  readonly eta?: Millis;
  /** Connected and past the handshake, seeds among them. */
  readonly peersConnected: number;
  readonly seedsConnected: number;
  readonly peersKnown: number;
  /** As the trackers say; undefined until one did. */
  readonly swarmSeeds?: number;
  readonly swarmLeechers?: number;
  readonly pieceCount: number;
  readonly pieceLength: Bytes;
  readonly piecesVerified: number;
  readonly fileCount: number;
  readonly folder: string;
  readonly isPrivate: boolean;
  /** It is to show peers one piece at a time while it is complete (BEP 16). */
  readonly isSuperSeeding: boolean;
  /** Pieces come in the order of the torrent, the ends of files before. */
  readonly isSequential: boolean;
  /** Its own; 0: as the settings have it. */
  readonly maxConnections: number;
  readonly unchokeSlots: number;
  readonly comment?: string;
  readonly createdBy?: string;
  readonly createdAt?: Timestamp;
  readonly addedAt: Timestamp;
  readonly completedAt?: Timestamp;
  readonly recording?: RecordingView;
}

/** A recording of a torrent that goes on. */
export interface RecordingView {
  readonly path: string;
  readonly startedAt: Timestamp;
  readonly bytes: Bytes;
  /** The one peer whose wire is recorded; absent: everybody's. */
  readonly peer?: number;
}

export interface FileView {
  /** In the torrent, padding counted: what commands name it by. Padding itself is never shown. */
  readonly index: number;
  /** Within the torrent's folder, `/` between parts, as written to disk. */
  readonly path: string;
  /** Where its first byte is in the torrent: padding (BEP 47) lies between files, so lengths alone don't tell. */
  readonly offset: Bytes;
  readonly length: Bytes;
  readonly bytesDone: Bytes;
  readonly isWanted: boolean;
  /** Of those that are wanted: which come first. */
  readonly priority: FilePriority;
}

export type FilePriority = "high" | "normal" | "low";

/** The state of one piece, as one byte of {@link PiecesView.states}. */
export const PIECE_STATE = { missing: 0, requested: 1, writing: 2, verified: 3, failed: 4, unwanted: 5 } as const;
export type PieceState = keyof typeof PIECE_STATE;

export interface PiecesView {
  /** A {@link PIECE_STATE} a piece. */
  readonly states: Uint8Array;
  /** How many connected peers have each piece, ourselves not counted, 255 for more. */
  readonly availability: Uint8Array;
}

/** Of one block of a piece that is under way. `asked`: of the peer that is named beside it, and perhaps of others. */
export const BLOCK_STATE = { free: 0, asked: 1, received: 2 } as const;

/** One piece between its first request and the disk's word on it. */
export interface PieceBlocks {
  /** A {@link BLOCK_STATE} a block. */
  readonly states: Uint8Array;
  /** The id of the peer that was asked for each block first, or gave it. */
  readonly peers: Float64Array;
}

/** What is in flight, block by block. */
export interface BlocksView {
  readonly pieces: ReadonlyMap<number, PieceBlocks>;
  /** The endgame: who else is asked for a block. Piece, block, peer, piece … */
  readonly shared: readonly number[];
}

/** One time that a piece was downloaded; the last may be going on. */
export interface PieceAttemptView {
  /** When its first block was asked for. */
  readonly begunAt: Timestamp;
  /** When its last block came; absent until then. */
  readonly wholeAt?: Timestamp;
  /** When it was on the disk, or failed its hash; absent until then. */
  readonly endedAt?: Timestamp;
  readonly isRight?: boolean;
  /** Who gave its blocks: a peer's id, how many blocks in a row, the next one's id … −1: nobody yet. */
  readonly givers: readonly number[];
}

/** More of the one piece that an interface looks at. */
export interface PieceDetail {
  readonly piece: number;
  readonly length: Bytes;
  /** The SHA-1 that it must have. */
  readonly hash: Uint8Array;
  /** Oldest first; only of this run, and of the latest pieces. */
  readonly attempts: readonly PieceAttemptView[];
}

/**
 * `off`: switched off, or nothing listens; `private`: not used for a private torrent (BEP 27); `stopped`: the torrent
 * does not run; `waiting`: it has nobody to ask yet; `searching`: at this moment; `on`: it works on its own;
 * `failed`: of a web seed, asked again at `nextAt`, or never where there is none.
 */
export type SourceState = "off" | "unfit" | "private" | "stopped" | "waiting" | "searching" | "on" | "failed";

/** What one way to find peers was good for, in this run. A peer that several named counts for each. */
export interface SourceView {
  readonly source: PeerSource;
  readonly state: SourceState;
  /** Why it failed, in words. */
  readonly message?: string;
  /** Of a search that is done now and then. */
  readonly nextAt?: Timestamp;
  /** Different peers that it named, or that came. */
  readonly peersGiven: number;
  /** Connections past the handshake: those that are there, and all until now. */
  readonly connected: number;
  readonly connections: number;
  readonly payloadDown: Bytes;
  readonly payloadUp: Bytes;
}

export type LogKind =
  | "added"
  | "checking"
  | "checked"
  | "started"
  | "paused"
  | "tracker"
  | "piece-failed"
  | "done"
  | "fault"
  | "error"
  | "note";

export interface LogEntry {
  readonly at: Timestamp;
  readonly kind: LogKind;
  readonly text: string;
  readonly piece?: number;
}

/** The log of a torrent keeps the newest entries. */
export const LOG_ENTRIES = 1000;

/** One row of the peer table; {@link PeerDetail} has the rest for the one that is looked at. */
export type PeerView = Omit<PeerFace, "recentMessages">;

/** A peer that somebody named to us and that is not connected; a candidate for a dial unless something hinders. */
export interface KnownPeerView {
  readonly host: string;
  readonly port: number;
  readonly country?: string;
  readonly sources: readonly PeerSource[];
  /** Dials in a row that failed. */
  readonly failures: number;
  readonly lastEnd?: LastEnd;
  /** Not dialled before; when it is past, as soon as there is room for it. */
  readonly nextTry: Timestamp;
  /** Never dialled: it is ourselves, the filter has its address or port, or it is banned. */
  readonly hindrance?: "self" | "blocked" | "banned";
}

/** Known peers that an interface is told of, those tried last first, then the newest: more than anybody reads. */
export const KNOWN_PEERS = 2000;

/** More of the one peer that an interface looks at. */
export interface PeerDetail {
  readonly peer: number;
  readonly recentMessages: readonly RecentMessage[];
  /** `describe(true)`: the readable dump. */
  readonly dump: string;
}

/**
 * `off`: never; `allow`: in plain, or encrypted when the other side wants it; `prefer`: encrypted, in plain when that
 * fails; `require`: encrypted to the last byte, or not at all.
 */
export type EncryptionPolicy = "off" | "allow" | "prefer" | "require";

/** How peers are reached. `tcp`: uTP is off; `utp`: over uTP alone; `both`: over TCP, and uTP where that fails. */
export type TransportChoice = "tcp" | "utp" | "both";

export interface Settings {
  readonly downloadFolder: string;
  /** 0: chosen by the system at each start. */
  readonly listenPort: number;
  /** The address to listen on and dial from; undefined: every one. */
  readonly bindHost?: string;
  /** 0: no limit. */
  readonly downLimit: BytesPerSecond;
  readonly upLimit: BytesPerSecond;
  /** These limits hold instead of the others, while they are on: 0: no limit. */
  readonly alternativeLimits: boolean;
  readonly alternativeDownLimit: BytesPerSecond;
  readonly alternativeUpLimit: BytesPerSecond;
  /** The limits hold for peers in private networks and on this machine, too. */
  readonly limitLocalPeers: boolean;
  readonly maxConnections: number;
  readonly maxConnectionsPerTorrent: number;
  readonly maxHalfOpen: number;
  /** Peers of each torrent that are served at a time. 0: as many as the upload rate carries. */
  readonly unchokeSlots: number;
  /** Message stream encryption of peers that dial us, and of those we dial. */
  readonly encryptionIncoming: EncryptionPolicy;
  readonly encryptionOutgoing: EncryptionPolicy;
  /** Peers that dial us choose for themselves, but for uTP when it is off. */
  readonly transport: TransportChoice;
  /** Peers are looked for in the DHT, and others helped to find theirs. */
  readonly dht: boolean;
  /** Peers tell each other of their peers (BEP 11). */
  readonly pex: boolean;
  /** Peers are looked for on the local network (BEP 14). */
  readonly lsd: boolean;
  /** The router is asked to let others through to our port (UPnP, NAT-PMP, PCP). */
  readonly portMapping: boolean;
  /** A file that lists addresses to have nothing to do with, read whenever it is set; empty: none. */
  readonly ipFilter: string;
  /** Ports that are not dialled, e.g. `25,110,6881-6889`; empty: none. */
  readonly blockedPorts: string;
  /**
   * Through which everything goes: `socks5://user:password@host:port` or `http://…`; empty: none. Here its password is
   * `***`, and a change that has nothing else in its place leaves it as it was.
   */
  readonly proxy: string;
}

export interface SessionView {
  readonly version: string;
  /** The port that listens, once one does. */
  readonly listenPort?: number;
  /** Whether the router lets others through to it. */
  readonly mapping: MappingView;
  readonly downRate: BytesPerSecond;
  readonly upRate: BytesPerSecond;
  readonly connections: number;
  readonly settings: Settings;
  /** Connections turned away before they were about a torrent here, newest last. */
  readonly refused: readonly GonePeer[];
  /** Nodes of the DHT that we know, of both families; undefined while it is off. */
  readonly dhtNodes?: number;
  /** What the list of blocked addresses has, in words; absent without one. */
  readonly ipFilter?: string;
  /** How many bans there are: the `list-bans` command lists them. `banChanges` grows with every change to them. */
  readonly bans: number;
  readonly banChanges: number;
  /** Something wrong with the whole session, in words: a port in use, a state file that was damaged. */
  readonly notices: readonly string[];
}

/** What a .torrent says, before it is added. */
export interface TorrentPreview {
  /** Names this preview in an `add` command. */
  readonly token: string;
  /** Of a magnet link: files and pieces are not known yet, and there are none here. */
  readonly isMagnet: boolean;
  readonly id: TorrentId;
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly bytesTotal: Bytes;
  readonly pieceLength: Bytes;
  readonly pieceCount: number;
  readonly files: readonly { readonly path: string; readonly length: Bytes }[];
  readonly trackers: readonly string[];
  readonly isPrivate: boolean;
  readonly comment?: string;
  readonly warnings: readonly string[];
  /** Where it would be saved, and what is free there. */
  readonly folder: FolderView;
  /** It is in the session already; adding merges its trackers. */
  readonly isAdded: boolean;
}

/**
 * What is measured every second: rates, peers by state, pieces being hashed or written, blocks being read to be sent;
 * and of the session alone, orders that the disk has not answered, and its memory.
 */
export const HISTORY_SERIES = [
  ...(["down", "up", "seeds", "leechers", "connecting", "known", "hashing", "reading"] as const),
  ...(["orders", "memory", "heap", "pool"] as const),
] as const;
export type HistorySeries = (typeof HISTORY_SERIES)[number];

/** Means over the steps of a span, oldest first. */
export interface HistoryView {
  readonly span: HistorySpan;
  readonly times: readonly Timestamp[];
  readonly series: { readonly [name in HistorySeries]?: readonly number[] };
}

export interface FolderView {
  readonly path: string;
  readonly free?: Bytes;
  /** Why it can't be written to; undefined when it can. */
  readonly problem?: string;
}

export type { Ban, GonePeer, TrackerState, TrackerView };
