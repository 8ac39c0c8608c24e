import type { FaultView, GonePeer, LogEntry, PeerView, TorrentPreview, TorrentView } from "../../contract/views.ts";
import { type TorrentId, wireHash } from "../../model/info-hash.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import type { Clock, Reporter } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** A peer is told of at most this often … */
const PEER_EVENTS = 4;
/** … in any span of this length. */
const PEER_SPAN: Millis = 1000;

interface PeerPace {
  /** When it was told of, newest last, {@link PEER_EVENTS} at most. */
  readonly told: Timestamp[];
  /** What is newer than the last that was told. */
  held: PeerView | undefined;
}

/**
 * One JSON object a line on standard output, for programs: its kind in `event`, its time in milliseconds in `at`.
 * The forms are stable: keys may be added, none changes its meaning.
 */
export class JsonReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #now: Clock;
  readonly #paces = new Map<TorrentId, Map<number, PeerPace>>();

  constructor(terminal: Terminal, now: Clock) {
    this.#terminal = terminal;
    this.#now = now;
  }

  added(torrent: TorrentView, preview: TorrentPreview, source: string, listenPort: number | undefined): void {
    this.#write("added", {
      torrent: torrent.id,
      infoHash: hex(wireHash(torrent.infoHash)),
      name: torrent.name,
      source,
      folder: torrent.folder,
      bytesTotal: torrent.bytesTotal,
      pieceLength: torrent.pieceLength,
      pieceCount: torrent.pieceCount,
      files: preview.files,
      trackers: preview.trackers,
      isPrivate: torrent.isPrivate,
      listenPort: listenPort ?? null,
      warnings: preview.warnings,
    });
  }

  metadata(torrent: TorrentView): void {
    this.#write("metadata", {
      torrent: torrent.id,
      name: torrent.name,
      bytesTotal: torrent.bytesTotal,
      pieceLength: torrent.pieceLength,
      pieceCount: torrent.pieceCount,
      fileCount: torrent.fileCount,
    });
  }

  checking(torrent: TorrentView): void {
    const { id, bytesTotal, bytesChecked = 0 } = torrent;
    this.#write("checking", { torrent: id, bytesChecked, bytesTotal });
  }

  progress(torrents: readonly TorrentView[]): void {
    for (const torrent of torrents) {
      this.#write("progress", {
        torrent: torrent.id,
        state: torrent.state,
        bytesDone: torrent.bytesDone,
        bytesTotal: torrent.bytesWanted,
        downRate: torrent.downRate,
        upRate: torrent.upRate,
        peers: torrent.peersConnected,
        seeds: torrent.seedsConnected,
        peersKnown: torrent.peersKnown,
        piecesVerified: torrent.piecesVerified,
        pieceCount: torrent.pieceCount,
        downloaded: torrent.downloaded,
        uploaded: torrent.uploaded,
        wasted: torrent.wasted,
        eta: torrent.eta ?? null,
      });
      this.#release(torrent.id);
    }
  }

  peer(torrent: TorrentId, peer: PeerView): void {
    const paces = this.#paces.get(torrent) ?? new Map<number, PeerPace>();
    const pace = paces.get(peer.id) ?? { told: [], held: undefined };
    this.#paces.set(torrent, paces);
    paces.set(peer.id, pace);
    pace.held = peer;
    this.#tell(torrent, pace);
  }

  peerClosed(torrent: TorrentId, gone: GonePeer): void {
    this.#paces.get(torrent)?.delete(gone.peer);
    const { at, peerId, ...record } = gone;
    this.#write("peer-closed", { torrent, ...record, ...(peerId && { peerId: hex(peerId) }) }, at);
  }

  pieceFailed(torrent: TorrentView, entry: LogEntry): void {
    this.#write("piece-failed", { torrent: torrent.id, piece: entry.piece, detail: entry.text }, entry.at);
  }

  done(torrent: TorrentView): void {
    this.progress([torrent]);
    const { id, name, folder, bytesWanted, downloaded, uploaded, wasted } = torrent;
    this.#write("done", { torrent: id, name, folder, bytesTotal: bytesWanted, downloaded, uploaded, wasted });
  }

  stopped(torrent: TorrentView, fault: FaultView): void {
    const { kind, path, cause, advice, free } = fault;
    const message = `${path}: ${cause}. ${advice}`;
    this.#write("error", {
      torrent: torrent.id,
      message,
      kind,
      path,
      cause,
      advice,
      ...(free !== undefined && { free }),
    });
    this.#terminal.complain(`${torrent.name}: ${message}`);
  }

  refused(source: string, words: string): void {
    this.#write("error", { source, message: words });
    this.#terminal.complain(words);
  }

  note(words: string): void {
    this.#terminal.complain(words);
  }

  end(): void {}

  /** Tells what was held back and may be told by now. */
  #release(torrent: TorrentId): void {
    for (const pace of this.#paces.get(torrent)?.values() ?? []) if (pace.held !== undefined) this.#tell(torrent, pace);
  }

  #tell(torrent: TorrentId, pace: PeerPace): void {
    const now = this.#now();
    const [oldest] = pace.told;
    if (pace.held === undefined) return;
    if (pace.told.length >= PEER_EVENTS && oldest !== undefined) {
      // A clock that was set back must not silence a peer.
      if (now >= oldest && now - oldest < PEER_SPAN) return;
      pace.told.shift();
    }
    pace.told.push(now);
    this.#write("peer", peerFields(torrent, pace.held), now);
    pace.held = undefined;
  }

  #write(event: string, fields: object, at = this.#now()): void {
    this.#terminal.write(`${JSON.stringify({ event, at, ...fields })}\n`);
  }
}

/** The peer's public face by its own names; bytes as hex, what is not known as null. */
function peerFields(torrent: TorrentId, { id, ...peer }: PeerView): object {
  return {
    peer: id,
    ...peer,
    torrent: peer.torrent ?? torrent,
    client: peer.client ?? null,
    connectedAt: peer.connectedAt ?? null,
    lastSeenAt: peer.lastSeenAt ?? null,
    roundTrip: peer.roundTrip ?? null,
    country: peer.country ?? null,
    extensionHandshake: peer.extensionHandshake ?? null,
    peerId: peer.peerId === undefined ? null : hex(peer.peerId),
    reserved: peer.reserved === undefined ? null : hex(peer.reserved),
    pieces: peer.pieces === undefined ? null : hex(peer.pieces),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
