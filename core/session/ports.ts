import type { RecordingView } from "../contract/views.ts";
import type { AnnounceOrder } from "../discovery/announcer.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Bitfield } from "../model/bitfield.ts";
import type { PieceIndex } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { DiskFault, SwarmDisk } from "../swarm/ports.ts";
import type { Torrent } from "./torrent.ts";

/** A torrent's storage as the session asks of it. */
export interface TorrentStorage extends SwarmDisk {
  /**
   * Hashes what is on the disk. A file that is missing or short has no pieces; that is no fault.
   * @param done - Once, unless cancelled.
   * @returns Cancels the check; nothing is reported after it.
   */
  check(
    pieces: Bitfield,
    each: (piece: PieceIndex, isRight: boolean) => void,
    done: (fault: DiskFault | undefined) => void,
  ): () => void;
}

/** A recording that goes on, as its torrent knows it. */
export interface RunningRecording {
  readonly view: RecordingView;
  /** Both handshakes with a peer are complete. */
  opened(peer: Peer): void;
}

export interface OpenedMetadata {
  readonly metainfo: Metainfo;
  readonly storage: TorrentStorage;
}

/** What the session orders from the runtime. */
export interface SessionEffects {
  /** Open a connection; then `peer.connected` or `peer.disconnected`. @returns Gives the attempt up. */
  dial(peer: Peer): () => void;
  /** Make the request; then `torrent.answered` or `torrent.announceFailed`. */
  announce(torrent: Torrent, order: AnnounceOrder): void;
  /** What is kept of the torrent is out of date; soon or at once. */
  keep(torrent: Torrent, isUrgent: boolean): void;
  /** Something is due before the time that was agreed: advance soon. */
  wake(): void;
  /** Somebody was banned, or a ban was lifted. */
  bansChanged(): void;
  /**
   * The metadata of a magnet link's torrent is there: keep its .torrent, and open its storage.
   * @returns In words why it can't be taken.
   */
  openMetadata(torrent: Torrent, file: Uint8Array): OpenedMetadata | string;
  /** A piece is verified and written. */
  stored(torrent: Torrent, piece: PieceIndex): void;
}
