import type { SourceState, SourceView } from "../../core/contract/views.ts";
import type { PeerSource, PeerSourceKind } from "../../core/model/peer-face.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { formatDistance, NOTHING } from "./units.ts";

/** Words for the ways in which peers are found. */

const TITLES: Record<Exclude<PeerSourceKind, "tracker" | "web-seed">, string> = {
  dht: "DHT",
  pex: "Peer exchange",
  lsd: "Local network",
  incoming: "Incoming",
  resume: "Earlier run",
  user: "Added by hand",
  magnet: "Magnet link",
};

const MEANINGS: Record<PeerSourceKind, string> = {
  tracker: "",
  dht: "A directory that all clients keep together; it needs no tracker",
  pex: "Peers tell each other of the peers that they know",
  lsd: "Who asks for the same torrent in this network",
  "web-seed": "An ordinary web server that has the files",
  incoming: "Peers that connected to us by themselves",
  resume: "Peers of an earlier run of Peerscope",
  user: "Peers whose address you gave",
  magnet: "Peers whose address is in the link",
};

/** A row's name: trackers and web seeds go by their address. */
export function sourceTitle(source: PeerSource): string {
  if (source.kind === "tracker") return source.tracker;
  return source.kind === "web-seed" ? source.url : TITLES[source.kind];
}

export function sourceMeaning(kind: PeerSourceKind): string {
  return MEANINGS[kind];
}

const ON: Partial<Record<PeerSourceKind, string>> = {
  dht: "Announced",
  incoming: "Listening",
  "web-seed": "Connected",
};

const STATES: Record<Exclude<SourceState, "on">, string> = {
  off: "Off in the settings",
  unfit: "Not possible here",
  private: "Not for private torrents",
  stopped: "Torrent is stopped",
  waiting: "No nodes yet",
  searching: "Searching…",
  failed: "Failed",
};

/** How a source stands. */
export function sourceStateWords({ source, state }: Pick<SourceView, "source" | "state">): string {
  if (state === "on") return ON[source.kind] ?? "On";
  if (source.kind === "incoming" && state === "off") return "Nothing listens";
  if (source.kind === "web-seed" && state === "waiting") return "Not in use";
  return STATES[state];
}

/** When it is searched next. */
export function nextSearchWords({ state, nextAt }: Pick<SourceView, "state" | "nextAt">, now: Timestamp): string {
  if (state === "searching") return "now";
  if (nextAt === undefined) return NOTHING;
  return nextAt <= now ? "now" : formatDistance(nextAt, now);
}
