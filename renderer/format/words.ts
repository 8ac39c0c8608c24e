import type {
  FaultView,
  LogKind,
  PieceState,
  TorrentState,
  TorrentView,
  TrackerState,
  TrackerView,
} from "../../core/contract/views.ts";
import { CLOSE_REASONS, type ClosedBy, type CloseReason } from "../../core/model/close-reason.ts";
import type {
  Direction,
  Encryption,
  PeerFace,
  PeerPhase,
  PeerSource,
  PeerSourceKind,
  PeerSupports,
  Transport,
} from "../../core/model/peer-face.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { formatDistance, formatPercent } from "./units.ts";

/** Every fixed phrase of the interface that names a value. Pure, so that a test can read them all. */

const TORRENT_STATES: Record<TorrentState, string> = {
  "fetching-metadata": "Fetching metadata",
  checking: "Checking",
  downloading: "Downloading",
  seeding: "Seeding",
  paused: "Paused",
  "stopped-by-fault": "Stopped",
};

const FAULTS: Record<FaultView["kind"], string> = {
  "disk-full": "The disk is full",
  "read-only": "The disk is read-only",
  "no-permission": "No permission to write",
  "missing-file": "A file is missing",
  io: "The disk reported an error",
  "bad-metadata": "The metadata can't be used",
};

/** What a torrent does, in one or two words. */
export function torrentStateWords(
  torrent: Pick<
    TorrentView,
    "state" | "fault" | "metadata" | "bytesChecked" | "bytesTotal" | "downRate" | "peersConnected"
  > & { readonly asksForFiles?: boolean },
): string {
  switch (torrent.state) {
    case "checking":
      if (torrent.bytesChecked === undefined) return TORRENT_STATES.checking;
      return `Checking ${formatPercent(torrent.bytesChecked, torrent.bytesTotal)}`;
    case "downloading":
      if (torrent.peersConnected === 0) return "Finding peers";
      return torrent.downRate < 1 ? "Waiting for data" : TORRENT_STATES.downloading;
    case "fetching-metadata":
      if (torrent.peersConnected === 0) return "Finding peers";
      if (torrent.metadata === undefined || torrent.metadata.size === 0) return TORRENT_STATES["fetching-metadata"];
      return `Fetching metadata ${formatPercent(torrent.metadata.received, torrent.metadata.size)}`;
    case "stopped-by-fault":
      return torrent.fault === undefined ? TORRENT_STATES["stopped-by-fault"] : faultWords(torrent.fault.kind);
    case "paused":
      return torrent.asksForFiles ? "Choose files" : TORRENT_STATES.paused;
    case "seeding":
      return TORRENT_STATES.seeding;
  }
}

export function faultWords(kind: FaultView["kind"]): string {
  return FAULTS[kind];
}

const PHASES: Record<PeerPhase, string> = {
  queued: "waiting for a free dial",
  connecting: "connecting",
  encrypting: "encrypted handshake",
  handshaking: "handshake",
  open: "connected",
  closed: "closed",
};

export function phaseWords(phase: PeerPhase): string {
  return PHASES[phase];
}

const TRANSPORTS: Record<Transport, string> = { tcp: "TCP", utp: "uTP", web: "Web" };

export function transportName(transport: Transport): string {
  return TRANSPORTS[transport];
}

/** `outgoing TCP`. */
export function connectionWords({ direction, transport }: { direction: Direction; transport: Transport }): string {
  return `${direction} ${transportName(transport)}`;
}

const ENCRYPTIONS: Record<Encryption, string> = {
  none: "none",
  handshake: "handshake only, then plain text",
  rc4: "all of it (RC4)",
};

export function encryptionWords(encryption: Encryption): string {
  return ENCRYPTIONS[encryption];
}

const SOURCES: Record<PeerSourceKind, string> = {
  tracker: "tracker",
  dht: "DHT",
  pex: "peer exchange",
  lsd: "local network",
  resume: "remembered from an earlier run",
  incoming: "it connected to us",
  user: "added by hand",
  magnet: "magnet link",
  "web-seed": "web seed",
};

/** A tracker is named by its whole address. */
export function sourceWords(source: PeerSource): string {
  if (source.kind === "web-seed") return `${SOURCES[source.kind]} ${source.url}`;
  return source.kind === "tracker" ? `${SOURCES.tracker} ${source.tracker}` : SOURCES[source.kind];
}

const CLOSERS: Record<ClosedBy, string> = { us: "we did", peer: "the peer", network: "the network", user: "you did" };

/** Who decided that a connection ends. */
export function closerWords(by: ClosedBy): string {
  return CLOSERS[by];
}

/** Why a connection ended, as a sentence's beginning. */
export function reasonWords(reason: CloseReason): string {
  return capitalised(CLOSE_REASONS[reason].words);
}

/** The choke state from our side: whether blocks can flow to us. */
export function downloadWords(peer: Pick<PeerFace, "weAreInterested" | "peerChokes">): string {
  if (!peer.weAreInterested) return peer.peerChokes ? "we want nothing, it chokes us" : "it offers, we need nothing";
  return peer.peerChokes ? "we want its pieces, it chokes us" : "it lets us download";
}

/** The choke state from the peer's side. */
export function uploadWords(peer: Pick<PeerFace, "peerIsInterested" | "weChoke">): string {
  if (!peer.peerIsInterested) return peer.weChoke ? "it wants nothing, we choke it" : "we offer, it needs nothing";
  return peer.weChoke ? "it wants our pieces, we choke it" : "we let it download";
}

/** Names of what a peer's reserved bits announce, unknown bits as they are. */
export function supportsWords(supports: PeerSupports): string[] {
  const names: string[] = [];
  if (supports.extensionProtocol) names.push("extension protocol (BEP 10)");
  if (supports.fast) names.push("fast extension (BEP 6)");
  if (supports.dht) names.push("DHT (BEP 5)");
  if (supports.v2) names.push("version 2 (BEP 52)");
  if (supports.azureus) names.push("Azureus messaging");
  for (const bit of supports.unknown) names.push(`unknown bit ${bit}`);
  return names;
}

const PIECE_STATES: Record<PieceState, string> = {
  missing: "missing",
  requested: "requested",
  writing: "being written",
  verified: "verified",
  failed: "failed its hash",
  unwanted: "unwanted",
};

export function pieceStateWords(state: PieceState): string {
  return PIECE_STATES[state];
}

const TRACKER_STATES: Record<TrackerState, string> = {
  waiting: "Not asked yet",
  announcing: "Announcing…",
  working: "Working",
  failed: "Failed",
  unsupported: "Not supported",
};

export function trackerStateWords(state: TrackerState): string {
  return TRACKER_STATES[state];
}

/** When a tracker is asked next: `in 3 min`, `now`, or why not at all. */
export function nextAnnounceWords(tracker: Pick<TrackerView, "state" | "nextAnnounceAt">, now: Timestamp): string {
  if (tracker.state === "announcing") return "now";
  if (tracker.state === "unsupported") return "never";
  if (tracker.nextAnnounceAt === undefined) return "not planned";
  return tracker.nextAnnounceAt <= now ? "now" : formatDistance(tracker.nextAnnounceAt, now);
}

const LOG_KINDS: Record<LogKind, string> = {
  added: "Added",
  checking: "Checking",
  checked: "Checked",
  started: "Started",
  paused: "Paused",
  tracker: "Tracker",
  "piece-failed": "Failed piece",
  done: "Done",
  fault: "Fault",
  error: "Error",
  note: "Note",
};

export function logKindWords(kind: LogKind): string {
  return LOG_KINDS[kind];
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The last part of a path of any system. */
export function lastPart(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}
