import type { Command, DetailUpdate, FromEngine, PeerPatch, ToEngine, Watch } from "../../../core/contract/messages.ts";
import { difference } from "../../../core/contract/patch.ts";
import {
  type Ban,
  type FileView,
  type PeerView,
  PIECE_STATE,
  type SessionView,
  type TorrentPreview,
  type TorrentView,
} from "../../../core/contract/views.ts";
import { fromHex } from "../../../core/model/bytes.ts";
import { MIB } from "../../../core/model/units.ts";
import { FakeSwarm } from "./fake-swarm.ts";

const PIECE_LENGTH = MIB;
const GIB = 1024 * MIB;

interface FakeTorrent {
  view: TorrentView;
  readonly swarm: FakeSwarm;
  files: FileView[];
}

/** What one interface was told last. */
interface Told {
  session: SessionView | undefined;
  readonly torrents: Map<string, TorrentView>;
  readonly peers: Map<number, PeerView>;
  watch: Watch | undefined;
  isNew: boolean;
  gone: number;
  log: number;
  files: readonly FileView[];
}

/** Speaks the contract like an engine, over swarms that are made up. One interface at a time. */
export class FakeEngine {
  readonly torrents = new Map<string, FakeTorrent>();
  readonly commands: Command[] = [];
  session: SessionView;
  /** Newest first. */
  bans: readonly Ban[] = [];
  readonly #pending = new Map<string, TorrentPreview>();
  #told: Told = nothingTold();
  #now: number;

  constructor(now: number) {
    this.#now = now;
    this.session = {
      version: "0.1.0",
      listenPort: 51413,
      downRate: 0,
      upRate: 0,
      connections: 0,
      mapping: { state: "off", words: "The router is not asked to open our port." },
      refused: [],
      bans: 0,
      banChanges: 0,
      notices: [],
      settings: {
        downloadFolder: "/home/ada/Downloads",
        listenPort: 0,
        downLimit: 0,
        upLimit: 0,
        alternativeLimits: false,
        alternativeDownLimit: 102_400,
        alternativeUpLimit: 102_400,
        limitLocalPeers: true,
        dht: true,
        pex: true,
        lsd: true,
        portMapping: true,
        ipFilter: "",
        blockedPorts: "",
        proxy: "",
        maxConnections: 500,
        maxConnectionsPerTorrent: 100,
        maxHalfOpen: 50,
        unchokeSlots: 8,
        transport: "both",
        encryptionIncoming: "allow",
        encryptionOutgoing: "allow",
      },
    };
  }

  /** A newly connected interface: its first update has everything. */
  connect(): void {
    this.#told = nothingTold();
  }

  addTorrent(id: string, name: string, pieceCount: number, peers: number, change: Partial<TorrentView> = {}): void {
    const swarm = new FakeSwarm(pieceCount, peers, this.torrents.size + 1, this.#now);
    const total = pieceCount * PIECE_LENGTH;
    const files = fakeFiles(name, total);
    const view: TorrentView = {
      id,
      name,
      infoHash: { kind: "v1", v1: new Uint8Array(20) },
      state: "downloading",
      asksForFiles: false,
      bytesDone: 0,
      bytesWanted: total,
      downLimit: 0,
      upLimit: 0,
      bytesTotal: total,
      downRate: 0,
      upRate: 0,
      downloaded: total * 0.44,
      uploaded: total * 0.18,
      wasted: 3 * MIB,
      peersConnected: 0,
      seedsConnected: 0,
      peersKnown: peers * 6,
      swarmSeeds: 31,
      swarmLeechers: 118,
      pieceCount,
      pieceLength: PIECE_LENGTH,
      piecesVerified: 0,
      fileCount: files.length,
      folder: `/home/ada/Downloads/${name}`,
      isPrivate: false,
      isSuperSeeding: false,
      isSequential: false,
      maxConnections: 0,
      unchokeSlots: 0,
      addedAt: this.#now - 1_000_000 + this.torrents.size * 1000,
      ...change,
    };
    if (view.state === "seeding") swarm.states.fill(PIECE_STATE.verified);
    this.torrents.set(id, { view, swarm, files });
  }

  /** A quarter of a second passes. */
  step(now: number): void {
    this.#now = now;
    for (const torrent of this.torrents.values()) {
      const isLive = torrent.view.state === "downloading" || torrent.view.state === "seeding";
      if (isLive) torrent.swarm.step(now);
      torrent.view = summary(torrent, isLive);
      torrent.files = torrent.files.map((file) => ({ ...file, bytesDone: doneOf(file, torrent.swarm.states) }));
    }
    const views = [...this.torrents.values()].map(({ view }) => view);
    const sum = (pick: (view: TorrentView) => number) => views.reduce((total, view) => total + pick(view), 0);
    this.session = {
      ...this.session,
      downRate: sum((v) => v.downRate),
      upRate: sum((v) => v.upRate),
      connections: sum((v) => v.peersConnected),
    };
  }

  /** What changed for the interface since it was told last. */
  update(): FromEngine {
    const told = this.#told;
    const session = difference(told.session, this.session);
    told.session = this.session;
    const torrents = [...this.torrents.values()].flatMap(({ view }) => {
      const patch = difference(told.torrents.get(view.id), view);
      told.torrents.set(view.id, view);
      return patch === undefined ? [] : [{ ...patch, id: view.id }];
    });
    const removed = [...told.torrents.keys()].filter((id) => !this.torrents.has(id));
    for (const id of removed) told.torrents.delete(id);
    const detail = this.#detail(told);
    return {
      kind: "update",
      at: this.#now,
      ...(session === undefined ? {} : { session }),
      ...(torrents.length === 0 ? {} : { torrents }),
      ...(removed.length === 0 ? {} : { removed }),
      ...(detail === undefined ? {} : { details: [detail] }),
    };
  }

  /** @returns The reply to a command; nothing to a watch. */
  receive(message: ToEngine): FromEngine | undefined {
    if (message.kind === "watch") {
      const [watch] = message.watches;
      const isSame = JSON.stringify({ ...watch, peer: 0 }) === JSON.stringify({ ...this.#told.watch, peer: 0 });
      this.#told.watch = watch;
      if (!isSame) this.#told.isNew = true;
      return undefined;
    }
    this.commands.push(message.command);
    try {
      return { kind: "reply", id: message.id, ok: true, value: this.#answer(message.command) };
    } catch (error) {
      return {
        kind: "reply",
        id: message.id,
        ok: false,
        error: error instanceof Error ? error.message : String(error),
      };
    }
  }

  #answer(command: Command): unknown {
    switch (command.kind) {
      case "preview":
        return this.#preview(
          command.source.from === "bytes"
            ? "bytes"
            : command.source.from === "path"
              ? command.source.path
              : command.source.from === "url"
                ? command.source.url
                : command.source.link,
        );
      case "look-at-folder":
        return command.path.startsWith("/root")
          ? { path: command.path, problem: "No permission to write there." }
          : { path: command.path, free: 212 * GIB };
      case "add": {
        const preview = this.#pending.get(command.token);
        if (preview === undefined) throw new Error("this preview is no longer known");
        if (preview.isAdded) return { torrent: preview.id, mergedTrackers: 2 };
        this.addTorrent(preview.id, preview.name, preview.pieceCount, 6);
        return { torrent: preview.id };
      }
      case "change-settings":
        this.session = {
          ...this.session,
          settings: { ...this.session.settings, ...(command.settings as Partial<SessionView["settings"]>) },
        };
        return undefined;
      case "export":
        return { magnet: `magnet:?xt=urn:btih:${command.torrent}`, file: Uint8Array.of(0x64, 0x65) };
      case "look-at-dht":
        return undefined;
      case "list-bans":
        return this.bans;
      case "lift-ban":
        this.bans = this.bans.filter(({ party }) => party !== command.party);
        this.#bansChanged();
        return undefined;
      case "look-at-history":
        return { span: command.span, times: [], series: {} };
      case "read-recording":
        throw new Error("nothing is recorded here");
      default:
        return this.#act(command);
    }
  }

  #bansChanged(): void {
    this.session = { ...this.session, bans: this.bans.length, banChanges: this.session.banChanges + 1 };
  }

  #act(command: Extract<Command, { torrent: string }>): undefined {
    const torrent = this.torrents.get(command.torrent);
    if (torrent === undefined) throw new Error("there is no such torrent");
    if (command.kind === "pause") torrent.view = { ...torrent.view, state: "paused" };
    if (command.kind === "remove") this.torrents.delete(command.torrent);
    if (command.kind === "resume") {
      const { fault: _, ...view } = torrent.view;
      torrent.view = { ...view, state: "downloading", asksForFiles: false };
    }
    if (command.kind === "want-files") {
      torrent.files = torrent.files.map((file) =>
        command.files.includes(file.index) ? { ...file, isWanted: command.wanted } : file,
      );
    }
    if (command.kind === "ban") {
      const peer = torrent.swarm.peers.get(command.peer);
      if (peer === undefined) throw new Error("the peer is gone");
      const { id, name } = torrent.view;
      const ban = { party: peer.view.host, evidence: "banned by hand", by: "user", at: this.#now } as const;
      this.bans = [{ ...ban, torrent: id, torrentName: name }, ...this.bans];
      this.#bansChanged();
    }
    if (command.kind === "add-peer" && command.port === 1) throw new Error("port 1 is not dialled");
    return undefined;
  }

  #preview(from: string): TorrentPreview {
    if (from.includes("broken")) throw new Error("bencode: the string at byte 1093 is 20000 bytes long, 411 are left");
    const isAdded = from.includes("again");
    const [known] = this.torrents.keys();
    const id = isAdded && known !== undefined ? known : this.#pending.size.toString(16).padStart(40, "f");
    const preview: TorrentPreview = {
      token: `preview-${this.#pending.size}`,
      isMagnet: from.startsWith("magnet:"),
      id,
      infoHash: { kind: "v1", v1: fromHex(id) as Uint8Array },
      name: "Field recordings 2024",
      bytesTotal: 640 * MIB,
      pieceLength: PIECE_LENGTH,
      pieceCount: 640,
      files: fakeFiles("Field recordings 2024", 640 * MIB).map(({ path, length }) => ({ path, length })),
      trackers: ["http://tracker.example.org/announce", "http://tracker.example.net:6969/announce"],
      isPrivate: false,
      comment: "Recorded along the Danube, spring 2024",
      warnings: from.includes("warn") ? ["Two files had the same name but for case; the second was numbered."] : [],
      folder: { path: "/home/ada/Downloads", free: 212 * GIB },
      isAdded,
    };
    this.#pending.set(preview.token, preview);
    return preview;
  }

  #detail(told: Told): DetailUpdate | undefined {
    const { watch } = told;
    const torrent = watch === undefined ? undefined : this.torrents.get(watch.torrent);
    if (watch === undefined || torrent === undefined) return undefined;
    const { swarm, files } = torrent;
    const reset = told.isNew;
    told.isNew = false;
    if (reset) {
      told.peers.clear();
      told.gone = 0;
      told.log = 0;
      told.files = [];
    }
    const has = (part: Watch["parts"][number]) => watch.parts.includes(part);
    const peer = watch.peer === undefined ? undefined : swarm.peers.get(watch.peer);
    const detail: DetailUpdate = {
      torrent: watch.torrent,
      ...(has("peers") ? { peers: this.#peers(told, swarm, reset) } : {}),
      ...(has("known") && reset
        ? { known: { reset, changed: [...swarm.known].map(([key, set]) => ({ key, set })), removed: [] } }
        : {}),
      ...(has("pieces") ? { pieces: { states: swarm.states.slice(), availability: swarm.availability() } } : {}),
      ...(has("files") ? { files: filePatches(told.files, files) } : {}),
      ...(has("trackers") ? { trackers: swarm.trackers } : {}),
      ...(has("log") ? { log: { reset, entries: swarm.log.slice(told.log) } } : {}),
      ...(peer === undefined ? {} : { peer: fakeDetail(peer.view, this.#now) }),
    };
    if (has("files")) told.files = files;
    if (has("log")) told.log = swarm.log.length;
    return detail;
  }

  #peers(told: Told, swarm: FakeSwarm, reset: boolean): NonNullable<DetailUpdate["peers"]> {
    const changed: PeerPatch[] = [];
    for (const { view } of swarm.peers.values()) {
      const patch = difference(told.peers.get(view.id), view);
      told.peers.set(view.id, view);
      if (patch !== undefined) changed.push({ ...patch, id: view.id });
    }
    const removed = [...told.peers.keys()].filter((id) => !swarm.peers.has(id));
    for (const id of removed) told.peers.delete(id);
    const gone = swarm.gone.slice(told.gone);
    told.gone = swarm.gone.length;
    return { reset, changed, removed, gone };
  }
}

function filePatches(before: readonly FileView[], after: readonly FileView[]): NonNullable<DetailUpdate["files"]> {
  return after.flatMap((file, index) => {
    const patch = difference(before[index], file);
    return patch === undefined ? [] : [{ ...patch, index }];
  });
}

function nothingTold(): Told {
  return {
    session: undefined,
    torrents: new Map(),
    peers: new Map(),
    watch: undefined,
    isNew: true,
    gone: 0,
    log: 0,
    files: [],
  };
}

function summary({ view, swarm }: FakeTorrent, isLive: boolean): TorrentView {
  const peers = isLive ? [...swarm.peers.values()].map((peer) => peer.view) : [];
  const open = peers.filter((peer) => peer.phase === "open");
  const downRate = view.state === "seeding" ? 0 : open.reduce((sum, peer) => sum + peer.downRate, 0);
  const upRate = open.reduce((sum, peer) => sum + peer.upRate, 0);
  const verified = swarm.verified;
  const bytesDone = verified * view.pieceLength;
  const { eta: _, ...rest } = view;
  return {
    ...rest,
    bytesDone,
    piecesVerified: verified,
    downRate,
    upRate,
    downloaded: view.downloaded + downRate / 4,
    uploaded: view.uploaded + upRate / 4,
    peersConnected: open.length,
    seedsConnected: open.filter((peer) => peer.isSeed).length,
    ...(downRate > 0 ? { eta: ((view.bytesTotal - bytesDone) / downRate) * 1000 } : {}),
  };
}

function fakeFiles(name: string, total: number): FileView[] {
  const names = name.endsWith(".iso")
    ? [name]
    : [
        "01 Dawn chorus.flac",
        "02 Harbour.flac",
        "03 Rain on tin.flac",
        "Booklet/cover.png",
        "Booklet/notes.pdf",
        "Extras/Interview.mkv",
        "readme.txt",
      ];
  const shares = names.length === 1 ? [1] : [0.2, 0.18, 0.22, 0.01, 0.02, 0.36, 0.01];
  let offset = 0;
  return names.map((path, index) => {
    const length = index === names.length - 1 ? total - offset : Math.floor(total * (shares[index] as number));
    const file = { index, path, offset, length, bytesDone: 0, isWanted: true, priority: "normal" as const };
    offset += length;
    return file;
  });
}

function doneOf(file: FileView, states: Uint8Array): number {
  const first = Math.floor(file.offset / PIECE_LENGTH);
  const end = Math.ceil((file.offset + file.length) / PIECE_LENGTH);
  let verified = 0;
  for (let piece = first; piece < end; piece++) verified += states[piece] === PIECE_STATE.verified ? 1 : 0;
  return Math.floor((verified / Math.max(1, end - first)) * file.length);
}

function fakeDetail(
  view: PeerView,
  now: number,
): { peer: number; recentMessages: { at: number; way: "in" | "out"; text: string }[]; dump: string } {
  return {
    peer: view.id,
    recentMessages: [
      { at: now - 1400, way: "out", text: "interested" },
      { at: now - 1200, way: "in", text: "unchoke" },
      { at: now - 1100, way: "out", text: "request 213 @ 0, 16384 bytes" },
      { at: now - 900, way: "in", text: "piece 213 @ 0, 16384 bytes" },
      { at: now - 400, way: "in", text: "have 219" },
    ],
    dump: [
      `${view.host}:${view.port}  ${view.client ?? "?"}`,
      `  ${view.direction} ${view.transport}, ${view.phase}, encryption ${view.encryption}`,
      `  we choke: ${view.weChoke}  we are interested: ${view.weAreInterested}`,
      `  it chokes: ${view.peerChokes}  it is interested: ${view.peerIsInterested}`,
      `  pieces ${view.piecesCount}  ████▓▓▒▒░░░░▒▓██████▓▒░░░░`,
    ].join("\n"),
  };
}
