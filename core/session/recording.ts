import type { Update, WatchPart } from "../contract/messages.ts";
import type { PeerLifeUpdate } from "../contract/peer-life.ts";
import type { FrameBodies, FrameKind, Mark, WireRecord } from "../contract/recording/frames.ts";
import type { PeerDetail, RecordingView, SessionView, TorrentView } from "../contract/views.ts";
import { CLOSE_REASONS } from "../model/close-reason.ts";
import { formatEndpoint } from "../model/endpoint.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { Residence } from "../peer/ports.ts";
import { encodeHandshake, ourReserved } from "../wire/handshake.ts";
import { WireFramer } from "./recording-framer.ts";
import type { Session } from "./session.ts";
import type { Torrent } from "./torrent.ts";
import { ToldLife } from "./watch/life.ts";
import { peerDetail, type Surroundings, Watcher } from "./watcher.ts";

/** A whole state is recorded this often: what is between two of them is all that seeking has to go through. */
const KEY_EVERY: Millis = 30_000;
/** Less often where it would be more than this part of the recording; this often at least. */
const KEY_SHARE = 0.25;
const KEY_AT_LEAST_EVERY: Millis = 300_000;
/** What is told of each peer beside its life repeats itself. */
const DETAILS_EVERY: Millis = 10_000;
/** Messages that wait for the next tick, at most; beyond this they are handed on at once. */
const MOST_WAITING = 10_000;

/** Everything that any view shows. */
const PARTS: readonly WatchPart[] = ["peers", "known", "pieces", "blocks", "files", "trackers", "log"];

/** Where a recording goes, frame by frame. */
export interface RecordingSink {
  take<K extends FrameKind>(kind: K, at: Timestamp, content: FrameBodies[K]): void;
  /** Bytes taken so far. */
  readonly bytes: Bytes;
}

export interface RecordingOptions {
  readonly sink: RecordingSink;
  readonly path: string;
  readonly version: string;
  /** The one peer whose wire is recorded. */
  readonly peer: number | undefined;
  readonly world?: Surroundings;
}

/**
 * Records one torrent, from any moment of a running session on: what an interface would be told that looks at all of
 * it, and what its peers and we say. Begun and ended from outside; it decides nothing and the heart does not know of it.
 */
export class TorrentRecording {
  readonly #session: Session;
  readonly #torrent: Torrent;
  readonly #options: RecordingOptions;
  readonly #startedAt: Timestamp;
  readonly #framers = new Map<Peer, WireFramer>();
  #lives = new Map<number, ToldLife>();
  #watcher: Watcher | undefined;
  #keyedAt: Timestamp = 0;
  /** Where the last whole state begins and ends in the recording. */
  #key = { start: 0, end: 0 };
  #detailedAt: Timestamp = 0;
  #wire: WireRecord[] = [];

  constructor(session: Session, torrent: Torrent, options: RecordingOptions, now: Timestamp) {
    this.#session = session;
    this.#torrent = torrent;
    this.#options = options;
    this.#startedAt = now;
    const { metainfo, swarm } = torrent;
    const { version, peer, sink } = options;
    sink.take("head", now, {
      version,
      torrent: torrent.id,
      name: metainfo.name,
      infoHash: swarm.residence.infoHash,
      ...(peer === undefined ? {} : { peer }),
    });
    torrent.recording = this;
    for (const one of swarm.peers) if (one.phase === "open") this.opened(one);
  }

  get view(): RecordingView {
    const { path, peer, sink } = this.#options;
    return { path, startedAt: this.#startedAt, bytes: sink.bytes, ...(peer === undefined ? {} : { peer }) };
  }

  /** A few times a second. */
  tick(session: SessionView, now: Timestamp): void {
    const marks: Mark[] = [];
    if (this.#watcher !== undefined) this.#tellChange(this.#watcher, session, marks, now);
    if (this.#isKeyDue(now)) this.#tellWhole(session, now);
    this.#tellWire(now);
    if (marks.length > 0) this.#options.sink.take("marks", now, marks);
    for (const peer of this.#framers.keys()) if (peer.isClosed) this.#framers.delete(peer);
  }

  /** @param words - Why, when nobody wanted it to end. */
  end(now: Timestamp, words?: string): void {
    this.#torrent.recording = undefined;
    for (const { messages } of this.#framers.keys()) messages.tap = undefined;
    this.#framers.clear();
    this.#tellWire(now);
    this.#options.sink.take("end", now, words === undefined ? {} : { words });
  }

  /** Both handshakes with a peer are complete: what it says from here on is recorded. */
  opened(peer: Peer): void {
    if (peer.transport === "web" || !this.#isWanted(peer)) return;
    const { infoHash, ourPeerId, dhtPort, v2Hash } = peer.residence as Residence;
    const reserved = ourReserved(dhtPort?.() !== undefined, v2Hash !== undefined);
    this.#options.sink.take("stream", peer.now, {
      peer: peer.id,
      host: peer.host,
      port: peer.port,
      direction: peer.direction,
      transport: peer.transport,
      ...(peer.client === undefined ? {} : { client: peer.client }),
      openedAt: peer.openedAt ?? peer.now,
      theirs: encodeHandshake({
        reserved: peer.reserved as Uint8Array,
        infoHash,
        peerId: peer.peerId as Uint8Array,
      }),
      ours: encodeHandshake({ reserved, infoHash, peerId: ourPeerId }),
    });
    const framer = new WireFramer(peer.midway, (way, at, bytes, payload) => {
      this.#wire.push([peer.id, way === "in" ? 0 : 1, at, bytes, payload]);
      if (this.#wire.length >= MOST_WAITING) this.#tellWire(at);
    });
    this.#framers.set(peer, framer);
    peer.messages.tap = framer;
  }

  #tellWire(now: Timestamp): void {
    if (this.#wire.length === 0) return;
    this.#options.sink.take("wire", now, this.#wire);
    this.#wire = [];
  }

  #tellChange(watcher: Watcher, session: SessionView, marks: Mark[], now: Timestamp): void {
    const told = watcher.update(session, now);
    const update = told === undefined ? undefined : this.#ours(told);
    if (update !== undefined) marks.push(...this.#marksOf(update));
    const lives = this.#tellLives(now);
    const details = now - this.#detailedAt < DETAILS_EVERY ? [] : this.#tellDetails(now);
    if (update === undefined && lives.length + details.length === 0) return;
    this.#options.sink.take("change", now, {
      ...(update && { update }),
      ...(lives.length > 0 && { lives }),
      ...(details.length > 0 && { details }),
    });
  }

  #isKeyDue(now: Timestamp): boolean {
    const { start, end } = this.#key;
    const passed = now - this.#keyedAt;
    if (this.#watcher === undefined || passed >= KEY_AT_LEAST_EVERY) return true;
    return passed >= KEY_EVERY && end - start <= KEY_SHARE * (this.#options.sink.bytes - start);
  }

  /** From a watcher that has told nothing yet: so whole that nothing before is needed. */
  #tellWhole(session: SessionView, now: Timestamp): void {
    const { sink, world } = this.#options;
    this.#watcher = new Watcher(this.#session, world);
    this.#watcher.watch([{ torrent: this.#torrent.id, parts: [...PARTS] }]);
    this.#lives = new Map();
    this.#keyedAt = now;
    // It has everything to tell.
    const update = this.#ours(this.#watcher.update(session, now) as Update);
    const start = sink.bytes;
    sink.take("state", now, { update, lives: this.#tellLives(now), details: this.#tellDetails(now) });
    this.#key = { start, end: sink.bytes };
  }

  #tellLives(now: Timestamp): PeerLifeUpdate[] {
    const updates: PeerLifeUpdate[] = [];
    const before = this.#lives;
    this.#lives = new Map();
    for (const peer of this.#torrent.swarm.peers) {
      if (!this.#isWanted(peer)) continue;
      const life = before.get(peer.id) ?? new ToldLife(peer.id);
      this.#lives.set(peer.id, life);
      const update = life.update(this.#torrent, now);
      if (update !== undefined) updates.push(update);
    }
    return updates;
  }

  #tellDetails(now: Timestamp): PeerDetail[] {
    this.#detailedAt = now;
    const wanted = [...this.#torrent.swarm.peers].filter((peer) => this.#isWanted(peer));
    return wanted.flatMap(({ id }) => peerDetail(this.#torrent, id) ?? []);
  }

  /** Peers whose wire and life are recorded. */
  #isWanted({ id, phase }: Peer): boolean {
    return phase === "open" && (this.#options.peer === undefined || this.#options.peer === id);
  }

  /** Of all torrents this one, and of it not that it is recorded: that would be told anew each time. */
  #ours({ torrents, removed: _, ...rest }: Update): Update {
    const mine = (torrents ?? []).flatMap((patch) => {
      if (patch.id !== this.#torrent.id) return [];
      const { recording: __, ...set } = patch.set as Partial<TorrentView>;
      return [{ ...patch, set }];
    });
    return { ...rest, ...(mine.length === 0 ? {} : { torrents: mine }) };
  }

  /** Each at the time from which it is seen. */
  #marksOf({ at, details }: Update): Mark[] {
    const marks: Mark[] = [];
    for (const { peers, log } of details ?? []) {
      for (const { id, set } of peers?.changed ?? []) {
        const peer = set.phase === "open" ? this.#peer(id) : undefined;
        if (peer === undefined) continue;
        const who = formatEndpoint(peer);
        marks.push({ kind: "came", at, peer: id, text: peer.client === undefined ? who : `${who}, ${peer.client}` });
      }
      for (const gone of peers?.gone ?? []) {
        const text = `${formatEndpoint(gone)}: ${CLOSE_REASONS[gone.reason].words}`;
        if (gone.connectedAt !== undefined) marks.push({ kind: "left", at, peer: gone.peer, text });
      }
      for (const { kind, text } of log?.entries ?? []) {
        if (kind === "piece-failed" || kind === "done" || kind === "fault") marks.push({ kind, at, text });
      }
    }
    return marks;
  }

  #peer(id: number): Peer | undefined {
    for (const peer of this.#torrent.swarm.peers) if (peer.id === id) return peer;
    return undefined;
  }
}
