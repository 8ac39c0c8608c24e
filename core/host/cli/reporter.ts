import type { FaultView, GonePeer, LogEntry, PeerView, TorrentPreview, TorrentView } from "../../contract/views.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { Timestamp } from "../../model/units.ts";

/** What happens to downloads, told to whoever shows it: a terminal, or a program that reads lines. */
export interface Reporter {
  /** @param listenPort - Where others can reach us; undefined when nobody can. */
  added(torrent: TorrentView, preview: TorrentPreview, source: string, listenPort: number | undefined): void;
  /** What a magnet link names is known now. */
  metadata(torrent: TorrentView): void;
  /** Existing data is being looked at. Told at the start of a check and while it goes on. */
  checking(torrent: TorrentView): void;
  /** All torrents as they are, each second. */
  progress(torrents: readonly TorrentView[]): void;
  /** A property of it changed, or it is new. */
  peer(torrent: TorrentId, peer: PeerView): void;
  peerClosed(torrent: TorrentId, gone: GonePeer): void;
  pieceFailed(torrent: TorrentView, entry: LogEntry): void;
  done(torrent: TorrentView): void;
  /** The torrent stopped; `fault` says where. */
  stopped(torrent: TorrentView, fault: FaultView): void;
  /** A source that is no torrent or could not be added. */
  refused(source: string, words: string): void;
  /** Whatever else the user should know. */
  note(words: string): void;
  /** Nothing more will be told. */
  end(torrents: readonly TorrentView[]): void;
}

/** Injected, so that tests own time. */
export type Clock = () => Timestamp;
