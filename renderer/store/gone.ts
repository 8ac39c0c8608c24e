import type { Ban, GonePeer } from "../../core/contract/views.ts";
import { partyOf } from "../../core/model/address.ts";
import type { PeerSourceKind } from "../../core/model/peer-face.ts";
import { capitalised, clientName, closerWords, reasonWords } from "../format/words.ts";
import { say } from "../words/say.ts";
import { type Sort, sorted } from "./sorting.ts";

/** By what those who are gone are counted. */
export const GONE_COUNTS = ["reason", "client", "source"] as const;
export type GoneCount = (typeof GONE_COUNTS)[number];

/** What was chosen of each count; peers fit when they fit all of it. */
export type GoneChoice = { readonly [by in GoneCount]?: string };

export interface GoneBar {
  /** Names it in a {@link GoneChoice}. */
  readonly key: string;
  readonly label: string;
  readonly count: number;
}

const KEYS: Record<GoneCount, (peer: GonePeer) => readonly string[]> = {
  reason: (peer) => [peer.reason],
  client: (peer) => [peer.client === undefined ? "" : clientName(peer.client)],
  source: (peer) => peer.sources,
};

function labelOf(by: GoneCount, key: string, peer: GonePeer): string {
  if (by === "reason") return reasonWords(peer.reason);
  if (by === "client") return key === "" ? say.gone.unknownClient : key;
  return capitalised(say.values.sources[key as PeerSourceKind]);
}

/** How many there are of each, the most first. */
export function goneBars(peers: readonly GonePeer[], by: GoneCount): readonly GoneBar[] {
  const bars = new Map<string, GoneBar>();
  for (const peer of peers) {
    for (const key of KEYS[by](peer)) {
      const bar = bars.get(key) ?? { key, label: labelOf(by, key, peer), count: 0 };
      bars.set(key, { ...bar, count: bar.count + 1 });
    }
  }
  return [...bars.values()].sort((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}

export function fits(peer: GonePeer, choice: GoneChoice): boolean {
  return GONE_COUNTS.every((by) => {
    const key = choice[by];
    return key === undefined || KEYS[by](peer).includes(key);
  });
}

export const GONE_COLUMNS = ["when", "address", "reason", "by", "flags", "down", "up", "stay"] as const;
export type GoneColumn = (typeof GONE_COLUMNS)[number];

const SORT_KEYS: Record<GoneColumn, (peer: GonePeer) => string | number | undefined> = {
  when: (peer) => peer.at,
  address: (peer) => `${peer.host}:${peer.port}`,
  reason: (peer) => reasonWords(peer.reason),
  by: (peer) => closerWords(peer.by),
  flags: (peer) => peer.flags || undefined,
  down: (peer) => peer.payloadDown,
  up: (peer) => peer.payloadUp,
  stay: (peer) => (peer.connectedAt === undefined ? undefined : peer.at - peer.connectedAt),
};

/** Newest first, unless the user wants another order. */
export function goneOrder(peers: readonly GonePeer[], sort: Sort<GoneColumn> | undefined): readonly GonePeer[] {
  const newest = peers.toReversed();
  return sort === undefined ? newest : sorted(newest, sort, SORT_KEYS[sort.column]);
}

/** The ban that keeps it away, if there is one. A local peer may be banned by its id, which is not remembered of it. */
export function banOf(peer: GonePeer, bans: readonly Ban[]): Ban | undefined {
  const party = partyOf(peer);
  return bans.find(
    (ban) =>
      ban.party === party ||
      (peer.reason === "banned" && ban.party.startsWith(`${peer.host} `) && ban.evidence === peer.detail),
  );
}
