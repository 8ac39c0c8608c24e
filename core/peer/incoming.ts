import { Bitfield } from "../model/bitfield.ts";
import { readUint32 } from "../model/bytes.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "../model/units.ts";
import { EXTENSION_NAMES } from "../model/wire-message.ts";
import { contentFault, type WireFault } from "../wire/decoder.ts";
import { EXTENDED } from "../wire/extended-id.ts";
import { decodeExtensionHandshake } from "../wire/extension-handshake.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { EarlyPieces } from "./early-pieces.ts";
import { receiveHashMessage } from "./hashes.ts";
import type { Peer } from "./peer.ts";
import type { PeerEvents, Residence } from "./ports.ts";
import { MAX_REQUESTS } from "./request-window.ts";

/** libtorrent serves requests up to this; nobody sends larger ones. */
const MAX_SERVED_LENGTH: Bytes = 32 * 1024;
const MAX_UNKNOWN_MESSAGES = 100;
const MAX_ALLOWED_FAST = 64;
/** What it suggested before is cold by now. */
const MAX_SUGGESTED = 16;
/** Rejects of what was never asked; some clients reject twice. */
const MAX_STRAY_REJECTS = 100;
/** Nobody says these who has not said to know the fast extension (BEP 6). */
const FAST_MESSAGES: ReadonlySet<number> = new Set([
  MESSAGE.haveAll,
  MESSAGE.haveNone,
  MESSAGE.suggest,
  MESSAGE.allowedFast,
]);
/** libtorrent's `request_when_choked`. */
const REQUEST_WHEN_CHOKED = 285;

/**
 * Applies one message of the peer to its state and tells the torrent.
 * @returns A fault when the message says what can't be.
 */
export function receiveMessage(peer: Peer, events: PeerEvents, id: number, payload: Uint8Array): WireFault | undefined {
  if (!peer.supports.fast && FAST_MESSAGES.has(id)) return contentFault(id, "sent without the fast extension");
  switch (id) {
    case MESSAGE.choke:
      return choke(peer, events);
    case MESSAGE.unchoke:
      return unchoke(peer, events);
    case MESSAGE.interested:
    case MESSAGE.notInterested:
      return interest(peer, events, id);
    case MESSAGE.have:
      return have(peer, events, payload);
    case MESSAGE.bitfield:
      peer.messages.note("in", id, peer.now, Bitfield.fromBytes(payload, 8 * payload.length).count);
      return replacePieces(peer, events, payload);
    case MESSAGE.haveAll:
      peer.messages.note("in", id, peer.now);
      return replacePieces(peer, events, "all");
    case MESSAGE.haveNone:
      peer.messages.note("in", id, peer.now);
      return replacePieces(peer, events, "none");
    case MESSAGE.request:
      return request(peer, events, payload);
    case MESSAGE.cancel:
      return cancel(peer, payload);
    case MESSAGE.reject:
      return reject(peer, events, payload);
    case MESSAGE.allowedFast:
    case MESSAGE.suggest:
      return hint(peer, id, payload);
    case MESSAGE.port:
      peer.dhtPort = ((payload[0] as number) << 8) | (payload[1] as number);
      peer.messages.note("in", id, peer.now, peer.dhtPort);
      return undefined;
    case MESSAGE.extended:
      return extended(peer, events, payload);
    case MESSAGE.hashRequest:
    case MESSAGE.hashes:
    case MESSAGE.hashReject:
      return receiveHashMessage(peer, events, id, payload);
    default:
      return unknown(peer, id, payload);
  }
}

function pieceCount(peer: Peer): number {
  return (peer.residence as Residence).pieceCount;
}

function choke(peer: Peer, events: PeerEvents): undefined {
  peer.messages.note("in", MESSAGE.choke, peer.now);
  if (!peer.peerChokes) peer.timesChoked++;
  peer.peerChokes = true;
  // With the fast extension each request is rejected by name, or still answered (BEP 6).
  events.choked(peer, peer.supports.fast ? [] : peer.dropRequests());
  return undefined;
}

function unchoke(peer: Peer, events: PeerEvents): undefined {
  peer.messages.note("in", MESSAGE.unchoke, peer.now);
  if (peer.peerChokes) peer.timesUnchoked++;
  peer.peerChokes = false;
  events.unchoked(peer);
  return undefined;
}

function interest(peer: Peer, events: PeerEvents, id: number): undefined {
  peer.messages.note("in", id, peer.now);
  const isInterested = id === MESSAGE.interested;
  if (peer.peerIsInterested === isInterested) return undefined;
  peer.peerIsInterested = isInterested;
  events.interestChanged(peer);
  return undefined;
}

function have(peer: Peer, events: PeerEvents, payload: Uint8Array): WireFault | undefined {
  const piece = readUint32(payload, 0);
  peer.messages.note("in", MESSAGE.have, peer.now, piece);
  const count = pieceCount(peer);
  if (count === 0) {
    peer.early ??= new EarlyPieces();
    peer.early.have(piece);
    return undefined;
  }
  if (piece >= count) return contentFault(MESSAGE.have, `piece ${piece}, the torrent has ${count}`);
  peer.pieces ??= new Bitfield(count);
  if (peer.pieces.set(piece)) events.pieceGained(peer, piece);
  return undefined;
}

function replacePieces(peer: Peer, events: PeerEvents, told: "all" | "none" | Uint8Array): undefined {
  const count = pieceCount(peer);
  if (count === 0) {
    peer.early ??= new EarlyPieces();
    peer.early.tell(told);
    return undefined;
  }
  const pieces =
    told === "all" ? Bitfield.full(count) : told === "none" ? new Bitfield(count) : Bitfield.fromBytes(told, count);
  const before = peer.pieces;
  peer.pieces = pieces;
  events.piecesReplaced(peer, before);
  return undefined;
}

/** The metadata is there: what the peer told of its pieces before is understood now. */
export function understandPieces(peer: Peer, events: PeerEvents): void {
  const pieces = peer.early?.resolve(pieceCount(peer));
  peer.early = undefined;
  if (pieces === undefined) return;
  if (typeof pieces === "string") {
    peer.close({ reason: "bad-message", by: "us", detail: pieces }, peer.now);
    return;
  }
  peer.pieces = pieces;
  events.piecesReplaced(peer, undefined);
}

function request(peer: Peer, events: PeerEvents, payload: Uint8Array): WireFault | undefined {
  const [piece, begin, length] = [readUint32(payload, 0), readUint32(payload, 4), readUint32(payload, 8)];
  const asked = { piece, begin, length, at: peer.now };
  peer.messages.note("in", MESSAGE.request, peer.now, asked.piece, asked.begin, asked.length);
  const isOutside = pieceCount(peer) > 0 && asked.piece >= pieceCount(peer);
  if (isOutside || asked.length === 0 || asked.length > MAX_SERVED_LENGTH) {
    const detail = `request of piece ${asked.piece}, ${asked.length} bytes from ${asked.begin}; the torrent has ${pieceCount(peer)} pieces, ${MAX_SERVED_LENGTH} bytes are served at most`;
    peer.close({ reason: "bad-request", by: "us", detail }, peer.now);
    return undefined;
  }
  if (!peer.mayAsk(asked.piece)) {
    // Under way before our choke reached it: rejected by name where it understands that, dropped where not.
    if (peer.supports.fast) peer.sendReject(asked);
    peer.requestsWhileChoked++;
    if (peer.requestsWhileChoked > MAX_REQUESTS) {
      const detail = `${peer.requestsWhileChoked} requests while choked`;
      peer.close({ reason: "bad-request", by: "us", detail, closeReason: REQUEST_WHEN_CHOKED }, peer.now);
    }
    return undefined;
  }
  if (peer.requestsIn.length >= MAX_REQUESTS) {
    if (peer.supports.fast) peer.sendReject(asked);
    peer.requestsBeyond++;
    if (peer.requestsBeyond > MAX_REQUESTS) {
      const detail = `${peer.requestsBeyond} requests beyond the ${MAX_REQUESTS} that may wait`;
      peer.close({ reason: "bad-request", by: "us", detail }, peer.now);
    }
    return undefined;
  }
  peer.requestsIn.push(asked);
  events.requested(peer);
  return undefined;
}

function cancel(peer: Peer, payload: Uint8Array): undefined {
  const piece = readUint32(payload, 0);
  const begin = readUint32(payload, 4);
  peer.messages.note("in", MESSAGE.cancel, peer.now, piece, begin, readUint32(payload, 8));
  const at = peer.requestsIn.findIndex((other) => other.piece === piece && other.begin === begin);
  if (at < 0) return undefined;
  const [cancelled] = peer.requestsIn.splice(at, 1);
  if (cancelled !== undefined && peer.supports.fast) peer.sendReject(cancelled);
  return undefined;
}

function reject(peer: Peer, events: PeerEvents, payload: Uint8Array): undefined {
  const piece = readUint32(payload, 0);
  const begin = readUint32(payload, 4);
  const length = readUint32(payload, 8);
  peer.messages.note("in", MESSAGE.reject, peer.now, piece, begin, length);
  if (!peer.supports.fast) return badReject(peer, `a reject of piece ${piece} without the fast extension`);
  const rejected = peer.window.remove(piece, begin / BLOCK_LENGTH);
  if (rejected !== undefined) events.rejected(peer, rejected);
  else if (peer.isStrayReject(piece, begin / BLOCK_LENGTH, length) && ++peer.strayRejects > MAX_STRAY_REJECTS) {
    return badReject(peer, `${peer.strayRejects} rejects of what was not asked`);
  }
  return undefined;
}

function badReject(peer: Peer, detail: string): undefined {
  peer.close({ reason: "bad-reject", by: "us", detail }, peer.now);
  return undefined;
}

function hint(peer: Peer, id: number, payload: Uint8Array): WireFault | undefined {
  const piece: PieceIndex = readUint32(payload, 0);
  peer.messages.note("in", id, peer.now, piece);
  if (pieceCount(peer) > 0 && piece >= pieceCount(peer)) {
    return contentFault(id, `piece ${piece}, the torrent has ${pieceCount(peer)}`);
  }
  if (id === MESSAGE.suggest) suggest(peer.suggested, piece);
  else if (peer.allowedFast.size < MAX_ALLOWED_FAST) peer.allowedFast.add(piece);
  return undefined;
}

function suggest(suggested: Set<PieceIndex>, piece: PieceIndex): void {
  suggested.delete(piece);
  suggested.add(piece);
  for (const oldest of suggested) if (suggested.size > MAX_SUGGESTED) suggested.delete(oldest);
}

function extended(peer: Peer, events: PeerEvents, payload: Uint8Array): WireFault | undefined {
  const id = payload[0] as number;
  const place = EXTENSION_NAMES.findIndex((name) => EXTENDED[name] === id);
  peer.messages.note("in", MESSAGE.extended, peer.now, id, payload.length - 1, place);
  if (id !== 0) {
    const isOurs = Object.values<number>(EXTENDED).includes(id);
    return isOurs ? events.extended(peer, id, payload.subarray(1)) : unknown(peer, MESSAGE.extended, payload);
  }
  const handshake = decodeExtensionHandshake(payload.subarray(1));
  if ("fault" in handshake) return contentFault(MESSAGE.extended, handshake.fault);
  peer.extension = handshake;
  if (handshake.client !== undefined) peer.client = handshake.client;
  if (handshake.listenPort !== undefined) peer.listenPort = handshake.listenPort;
  if (handshake.requestLimit !== undefined) peer.window.peerLimit = Math.max(1, handshake.requestLimit);
  if (handshake.uploadOnly !== undefined) peer.saysUploadOnly = handshake.uploadOnly;
  events.introduced(peer);
  return undefined;
}

function unknown(peer: Peer, id: number, payload: Uint8Array): WireFault | undefined {
  if (id !== MESSAGE.extended) peer.messages.note("in", id, peer.now, payload.length);
  peer.unknownMessages++;
  if (peer.unknownMessages <= MAX_UNKNOWN_MESSAGES) return undefined;
  return { message: `message ${id}`, detail: `${peer.unknownMessages} messages of unknown kind`, closeReason: 262 };
}
