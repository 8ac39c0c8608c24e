import type { Bitfield } from "../model/bitfield.ts";
import type { Closing } from "../model/close-reason.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { TorrentId } from "../model/info-hash.ts";
import type { Direction, PeerSource, Transport } from "../model/peer-face.ts";
import type { Bytes, PieceIndex, Timestamp } from "../model/units.ts";
import type { BlockTarget, WireFault } from "../wire/decoder.ts";
import type { Hashes, HashRequest } from "../wire/hash-message.ts";
import type { CipherKit } from "./cipher-link.ts";
import type { Peer } from "./peer.ts";
import type { OutRequest } from "./request-window.ts";

/** The stream below a peer: a socket, or its stand-in in a simulation. Never called after `close`. */
export interface PeerLink {
  /** Takes the bytes over; they are not copied. */
  send(bytes: Uint8Array): void;
  /** Sends `header` and `block` as one; `block` must stay as it is until `released` is called, which always happens. */
  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void;
  /** Bytes given to `send` that the other side's window has not taken yet. */
  readonly backlog: Bytes;
  /**
   * @param isAbrupt - Drop what is waiting: the peer misbehaved.
   * @param closeReason - libtorrent's number for why, for those who can be told; 0: none.
   */
  close(isAbrupt: boolean, closeReason: number): void;
}

/** What a peer must know of the torrent it talks about. */
export interface Residence {
  readonly torrent: TorrentId;
  /** 20 bytes as in the handshake. */
  readonly infoHash: Uint8Array;
  /** Of a hybrid torrent: the 20 bytes that it may be called by as well (BEP 52). */
  readonly v2Hash?: Uint8Array;
  readonly ourPeerId: Uint8Array;
  /** 0 while the metadata of a magnet link is not there. */
  readonly pieceCount: number;
  /** The UDP port of our DHT node, where there is one and the torrent may use it (BEP 5). */
  dhtPort?(): number | undefined;
}

/** Where an accepted connection learns which torrent it is about. */
export interface Lobby {
  residenceFor(infoHash: Uint8Array): { readonly residence: Residence; readonly events: PeerEvents } | Closing;
  /** It went before it was about a torrent of ours. */
  closed(peer: Peer, closing: Closing): void;
}

/** What a torrent wants to know of its peers. All are called while the peer reads; closing it then is allowed. */
export interface PeerEvents {
  /** Both handshakes are complete. */
  opened(peer: Peer): void;
  /** It told its extension handshake (BEP 10), the first or another. */
  introduced(peer: Peer): void;
  /** It told its pieces at once; `before` is what we believed until then. */
  piecesReplaced(peer: Peer, before: Bitfield | undefined): void;
  pieceGained(peer: Peer, piece: PieceIndex): void;
  /** It choked us. `dropped` are the requests that died with it (none with the fast extension). */
  choked(peer: Peer, dropped: readonly OutRequest[]): void;
  unchoked(peer: Peer): void;
  interestChanged(peer: Peer): void;
  /** It asked for a block; it stands in `peer.requestsIn`. */
  requested(peer: Peer): void;
  rejected(peer: Peer, request: OutRequest): void;
  /** A block comes that was taken back. @returns Whether it is welcome: then it counts as asked for again. */
  isStillWanted(peer: Peer, request: OutRequest): boolean;
  /** @returns Where the block's bytes go, or undefined to discard them. */
  placeBlock(peer: Peer, request: OutRequest): BlockTarget | undefined;
  /** The whole block is in its place. */
  blockArrived(peer: Peer, request: OutRequest): void;
  /** An extended message (BEP 10) by the id that we gave it. @returns What is wrong with it. */
  extended(peer: Peer, id: number, payload: Uint8Array): WireFault | undefined;
  /** It asks for hashes, gives what it was asked for, or won't (BEP 52). They are views, valid during the call. */
  hashesAsked(peer: Peer, request: HashRequest): void;
  hashesGiven(peer: Peer, hashes: Hashes): void;
  hashesRefused(peer: Peer, request: HashRequest): void;
  /** A block came that was no longer asked for, or never was. */
  blockWasted(peer: Peer, length: Bytes): void;
  /** The peer has spoken for now: time to ask for more. */
  turnEnded(peer: Peer): void;
  closed(peer: Peer, closing: Closing): void;
}

/** What a search for blocks to ask for depended on that found none: while all of it is as it was, the next finds none. */
export interface FruitlessSearch {
  readonly openings: number;
  readonly pieces: Bitfield;
  readonly count: number;
  readonly peerChokes: boolean;
  readonly allowedFast: number;
  readonly isOnParole: boolean;
}

/** A block the peer asked for. */
export interface InRequest {
  readonly piece: PieceIndex;
  readonly begin: Bytes;
  readonly length: Bytes;
  /** When it asked. */
  readonly at: Timestamp;
}

export interface PeerOptions {
  readonly id: number;
  readonly endpoint: Endpoint;
  readonly direction: Direction;
  readonly transport: Transport;
  readonly source: PeerSource;
  readonly cipher: CipherKit;
  readonly now: Timestamp;
}
