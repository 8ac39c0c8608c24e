import type { Target } from "./target.ts";
import { bencode } from "./targets/bencode.ts";
import { contract } from "./targets/contract.ts";
import { dhtMessage, dhtSearch, dhtState } from "./targets/dht.ts";
import { gatewayDatagrams, gatewayXml } from "./targets/gateway.ts";
import { hashMessages } from "./targets/hashes.ts";
import { ipFilter } from "./targets/ip-filter.ts";
import { localAnnounce } from "./targets/local.ts";
import { metadataMessage } from "./targets/metadata.ts";
import { mse } from "./targets/mse.ts";
import { peerId } from "./targets/peer-id.ts";
import { holepunchMessage, pexMessage } from "./targets/peers-told.ts";
import { proxyAnswers } from "./targets/proxy.ts";
import { recording } from "./targets/recording.ts";
import { session } from "./targets/session.ts";
import { resume, stateFile } from "./targets/state.ts";
import { torrent } from "./targets/torrent.ts";
import { traceLine } from "./targets/trace.ts";
import { trackerAnswers, udpTracker } from "./targets/tracker.ts";
import { utpConnection, utpPacket } from "./targets/utp.ts";
import { webSeedAnswer } from "./targets/web-seed.ts";
import { extensionHandshake, handshake, messages } from "./targets/wire.ts";

/** Everything that reads what strangers, other programs or a torn disk wrote. Shares sum up to a thousand. */
export const targets: readonly Target[] = [
  bencode,
  torrent,
  messages,
  handshake,
  extensionHandshake,
  metadataMessage,
  hashMessages,
  pexMessage,
  holepunchMessage,
  mse,
  utpPacket,
  utpConnection,
  gatewayDatagrams,
  gatewayXml,
  localAnnounce,
  trackerAnswers,
  udpTracker,
  webSeedAnswer,
  dhtMessage,
  dhtSearch,
  dhtState,
  ipFilter,
  proxyAnswers,
  contract,
  peerId,
  resume,
  stateFile,
  traceLine,
  recording,
  session,
];
