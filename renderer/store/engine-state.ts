import type { DetailUpdate, PeerPatch, Update } from "../../core/contract/messages.ts";
import { applyPatch } from "../../core/contract/patch.ts";
import {
  type BlocksView,
  type FileView,
  type GonePeer,
  type KnownPeerView,
  LOG_ENTRIES,
  type LogEntry,
  type PeerDetail,
  type PeerView,
  type PieceDetail,
  type PiecesView,
  type SessionView,
  type SourceView,
  type TorrentView,
  type TrackerView,
} from "../../core/contract/views.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { GONE_PEERS } from "../../core/model/peer-face.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { applyBlocks } from "./block-state.ts";
import { noteHaves } from "./have-trail.ts";
import { applyLife, type PeerLife } from "./peer-life.ts";

/** The watched parts of one torrent; undefined until they came. */
export interface TorrentDetails {
  readonly peers?: ReadonlyMap<number, PeerView>;
  /** Oldest first. */
  readonly gone?: readonly GonePeer[];
  /** Not connected, by their endpoint. */
  readonly known?: ReadonlyMap<string, KnownPeerView>;
  readonly pieces?: PiecesView;
  readonly blocks?: BlocksView;
  /** In the torrent's order. Padding is left out, so a file's place here is not its index in the torrent. */
  readonly files?: readonly FileView[];
  readonly trackers?: readonly TrackerView[];
  readonly sources?: readonly SourceView[];
  /** Oldest first. */
  readonly log?: readonly LogEntry[];
  readonly peer?: PeerDetail;
  readonly life?: PeerLife;
  readonly piece?: PieceDetail;
}

/**
 * What the engine said, as one immutable value. Parts that an update does not touch keep their identity,
 * so selectors and drawn strips compare by `===`.
 */
export interface EngineState {
  /** The engine's clock at the last update. */
  readonly at: Timestamp;
  readonly session: SessionView | undefined;
  readonly torrents: ReadonlyMap<TorrentId, TorrentView>;
  readonly details: ReadonlyMap<TorrentId, TorrentDetails>;
}

export const EMPTY_ENGINE_STATE: EngineState = { at: 0, session: undefined, torrents: new Map(), details: new Map() };

/** @returns The state after an update; `before` and everything in it are left as they are. */
export function applyUpdate(before: EngineState, update: Update): EngineState {
  return {
    at: update.at,
    session: update.session === undefined ? before.session : applyPatch(before.session, update.session),
    torrents: applyTorrents(before.torrents, update),
    details: applyDetails(before.details, update),
  };
}

/** Forgets the details of all torrents but `kept`. */
export function keepDetails(state: EngineState, kept: ReadonlySet<TorrentId>): EngineState {
  if ([...state.details.keys()].every((id) => kept.has(id))) return state;
  return { ...state, details: new Map([...state.details].filter(([id]) => kept.has(id))) };
}

function applyTorrents(before: EngineState["torrents"], update: Update): EngineState["torrents"] {
  if (!update.torrents?.length && !update.removed?.length) return before;
  const after = new Map(before);
  for (const id of update.removed ?? []) after.delete(id);
  for (const patch of update.torrents ?? []) after.set(patch.id, applyPatch(after.get(patch.id), patch));
  return after;
}

function applyDetails(before: EngineState["details"], update: Update): EngineState["details"] {
  const removed = (update.removed ?? []).filter((id) => before.has(id));
  if (!update.details?.length && removed.length === 0) return before;
  const after = new Map(before);
  for (const id of removed) after.delete(id);
  for (const detail of update.details ?? [])
    after.set(detail.torrent, applyDetail(after.get(detail.torrent) ?? {}, detail));
  return after;
}

function applyDetail(before: TorrentDetails, update: DetailUpdate): TorrentDetails {
  const after: { -readonly [K in keyof TorrentDetails]: TorrentDetails[K] } = { ...before };
  if (update.peers !== undefined) {
    after.peers = applyPeers(before.peers, update.peers);
    after.gone = update.peers.reset ? update.peers.gone : appended(before.gone ?? [], update.peers.gone, GONE_PEERS);
  }
  if (update.known !== undefined) after.known = applyKnown(before.known, update.known);
  if (update.pieces !== undefined) after.pieces = applyPieces(before.pieces, update.pieces);
  if (update.blocks !== undefined) after.blocks = applyBlocks(before.blocks, update.blocks);
  if (update.files !== undefined) after.files = applyFiles(before.files, update.files);
  if (update.trackers !== undefined) after.trackers = update.trackers;
  if (update.sources !== undefined) after.sources = update.sources;
  if (update.log !== undefined) {
    after.log = update.log.reset ? update.log.entries : appended(before.log ?? [], update.log.entries, LOG_ENTRIES);
  }
  if (update.peer !== undefined) after.peer = update.peer;
  if (update.life !== undefined) after.life = applyLife(before.life, update.life);
  if (update.piece !== undefined) after.piece = { ...update.piece, hash: update.piece.hash.slice() };
  return after;
}

function applyPeers(
  before: TorrentDetails["peers"],
  update: NonNullable<DetailUpdate["peers"]>,
): ReadonlyMap<number, PeerView> {
  if (before !== undefined && !update.reset && update.changed.length === 0 && update.removed.length === 0)
    return before;
  const after = new Map<number, PeerView>();
  if (update.reset) {
    const named = new Set(update.changed.map((patch) => patch.id));
    for (const [id, peer] of before ?? []) if (named.has(id)) after.set(id, peer);
  } else {
    for (const [id, peer] of before ?? []) after.set(id, peer);
    for (const id of update.removed) after.delete(id);
  }
  for (const patch of update.changed) after.set(patch.id, applyPeer(after.get(patch.id), patch));
  return after;
}

function applyPeer(before: PeerView | undefined, patch: PeerPatch): PeerView {
  const after = applyPatch(before, patch);
  const whole = patch.set.pieces;
  if (whole === undefined && !patch.haves?.length) return after;
  // Bytes of a message are a view on all of it: a copy lets the message go, and old strips stay as they were.
  const pieces = (whole ?? before?.pieces)?.slice();
  if (pieces === undefined) return after;
  for (const piece of patch.haves ?? []) pieces[piece >>> 3] = (pieces[piece >>> 3] ?? 0) | (0x80 >>> (piece & 7));
  if (whole === undefined && before?.pieces !== undefined) noteHaves(before.pieces, pieces, patch.haves ?? []);
  return { ...after, pieces };
}

function applyKnown(
  before: TorrentDetails["known"],
  { reset, changed, removed }: NonNullable<DetailUpdate["known"]>,
): ReadonlyMap<string, KnownPeerView> {
  const after = new Map(reset ? [] : before);
  for (const key of removed) after.delete(key);
  for (const patch of changed) after.set(patch.key, applyPatch(after.get(patch.key), patch));
  return after;
}

function applyPieces(before: PiecesView | undefined, update: NonNullable<DetailUpdate["pieces"]>): PiecesView {
  let states = update.states?.slice() ?? before?.states ?? new Uint8Array(0);
  const changed = update.changed ?? [];
  if (changed.length > 0) {
    if (update.states === undefined) states = states.slice();
    for (let i = 0; i + 1 < changed.length; i += 2) states[changed[i] as number] = changed[i + 1] as number;
  }
  return {
    states,
    availability: update.availability?.slice() ?? before?.availability ?? new Uint8Array(states.length),
  };
}

function applyFiles(
  before: readonly FileView[] | undefined,
  patches: NonNullable<DetailUpdate["files"]>,
): readonly FileView[] {
  const after = new Map(before?.map((file) => [file.index, file]));
  for (const patch of patches) after.set(patch.index, applyPatch(after.get(patch.index), patch));
  return [...after.values()].sort((a, b) => a.index - b.index);
}

/** `before` and `entries`, the newest `most` of them. */
function appended<T>(before: readonly T[], entries: readonly T[], most: number): readonly T[] {
  if (entries.length === 0) return before;
  return [...before, ...entries].slice(-most);
}
