import type { Peer } from "../peer/peer.ts";
import { MAX_REQUESTS } from "../peer/request-window.ts";
import { contentFault, type WireFault } from "../wire/decoder.ts";
import { EXTENDED } from "../wire/extended-id.ts";
import { encodeExtensionHandshake } from "../wire/extension-handshake.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { decodeMetadataMessage } from "../wire/metadata-message.ts";
import type { MetadataExchange } from "./metadata-exchange.ts";
import type { SwarmLimits } from "./ports.ts";

/** What the extension protocol (BEP 10) needs of the torrent. */
interface Extended {
  readonly limits: SwarmLimits;
  readonly metadata: MetadataExchange;
  uploadsOnlyTo(peer: Peer): boolean;
}

/** The extension handshake; again when we begin or cease to want pieces (BEP 10 allows it, BEP 21 asks for it). */
export function introduce(swarm: Extended, peer: Peer): void {
  if (!peer.supports.extensionProtocol) return;
  const { clientName, listenPort } = swarm.limits;
  const uploadOnly = swarm.uploadsOnlyTo(peer);
  peer.saidUploadOnly = uploadOnly;
  peer.sendExtended(
    0,
    encodeExtensionHandshake({
      client: clientName,
      listenPort: listenPort(),
      requestLimit: MAX_REQUESTS,
      itsAddress: peer.host,
      uploadOnly,
      extensions: ["ut_metadata"],
      metadataSize: swarm.metadata.info?.length,
    }),
  );
}

/** To one who can make use of it: where our DHT node listens (BEP 5). */
export function tellDhtPort(peer: Peer): void {
  const port = peer.residence?.dhtPort?.();
  if (port !== undefined && peer.supports.dht) peer.sendPort(port);
}

/** An extended message that we named in our handshake. @returns What is wrong with it. */
export function receiveExtended(swarm: Extended, peer: Peer, id: number, payload: Uint8Array): WireFault | undefined {
  if (id !== EXTENDED.ut_metadata) return undefined;
  const message = decodeMetadataMessage(payload);
  if (message === undefined) return undefined;
  if ("fault" in message) return contentFault(MESSAGE.extended, message.fault);
  swarm.metadata.received(peer, message);
  return undefined;
}
