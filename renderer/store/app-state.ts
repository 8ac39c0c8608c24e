import type { TorrentSource } from "../../core/contract/messages.ts";
import type { Ban, PeerView, TorrentPreview, TorrentView } from "../../core/contract/views.ts";
import type { DhtView } from "../../core/model/dht-view.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import type { LinkState } from "../link/engine-link.ts";
import { EMPTY_ENGINE_STATE, type EngineState, type TorrentDetails } from "./engine-state.ts";
import { DEFAULT_PREFERENCES, type Preferences } from "./preferences.ts";
import type { Past, Recorded } from "./recording.ts";
import type { SwarmSort } from "./swarm-order.ts";

export const TABS = ["peers", "pieces", "files", "trackers", "log", "charts"] as const;
export type TabName = (typeof TABS)[number];

/** The peers that are here, those that left, those turned away before they were about any torrent, or the banned. */
export type PeersShown = "here" | "gone" | "refused" | "banned";

/** What the swarm's map holds fast: a piece, or a peer by its id. */
export type Pinned =
  | { readonly kind: "piece"; readonly piece: number }
  | { readonly kind: "peer"; readonly peer: number };

/** A torrent on its way into the list: it is read first, then the user decides. */
export interface Adding {
  /** Unique in this run of the page. */
  readonly id: number;
  /** The file's name, path or address, as the user knows it. */
  readonly label: string;
  readonly step:
    | { readonly kind: "reading" }
    | { readonly kind: "ready"; readonly preview: TorrentPreview }
    | { readonly kind: "refused"; readonly why: string };
}

/** What the user hands us to add. */
export interface Offer {
  readonly label: string;
  /** @throws Error with words for the user. */
  readonly read: () => Promise<TorrentSource>;
}

export type OpenDialog =
  | { readonly kind: "charts" }
  | { readonly kind: "remove"; readonly torrent: TorrentId }
  | { readonly kind: "add-peer"; readonly torrent: TorrentId }
  /** Limits of peers that are connected. */
  | { readonly kind: "limit-peers"; readonly torrent: TorrentId; readonly peers: readonly number[] }
  /** A tracker that is to be changed; to be added, without `url`. */
  | { readonly kind: "tracker"; readonly torrent: TorrentId; readonly url: string | undefined }
  | { readonly kind: "torrent-settings"; readonly torrent: TorrentId }
  | { readonly kind: "dht" }
  | { readonly kind: "settings" };

/** All that the views read. */
export interface AppState {
  readonly link: LinkState;
  readonly engine: EngineState;
  /** The engine's time less ours: its clock is the one that deadlines are told in. */
  readonly clockOffset: number;
  readonly selected: TorrentId | undefined;
  /** Just added: selected as soon as the engine lists it. */
  readonly awaited: TorrentId | undefined;
  readonly tab: TabName;
  readonly peersShown: PeersShown;
  readonly selectedPeer: number | undefined;
  /** The peer whose page is open instead of the table, also when it is gone. */
  readonly openedPeer: number | undefined;
  /** While it is there, `engine` is what it was at that time. */
  readonly past: Past | undefined;
  readonly recorded: Recorded | undefined;
  readonly pinned: Pinned | undefined;
  /** Nobody sees the page: it is in the background, or minimised. */
  readonly isHidden: boolean;
  /** Of the whole session, the newest first, as they were when last asked for. */
  readonly bans: readonly Ban[];
  /** As it was when last asked for; undefined while it is off. */
  readonly dht: DhtView | undefined;
  /** As it was typed. */
  readonly peerFilter: string;
  readonly swarmSort: SwarmSort;
  readonly dialog: OpenDialog | undefined;
  /** The first one is asked about. */
  readonly adding: readonly Adding[];
  /** Torrents of magnet links whose files the user is asked to choose, one after the other. */
  readonly choosing: readonly TorrentId[];
  readonly preferences: Preferences;
}

export const INITIAL_APP_STATE: AppState = {
  link: "connecting",
  engine: EMPTY_ENGINE_STATE,
  clockOffset: 0,
  selected: undefined,
  awaited: undefined,
  tab: "peers",
  peersShown: "here",
  selectedPeer: undefined,
  openedPeer: undefined,
  past: undefined,
  recorded: undefined,
  pinned: undefined,
  isHidden: false,
  bans: [],
  dht: undefined,
  peerFilter: "",
  swarmSort: { column: "arrival", descending: false },
  dialog: undefined,
  adding: [],
  choosing: [],
  preferences: DEFAULT_PREFERENCES,
};

/** Of another torrent, nothing of the last one is chosen. */
export const NOTHING_PICKED = { selectedPeer: undefined, openedPeer: undefined, pinned: undefined } as const;

const NO_DETAILS: TorrentDetails = {};

export function selectedTorrent(state: AppState): TorrentView | undefined {
  return state.selected === undefined ? undefined : state.engine.torrents.get(state.selected);
}

export function selectedDetails(state: AppState): TorrentDetails {
  return (state.selected === undefined ? undefined : state.engine.details.get(state.selected)) ?? NO_DETAILS;
}

export function selectedPeer(state: AppState): PeerView | undefined {
  return state.selectedPeer === undefined ? undefined : selectedDetails(state).peers?.get(state.selectedPeer);
}
