import type { SourceView } from "../../core/contract/views.ts";
import type { PeerSource, PeerSourceKind } from "../../core/model/peer-face.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { say } from "../words/say.ts";
import { formatDistance, NOTHING } from "./units.ts";

/** Words for the ways in which peers are found. */

/** A row's name: trackers and web seeds go by their address. */
export function sourceTitle(source: PeerSource): string {
  if (source.kind === "tracker") return source.tracker;
  return source.kind === "web-seed" ? source.url : say.trackers.titles[source.kind];
}

export function sourceMeaning(kind: PeerSourceKind): string {
  return say.trackers.meanings[kind];
}

/** How a source stands. */
export function sourceStateWords({ source, state }: Pick<SourceView, "source" | "state">): string {
  const { on, announced, listening, nothingListens, notInUse, connected, sourceStates } = say.trackers;
  if (state === "on") {
    return { dht: announced, incoming: listening, "web-seed": connected }[source.kind as string] ?? on;
  }
  if (source.kind === "incoming" && state === "off") return nothingListens;
  if (source.kind === "web-seed" && state === "waiting") return notInUse;
  return sourceStates[state];
}

/** When it is searched next. */
export function nextSearchWords({ state, nextAt }: Pick<SourceView, "state" | "nextAt">, now: Timestamp): string {
  if (state === "searching") return say.trackers.now;
  if (nextAt === undefined) return NOTHING;
  return nextAt <= now ? say.trackers.now : formatDistance(nextAt, now);
}
