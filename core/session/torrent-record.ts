import type { FileRange } from "../metainfo/magnet.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Bitfield } from "../model/bitfield.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Random } from "../model/random.ts";
import type { Bytes, BytesPerSecond, PieceIndex, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { Traffic } from "../peer/throttle.ts";
import type { DiskFault, SwarmLimits } from "../swarm/ports.ts";
import type { OpenedMetadata, TorrentStorage } from "./ports.ts";
import type { KeptWishes } from "./wishes.ts";

/** What is known of a torrent when it is added or loaded. */
export interface TorrentRecord extends KeptWishes {
  readonly metainfo: Metainfo;
  readonly folder: string;
  readonly addedAt: Timestamp;
  readonly completedAt?: Timestamp;
  readonly isPaused: boolean;
  readonly unwantedFiles: readonly number[];
  readonly downloaded: Bytes;
  readonly uploaded: Bytes;
  readonly wasted: Bytes;
  readonly downLimit?: BytesPerSecond;
  readonly upLimit?: BytesPerSecond;
  readonly isSuperSeeding?: boolean;
  /** Trackers that came after it was added. */
  readonly extraTrackers: readonly (readonly string[])[];
  /** All of them by tier, once the user has edited them: the torrent's own word and the extra ones count no more. */
  readonly editedTrackers?: readonly (readonly string[])[];
  /** Pieces that are on the disk, and may be believed. */
  readonly verified: Bitfield;
  /** Pieces that may be there and have to be hashed. */
  readonly unchecked: Bitfield;
  readonly knownPeers: readonly Endpoint[];
  /** Of a magnet link: it pauses when the metadata is there, so that the user may choose files. */
  readonly asksForFiles?: boolean;
  /** Of a magnet link: the files that it selects (BEP 53), until its metadata says which those are. */
  readonly selected?: readonly FileRange[];
}

/** What the torrent needs around it. */
export interface TorrentSurroundings {
  readonly storage: TorrentStorage;
  readonly limits: SwarmLimits;
  /** The session's limits. */
  readonly traffic: Traffic;
  readonly ourPeerId: Uint8Array;
  readonly random: Random;
  /** False: no tracker is asked. */
  readonly announces: boolean;
  /** Its record is out of date. */
  changed(isUrgent: boolean): void;
  /** It has begun to run, or knows new peers: they need not wait. */
  wake(): void;
  /** @returns Its metainfo and storage, or in words why it can't be taken. */
  openMetadata(file: Uint8Array): OpenedMetadata | string;
  /** A piece is on the disk. */
  stored(piece: PieceIndex): void;
  /** The peer is to be banned and closed, everywhere. */
  ban(peer: Peer, evidence: string): void;
}

/** What stops a torrent: its disk, or a magnet link that leads to what can't be downloaded. */
export type TorrentFault = Omit<DiskFault, "kind"> & { readonly kind: DiskFault["kind"] | "bad-metadata" };

/** A torrent is in exactly one of these. */
export type Activity =
  | { readonly kind: "checking"; readonly toCheck: Bytes; checked: Bytes; readonly cancel: () => void }
  | { readonly kind: "running" }
  | { readonly kind: "paused" }
  | { readonly kind: "faulted"; readonly fault: TorrentFault };
