import type { DetailUpdate, FromEngine, PeerPatch, ToEngine, Update, Watch } from "../../../core/contract/messages.ts";
import { difference } from "../../../core/contract/patch.ts";
import type { FileView, PeerView, SessionView, TorrentView } from "../../../core/contract/views.ts";
import { defaultSettings } from "../../../core/session/settings.ts";
import { pacedView } from "../../../core/session/watch/peer-pace.ts";
import { SyntheticSwarm } from "./synthetic-swarm.ts";

export interface FeedSize {
  readonly torrents: number;
  readonly peers: number;
  readonly pieces: number;
  readonly files: number;
  /** Milliseconds from one update to the next. */
  readonly every: number;
}

/** What nobody sees is told this often, as the engine does. */
const HIDDEN_EVERY = 5000;

interface Told {
  session: SessionView | undefined;
  readonly torrents: Map<string, TorrentView>;
  readonly peers: Map<number, { view: PeerView; pieces: Uint8Array | undefined }>;
  peersAt: number;
  watch: Watch | undefined;
  isNew: Set<string>;
  availabilityAt: number;
}

/** Speaks the contract like the engine, over a session that is made up: many torrents, one of them with a large swarm. */
export class SyntheticEngine {
  readonly #size: FeedSize;
  readonly #swarm: SyntheticSwarm;
  readonly #views = new Map<string, TorrentView>();
  readonly #files: FileView[];

  constructor(size: FeedSize) {
    this.#size = size;
    this.#swarm = new SyntheticSwarm(size.pieces, size.peers, Date.now());
    for (let i = 0; i < size.torrents; i++) {
      const view = torrentView(i, size);
      this.#views.set(view.id, view);
    }
    this.#files = fileViews(size, this.#swarm.pieceLength);
  }

  connect(deliver: (message: FromEngine) => void): { send(message: ToEngine): void; close(): void } {
    const told: Told = {
      session: undefined,
      torrents: new Map(),
      peers: new Map(),
      peersAt: 0,
      watch: undefined,
      isNew: new Set(),
      availabilityAt: 0,
    };
    let isHidden = false;
    let toldAt = 0;
    const tell = () => {
      const now = Date.now();
      if (isHidden && now - toldAt < HIDDEN_EVERY) return;
      toldAt = now;
      deliver(this.#update(told, now));
    };
    const timer = setInterval(() => {
      this.#step(Date.now());
      tell();
    }, this.#size.every);
    tell();
    return {
      send: (message) => {
        if (message.kind === "watch") {
          const [watch] = message.watches;
          const before = new Set(told.watch?.torrent === watch?.torrent ? told.watch?.parts : []);
          told.isNew = new Set([...(watch?.parts ?? [])].filter((part) => !before.has(part)));
          told.watch = watch;
          isHidden = message.isHidden ?? false;
          toldAt = 0;
          tell();
        } else deliver({ kind: "reply", id: message.id, ok: true, value: [] });
      },
      close: () => clearInterval(timer),
    };
  }

  #step(now: number): void {
    this.#swarm.step(now);
    let index = 0;
    for (const [id, view] of this.#views) {
      // A fifth of them is at work at any moment.
      if (index++ % 5 !== 0) continue;
      const downRate = 1e6 * (1 + Math.sin(now / 3000 + index));
      this.#views.set(id, { ...view, downRate, bytesDone: view.bytesDone + downRate / 5, eta: now % 100_000 });
    }
  }

  #update(told: Told, now: number): Update {
    const session = sessionView(this.#views.values());
    const sessionPatch = difference(told.session, session);
    told.session = session;
    const torrents = [...this.#views.values()].flatMap((view) => {
      const patch = difference(told.torrents.get(view.id), view);
      told.torrents.set(view.id, view);
      return patch === undefined ? [] : [{ id: view.id, ...patch }];
    });
    const detail = this.#detail(told, now);
    return {
      kind: "update",
      at: now,
      ...(sessionPatch && { session: sessionPatch }),
      ...(torrents.length > 0 && { torrents }),
      ...(detail && { details: [detail] }),
    };
  }

  #detail(told: Told, now: number): DetailUpdate | undefined {
    const { watch } = told;
    const [first] = this.#views.keys();
    if (watch === undefined || watch.torrent !== first) return undefined;
    const isNew = (part: Watch["parts"][number]) => told.isNew.has(part);
    const has = (part: Watch["parts"][number]) => watch.parts.includes(part);
    const peers = has("peers") ? this.#peers(told, isNew("peers"), now) : undefined;
    const pieces = has("pieces") ? this.#pieces(told, isNew("pieces"), now) : undefined;
    const blocks = has("blocks") ? this.#swarm.flight.update(isNew("blocks")) : undefined;
    const files = has("files") && isNew("files") ? this.#files.map((set) => ({ index: set.index, set })) : undefined;
    told.isNew = new Set();
    return {
      torrent: watch.torrent,
      ...(peers && { peers }),
      ...(pieces && { pieces }),
      ...(blocks && { blocks }),
      ...(files && { files }),
    };
  }

  #peers(told: Told, reset: boolean, now: number): DetailUpdate["peers"] {
    if (reset) told.peers.clear();
    const changed: PeerPatch[] = [];
    for (const { view, field, haves } of this.#swarm.peers) {
      const last = told.peers.get(view.id);
      const gained = last === undefined ? [] : haves.slice(last.pieces?.length ?? 0);
      const shown = pacedView(view, last?.view, told.peersAt, now, this.#swarm.peers.length);
      const patch = difference(last?.view, shown);
      // Only how many haves were told is needed of what was told.
      told.peers.set(view.id, { view: shown, pieces: { length: haves.length } as Uint8Array });
      if (patch === undefined && gained.length === 0) continue;
      const set = last === undefined ? { ...patch?.set, pieces: field.bytes.slice() } : (patch?.set ?? {});
      changed.push({ id: view.id, ...patch, set, ...(gained.length > 0 && { haves: gained }) });
    }
    told.peersAt = now;
    return { reset, changed, removed: [], gone: [] };
  }

  #pieces(told: Told, isNew: boolean, now: number): DetailUpdate["pieces"] {
    const isDue = isNew || now - told.availabilityAt >= 1000;
    if (isDue) told.availabilityAt = now;
    const changed = this.#swarm.takeChanges();
    return {
      ...(isNew ? { states: this.#swarm.states.slice() } : { changed }),
      ...(isDue && { availability: this.#swarm.availability.slice() }),
    };
  }
}

function torrentView(index: number, { pieces, files }: FeedSize): TorrentView {
  const pieceCount = index === 0 ? pieces : 1000;
  const total = pieceCount * 256 * 1024;
  const isSeeding = index % 5 !== 0;
  return {
    id: (index + 1).toString(16).padStart(40, "0"),
    name: index === 0 ? "A large collection" : `Torrent number ${index + 1}`,
    infoHash: { kind: "v1", v1: new Uint8Array(20) },
    state: isSeeding ? "seeding" : "downloading",
    asksForFiles: false,
    bytesDone: isSeeding ? total : total / 3,
    bytesWanted: total,
    bytesTotal: total,
    downLimit: 0,
    upLimit: 0,
    downRate: 0,
    upRate: 0,
    downloaded: total / 3,
    uploaded: total / 5,
    wasted: 0,
    peersConnected: index === 0 ? 1000 : 4,
    seedsConnected: 2,
    peersKnown: 5000,
    pieceCount,
    pieceLength: 256 * 1024,
    piecesVerified: isSeeding ? pieceCount : Math.floor(pieceCount / 3),
    fileCount: index === 0 ? files : 1,
    folder: "/downloads",
    isPrivate: false,
    isSuperSeeding: false,
    addedAt: 1_700_000_000_000 + index,
  } as TorrentView;
}

function sessionView(torrents: Iterable<TorrentView>): SessionView {
  let downRate = 0;
  for (const torrent of torrents) downRate += torrent.downRate;
  return {
    version: "0.1.0",
    listenPort: 51413,
    downRate,
    upRate: 0,
    connections: 1000,
    mapping: { state: "off", words: "" },
    refused: [],
    bans: 0,
    banChanges: 0,
    notices: [],
    settings: defaultSettings("/downloads"),
  } as SessionView;
}

function fileViews({ files, pieces }: FeedSize, pieceLength: number): FileView[] {
  const each = Math.floor((pieces * pieceLength) / files);
  return Array.from({ length: files }, (_, index) => ({
    index,
    path: `Disc ${Math.floor(index / 100) + 1}/Track ${(index % 100) + 1}.flac`,
    offset: index * each,
    length: index === files - 1 ? pieces * pieceLength - index * each : each,
    bytesDone: 0,
    isWanted: true,
  })) as FileView[];
}
