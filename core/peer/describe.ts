import { toHex } from "../model/bytes.ts";
import { formatEndpoint } from "../model/endpoint.ts";
import { flagLetters } from "../model/peer-flags.ts";
import { BLOCK_LENGTH } from "../model/units.ts";
import { peerFace } from "./face.ts";
import type { Peer } from "./peer.ts";

/** Widest drawing of a bitfield, in marks. */
const DRAWN_WIDTH = 120;
/** Requests listed, each way. */
const LISTED_REQUESTS = 16;

/**
 * A readable dump of the peer. Verbose adds reserved bits, extension handshake, request queues and the bitfield,
 * one mark a piece (`#` has, `.` has not), downsampled past 120 pieces to the shades ` .:-=+*#`.
 */
export function describe(peer: Peer, verbose = false): string {
  const face = peerFace(peer);
  const address = formatEndpoint(face);
  const percent = peer.pieces === undefined ? "?" : `${((100 * peer.pieces.count) / peer.pieces.length).toFixed(1)}%`;
  const lines = [
    `${address} ${face.client ?? "unknown client"} (${face.direction} ${face.transport}, ${face.phase})`,
    `  flags ${flagLetters(face) || "none"}; has ${percent}; encryption ${face.encryption}`,
    `  we ${yes(face.weChoke, "choke", "unchoke")} it and are ${yes(face.weAreInterested, "interested", "not interested")}; ` +
      `it ${yes(face.peerChokes, "chokes", "unchokes")} us and is ${yes(face.peerIsInterested, "interested", "not interested")}`,
    `  down ${face.payloadDown} B at ${face.downRate} B/s, up ${face.payloadUp} B at ${face.upRate} B/s, ` +
      `wasted ${face.wasted} B, hash failures ${face.hashFailures}`,
  ];
  if (!verbose) return lines.join("\n");
  const sources = face.sources.map((source) => (source.kind === "tracker" ? `tracker ${source.tracker}` : source.kind));
  lines.push(`  sources: ${sources.join(", ")}`);
  if (face.peerId !== undefined) lines.push(`  peer id ${toHex(face.peerId)}`);
  if (face.reserved !== undefined) lines.push(`  reserved ${toHex(face.reserved)}: ${supportWords(peer)}`);
  if (face.extensionHandshake !== undefined) lines.push(`  extension handshake ${face.extensionHandshake}`);
  const trip = face.roundTrip === undefined ? "unknown" : `${face.roundTrip} ms`;
  lines.push(`  requests out ${face.requestsOut} of ${face.requestWindow}, round trip ${trip}`);
  for (const { piece, block } of peer.window.outstanding.slice(0, LISTED_REQUESTS)) {
    lines.push(`    piece ${piece} @ ${block * BLOCK_LENGTH}`);
  }
  lines.push(`  requests in ${face.requestsIn}`);
  for (const { piece, begin, length } of peer.requestsIn.slice(0, LISTED_REQUESTS)) {
    lines.push(`    piece ${piece} @ ${begin}, ${length} bytes`);
  }
  if (peer.pieces !== undefined) lines.push(`  pieces [${drawing(peer)}]`);
  return lines.join("\n");
}

function yes(holds: boolean, then: string, otherwise: string): string {
  return holds ? then : otherwise;
}

function supportWords(peer: Peer): string {
  const { unknown, ...named } = peer.supports;
  const names = Object.entries(named).flatMap(([name, isSet]) => (isSet ? [name] : []));
  return [...names, ...unknown.map((bit) => `unknown ${bit}`)].join(", ") || "nothing";
}

const SHADES = " .:-=+*#";

function drawing({ pieces }: Peer): string {
  if (pieces === undefined) return "";
  const width = Math.min(pieces.length, DRAWN_WIDTH);
  let marks = "";
  for (let column = 0; column < width; column++) {
    const first = Math.floor((column * pieces.length) / width);
    const end = Math.floor(((column + 1) * pieces.length) / width);
    let owned = 0;
    for (let piece = first; piece < end; piece++) if (pieces.has(piece)) owned++;
    if (end - first === 1) marks += owned === 1 ? "#" : ".";
    else marks += SHADES[Math.floor((owned / (end - first)) * (SHADES.length - 1))];
  }
  return marks;
}
