import { type Closing, reasonCode } from "../model/close-reason.ts";
import type { GonePeer, PeerFace } from "../model/peer-face.ts";
import { flagLetters } from "../model/peer-flags.ts";
import { rawClientName } from "./client-name.ts";
import type { Peer } from "./peer.ts";
import type { Traffic } from "./throttle.ts";

/** The peer as it is shown: a copy of its public face. `pieces` is the live array; copy it to keep it. */
export function peerFace(peer: Peer): Omit<PeerFace, "recentMessages"> {
  const client = peer.client ?? (peer.peerId === undefined ? undefined : rawClientName(peer.peerId));
  return {
    id: peer.id,
    host: peer.host,
    port: peer.direction === "incoming" ? (peer.listenPort ?? peer.port) : peer.port,
    direction: peer.direction,
    isLocalConnection: peer.direction === "outgoing" && (peer.listenPort ?? peer.port) === peer.port,
    transport: peer.transport,
    encryption: peer.encryption,
    phase: peer.phase,
    ...(peer.peerId === undefined ? {} : { peerId: peer.peerId }),
    ...(client === undefined ? {} : { client }),
    ...(peer.reserved === undefined ? {} : { reserved: peer.reserved }),
    supports: peer.supports,
    sources: [...peer.sources],
    ...(peer.residence === undefined ? {} : { torrent: peer.residence.torrent }),
    ...(peer.pieces === undefined ? {} : { pieces: peer.pieces.bytes }),
    weChoke: peer.weChoke,
    weAreInterested: peer.weAreInterested,
    peerChokes: peer.peerChokes,
    peerIsInterested: peer.peerIsInterested,
    isSeed: peer.isSeed,
    isUploadOnly: peer.isUploadOnly,
    isSnubbed: peer.isSnubbed,
    ...(peer.isSnubbed && peer.snubbedSince !== undefined ? { snubbedSince: peer.snubbedSince } : {}),
    isOptimistic: peer.isOptimistic,
    isOnParole: peer.isOnParole,
    isEndgame: peer.isEndgame,
    isHolepunched: peer.isHolepunched,
    piecesCount: peer.pieces?.count ?? 0,
    ...(peer.connectedAt === undefined ? {} : { connectedAt: peer.connectedAt }),
    ...(peer.lastReceivedAt === undefined ? {} : { lastSeenAt: peer.lastReceivedAt }),
    payloadDown: peer.down.total,
    payloadUp: peer.up.total,
    protocolDown: Math.max(0, peer.rawDown - peer.down.total),
    protocolUp: Math.max(0, peer.rawUp - peer.up.total),
    protocolDownRate: peer.overhead.downRate,
    protocolUpRate: peer.overhead.upRate,
    downRate: peer.down.rate,
    upRate: peer.up.rate,
    ...(peer.traffic === undefined ? {} : limits(peer.traffic)),
    requestsOut: peer.window.outstanding.length,
    requestsIn: peer.requestsIn.length + peer.reading,
    requestWindow: peer.window.target,
    ...(peer.window.roundTrip === undefined ? {} : { roundTrip: Math.round(peer.window.roundTrip) }),
    hashFailures: peer.hashFailures,
    wasted: peer.wasted,
    timesChoked: peer.timesChoked,
    timesUnchoked: peer.timesUnchoked,
    ...(peer.extension === undefined ? {} : { extensionHandshake: peer.extension.text }),
  };
}

function limits({ down, up }: Traffic): Pick<PeerFace, "downLimit" | "upLimit"> {
  return { ...(down.limit === 0 ? {} : { downLimit: down.limit }), ...(up.limit === 0 ? {} : { upLimit: up.limit }) };
}

/** What is remembered of a peer that left. */
export function gonePeer(peer: Peer, closing: Closing): GonePeer {
  const face = peerFace(peer);
  return {
    ...closing,
    peer: face.id,
    host: face.host,
    port: face.port,
    direction: face.direction,
    transport: face.transport,
    ...(face.peerId === undefined ? {} : { peerId: face.peerId }),
    ...(face.client === undefined ? {} : { client: face.client }),
    code: reasonCode(closing.reason),
    at: peer.now,
    flags: flagLetters({ ...face, phase: peer.lastPhase }),
    sources: [...new Set(face.sources.map(({ kind }) => kind))],
    payloadDown: face.payloadDown,
    payloadUp: face.payloadUp,
    ...(face.connectedAt === undefined ? {} : { connectedAt: face.connectedAt }),
  };
}
