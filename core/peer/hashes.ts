import type { WireFault } from "../wire/decoder.ts";
import { contentFault } from "../wire/decoder.ts";
import {
  decodeHashes,
  decodeHashRequest,
  encodeHashes,
  encodeHashRequest,
  type Hashes,
  type HashRequest,
} from "../wire/hash-message.ts";
import { MESSAGE } from "../wire/message-id.ts";
import type { Peer } from "./peer.ts";
import type { PeerEvents } from "./ports.ts";

/** The three messages about the hashes of v2 torrents (BEP 52), between us and one peer. */

export function askForHashes(peer: Peer, request: HashRequest): void {
  peer.hashesAwaited++;
  send(peer, MESSAGE.hashRequest, request, [encodeHashRequest(request)]);
}

export function giveHashes(peer: Peer, hashes: Hashes): void {
  send(peer, MESSAGE.hashes, hashes, encodeHashes(hashes));
}

export function refuseHashes(peer: Peer, request: HashRequest): void {
  send(peer, MESSAGE.hashReject, request, [encodeHashRequest(request)]);
}

/** @returns What is wrong with the message, or with its being sent. */
export function receiveHashMessage(
  peer: Peer,
  events: PeerEvents,
  id: number,
  payload: Uint8Array,
): WireFault | undefined {
  const request = decodeHashRequest(payload);
  peer.messages.note("in", id, peer.now, request.index, request.length, request.base);
  if (id === MESSAGE.hashRequest) {
    events.hashesAsked(peer, request);
    return undefined;
  }
  if (peer.hashesAwaited === 0) return contentFault(id, `${request.length} hashes that it was not asked for`);
  peer.hashesAwaited--;
  if (id === MESSAGE.hashReject) {
    events.hashesRefused(peer, request);
    return undefined;
  }
  const hashes = decodeHashes(payload);
  if ("detail" in hashes) return hashes;
  events.hashesGiven(peer, hashes);
  return undefined;
}

function send(peer: Peer, id: number, { index, length, base }: HashRequest, parts: readonly Uint8Array[]): void {
  peer.writer.payload(id, ...parts);
  peer.messages.note("out", id, peer.now, index, length, base);
}
