import type { PeerView } from "../../core/contract/views.ts";
import { toHex } from "../../core/model/bytes.ts";
import { formatEndpoint } from "../../core/model/endpoint.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { say } from "../words/say.ts";
import { limitWords } from "./peer-cells.ts";
import {
  formatBytes,
  formatCount,
  formatDistance,
  formatMoment,
  formatPercent,
  formatRate,
  formatRoundTrip,
  NOTHING,
} from "./units.ts";
import {
  capitalised,
  downloadWords,
  encryptionWords,
  phaseWords,
  sourceWords,
  supportsWords,
  transportName,
  uploadWords,
} from "./words.ts";

/** One property of a peer: its name in the documentation, and its value in words. */
export interface Fact {
  /** As in `PeerFace`. */
  readonly property: string;
  readonly title: string;
  readonly value: string;
  /** Shown in a fixed-width face: bytes, addresses. */
  readonly isCode?: boolean;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const fact = (property: keyof PeerView, title: string, value: string): Fact => ({ property, title, value });
const code = (property: keyof PeerView, title: string, value: string): Fact => ({
  property,
  title,
  value,
  isCode: true,
});
const yesNo = (claim: boolean) => (claim ? say.peer.yes : say.peer.no);
const since = (at: Timestamp | undefined, now: Timestamp) =>
  at === undefined ? NOTHING : `${formatMoment(at)} (${formatDistance(at, now)})`;

/** Every property of a peer, grouped as a reader asks for them. */
export function peerFacts(peer: PeerView, pieceCount: number, now: Timestamp): FactGroup[] {
  const { groups } = say.peer;
  return [
    { title: groups.connection, facts: connection(peer, now) },
    { title: groups.standing, facts: standing(peer) },
    { title: groups.pieces, facts: pieces(peer, pieceCount) },
    { title: groups.transfer, facts: transfer(peer) },
    { title: groups.identity, facts: identity(peer) },
  ];
}

function connection(peer: PeerView, now: Timestamp): Fact[] {
  const { facts, incoming, outgoing, notLookedUp } = say.peer;
  return [
    code("host", facts.address, formatEndpoint(peer)),
    fact("phase", facts.phase, phaseWords(peer.phase)),
    fact("direction", facts.direction, peer.direction === "incoming" ? incoming : outgoing),
    fact("isLocalConnection", facts.listenPort, yesNo(peer.isLocalConnection)),
    fact("transport", facts.transport, transportName(peer.transport)),
    fact("encryption", facts.encryption, encryptionWords(peer.encryption)),
    fact("isHolepunched", facts.holepunched, yesNo(peer.isHolepunched)),
    fact("sources", facts.sources, peer.sources.map(sourceWords).join("\n")),
    fact("country", facts.country, peer.country ?? notLookedUp),
    fact("connectedAt", facts.connected, since(peer.connectedAt, now)),
    fact("lastSeenAt", facts.lastHeard, since(peer.lastSeenAt, now)),
  ];
}

function standing(peer: PeerView): Fact[] {
  const { facts, snubbedYes, no } = say.peer;
  return [
    fact("peerChokes", facts.toUs, downloadWords(peer)),
    fact("weChoke", facts.fromUs, uploadWords(peer)),
    fact("weAreInterested", facts.weAreInterested, yesNo(peer.weAreInterested)),
    fact("peerIsInterested", facts.itIsInterested, yesNo(peer.peerIsInterested)),
    fact("isOptimistic", facts.optimistic, yesNo(peer.isOptimistic)),
    fact("isSnubbed", facts.snubbed, peer.isSnubbed ? snubbedYes : no),
    fact("timesChoked", facts.chokedUs, say.counts.times(peer.timesChoked)),
    fact("timesUnchoked", facts.unchokedUs, say.counts.times(peer.timesUnchoked)),
  ];
}

function pieces(peer: PeerView, pieceCount: number): Fact[] {
  const { facts, notSaid, hasOf } = say.peer;
  const has = hasOf(peer.piecesCount, pieceCount, formatPercent(peer.piecesCount, pieceCount));
  return [
    fact("piecesCount", facts.has, peer.pieces === undefined ? notSaid : has),
    fact("isSeed", facts.seed, yesNo(peer.isSeed)),
    fact("isUploadOnly", facts.uploadOnly, yesNo(peer.isUploadOnly)),
    fact("isEndgame", facts.endgame, yesNo(peer.isEndgame)),
    fact("isOnParole", facts.parole, yesNo(peer.isOnParole)),
    fact("hashFailures", facts.hashFailures, formatCount(peer.hashFailures)),
  ];
}

function transfer(peer: PeerView): Fact[] {
  const { facts, soFar, protocolOf, atOnce, noLimits } = say.peer;
  const protocol = protocolOf(
    formatBytes(peer.protocolDown),
    formatBytes(peer.protocolUp),
    formatRate(peer.protocolDownRate),
    formatRate(peer.protocolUpRate),
  );
  return [
    fact("downRate", facts.down, soFar(formatRate(peer.downRate), formatBytes(peer.payloadDown))),
    fact("upRate", facts.up, soFar(formatRate(peer.upRate), formatBytes(peer.payloadUp))),
    fact("protocolDown", facts.protocol, protocol),
    fact("wasted", facts.wasted, formatBytes(peer.wasted)),
    fact("requestsOut", facts.weWait, atOnce(say.counts.blocks(peer.requestsOut), peer.requestWindow)),
    fact("requestsIn", facts.itWaits, say.counts.blocks(peer.requestsIn)),
    fact("downLimit", facts.limits, limitWords(peer.downLimit, peer.upLimit) || noLimits),
    fact("roundTrip", facts.roundTrip, peer.roundTrip === undefined ? NOTHING : formatRoundTrip(peer.roundTrip)),
  ];
}

function identity(peer: PeerView): Fact[] {
  const { facts, notKnown, nothingBeyond, noneNamed } = say.peer;
  return [
    fact("client", facts.client, peer.client ?? notKnown),
    code("peerId", facts.peerId, peer.peerId === undefined ? NOTHING : peerIdText(peer.peerId)),
    code("reserved", facts.reserved, peer.reserved === undefined ? NOTHING : spacedHex(peer.reserved)),
    fact("supports", facts.supports, capitalised(supportsWords(peer.supports).join("\n")) || nothingBeyond),
    code("torrent", facts.torrent, peer.torrent ?? noneNamed),
    code("extensionHandshake", facts.handshake, peer.extensionHandshake ?? NOTHING),
  ];
}

/** Peer ids are half text: `-TR3000-` and then bytes of chance. Both are shown. */
export function peerIdText(peerId: Uint8Array): string {
  const text = Array.from(peerId, (byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${text}\n${toHex(peerId)}`;
}

/** `00 00 10 05`. */
export function spacedHex(bytes: Uint8Array): string {
  return toHex(bytes).replace(/..(?=.)/g, "$& ");
}
