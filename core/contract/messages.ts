import * as v from "valibot";
import type { DhtView } from "../model/dht-view.ts";
import type { TorrentId } from "../model/info-hash.ts";
import { parsePortRanges } from "../model/port-ranges.ts";
import { parseProxy } from "../model/proxy.ts";
import type { Bytes, Timestamp } from "../model/units.ts";
import type { Patch } from "./patch.ts";
import type { PeerLifeUpdate } from "./peer-life.ts";
import type {
  Ban,
  FileView,
  FolderView,
  GonePeer,
  HistoryView,
  KnownPeerView,
  LogEntry,
  PeerDetail,
  PeerView,
  PieceDetail,
  SessionView,
  SourceView,
  TorrentPreview,
  TorrentView,
  TrackerView,
} from "./views.ts";

/** The whole conversation between an interface and the engine. Grows with both; they ship together. */

const torrent = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, "a torrent id is 40 hexadecimal digits"));
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const trackerUrl = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));

/** The largest .torrent file that is read. */
export const MAX_TORRENT_FILE = 64 * 1024 * 1024;
/** The longest magnet link that is read, in characters. */
export const MAX_MAGNET = 64 * 1024;
/** Torrents that one command or watch may name: far more than a screen shows. */
const MAX_NAMED = 10_000;
/** More files than any torrent may list (3 million tokens of bencode). */
const MAX_FILES = 1_000_000;

const ENCRYPTION_POLICIES = ["off", "allow", "prefer", "require"] as const;

const settings = v.partial(
  v.strictObject({
    downloadFolder: path,
    listenPort: count(65535),
    downLimit: count(2 ** 40),
    upLimit: count(2 ** 40),
    alternativeLimits: v.boolean(),
    alternativeDownLimit: count(2 ** 40),
    alternativeUpLimit: count(2 ** 40),
    limitLocalPeers: v.boolean(),
    maxConnections: v.pipe(count(10_000), v.minValue(1)),
    maxConnectionsPerTorrent: v.pipe(count(10_000), v.minValue(1)),
    maxHalfOpen: v.pipe(count(1000), v.minValue(1)),
    unchokeSlots: count(1000),
    encryptionIncoming: v.picklist(ENCRYPTION_POLICIES),
    encryptionOutgoing: v.picklist(ENCRYPTION_POLICIES),
    transport: v.picklist(["tcp", "utp", "both"]),
    dht: v.boolean(),
    pex: v.boolean(),
    lsd: v.boolean(),
    portMapping: v.boolean(),
    ipFilter: v.pipe(v.string(), v.maxLength(4096)),
    blockedPorts: v.pipe(
      v.string(),
      v.maxLength(1024),
      v.check((text) => parsePortRanges(text) !== undefined, "ports as 25,110,6881-6889"),
    ),
    proxy: v.pipe(
      v.string(),
      v.maxLength(2048),
      v.check(
        (text) => text === "" || typeof parseProxy(text) !== "string",
        "socks5://user:password@host:port or http://…",
      ),
    ),
  }),
);

const torrentChange = v.partial(
  v.strictObject({
    isSequential: v.boolean(),
    maxConnections: count(10_000),
    unchokeSlots: count(1000),
  }),
);

const torrentSource = v.variant("from", [
  v.strictObject({
    from: v.literal("bytes"),
    bytes: v.pipe(v.instance(Uint8Array), v.maxLength(MAX_TORRENT_FILE)),
  }),
  v.strictObject({ from: v.literal("path"), path }),
  v.strictObject({ from: v.literal("magnet"), link: v.pipe(v.string(), v.maxLength(MAX_MAGNET)) }),
  v.strictObject({ from: v.literal("url"), url: v.pipe(v.string(), v.url(), v.maxLength(8192)) }),
]);

const command = v.variant("kind", [
  /** Reads a .torrent and says what is in it. Replies {@link TorrentPreview}. */
  v.strictObject({ kind: v.literal("preview"), source: torrentSource }),
  /** What is free in a folder. Replies {@link FolderView}. */
  v.strictObject({ kind: v.literal("look-at-folder"), path }),
  /** Adds what was previewed, or merges its trackers when it is there. Replies {@link AddedReply}. */
  v.strictObject({
    kind: v.literal("add"),
    token: v.pipe(v.string(), v.maxLength(64)),
    folder: path,
    /** Indexes into the preview's files; all when absent. */
    wantedFiles: v.optional(v.pipe(v.array(count(MAX_FILES)), v.maxLength(MAX_FILES))),
    paused: v.optional(v.boolean()),
    /** Of a magnet link: it pauses when its metadata is there, until the user has chosen files and resumes it. */
    asksForFiles: v.optional(v.boolean()),
  }),
  /** The torrent as a magnet link and a .torrent, merged trackers included. Replies {@link ExportReply}. */
  v.strictObject({ kind: v.literal("export"), torrent }),
  v.strictObject({ kind: v.literal("pause"), torrent }),
  /** Also clears a fault and tries again. */
  v.strictObject({ kind: v.literal("resume"), torrent }),
  v.strictObject({ kind: v.literal("remove"), torrent, withData: v.boolean() }),
  v.strictObject({ kind: v.literal("recheck"), torrent }),
  /** Asks the trackers, or one of them, as soon as they let themselves be asked. */
  v.strictObject({ kind: v.literal("announce"), torrent, tracker: v.optional(trackerUrl) }),
  /** The user's own hand; of a private torrent, too. */
  v.strictObject({
    kind: v.literal("edit-trackers"),
    torrent,
    edit: v.variant("kind", [
      /** Each in a tier of its own, behind those that are there. */
      v.strictObject({ kind: v.literal("add"), urls: v.pipe(v.array(trackerUrl), v.maxLength(500)) }),
      v.strictObject({ kind: v.literal("remove"), url: trackerUrl }),
      v.strictObject({ kind: v.literal("replace"), url: trackerUrl, by: trackerUrl }),
    ]),
  }),
  v.strictObject({
    kind: v.literal("want-files"),
    torrent,
    files: v.pipe(v.array(count(MAX_FILES)), v.maxLength(MAX_FILES)),
    wanted: v.boolean(),
  }),
  /** Of the files that are wanted, which come first. */
  v.strictObject({
    kind: v.literal("prioritise-files"),
    torrent,
    files: v.pipe(v.array(count(MAX_FILES)), v.maxLength(MAX_FILES)),
    priority: v.picklist(["high", "normal", "low"]),
  }),
  /** What one torrent has of its own. 0: as the settings have it. */
  v.strictObject({ kind: v.literal("change-torrent"), torrent, change: torrentChange }),
  v.strictObject({
    kind: v.literal("add-peer"),
    torrent,
    host: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
    port,
  }),
  /** While the torrent is complete, peers are shown one piece at a time (BEP 16). */
  v.strictObject({ kind: v.literal("super-seed"), torrent, on: v.boolean() }),
  /** Limits of one torrent, or of one of its peers while it is connected, within the session's. 0: none. */
  v.strictObject({
    kind: v.literal("limit"),
    torrent,
    peer: v.optional(count(Number.MAX_SAFE_INTEGER)),
    downLimit: count(2 ** 40),
    upLimit: count(2 ** 40),
  }),
  v.strictObject({ kind: v.literal("disconnect"), torrent, peer: count(Number.MAX_SAFE_INTEGER) }),
  /** Here or gone: has nothing to do with the peer any more, nor with who else shares its address. */
  v.strictObject({ kind: v.literal("ban"), torrent, peer: count(Number.MAX_SAFE_INTEGER) }),
  /** Replies every {@link Ban}, the newest first. */
  v.strictObject({ kind: v.literal("list-bans") }),
  /** What the DHT knows and does. Replies {@link DhtView}, or nothing while it is off. */
  v.strictObject({ kind: v.literal("look-at-dht") }),
  /**
   * Records the torrent, or the wire of one of its peers only, to a file that nobody else may read; in the folder for
   * downloads unless another is named. Replies {@link RecordingReply}.
   */
  v.strictObject({
    kind: v.literal("start-recording"),
    torrent,
    peer: v.optional(count(Number.MAX_SAFE_INTEGER)),
    folder: v.optional(path),
  }),
  /** How a torrent was, or the whole session, as far as it was measured after `since`. Replies {@link HistoryView}. */
  v.strictObject({
    kind: v.literal("look-at-history"),
    torrent: v.optional(torrent),
    span: v.picklist(["5m", "1h", "24h"]),
    since: v.optional(v.number()),
  }),
  /** Replies {@link RecordingReply}. */
  v.strictObject({ kind: v.literal("stop-recording"), torrent }),
  /** A part of a recording, also of one that goes on; no other file is given away. Replies {@link RecordingPart}. */
  v.strictObject({ kind: v.literal("read-recording"), path, offset: count(Number.MAX_SAFE_INTEGER) }),
  v.strictObject({ kind: v.literal("lift-ban"), party: v.pipe(v.string(), v.minLength(1), v.maxLength(255)) }),
  v.strictObject({ kind: v.literal("change-settings"), settings }),
]);

const WATCHABLE = ["peers", "known", "pieces", "blocks", "files", "trackers", "log", "life"] as const;

const watch = v.strictObject({
  torrent,
  parts: v.pipe(v.array(v.picklist(WATCHABLE)), v.maxLength(WATCHABLE.length)),
  /** The peer whose {@link PeerDetail} is wanted, and with the part `life` all that happened to it. */
  peer: v.optional(count(Number.MAX_SAFE_INTEGER)),
  /** The piece whose {@link PieceDetail} is wanted. */
  piece: v.optional(count(Number.MAX_SAFE_INTEGER)),
});

const toEngine = v.variant("kind", [
  v.strictObject({ kind: v.literal("command"), id: count(Number.MAX_SAFE_INTEGER), command }),
  /** Replaces all that was watched. What is newly watched comes whole in the next update. */
  v.strictObject({
    kind: v.literal("watch"),
    watches: v.pipe(v.array(watch), v.maxLength(MAX_NAMED)),
    /** Nobody sees the interface: what changed meanwhile is told every few seconds. */
    isHidden: v.optional(v.boolean()),
  }),
]);

export type TorrentSource = v.InferOutput<typeof torrentSource>;
export type Command = v.InferOutput<typeof command>;
export type Watch = v.InferOutput<typeof watch>;
export type WatchPart = Watch["parts"][number];
export type ToEngine = v.InferOutput<typeof toEngine>;
export type TorrentChange = v.InferOutput<typeof torrentChange>;
export type SettingsChange = v.InferOutput<typeof settings>;

/** @returns The message, or in words what is wrong with it. */
export function validateToEngine(input: unknown): { ok: true; message: ToEngine } | { ok: false; fault: string } {
  const result = v.safeParse(toEngine, input, { abortEarly: true });
  if (result.success) return { ok: true, message: result.output };
  const issue = result.issues[0];
  return { ok: false, fault: `${v.getDotPath(issue) ?? "message"}: ${issue.message}` };
}

export interface AddedReply {
  readonly torrent: TorrentId;
  /** It was there: this many trackers were new to it. */
  readonly mergedTrackers?: number;
}

export interface ExportReply {
  readonly magnet: string;
  /** The bytes of a .torrent; absent while the metadata is missing. */
  readonly file?: Uint8Array;
}

export interface RecordingReply {
  readonly path: string;
}

export interface RecordingPart {
  /** From the offset on, perhaps not to the end. */
  readonly bytes: Uint8Array;
  /** Of the file as it is. */
  readonly size: Bytes;
}

/** What each command answers with; the others answer with nothing. */
export interface CommandReplies {
  readonly preview: TorrentPreview;
  readonly "look-at-folder": FolderView;
  readonly add: AddedReply;
  readonly export: ExportReply;
  readonly "list-bans": readonly Ban[];
  readonly "look-at-dht": DhtView | undefined;
  readonly "look-at-history": HistoryView;
  readonly "start-recording": RecordingReply;
  readonly "stop-recording": RecordingReply;
  readonly "read-recording": RecordingPart;
}
export type ReplyTo<K extends Command["kind"]> = K extends keyof CommandReplies ? CommandReplies[K] : undefined;

/** One torrent's watched parts, changes only. `reset` parts replace what the interface has. */
export interface DetailUpdate {
  readonly torrent: TorrentId;
  readonly peers?: {
    /** All peers that are not in `changed` are forgotten first. */
    readonly reset: boolean;
    readonly changed: readonly PeerPatch[];
    readonly removed: readonly number[];
    /** Newly gone, oldest first. */
    readonly gone: readonly GonePeer[];
  };
  /** By their endpoint, `host:port`. */
  readonly known?: {
    readonly reset: boolean;
    readonly changed: readonly (Patch<KnownPeerView> & { readonly key: string })[];
    readonly removed: readonly string[];
  };
  readonly pieces?: {
    /** The whole of it, when newly watched. */
    readonly states?: Uint8Array;
    /** Piece, state, piece, state … */
    readonly changed?: readonly number[];
    readonly availability?: Uint8Array;
  };
  /** What is in flight; a lot of it comes in parts, one an update. */
  readonly blocks?: {
    /** All that was told until now is forgotten first. */
    readonly reset: boolean;
    /** Piece, how many blocks it has, piece … None of them is asked for until `changed` says so. */
    readonly opened: readonly number[];
    /** Verified, failed or given up: no more is to be told of their blocks. */
    readonly closed: readonly number[];
    /** Piece, block, `BLOCK_STATE`, peer, piece … */
    readonly changed: readonly number[];
    /** Whole, when it changed: see `BlocksView.shared`. */
    readonly shared?: readonly number[];
  };
  readonly files?: readonly (Patch<FileView> & { readonly index: number })[];
  /** Always whole: they are few. */
  readonly trackers?: readonly TrackerView[];
  /** Of the trackers' part, too. Always whole. */
  readonly sources?: readonly SourceView[];
  readonly log?: { readonly reset: boolean; readonly entries: readonly LogEntry[] };
  readonly peer?: PeerDetail;
  readonly life?: PeerLifeUpdate;
  readonly piece?: PieceDetail;
}

export interface PeerPatch extends Patch<PeerView> {
  readonly id: number;
  /** Bits to set in `pieces`, when it has not come whole in `set`. */
  readonly haves?: readonly number[];
}

/** What changed since the last one. The first after connecting has everything. */
export interface Update {
  readonly kind: "update";
  readonly at: Timestamp;
  readonly session?: Patch<SessionView>;
  readonly torrents?: readonly (Patch<TorrentView> & { readonly id: TorrentId })[];
  readonly removed?: readonly TorrentId[];
  readonly details?: readonly DetailUpdate[];
}

export type Reply =
  | { readonly kind: "reply"; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: "reply"; readonly id: number; readonly ok: false; readonly error: string };

export type FromEngine = Update | Reply;
