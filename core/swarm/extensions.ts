import type { Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { MAX_REQUESTS } from "../peer/request-window.ts";
import { contentFault, type WireFault } from "../wire/decoder.ts";
import { EXTENDED, type ExtendedName } from "../wire/extended-id.ts";
import { encodeExtensionHandshake } from "../wire/extension-handshake.ts";
import { decodeHolepunchMessage } from "../wire/holepunch-message.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { decodeMetadataMessage } from "../wire/metadata-message.ts";
import type { Holepunch } from "./holepunch.ts";
import { type LosingPieces, losePiece } from "./lost-piece.ts";
import type { MetadataExchange } from "./metadata-exchange.ts";
import type { PeerExchange } from "./pex.ts";
import type { SwarmLimits } from "./ports.ts";

/** What the extension protocol (BEP 10) needs of the torrent. */
export interface Extended extends LosingPieces {
  readonly exchange: PeerExchange;
  readonly holepunch: Holepunch;
  readonly exchangesPeers: boolean;
  readonly punchesHoles: boolean;
  readonly limits: SwarmLimits;
  readonly metadata: MetadataExchange;
  readonly peers: Iterable<Peer>;
  uploadsOnlyTo(peer: Peer): boolean;
}

/** The extension handshake; again when what it says has changed (BEP 10 allows it, BEP 21 asks for it). */
export function introduce(swarm: Extended, peer: Peer): void {
  if (!peer.supports.extensionProtocol) return;
  const { clientName, listenPort } = swarm.limits;
  const uploadOnly = swarm.uploadsOnlyTo(peer);
  peer.introduction = changeable(swarm, peer);
  peer.sendExtended(
    0,
    encodeExtensionHandshake({
      client: clientName,
      listenPort: listenPort(),
      requestLimit: MAX_REQUESTS,
      itsAddress: peer.host,
      uploadOnly,
      extensions: extensionsOf(swarm),
      metadataSize: swarm.metadata.info?.length,
    }),
  );
}

/** Introduces us again to whom something has changed for. */
export function reviewIntroductions(swarm: Extended, now: Timestamp): void {
  for (const peer of swarm.peers) {
    if (peer.phase !== "open" || peer.introduction === changeable(swarm, peer)) continue;
    peer.now = now;
    introduce(swarm, peer);
    peer.flush();
  }
}

function changeable(swarm: Extended, peer: Peer): string {
  return `${swarm.uploadsOnlyTo(peer)} ${extensionsOf(swarm)}`;
}

function extensionsOf({ exchangesPeers, punchesHoles }: Extended): ExtendedName[] {
  const names: ExtendedName[] = ["ut_metadata", "lt_donthave"];
  if (exchangesPeers) names.push("ut_pex");
  if (punchesHoles) names.push("ut_holepunch");
  return names;
}

/** To one who can make use of it: where our DHT node listens (BEP 5). */
export function tellDhtPort(peer: Peer): void {
  const port = peer.residence?.dhtPort?.();
  if (port !== undefined && peer.supports.dht) peer.sendPort(port);
}

/** An extended message that we named in our handshake. @returns What is wrong with it. */
export function receiveExtended(swarm: Extended, peer: Peer, id: number, payload: Uint8Array): WireFault | undefined {
  switch (id) {
    case EXTENDED.ut_metadata:
      return read(decodeMetadataMessage(payload), (message) => swarm.metadata.received(peer, message));
    case EXTENDED.ut_pex:
      return swarm.exchange.received(peer, payload);
    case EXTENDED.ut_holepunch:
      return read(decodeHolepunchMessage(payload), (message) => swarm.holepunch.received(peer, message));
    case EXTENDED.lt_donthave:
      return losePiece(swarm, peer, payload);
    default:
      return undefined;
  }
}

/** @param message - Undefined: of a kind that came after us, and is passed over. */
function read<M extends object>(
  message: M | undefined | { readonly fault: string },
  take: (message: M) => void,
): WireFault | undefined {
  if (message === undefined) return undefined;
  if ("fault" in message) return contentFault(MESSAGE.extended, message.fault as string);
  take(message);
  return undefined;
}
