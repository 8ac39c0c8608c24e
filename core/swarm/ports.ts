import type { Digest } from "../metainfo/metainfo.ts";
import type { Closing } from "../model/close-reason.ts";
import type { BanProof } from "../model/peer-face.ts";
import type { Bytes, PieceIndex } from "../model/units.ts";
import type { CipherKit, EncryptionPolicy } from "../peer/cipher-link.ts";
import type { Peer } from "../peer/peer.ts";
import type { BanList } from "./ban-list.ts";
import type { OwnAddress } from "./own-address.ts";

/** Memory for the bytes of a piece on their way to the disk. */
export interface PieceSlab {
  readonly bytes: Uint8Array;
}

/** Something of the environment that stops a torrent. */
export interface DiskFault {
  readonly kind: "disk-full" | "read-only" | "no-permission" | "missing-file" | "io";
  readonly path: string;
  readonly cause: string;
  readonly advice: string;
  readonly free?: Bytes;
}

export type StoreResult =
  | { readonly kind: "stored" }
  | { readonly kind: "wrong-hash" }
  | { readonly kind: "fault"; readonly fault: DiskFault };

export type ReadResult =
  | { readonly kind: "block"; readonly bytes: Uint8Array; release(): void }
  | { readonly kind: "fault"; readonly fault: DiskFault };

/** Pieces up to this are hashed and written from one slab; longer ones in parts, and verified from the disk. */
export const MAX_SLAB: Bytes = 4 * 1024 * 1024;

/** What one torrent asks of its storage. Each `done` is called once, later or at once. */
export interface SwarmDisk {
  /** @returns Undefined when memory for pieces is used up: no new piece is to be requested. */
  reserve(length: Bytes): PieceSlab | undefined;
  release(slab: PieceSlab): void;
  /** Hashes a whole piece and writes it only if it is right. */
  storePiece(piece: PieceIndex, slab: PieceSlab, done: (result: StoreResult) => void): void;
  /** Writes a part of a long piece, unverified. */
  writePart(piece: PieceIndex, begin: Bytes, length: Bytes, slab: PieceSlab, done: (result: StoreResult) => void): void;
  verifyPiece(piece: PieceIndex, done: (result: StoreResult) => void): void;
  readBlock(piece: PieceIndex, begin: Bytes, length: Bytes, done: (result: ReadResult) => void): void;
  /** SHA-256 of each block of the first `length` bytes of a verified piece (BEP 52); undefined when it can't be read. */
  readLeaves(piece: PieceIndex, length: Bytes, done: (leaves: Uint8Array | undefined) => void): void;
}

/** What happens in a torrent that its session wants to know. */
export interface SwarmEvents {
  pieceVerified(piece: PieceIndex): void;
  pieceFailed(piece: PieceIndex, contributors: readonly Peer[]): void;
  /** Every wanted piece is verified. */
  completed(): void;
  faulted(fault: DiskFault): void;
  /** It is proven hostile: it is to be banned and closed, in every torrent. */
  convicted(peer: Peer, evidence: string, proof?: Omit<BanProof, "hash">): void;
  /** Both handshakes are complete, and it may stay. */
  peerOpened(peer: Peer): void;
  peerClosed(peer: Peer, closing: Closing): void;
  /** As of {@link MetadataEvents}: called once, while it is not known. */
  metadataComplete(info: Uint8Array, layers: ReadonlyMap<string, Uint8Array>): void;
  metadataFailed(): void;
  /** Somebody is to be dialled at once. */
  dialWanted(): void;
}

/** Limits of the session as they are now, and what the torrent tells of it. */
export interface SwarmLimits {
  readonly clientName: string;
  readonly cipher: CipherKit;
  readonly digest: Digest;
  readonly bans: BanList;
  readonly ownAddress: OwnAddress;
  /** The address filter has it; or the port filter, where that is a port to be dialled. */
  blocks(host: string, dialled?: number): boolean;
  /** How we dial. */
  encryptionOutgoing(): EncryptionPolicy;
  listenPort(): number | undefined;
  /** The UDP port of our DHT node, when there is one. */
  dhtPort(): number | undefined;
  /** Peers may tell each other of their peers (BEP 11). */
  exchangesPeers(): boolean;
  hasUtp(): boolean;
  maxPeers(): number;
  /** The session is near its own limit of connections. */
  arePlacesShort(): boolean;
  /** 0: as many as the upload rate carries. */
  unchokeSlots(): number;
  /** The limits of torrent and session hold for local peers, too. */
  limitLocalPeers(): boolean;
}
