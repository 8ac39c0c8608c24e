import type {
  FaultView,
  LogKind,
  PieceState,
  TorrentView,
  TrackerState,
  TrackerView,
} from "../../core/contract/views.ts";
import type { ClosedBy, CloseReason } from "../../core/model/close-reason.ts";
import type {
  Direction,
  Encryption,
  PeerFace,
  PeerPhase,
  PeerSource,
  PeerSupports,
  Transport,
} from "../../core/model/peer-face.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { say } from "../words/say.ts";
import { formatDistance, formatPercent } from "./units.ts";

/** Words for what the engine tells by key. */

/** What a torrent does, in one or two words. */
export function torrentStateWords(
  torrent: Pick<
    TorrentView,
    "state" | "fault" | "metadata" | "bytesChecked" | "bytesTotal" | "downRate" | "peersConnected"
  > & { readonly asksForFiles?: boolean },
): string {
  const { states, stateWithShare, findingPeers, waitingForData, chooseFiles } = say.values;
  const { state, metadata } = torrent;
  switch (state) {
    case "checking":
      if (torrent.bytesChecked === undefined) return states.checking;
      return stateWithShare(states.checking, formatPercent(torrent.bytesChecked, torrent.bytesTotal));
    case "downloading":
      if (torrent.peersConnected === 0) return findingPeers;
      return torrent.downRate < 1 ? waitingForData : states.downloading;
    case "fetching-metadata":
      if (torrent.peersConnected === 0) return findingPeers;
      if (metadata === undefined || metadata.size === 0) return states[state];
      return stateWithShare(say.torrents.metadata, formatPercent(metadata.received, metadata.size));
    case "stopped-by-fault":
      return torrent.fault === undefined ? states[state] : faultWords(torrent.fault.kind);
    case "paused":
      return torrent.asksForFiles ? chooseFiles : states.paused;
    case "seeding":
      return states.seeding;
  }
}

export function faultWords(kind: FaultView["kind"]): string {
  return say.values.faults[kind];
}

export function phaseWords(phase: PeerPhase): string {
  return say.values.phases[phase];
}

export function transportName(transport: Transport): string {
  return say.values.transports[transport];
}

/** `outgoing TCP`. */
export function connectionWords({ direction, transport }: { direction: Direction; transport: Transport }): string {
  return say.values.connection[direction](transportName(transport));
}

export function encryptionWords(encryption: Encryption): string {
  return say.values.encryptions[encryption];
}

/** A tracker is named by its whole address. */
export function sourceWords(source: PeerSource): string {
  const words = say.values.sources[source.kind];
  if (source.kind === "web-seed") return `${words} ${source.url}`;
  return source.kind === "tracker" ? `${words} ${source.tracker}` : words;
}

/** Who decided that a connection ends. */
export function closerWords(by: ClosedBy): string {
  return say.values.closers[by];
}

/** Why a connection ended, as a sentence's beginning. */
export function reasonWords(reason: CloseReason): string {
  return capitalised(say.values.reasons[reason]);
}

/** The choke state from our side: whether blocks can flow to us. */
export function downloadWords(peer: Pick<PeerFace, "weAreInterested" | "peerChokes">): string {
  const { idle, offered, choked, open } = say.values.toUs;
  if (!peer.weAreInterested) return peer.peerChokes ? idle : offered;
  return peer.peerChokes ? choked : open;
}

/** The choke state from the peer's side. */
export function uploadWords(peer: Pick<PeerFace, "peerIsInterested" | "weChoke">): string {
  const { idle, offered, choked, open } = say.values.fromUs;
  if (!peer.peerIsInterested) return peer.weChoke ? idle : offered;
  return peer.weChoke ? choked : open;
}

/** Names of what a peer's reserved bits announce, unknown bits as they are. */
export function supportsWords(supports: PeerSupports): string[] {
  const names = say.values.supports;
  const known = (Object.keys(names) as (keyof typeof names)[]).filter((name) => supports[name]);
  return [...known.map((name) => names[name]), ...supports.unknown.map(say.values.unknownBit)];
}

/** Without its version, which would part the peers of one client into ones. */
export function clientName(client: string): string {
  return client.replace(/[\s/]+v?\d.*$/i, "");
}

export function pieceStateWords(state: PieceState): string {
  return say.values.pieceStates[state];
}

export function trackerStateWords(state: TrackerState): string {
  return say.trackers.states[state];
}

/** When a tracker is asked next: `in 3 min`, `now`, or why not at all. */
export function nextAnnounceWords(tracker: Pick<TrackerView, "state" | "nextAnnounceAt">, now: Timestamp): string {
  if (tracker.state === "announcing") return say.trackers.now;
  if (tracker.state === "unsupported") return say.trackers.never;
  if (tracker.nextAnnounceAt === undefined) return say.trackers.notPlanned;
  return tracker.nextAnnounceAt <= now ? say.trackers.now : formatDistance(tracker.nextAnnounceAt, now);
}

export function logKindWords(kind: LogKind): string {
  return say.log.kinds[kind];
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The last part of a path of any system. */
export function lastPart(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}
