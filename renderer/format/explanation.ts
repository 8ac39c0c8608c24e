import { type PeerView, PIECE_STATE, type PiecesView, type TorrentView } from "../../core/contract/views.ts";
import { countOf, formatCount } from "./units.ts";

/** Why something does not move, computed from what the engine says and from nothing else. */

/** Below this, in bytes a second, nothing is moving. */
const MOVING = 1;

type Explained = Pick<TorrentView, "state" | "downRate" | "upRate" | "metadata">;

/**
 * Why a torrent is not moving, as one sentence.
 *
 * @param peers - Those that are known now, open or not.
 * @param pieces - Undefined while they are not watched: then nothing is said of them.
 * @returns Undefined when it moves, or when its state says all there is to say.
 */
export function explainTorrent(
  torrent: Explained,
  peers: Iterable<PeerView>,
  pieces: PiecesView | undefined,
): string | undefined {
  const all = [...peers];
  if (torrent.state === "fetching-metadata") return explainMetadata(torrent, all);
  if (torrent.state === "downloading" && torrent.downRate < MOVING) {
    const missing = pieces === undefined ? 0 : nowhere(pieces);
    const whole = `${countOf(missing, "piece")} ${missing === 1 ? "exists" : "exist"} nowhere: waiting for a seed`;
    return sentence([downloadParts(all), missing === 0 ? "" : whole]);
  }
  return torrent.state === "seeding" && torrent.upRate < MOVING ? sentence([seedParts(all)]) : undefined;
}

/** Why a peer is connected and yet nothing passes; undefined when something does, or it is not open. */
export function explainPeer(peer: PeerView): string | undefined {
  if (peer.phase !== "open" || peer.downRate >= MOVING || peer.upRate >= MOVING) return undefined;
  const parts: string[] = [];
  if (peer.pieces === undefined) parts.push("it has not told what it has");
  else if (!peer.weAreInterested) parts.push("it has nothing we need");
  else if (peer.peerChokes) parts.push("it chokes us: we wait for a place among those it serves");
  else if (peer.isSnubbed) parts.push("it lets our requests lie, and is asked for one block at a time");
  else if (peer.isOnParole) parts.push("it is on parole, and gets whole pieces to itself when there are any");
  else if (peer.requestsOut > 0) parts.push(`it owes us ${countOf(peer.requestsOut, "block")}`);
  else parts.push("all that it has of what we need is asked of others");
  if (!peer.peerIsInterested) parts.push("it wants nothing of ours");
  else if (peer.weChoke) parts.push("we choke it: it waits for a place among those we serve");
  else if (peer.requestsIn > 0) parts.push(`it waits for ${countOf(peer.requestsIn, "block")} of ours`);
  else parts.push("it may ask and asks for nothing");
  return sentence([parts.join(", ")]);
}

function explainMetadata({ metadata }: Explained, peers: readonly PeerView[]): string | undefined {
  const open = peers.filter((peer) => peer.phase === "open").length;
  if (open === 0) return sentence([meeting(peers) || "no peer is known yet"]);
  if (metadata !== undefined && metadata.size > 0) return undefined;
  return sentence([`${countOf(open, "peer")} connected, none has offered the metadata`]);
}

function downloadParts(peers: readonly PeerView[]): string {
  const open = peers.filter((peer) => peer.phase === "open");
  const wanted = open.filter((peer) => peer.weAreInterested);
  const choking = wanted.filter((peer) => peer.peerChokes).length;
  const snubbed = wanted.filter((peer) => !peer.peerChokes && peer.isSnubbed).length;
  const owing = wanted.filter((peer) => !peer.peerChokes && !peer.isSnubbed && peer.requestsOut > 0).length;
  const parts: string[] = [];
  if (choking > 0) parts.push(`${share(choking, open.length)} ${choking === 1 ? "chokes" : "choke"} us`);
  if (snubbed > 0) parts.push(`${formatCount(snubbed)} ${snubbed === 1 ? "lets" : "let"} our requests lie`);
  if (owing > 0) parts.push(`${formatCount(owing)} ${owing === 1 ? "owes" : "owe"} us blocks`);
  const useless = open.length - wanted.length;
  if (useless > 0) parts.push(`${formatCount(useless)} ${useless === 1 ? "has" : "have"} nothing we need`);
  const dialled = meeting(peers);
  if (dialled !== "") parts.push(dialled);
  return parts.length === 0 && open.length === 0 ? "no peer is known yet" : parts.join(", ");
}

function seedParts(peers: readonly PeerView[]): string {
  const open = peers.filter((peer) => peer.phase === "open");
  if (open.length === 0) return meeting(peers) || "nobody is connected";
  const waiting = open.filter((peer) => peer.peerIsInterested && peer.weChoke).length;
  const served = open.filter((peer) => peer.peerIsInterested && !peer.weChoke).length;
  if (waiting + served === 0) return `none of ${countOf(open.length, "peer")} wants anything of ours`;
  const parts: string[] = [];
  if (served > 0) parts.push(`${share(served, open.length)} may ask and ${served === 1 ? "asks" : "ask"} for nothing`);
  if (waiting > 0) parts.push(`${formatCount(waiting)} ${waiting === 1 ? "waits" : "wait"} for a place`);
  return parts.join(", ");
}

/** Those on their way. */
function meeting(peers: readonly PeerView[]): string {
  const queued = peers.filter((peer) => peer.phase === "queued").length;
  const others = peers.filter((peer) => peer.phase !== "open" && peer.phase !== "queued").length;
  const parts: string[] = [];
  if (others > 0) parts.push(`${formatCount(others)} ${others === 1 ? "is" : "are"} still connecting`);
  if (queued > 0) parts.push(`${formatCount(queued)} ${queued === 1 ? "waits" : "wait"} for a free dial`);
  return parts.join(", ");
}

/** Pieces that we miss and that nobody who is connected has. */
function nowhere({ states, availability }: PiecesView): number {
  let count = 0;
  for (let piece = 0; piece < states.length; piece++) {
    const isMissing = states[piece] === PIECE_STATE.missing || states[piece] === PIECE_STATE.failed;
    if (isMissing && availability[piece] === 0) count++;
  }
  return count;
}

function share(count: number, of: number): string {
  return `${formatCount(count)} of ${countOf(of, "peer")}`;
}

function sentence(parts: readonly string[]): string | undefined {
  const text = parts.filter((part) => part !== "").join("; ");
  return text === "" ? undefined : `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
