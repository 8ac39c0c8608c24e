import type { GonePeer } from "../../core/contract/views.ts";
import { formatEndpoint } from "../../core/model/endpoint.ts";
import { sourceKey } from "../../core/model/peer-face.ts";
import { connectedSince, relevanceOf } from "../format/peer-cells.ts";
import {
  type AnyPeer,
  groupOf,
  lettersOf,
  PEER_GROUPS,
  type PeerFilter,
  type PeerGroup,
  sourcesOf,
} from "../format/peer-filter.ts";
import type { TorrentDetails } from "./engine-state.ts";
import { type Sort, sorted } from "./sorting.ts";

/** The rows of the peer table: groups, and the peers in them. A row is named by a key that holds while it moves. */

export const PEER_COLUMNS = [
  "country",
  "address",
  "client",
  "connection",
  "flags",
  "progress",
  "relevance",
  "down",
  "up",
  "rates",
  "requests",
  "roundTrip",
  "payloadDown",
  "payloadUp",
  "wasted",
  "connected",
  "sources",
  "hashFailures",
  "peerId",
  "encryption",
  "snubbed",
  "limits",
  "pieces",
] as const;
export type PeerColumn = (typeof PEER_COLUMNS)[number];

export interface PeerRows {
  readonly keys: readonly string[];
  readonly groups: Readonly<Record<PeerGroup, { readonly shown: number; readonly all: number }>>;
}

/** How the table is looked at. */
export interface PeersLook {
  readonly sort: Sort<PeerColumn> | undefined;
  readonly filter: PeerFilter;
  readonly closed: ReadonlySet<PeerGroup>;
  /** Of the torrent. */
  readonly pieceCount: number;
}

type Live = Pick<TorrentDetails, "peers" | "known" | "gone" | "pieces">;

export function groupKey(group: PeerGroup): string {
  return `#${group}`;
}

/** @returns Undefined for the key of a peer. */
export function groupOfKey(key: string): PeerGroup | undefined {
  return PEER_GROUPS.find((group) => groupKey(group) === key);
}

export function peerKey(id: number): string {
  return `p${id}`;
}

/** @returns The id of a peer that is here or gone. */
export function peerOfKey(key: string | undefined): number | undefined {
  return key?.startsWith("p") ? Number(key.slice(1)) : undefined;
}

/** What a row is about; undefined when it is there no more. A peer that leaves keeps its key. */
export function anyPeer(details: Live, key: string): AnyPeer | undefined {
  const id = peerOfKey(key);
  if (id === undefined) {
    const known = details.known?.get(key.slice(1));
    return known === undefined ? undefined : { kind: "known", peer: known };
  }
  const live = details.peers?.get(id);
  if (live !== undefined) return { kind: "live", peer: live };
  const gone = details.gone === undefined ? undefined : goneById(details.gone).get(id);
  return gone === undefined ? undefined : { kind: "gone", peer: gone };
}

const goneMaps = new WeakMap<readonly GonePeer[], ReadonlyMap<number, GonePeer>>();

function goneById(gone: readonly GonePeer[]): ReadonlyMap<number, GonePeer> {
  let byId = goneMaps.get(gone);
  if (byId === undefined) {
    byId = new Map(gone.map((peer) => [peer.peer, peer]));
    goneMaps.set(gone, byId);
  }
  return byId;
}

/** Makes the rows again and again, each group only when something in it changed. */
export function peerRowsMaker(): (details: Live, look: PeersLook) => PeerRows {
  const live = remembered(liveKeys);
  const known = remembered(knownKeys);
  const gone = remembered(goneKeys);
  let last: PeerRows | undefined;
  return (details, { sort, filter, closed, pieceCount }) => {
    // Only what a piece is worth to us depends on our own.
    const own = sort?.column === "relevance" ? details.pieces?.states : undefined;
    const groups: Record<PeerGroup, Keys> = {
      ...live(details.peers, sort, filter, pieceCount, own),
      known: known(details.known, sort, filter),
      gone: gone(details.gone, sort, filter),
    };
    const keys = PEER_GROUPS.flatMap((group) => {
      if (groups[group].all === 0) return [];
      return closed.has(group) ? [groupKey(group)] : [groupKey(group), ...groups[group].keys];
    });
    const rows: PeerRows = {
      keys: last !== undefined && sameKeys(last.keys, keys) ? last.keys : keys,
      groups: Object.fromEntries(
        PEER_GROUPS.map((group) => [group, { shown: groups[group].keys.length, all: groups[group].all }]),
      ) as PeerRows["groups"],
    };
    const isSame =
      last !== undefined &&
      last.keys === rows.keys &&
      PEER_GROUPS.every(
        (group) =>
          last?.groups[group].shown === rows.groups[group].shown && last.groups[group].all === rows.groups[group].all,
      );
    last = isSame ? last : rows;
    return last as PeerRows;
  };
}

interface Keys {
  readonly keys: readonly string[];
  readonly all: number;
}

function liveKeys(
  peers: TorrentDetails["peers"],
  sort: Sort<PeerColumn> | undefined,
  filter: PeerFilter,
  pieceCount: number,
  own: Uint8Array | undefined,
): Record<"open" | "connecting" | "queued", Keys> {
  const all = { open: 0, connecting: 0, queued: 0 };
  const admitted: AnyPeer[] = [];
  for (const peer of [...(peers?.values() ?? [])].sort((a, b) => a.id - b.id)) {
    const any: AnyPeer = { kind: "live", peer };
    all[groupOf(any) as keyof typeof all]++;
    if (filter.admits(any, pieceCount)) admitted.push(any);
  }
  const order = inOrder(admitted, sort, own);
  const of = (group: keyof typeof all): Keys => ({
    keys: order.flatMap((any) => (any.kind === "live" && groupOf(any) === group ? [peerKey(any.peer.id)] : [])),
    all: all[group],
  });
  return { open: of("open"), connecting: of("connecting"), queued: of("queued") };
}

/** Unless sorted: those that were tried, the last first; then those that were not, the newest first. */
function knownKeys(known: TorrentDetails["known"], sort: Sort<PeerColumn> | undefined, filter: PeerFilter): Keys {
  const peers = [...(known?.values() ?? [])].map((peer): AnyPeer => ({ kind: "known", peer }));
  const triedAt = (any: AnyPeer) => (any.kind === "known" ? (any.peer.lastEnd?.at ?? 0) : 0);
  const admitted = peers.filter((any) => filter.admits(any, 0)).sort((a, b) => triedAt(b) - triedAt(a));
  return {
    keys: inOrder(admitted, sort, undefined).map(({ peer }) => `k${formatEndpoint(peer)}`),
    all: peers.length,
  };
}

/** Unless sorted, the newest first. */
function goneKeys(gone: TorrentDetails["gone"], sort: Sort<PeerColumn> | undefined, filter: PeerFilter): Keys {
  const peers = (gone ?? []).toReversed().map((peer): AnyPeer => ({ kind: "gone", peer }));
  const admitted = peers.filter((any) => filter.admits(any, 0));
  return {
    keys: inOrder(admitted, sort, undefined).flatMap((any) => (any.kind === "gone" ? [peerKey(any.peer.peer)] : [])),
    all: peers.length,
  };
}

function inOrder(
  peers: readonly AnyPeer[],
  sort: Sort<PeerColumn> | undefined,
  own: Uint8Array | undefined,
): readonly AnyPeer[] {
  const keys = KEYS as Record<PeerColumn, (any: AnyPeer, own: Uint8Array | undefined) => string | number | undefined>;
  if (sort === undefined || !Object.hasOwn(keys, sort.column)) return peers;
  return sorted(peers, sort, (any) => keys[sort.column](any, own));
}

/** What a column is sorted by. Undefined comes last, whichever way. */
const KEYS: Record<PeerColumn, (any: AnyPeer, own: Uint8Array | undefined) => string | number | undefined> = {
  country: ({ peer }) => peer.country,
  address: ({ peer }) => formatEndpoint(peer),
  client: (any) => (any.kind === "known" ? undefined : any.peer.client),
  connection: (any) => (any.kind === "known" ? undefined : `${any.peer.direction} ${any.peer.transport}`),
  flags: (any) => lettersOf(any) || undefined,
  progress: live((peer) => (peer.pieces === undefined ? undefined : peer.piecesCount)),
  relevance: (any, own) => (any.kind === "live" ? relevanceOf(any.peer.pieces, own) : undefined),
  down: live((peer) => peer.downRate),
  up: live((peer) => peer.upRate),
  rates: live((peer) => peer.downRate + peer.upRate),
  requests: live((peer) => peer.requestsOut),
  roundTrip: live((peer) => peer.roundTrip),
  payloadDown: (any) => (any.kind === "known" ? undefined : any.peer.payloadDown),
  payloadUp: (any) => (any.kind === "known" ? undefined : any.peer.payloadUp),
  wasted: live((peer) => peer.wasted),
  // Who came first has been here longest.
  connected: (any) => {
    const since = connectedSince(any);
    return since === undefined ? undefined : -since;
  },
  sources: (any) => sourcesOf(any).map(sourceKey).join(" ") || undefined,
  hashFailures: live((peer) => peer.hashFailures),
  peerId: live((peer) => (peer.peerId === undefined ? undefined : String.fromCharCode(...peer.peerId))),
  encryption: live((peer) => peer.encryption),
  snubbed: live((peer) => (peer.snubbedSince === undefined ? undefined : -peer.snubbedSince)),
  limits: live((peer) => peer.downLimit ?? peer.upLimit),
  pieces: live((peer) => peer.piecesCount),
};

function live<T>(read: (peer: Extract<AnyPeer, { kind: "live" }>["peer"]) => T): (any: AnyPeer) => T | undefined {
  return (any) => (any.kind === "live" ? read(any.peer) : undefined);
}

/** The last result again while every argument is the same (`===`). */
function remembered<Arguments extends readonly unknown[], Result>(
  make: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let last: { readonly args: Arguments; readonly result: Result } | undefined;
  return (...args) => {
    const before = last;
    if (before !== undefined && args.every((arg, index) => Object.is(arg, before.args[index]))) return before.result;
    last = { args, result: make(...args) };
    return last.result;
  };
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}
