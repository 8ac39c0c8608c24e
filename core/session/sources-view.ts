import type { Settings, SourceState, SourceView } from "../contract/views.ts";
import type { PeerSource } from "../model/peer-face.ts";
import type { Timestamp } from "../model/units.ts";
import type { Torrent } from "./torrent.ts";

/** What the runtime knows of the search for a torrent's peers in the DHT. */
export interface DhtSearch {
  readonly isUnderWay: boolean;
  readonly nextAt: Timestamp;
}

/** What the session and the runtime say of the ways to find peers. */
export interface Discovery {
  readonly settings: Pick<Settings, "dht" | "pex" | "lsd">;
  readonly isListening: boolean;
  /** Whether the local network is asked at all, and whether datagrams go out: not so behind a proxy, say. */
  readonly isNearAsked: boolean;
  readonly hasDatagrams: boolean;
  /** Undefined while it is not looked for. */
  dhtSearch(torrent: Torrent): DhtSearch | undefined;
}

/** Sources that nobody can switch on or off are shown once they gave anybody. */
const OCCASIONAL = ["magnet", "user", "resume"] as const;

/** Where the peers of a torrent came from, and what they were good for: a row each, trackers first. */
export function sourceViews(torrent: Torrent, discovery: Discovery): SourceView[] {
  const { announcer, metainfo, swarm, activity } = torrent;
  const yields = torrent.sources.sum(swarm.peers);
  const isRunning = activity.kind === "running";
  const search = discovery.dhtSearch(torrent);

  const row = (source: PeerSource, state: SourceState, nextAt?: Timestamp): SourceView => {
    const sum = yields.of(source);
    // Who comes by itself is in no book.
    const isNamed = source.kind !== "incoming" && source.kind !== "web-seed";
    const peersGiven = isNamed ? swarm.book.givenBy(source) : sum.connections;
    return { source, state, peersGiven, ...sum, ...(nextAt === undefined ? {} : { nextAt }) };
  };
  const shared = (isOn: boolean, isFit = true): SourceState | undefined => {
    if (!isOn) return "off";
    if (!isFit) return "unfit";
    if (metainfo.isPrivate) return "private";
    return isRunning ? undefined : "stopped";
  };

  const { dht, pex, lsd } = discovery.settings;
  const views: SourceView[] = [];
  for (const { url } of announcer.views())
    views.push(row({ kind: "tracker", tracker: url }, isRunning ? "on" : "stopped"));
  const inDht =
    shared(dht, discovery.hasDatagrams) ?? (search === undefined ? "waiting" : search.isUnderWay ? "searching" : "on");
  views.push(row({ kind: "dht" }, inDht, inDht === "on" ? search?.nextAt : undefined));
  views.push(row({ kind: "pex" }, shared(pex) ?? "on"));
  views.push(row({ kind: "lsd" }, shared(lsd, discovery.isNearAsked) ?? "on"));
  for (const { url, trouble, nextTry } of swarm.dialling.webSeeds.views()) {
    const view = row({ kind: "web-seed", url }, isRunning ? "waiting" : "stopped");
    if (view.connected > 0) views.push({ ...view, state: "on" });
    else if (!isRunning || trouble === undefined) views.push(view);
    else
      views.push({ ...view, state: "failed", message: trouble, ...(nextTry === undefined ? {} : { nextAt: nextTry }) });
  }
  views.push(row({ kind: "incoming" }, discovery.isListening ? (isRunning ? "on" : "stopped") : "off"));
  for (const kind of OCCASIONAL) {
    const view = row({ kind }, isRunning ? "on" : "stopped");
    if (view.peersGiven > 0 || view.connections > 0) views.push(view);
  }
  return views;
}
