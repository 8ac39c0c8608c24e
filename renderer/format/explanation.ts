import { type PeerView, PIECE_STATE, type PiecesView, type TorrentView } from "../../core/contract/views.ts";
import { say } from "../words/say.ts";

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
    return sentence([downloadParts(all), missing === 0 ? "" : say.explanation.nowhere(missing)]);
  }
  return torrent.state === "seeding" && torrent.upRate < MOVING ? sentence([seedParts(all)]) : undefined;
}

/** Why a peer is connected and yet nothing passes; undefined when something does, or it is not open. */
export function explainPeer(peer: PeerView): string | undefined {
  if (peer.phase !== "open" || peer.downRate >= MOVING || peer.upRate >= MOVING) return undefined;
  const words = say.explanation.peer;
  const parts: string[] = [];
  if (peer.pieces === undefined) parts.push(words.toldNothing);
  else if (!peer.weAreInterested) parts.push(words.nothingWeNeed);
  else if (peer.peerChokes) parts.push(words.chokes);
  else if (peer.isSnubbed) parts.push(words.snubbed);
  else if (peer.isOnParole) parts.push(words.parole);
  else if (peer.requestsOut > 0) parts.push(words.owes(peer.requestsOut));
  else parts.push(words.askedElsewhere);
  if (!peer.peerIsInterested) parts.push(words.wantsNothing);
  else if (peer.weChoke) parts.push(words.weChoke);
  else if (peer.requestsIn > 0) parts.push(words.waitsFor(peer.requestsIn));
  else parts.push(words.asksNothing);
  return sentence([parts.join(", ")]);
}

function explainMetadata({ metadata }: Explained, peers: readonly PeerView[]): string | undefined {
  const open = peers.filter((peer) => peer.phase === "open").length;
  if (open === 0) return sentence([meeting(peers) || say.explanation.noPeer]);
  if (metadata !== undefined && metadata.size > 0) return undefined;
  return sentence([say.explanation.noMetadata(open)]);
}

function downloadParts(peers: readonly PeerView[]): string {
  const words = say.explanation;
  const open = peers.filter((peer) => peer.phase === "open");
  const wanted = open.filter((peer) => peer.weAreInterested);
  const choking = wanted.filter((peer) => peer.peerChokes).length;
  const snubbed = wanted.filter((peer) => !peer.peerChokes && peer.isSnubbed).length;
  const owing = wanted.filter((peer) => !peer.peerChokes && !peer.isSnubbed && peer.requestsOut > 0).length;
  const useless = open.length - wanted.length;
  const parts: string[] = [];
  if (choking > 0) parts.push(words.choking(choking, open.length));
  if (snubbed > 0) parts.push(words.snubbing(snubbed));
  if (owing > 0) parts.push(words.owing(owing));
  if (useless > 0) parts.push(words.useless(useless, open.length));
  const dialled = meeting(peers);
  if (dialled !== "") parts.push(dialled);
  return parts.length === 0 && open.length === 0 ? words.noPeer : parts.join(", ");
}

function seedParts(peers: readonly PeerView[]): string {
  const words = say.explanation;
  const open = peers.filter((peer) => peer.phase === "open");
  if (open.length === 0) return meeting(peers) || words.nobody;
  const waiting = open.filter((peer) => peer.peerIsInterested && peer.weChoke).length;
  const served = open.filter((peer) => peer.peerIsInterested && !peer.weChoke).length;
  if (waiting + served === 0) return words.noneWants(open.length);
  const parts: string[] = [];
  if (served > 0) parts.push(words.asksNothing(served, open.length));
  if (waiting > 0) parts.push(words.waiting(waiting));
  return parts.join(", ");
}

/** Those on their way. */
function meeting(peers: readonly PeerView[]): string {
  const queued = peers.filter((peer) => peer.phase === "queued").length;
  const others = peers.filter((peer) => peer.phase !== "open" && peer.phase !== "queued").length;
  const parts: string[] = [];
  if (others > 0) parts.push(say.explanation.connecting(others));
  if (queued > 0) parts.push(say.explanation.queued(queued));
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

function sentence(parts: readonly string[]): string | undefined {
  const text = parts.filter((part) => part !== "").join("; ");
  return text === "" ? undefined : `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
