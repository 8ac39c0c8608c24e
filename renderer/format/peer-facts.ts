import type { PeerView } from "../../core/contract/views.ts";
import { toHex } from "../../core/model/bytes.ts";
import { formatEndpoint } from "../../core/model/endpoint.ts";
import type { Timestamp } from "../../core/model/units.ts";
import {
  countOf,
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
const yesNo = (claim: boolean) => (claim ? "yes" : "no");
const since = (at: Timestamp | undefined, now: Timestamp) =>
  at === undefined ? NOTHING : `${formatMoment(at)} (${formatDistance(at, now)})`;

/** Every property of a peer, grouped as a reader asks for them. */
export function peerFacts(peer: PeerView, pieceCount: number, now: Timestamp): FactGroup[] {
  return [
    {
      title: "Connection",
      facts: [
        code("host", "Address", formatEndpoint(peer)),
        fact("phase", "Phase", phaseWords(peer.phase)),
        fact(
          "direction",
          "Direction",
          peer.direction === "incoming" ? "incoming: it called us" : "outgoing: we called it",
        ),
        fact("isLocalConnection", "Dialled on its listen port", yesNo(peer.isLocalConnection)),
        fact("transport", "Transport", transportName(peer.transport)),
        fact("encryption", "Encryption", encryptionWords(peer.encryption)),
        fact("isHolepunched", "Through a rendezvous", yesNo(peer.isHolepunched)),
        fact("sources", "Known from", peer.sources.map(sourceWords).join("\n")),
        fact("country", "Country", peer.country ?? "not looked up"),
        fact("connectedAt", "Connected", since(peer.connectedAt, now)),
        fact("lastSeenAt", "Last heard", since(peer.lastSeenAt, now)),
      ],
    },
    {
      title: "Who wants what",
      facts: [
        fact("peerChokes", "To us", downloadWords(peer)),
        fact("weChoke", "From us", uploadWords(peer)),
        fact("weAreInterested", "We are interested", yesNo(peer.weAreInterested)),
        fact("peerIsInterested", "It is interested", yesNo(peer.peerIsInterested)),
        fact("isOptimistic", "Optimistic unchoke", yesNo(peer.isOptimistic)),
        fact("isSnubbed", "Snubbed", peer.isSnubbed ? "yes: it stopped sending" : "no"),
        fact("timesChoked", "It choked us", countOf(peer.timesChoked, "time")),
        fact("timesUnchoked", "It unchoked us", countOf(peer.timesUnchoked, "time")),
      ],
    },
    {
      title: "Pieces",
      facts: [
        fact(
          "piecesCount",
          "Has",
          peer.pieces === undefined
            ? "it has not said"
            : `${formatCount(peer.piecesCount)} of ${formatCount(pieceCount)} (${formatPercent(peer.piecesCount, pieceCount)})`,
        ),
        fact("isSeed", "Seed", yesNo(peer.isSeed)),
        fact("isUploadOnly", "Upload only", yesNo(peer.isUploadOnly)),
        fact("isEndgame", "In endgame", yesNo(peer.isEndgame)),
        fact("isOnParole", "On parole", yesNo(peer.isOnParole)),
        fact("hashFailures", "Failed pieces it took part in", formatCount(peer.hashFailures)),
      ],
    },
    {
      title: "Transfer",
      facts: [
        fact("downRate", "Down", `${formatRate(peer.downRate)}, ${formatBytes(peer.payloadDown)} so far`),
        fact("upRate", "Up", `${formatRate(peer.upRate)}, ${formatBytes(peer.payloadUp)} so far`),
        fact(
          "protocolDown",
          "Protocol, down and up",
          `${formatBytes(peer.protocolDown)} and ${formatBytes(peer.protocolUp)}, now ` +
            `${formatRate(peer.protocolDownRate)} and ${formatRate(peer.protocolUpRate)}`,
        ),
        fact("wasted", "Wasted", formatBytes(peer.wasted)),
        fact(
          "requestsOut",
          "We wait for",
          `${countOf(peer.requestsOut, "block")}, up to ${formatCount(peer.requestWindow)} at once`,
        ),
        fact("requestsIn", "It waits for", countOf(peer.requestsIn, "block")),
        fact("roundTrip", "Request to block", peer.roundTrip === undefined ? NOTHING : formatRoundTrip(peer.roundTrip)),
      ],
    },
    {
      title: "Identity",
      facts: [
        fact("client", "Client", peer.client ?? "not known yet"),
        code("peerId", "Peer id", peer.peerId === undefined ? NOTHING : peerIdText(peer.peerId)),
        code("reserved", "Reserved bytes", peer.reserved === undefined ? NOTHING : spacedHex(peer.reserved)),
        fact(
          "supports",
          "Supports",
          capitalised(supportsWords(peer.supports).join("\n")) || "nothing beyond the base protocol",
        ),
        code("torrent", "Torrent", peer.torrent ?? "none named yet"),
        code("extensionHandshake", "Extension handshake", peer.extensionHandshake ?? NOTHING),
      ],
    },
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
