import type { DetailUpdate, PeerPatch, Update, Watch, WatchPart } from "../contract/messages.ts";
import { difference } from "../contract/patch.ts";
import type { FileView, PeerView, SessionView, SourceView, TorrentView, TrackerView } from "../contract/views.ts";
import { bytesEqual } from "../model/bytes.ts";
import type { TorrentId } from "../model/info-hash.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import { describe } from "../peer/describe.ts";
import { peerFace } from "../peer/face.ts";
import { KnownTeller } from "./known-view.ts";
import type { Session } from "./session.ts";
import { type Discovery, sourceViews } from "./sources-view.ts";
import type { Torrent } from "./torrent.ts";
import { availabilityBytes, fileViews, pieceStates, torrentView } from "./torrent-view.ts";
import { ToldFlight } from "./watch/flight.ts";
import { ToldLife } from "./watch/life.ts";
import { pacedView } from "./watch/peer-pace.ts";

/** Availability is a picture of the whole swarm and goes whole; it need not flicker. */
const AVAILABILITY_EVERY: Millis = 1000;

/** What an interface was told of one watched torrent. */
class Told {
  readonly parts: ReadonlySet<WatchPart>;
  readonly peer: number | undefined;
  /** The one that it was told of: another may have come under the same name. */
  torrent: Torrent | undefined;
  peers: Map<number, { readonly view: PeerView; readonly pieces: Uint8Array | undefined }> | undefined;
  peersAt: Timestamp = 0;
  gone = 0;
  known: KnownTeller | undefined;
  readonly flight: ToldFlight;
  readonly life: ToldLife | undefined;
  states: Uint8Array | undefined;
  availability: Uint8Array | undefined;
  availabilityAt: Timestamp = 0;
  files: Map<number, FileView> | undefined;
  trackers: string | undefined;
  sources: string | undefined;
  log: number | undefined;

  /** @param before - What was told until now: of the parts that go on being watched it stays. */
  constructor({ parts, peer, piece }: Omit<Watch, "torrent">, before: Told | undefined) {
    this.flight = new ToldFlight({ parts, piece }, before?.flight);
    this.parts = new Set(parts);
    this.peer = peer;
    const isLived = this.parts.has("life") && peer !== undefined;
    if (isLived) this.life = before?.life?.peer === peer ? before.life : new ToldLife(peer);
    if (before === undefined) return;
    this.torrent = before.torrent;
    if (this.parts.has("peers")) {
      this.peers = before.peers;
      this.peersAt = before.peersAt;
      this.gone = before.gone;
    }
    if (this.parts.has("known")) this.known = before.known;
    if (this.parts.has("pieces")) {
      this.states = before.states;
      this.availability = before.availability;
      this.availabilityAt = before.availabilityAt;
    }
    if (this.parts.has("files")) this.files = before.files;
    if (this.parts.has("trackers")) {
      this.trackers = before.trackers;
      this.sources = before.sources;
    }
    if (this.parts.has("log")) this.log = before.log;
  }
}

export interface Surroundings extends Pick<Discovery, "dhtSearch" | "isNearAsked" | "hasDatagrams"> {
  /** Where an address is, as ISO 3166-1 alpha-2; undefined where nobody can say. Decorates what is told; decides nothing. */
  countryOf(host: string): string | undefined;
}

const NOWHERE: Surroundings = {
  countryOf: () => undefined,
  dhtSearch: () => undefined,
  isNearAsked: false,
  hasDatagrams: false,
};

/** One interface's view of the session: what it was told, and so what is news to it. */
export class Watcher {
  readonly #session: Session;
  readonly #discovery: Discovery;
  readonly #countryOf: Surroundings["countryOf"];
  #toldSession: SessionView | undefined;
  readonly #toldTorrents = new Map<TorrentId, TorrentView>();
  readonly #watched = new Map<TorrentId, Told>();

  /** @param world - What the runtime knows of the ways to find peers. */
  constructor(session: Session, world: Surroundings = NOWHERE) {
    this.#session = session;
    this.#countryOf = (host) => world.countryOf(host);
    this.#discovery = {
      get settings() {
        return session.settings;
      },
      get isListening() {
        return session.listenPort !== undefined;
      },
      get isNearAsked() {
        return world.isNearAsked;
      },
      get hasDatagrams() {
        return world.hasDatagrams;
      },
      dhtSearch: (torrent) => world.dhtSearch(torrent),
    };
  }

  /** Replaces all that was watched; parts that go on being watched are not told again. */
  watch(watches: readonly Watch[]): void {
    const kept = new Set(watches.map((watch) => watch.torrent));
    for (const id of this.#watched.keys()) if (!kept.has(id)) this.#watched.delete(id);
    for (const watch of watches) this.#watched.set(watch.torrent, new Told(watch, this.#watched.get(watch.torrent)));
  }

  /** @returns What changed since the last call, or undefined when nothing did. */
  update(session: SessionView, now: Timestamp): Update | undefined {
    const sessionPatch = difference(this.#toldSession, session);
    this.#toldSession = session;
    const torrents: NonNullable<Update["torrents"]>[number][] = [];
    for (const torrent of this.#session.torrents.values()) {
      const view = torrentView(torrent);
      const patch = difference(this.#toldTorrents.get(torrent.id), view);
      this.#toldTorrents.set(torrent.id, view);
      if (patch !== undefined) torrents.push({ id: torrent.id, ...patch });
    }
    const removed: TorrentId[] = [];
    for (const id of this.#toldTorrents.keys()) {
      if (this.#session.torrents.has(id)) continue;
      removed.push(id);
      this.#toldTorrents.delete(id);
    }
    const details: DetailUpdate[] = [];
    for (const [id, told] of this.#watched) {
      const torrent = this.#session.torrents.get(id);
      const detail = torrent === undefined ? undefined : this.#detailUpdate(torrent, this.#toldOf(torrent, told), now);
      if (detail !== undefined) details.push(detail);
    }
    if (sessionPatch === undefined && torrents.length + removed.length + details.length === 0) return undefined;
    return {
      kind: "update",
      at: now,
      ...(sessionPatch === undefined ? {} : { session: sessionPatch }),
      ...(torrents.length === 0 ? {} : { torrents }),
      ...(removed.length === 0 ? {} : { removed }),
      ...(details.length === 0 ? {} : { details }),
    };
  }

  /** A torrent that was removed and added again is told from the start. */
  #toldOf(torrent: Torrent, before: Told): Told {
    const isSame = before.torrent === undefined || before.torrent === torrent;
    const { piece } = before.flight;
    const told = isSame ? before : new Told({ parts: [...before.parts], peer: before.peer, piece }, undefined);
    told.torrent = torrent;
    this.#watched.set(torrent.id, told);
    return told;
  }

  #detailUpdate(torrent: Torrent, told: Told, now: Timestamp): DetailUpdate | undefined {
    const peers = told.parts.has("peers") ? peersUpdate(torrent, told, this.#countryOf, now) : undefined;
    if (told.parts.has("known")) told.known ??= new KnownTeller(this.#countryOf);
    const known = told.parts.has("known") ? told.known?.update(torrent, now) : undefined;
    const pieces = told.parts.has("pieces") ? piecesUpdate(torrent, told, now) : undefined;
    const flight = told.flight.update(torrent);
    const files = told.parts.has("files") ? filesUpdate(torrent, told) : undefined;
    const trackers = told.parts.has("trackers") ? trackersUpdate(torrent, told) : undefined;
    const sources = told.parts.has("trackers") ? sourcesUpdate(torrent, told, this.#discovery) : undefined;
    const log = told.parts.has("log") ? logUpdate(torrent, told) : undefined;
    const peer = told.peer === undefined ? undefined : peerDetail(torrent, told.peer);
    const life = told.life?.update(torrent, now);
    const few = { ...(log && { log }), ...(peer && { peer }), ...(life && { life }) };
    const isNews = peers || known || pieces || flight || files || trackers || sources || log || peer || life;
    if (!isNews) return undefined;
    return {
      torrent: torrent.id,
      ...(peers && { peers }),
      ...(known && { known }),
      ...(pieces && { pieces }),
      ...flight,
      ...(files && { files }),
      ...(trackers && { trackers }),
      ...(sources && { sources }),
      ...few,
    };
  }
}

type CountryOf = Surroundings["countryOf"];

function peersUpdate(torrent: Torrent, told: Told, countryOf: CountryOf, now: Timestamp): DetailUpdate["peers"] {
  const count = torrent.swarm.peers.size;
  const reset = told.peers === undefined;
  const before: NonNullable<Told["peers"]> = told.peers ?? new Map();
  const after: NonNullable<Told["peers"]> = new Map();
  const changed: PeerPatch[] = [];
  for (const peer of torrent.swarm.peers) {
    const { pieces, ...face } = peerFace(peer);
    const last = before.get(peer.id);
    const view = pacedView(placed(face, countryOf), last?.view, told.peersAt, now, count);
    const patch = difference(last?.view, view);
    const haves = last === undefined ? undefined : newHaves(last.pieces, pieces);
    const isReplaced = pieces !== undefined && haves === undefined && last?.pieces !== pieces;
    const kept = haves?.length === 0 ? last?.pieces : pieces?.slice();
    after.set(peer.id, { view, pieces: kept });
    if (patch === undefined && !isReplaced && !haves?.length) continue;
    const set = isReplaced ? { ...patch?.set, pieces: kept as Uint8Array } : (patch?.set ?? {});
    changed.push({ id: peer.id, ...patch, set, ...(haves?.length ? { haves } : {}) });
  }
  const removed = [...before.keys()].filter((id) => !after.has(id));
  told.peers = after;
  told.peersAt = now;
  const gone =
    torrent.goneCount === told.gone
      ? []
      : torrent.gone.slice(-(torrent.goneCount - told.gone)).map((peer) => placed(peer, countryOf));
  told.gone = torrent.goneCount;
  if (!reset && changed.length + removed.length + gone.length === 0) return undefined;
  return { reset, changed, removed, gone };
}

function placed<T extends { readonly host: string; readonly country?: string }>(peer: T, countryOf: CountryOf): T {
  const country = countryOf(peer.host);
  return country === undefined ? peer : { ...peer, country };
}

/** @returns Bits set since, or undefined when the pieces must be told whole. */
function newHaves(before: Uint8Array | undefined, after: Uint8Array | undefined): number[] | undefined {
  if (before === undefined || after === undefined || before.length !== after.length) return undefined;
  const haves: number[] = [];
  for (let at = 0; at < after.length; at++) {
    const old = before[at] as number;
    const now = after[at] as number;
    if (old === now) continue;
    if ((old & ~now) !== 0) return undefined;
    for (let bit = 0; bit < 8; bit++) if ((now & ~old & (0x80 >>> bit)) !== 0) haves.push(at * 8 + bit);
  }
  // Past this many, the field itself is shorter.
  return haves.length * 3 > after.length ? undefined : haves;
}

function piecesUpdate(torrent: Torrent, told: Told, now: Timestamp): DetailUpdate["pieces"] {
  const states = pieceStates(torrent);
  const changed: number[] = [];
  const before = told.states;
  told.states = states;
  const whole = before === undefined || before.length !== states.length ? states : undefined;
  if (whole === undefined) {
    for (let piece = 0; piece < states.length; piece++) {
      if (states[piece] !== (before as Uint8Array)[piece]) changed.push(piece, states[piece] as number);
    }
  }
  let availability: Uint8Array | undefined;
  if (told.availability === undefined || now - told.availabilityAt >= AVAILABILITY_EVERY) {
    const fresh = availabilityBytes(torrent);
    told.availabilityAt = now;
    if (told.availability === undefined || !bytesEqual(told.availability, fresh)) availability = fresh;
    told.availability = fresh;
  }
  if (whole === undefined && changed.length === 0 && availability === undefined) return undefined;
  return {
    ...(whole && { states: whole }),
    ...(changed.length > 0 && { changed }),
    ...(availability && { availability }),
  };
}

function filesUpdate(torrent: Torrent, told: Told): DetailUpdate["files"] {
  const before = told.files;
  const after = new Map<number, FileView>();
  const patches: NonNullable<DetailUpdate["files"]>[number][] = [];
  for (const view of fileViews(torrent)) {
    const patch = difference(before?.get(view.index), view);
    after.set(view.index, view);
    if (patch !== undefined) patches.push({ index: view.index, ...patch });
  }
  told.files = after;
  return before !== undefined && patches.length === 0 ? undefined : patches;
}

function trackersUpdate(torrent: Torrent, told: Told): readonly TrackerView[] | undefined {
  const views = torrent.announcer.views();
  const text = JSON.stringify(views);
  if (text === told.trackers) return undefined;
  told.trackers = text;
  return views;
}

function sourcesUpdate(torrent: Torrent, told: Told, discovery: Discovery): readonly SourceView[] | undefined {
  const views = sourceViews(torrent, discovery);
  const text = JSON.stringify(views);
  if (text === told.sources) return undefined;
  told.sources = text;
  return views;
}

function logUpdate(torrent: Torrent, told: Told): DetailUpdate["log"] {
  const reset = told.log === undefined;
  const entries = torrent.log.since(told.log ?? 0);
  told.log = torrent.log.written;
  return reset || entries.length > 0 ? { reset, entries } : undefined;
}

export function peerDetail(torrent: Torrent, id: number): DetailUpdate["peer"] {
  for (const peer of torrent.swarm.peers) {
    if (peer.id === id) return { peer: id, recentMessages: peer.messages.list(), dump: describe(peer, true) };
  }
  return undefined;
}
