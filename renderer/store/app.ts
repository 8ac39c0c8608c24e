import { createStore, type StoreApi } from "zustand/vanilla";
import type { ExportReply, SettingsChange, TorrentChange, Update } from "../../core/contract/messages.ts";
import type { FilePriority, HistoryView } from "../../core/contract/views.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import type { HistorySpan } from "../../core/model/sample-rings.ts";
import type { Timestamp } from "../../core/model/units.ts";
import type { CommandOf, EngineClient } from "../link/engine-client.ts";
import type { DesktopPlatform } from "../link/platform.ts";
import { say } from "../words/say.ts";
import { type AddingActions, addingActions } from "./adding.ts";
import {
  type AppState,
  INITIAL_APP_STATE,
  type OpenDialog,
  type PeersShown,
  type Pinned,
  selectedDetails,
  type TabName,
} from "./app-state.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, type EngineState, keepDetails } from "./engine-state.ts";
import { errorWords, type Notify } from "./notices.ts";
import {
  limitedShare,
  loadPreferences,
  type PreferenceStorage,
  type Preferences,
  savePreferences,
} from "./preferences.ts";
import { RateHistory } from "./rate-history.ts";
import { isRecording, presentOnly, type RecordingActions, Recordings } from "./recording.ts";
import { torrentOrder, torrentSortOf } from "./sorting.ts";
import type { SwarmSort } from "./swarm-order.ts";
import { sameWatches, watchesFor } from "./watches.ts";

/** What the application needs of the world. */
export interface AppSurroundings {
  readonly client: Pick<EngineClient, "start" | "command" | "watch">;
  readonly notify: Notify;
  readonly storage: PreferenceStorage;
  /** Absent in a browser. */
  readonly desktop: DesktopPlatform | undefined;
  copyText(text: string): Promise<void>;
  /** Hands a file to the user. @returns False when the user thought better of it. */
  saveFile(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Milliseconds since any fixed moment, never going back. */
  elapsed(): number;
}

/** Everything that a view may do. None throws: what fails is said to the user. */
export interface AppActions extends AddingActions, RecordingActions {
  select(torrent: TorrentId | undefined): void;
  showTab(tab: TabName): void;
  showPeers(shown: PeersShown): void;
  selectPeer(peer: number | undefined): void;
  /** Shows its page, or the table again. */
  openPeer(peer: number | undefined): void;
  /** Hands a text to the user as a file. */
  saveText(name: string, text: string): Promise<void>;
  pin(pinned: Pinned | undefined): void;
  sortSwarm(sort: SwarmSort): void;
  /** The page went out of sight, or came back. */
  hide(isHidden: boolean): void;
  filterPeers(text: string): void;
  open(dialog: OpenDialog): void;
  closeDialog(): void;
  prefer(change: Partial<Preferences>): void;
  pause(torrent: TorrentId): Promise<boolean>;
  resume(torrent: TorrentId): Promise<boolean>;
  remove(torrent: TorrentId, withData: boolean): Promise<boolean>;
  recheck(torrent: TorrentId): Promise<boolean>;
  /** All trackers, or one. */
  announce(torrent: TorrentId, tracker?: string): Promise<boolean>;
  /** @returns What went wrong, for the form that asked; a removal, which has none, says it in passing. */
  editTrackers(torrent: TorrentId, edit: CommandOf<"edit-trackers">["edit"]): Promise<string | undefined>;
  superSeed(torrent: TorrentId, on: boolean): Promise<boolean>;
  wantFiles(torrent: TorrentId, files: readonly number[], wanted: boolean): Promise<boolean>;
  prioritiseFiles(torrent: TorrentId, files: readonly number[], priority: FilePriority): Promise<boolean>;
  /** Bytes a second, 0: no limit. @returns What went wrong, for the form that asked. */
  limitTorrent(torrent: TorrentId, downLimit: number, upLimit: number): Promise<string | undefined>;
  /** @returns As {@link limitTorrent}. */
  changeTorrent(torrent: TorrentId, change: TorrentChange): Promise<string | undefined>;
  disconnect(torrent: TorrentId, peer: number): Promise<boolean>;
  /** Disconnects it, and has nothing to do with its address any more. */
  ban(torrent: TorrentId, peer: number): Promise<boolean>;
  liftBan(party: string): Promise<boolean>;
  /** Asks for the bans as they are now. */
  loadBans(): Promise<void>;
  /** How a torrent was, or the whole session, after `since`. Undefined: it can't be told just now. */
  lookAtHistory(torrent: TorrentId | undefined, span: HistorySpan, since: Timestamp): Promise<HistoryView | undefined>;
  /** Asks for the DHT as it is now. */
  loadDht(): Promise<void>;
  /** @returns What went wrong, for the form that asked. */
  addPeer(torrent: TorrentId, host: string, port: number): Promise<string | undefined>;
  /** Limits of single peers, in bytes a second; 0: none. @returns What went wrong, for the form that asked. */
  limitPeers(torrent: TorrentId, peers: readonly number[], down: number, up: number): Promise<string | undefined>;
  /** @returns What went wrong, for the form that asked. */
  changeSettings(settings: SettingsChange): Promise<string | undefined>;
  openFolder(torrent: TorrentId, filePath?: string): Promise<void>;
  copy(text: string, what: string): Promise<void>;
  /** Asks which files of a magnet link's torrent are wanted. */
  askForFiles(torrent: TorrentId): void;
  /** The user decides later. */
  postponeFiles(torrent: TorrentId): void;
  /** @param wanted - By their index in the torrent. @returns What went wrong, for the dialog. */
  chooseFiles(torrent: TorrentId, wanted: ReadonlySet<number>): Promise<string | undefined>;
  copyMagnet(torrent: TorrentId): Promise<void>;
  saveTorrentFile(torrent: TorrentId): Promise<void>;
}

export interface App {
  readonly store: StoreApi<AppState>;
  readonly actions: AppActions;
  readonly desktop: DesktopPlatform | undefined;
  /** Of the peers on screen. */
  readonly rates: RateHistory;
}

type Simple = CommandOf<
  | "pause"
  | "resume"
  | "remove"
  | "recheck"
  | "announce"
  | "super-seed"
  | "want-files"
  | "prioritise-files"
  | "disconnect"
  | "ban"
  | "lift-ban"
>;

/** Builds the application around its engine and starts the link. */
export function createApp(surroundings: AppSurroundings): App {
  const { notify, storage, desktop, copyText, saveFile, elapsed } = surroundings;
  const store = createStore<AppState>(() => ({ ...INITIAL_APP_STATE, preferences: loadPreferences(storage) }));
  const { getState: get, setState: set } = store;
  const client = presentOnly(surroundings.client, () => get().past !== undefined);
  const recordings = new Recordings(store, { client, notify, saveFile, elapsed });
  const adding = addingActions(store, client, notify, desktop);

  async function attempt(command: Simple): Promise<boolean> {
    try {
      await client.command(command);
      return true;
    } catch (error) {
      notify("error", say.frame.failed[command.kind], errorWords(error));
      return false;
    }
  }

  /** For forms, which show the fault beside what was typed. */
  async function faultOf(work: Promise<unknown>): Promise<string | undefined> {
    try {
      await work;
      return undefined;
    } catch (error) {
      return errorWords(error);
    }
  }

  async function copy(text: string, what: string, detail?: string): Promise<void> {
    const fault = await faultOf(copyText(text));
    if (fault === undefined) notify("done", say.frame.copied(what), detail);
    else notify("error", say.frame.notCopied(what), fault);
  }

  const actions: AppActions = {
    ...adding,
    ...recordings.actions,
    offerFiles(files) {
      const recording = files.find(({ name }) => isRecording(name));
      if (recording !== undefined) void recordings.actions.openRecordingFile(recording);
      adding.offerFiles(files.filter(({ name }) => !isRecording(name)));
    },
    select: (selected) => {
      if (selected !== get().selected)
        set({ selected, selectedPeer: undefined, openedPeer: undefined, pinned: undefined });
    },
    showTab: (tab) => set({ tab }),
    showPeers: (peersShown) => set({ peersShown }),
    selectPeer: (selectedPeer) => set({ selectedPeer }),
    openPeer: (openedPeer) => set({ openedPeer, ...(openedPeer === undefined ? {} : { selectedPeer: openedPeer }) }),
    async saveText(name, text) {
      const work = saveFile(name, new TextEncoder().encode(text));
      const fault = await faultOf(work);
      if (fault !== undefined) notify("error", say.peer.notSaved(name), fault);
      else if (await work) notify("done", say.peer.saved, name);
    },
    pin: (pinned) => set({ pinned }),
    sortSwarm: (swarmSort) => set({ swarmSort }),
    hide: (isHidden) => set({ isHidden }),
    filterPeers: (peerFilter) => set({ peerFilter }),
    open: (dialog) => set({ dialog }),
    closeDialog: () => set({ dialog: undefined }),
    prefer(change) {
      const { listShare, ...rest } = { ...get().preferences, ...change };
      const preferences = { ...rest, listShare: listShare === undefined ? undefined : limitedShare(listShare) };
      set({ preferences });
      savePreferences(storage, preferences);
    },
    pause: (torrent) => attempt({ kind: "pause", torrent }),
    resume: (torrent) => attempt({ kind: "resume", torrent }),
    remove: (torrent, withData) => attempt({ kind: "remove", torrent, withData }),
    recheck: (torrent) => attempt({ kind: "recheck", torrent }),
    announce: (torrent, tracker) =>
      attempt({ kind: "announce", torrent, ...(tracker === undefined ? {} : { tracker }) }),
    async editTrackers(torrent, edit) {
      const fault = await faultOf(client.command({ kind: "edit-trackers", torrent, edit }));
      if (fault !== undefined && edit.kind === "remove") notify("error", say.frame.trackerNotRemoved, fault);
      return fault;
    },
    superSeed: (torrent, on) => attempt({ kind: "super-seed", torrent, on }),
    prioritiseFiles: (torrent, files, priority) =>
      attempt({ kind: "prioritise-files", torrent, files: [...files], priority }),
    limitTorrent: (torrent, downLimit, upLimit) =>
      faultOf(client.command({ kind: "limit", torrent, downLimit, upLimit })),
    changeTorrent: (torrent, change) => faultOf(client.command({ kind: "change-torrent", torrent, change })),
    wantFiles: (torrent, files, wanted) => attempt({ kind: "want-files", torrent, files: [...files], wanted }),
    disconnect: (torrent, peer) => attempt({ kind: "disconnect", torrent, peer }),
    ban: (torrent, peer) => attempt({ kind: "ban", torrent, peer }),
    liftBan: (party) => attempt({ kind: "lift-ban", party }),
    async loadBans() {
      try {
        set({ bans: await client.command({ kind: "list-bans" }) });
      } catch (error) {
        notify("error", say.frame.bansNotListed, errorWords(error));
      }
    },
    lookAtHistory: (torrent, span, since) => {
      const of = torrent === undefined ? {} : { torrent };
      return client.command({ kind: "look-at-history", span, since, ...of }).catch(() => undefined);
    },
    async loadDht() {
      // It is asked for again in a moment: a fault is not worth a word.
      const dht = await client.command({ kind: "look-at-dht" }).catch(() => undefined);
      set({ dht });
    },
    limitPeers: (torrent, peers, downLimit, upLimit) =>
      faultOf(Promise.all(peers.map((peer) => client.command({ kind: "limit", torrent, peer, downLimit, upLimit })))),
    addPeer: (torrent, host, port) => faultOf(client.command({ kind: "add-peer", torrent, host, port })),
    changeSettings: (settings) => faultOf(client.command({ kind: "change-settings", settings })),
    async openFolder(torrent, filePath) {
      const view = get().engine.torrents.get(torrent);
      if (view === undefined) return;
      if (desktop === undefined) {
        // A browser can't open folders: the path is the next best thing.
        const path = filePath === undefined ? view.folder : `${view.folder}/${filePath}`;
        return copy(path, say.frame.path, path);
      }
      const fault = await faultOf(desktop.openFolder(torrent, filePath));
      if (fault !== undefined) notify("error", say.frame.folderNotOpened, fault);
    },
    copy,
    askForFiles: (torrent) => set(({ choosing }) => ({ choosing: [...new Set([...choosing, torrent])] })),
    postponeFiles,
    chooseFiles: async (torrent, wanted) => {
      const files = get().engine.details.get(torrent)?.files ?? [];
      const changed = (isWanted: boolean) =>
        files.filter((file) => file.isWanted !== isWanted && wanted.has(file.index) === isWanted);
      const want = async (isWanted: boolean) => {
        const indexes = changed(isWanted).map(({ index }) => index);
        if (indexes.length > 0) await client.command({ kind: "want-files", torrent, files: indexes, wanted: isWanted });
      };
      const work = async () => {
        await want(true);
        await want(false);
        await client.command({ kind: "resume", torrent });
        postponeFiles(torrent);
      };
      return faultOf(work());
    },
    async copyMagnet(torrent) {
      const exported = await exportOf(torrent, say.frame.magnetNotCopied);
      if (exported !== undefined) await copy(exported.magnet, say.frame.magnetLink);
    },
    async saveTorrentFile(torrent) {
      const exported = await exportOf(torrent, say.frame.torrentNotSaved);
      if (exported?.file === undefined) return;
      const name = `${get().engine.torrents.get(torrent)?.name ?? torrent}.torrent`;
      try {
        if (await saveFile(name, exported.file)) notify("done", say.frame.torrentSaved, name);
      } catch (error) {
        notify("error", say.frame.torrentNotSaved, errorWords(error));
      }
    },
  };

  function postponeFiles(torrent: TorrentId): void {
    set(({ choosing }) => ({ choosing: choosing.filter((id) => id !== torrent) }));
  }

  async function exportOf(torrent: TorrentId, failed: string): Promise<ExportReply | undefined> {
    try {
      return await client.command({ kind: "export", torrent });
    } catch (error) {
      notify("error", failed, errorWords(error));
      return undefined;
    }
  }

  function onUpdate(update: Update, isFirst: boolean): void {
    if (recordings.keep(update, isFirst)) return;
    const before = get();
    const engine = applyUpdate(isFirst ? EMPTY_ENGINE_STATE : before.engine, update);
    const selected = followSelection(before, engine);
    const choosing = followChoosing(before, engine);
    set({
      engine: keepDetails(engine, new Set(selected === undefined ? choosing : [selected, ...choosing])),
      choosing,
      clockOffset: update.at - elapsed(),
      ...(selected === before.selected
        ? {}
        : { selected, selectedPeer: undefined, openedPeer: undefined, pinned: undefined }),
      ...(selected === before.awaited ? { awaited: undefined } : {}),
    });
  }

  let watched = watchesFor(get());
  let wasHidden = false;
  store.subscribe((state) => {
    const wanted = state.past === undefined ? watchesFor(state) : [];
    if (sameWatches(watched, wanted) && wasHidden === state.isHidden) return;
    watched = wanted;
    wasHidden = state.isHidden;
    client.watch(wanted, wasHidden);
  });
  desktop?.onOpenTorrents((opened) => {
    const recording = opened.find(isRecording);
    if (recording !== undefined) void recordings.actions.openRecordingPath(recording);
    adding.offerOpened(opened.filter((one) => !isRecording(one)));
  });
  client.start({ onUpdate, onState: (link) => set({ link }) });
  const rates = new RateHistory();
  store.subscribe((state) => rates.note(state.engine.at, state.selected, selectedDetails(state).peers));
  return { store, actions, desktop, rates };
}

/** Who waits for a choice of files: those asked about until now, and those whose metadata just came. */
function followChoosing(before: AppState, engine: EngineState): readonly TorrentId[] {
  const waiting = new Set(before.choosing.filter((id) => engine.torrents.get(id)?.asksForFiles));
  for (const [id, { asksForFiles }] of engine.torrents) {
    if (asksForFiles && before.engine.torrents.get(id)?.asksForFiles !== true) waiting.add(id);
  }
  const isSame = waiting.size === before.choosing.length && before.choosing.every((id) => waiting.has(id));
  return isSame ? before.choosing : [...waiting];
}

/** The torrent selected after an update: the one just added, else the same, else its neighbour in the list, else the first. */
function followSelection(before: AppState, engine: EngineState): TorrentId | undefined {
  if (before.awaited !== undefined && engine.torrents.has(before.awaited)) return before.awaited;
  if (before.selected !== undefined && engine.torrents.has(before.selected)) return before.selected;
  const sort = torrentSortOf(before.preferences);
  const shown = torrentOrder(before.engine.torrents.values(), sort);
  const place = before.selected === undefined ? -1 : shown.indexOf(before.selected);
  const near = [...shown.slice(place + 1), ...shown.slice(0, Math.max(0, place)).reverse()];
  return near.find((id) => engine.torrents.has(id)) ?? torrentOrder(engine.torrents.values(), sort)[0];
}
