import type { Session } from "../session.ts";
import type { Torrent } from "../torrent.ts";

/** Methods by name, and the names that their arguments have in a record. `now` is the line's own time, a torrent its number. */
type Calls<T> = { readonly [method in keyof T]?: readonly string[] };

/**
 * Every way in which the world outside may reach the heart, beside those that carry a link, a storage or a stream. What
 * is called from outside and missing here is missing in a record, and its replay ends there.
 */
export const SESSION_CALLS = {
  addPeer: ["torrent", "endpoint"],
  advance: ["now"],
  banPeer: ["torrent", "peer", "now"],
  blockAddresses: ["ipv4", "ipv6", "now"],
  changeSettings: ["settings"],
  hangUp: ["detail", "now"],
  learntAddress: ["address"],
  liftBan: ["party"],
  mapped: ["tcp", "udp", "address"],
  relayed: ["isOn"],
  remove: ["torrent", "now"],
  restoreBans: ["bans"],
  stop: ["now"],
} as const satisfies Calls<Session>;

/** As {@link SESSION_CALLS}. */
export const TORRENT_CALLS = {
  announceFailed: ["order", "words", "now"],
  announceNow: ["now", "tracker"],
  announces: ["now"],
  answered: ["order", "body", "now", "also"],
  change: ["change"],
  disconnect: ["peer", "now"],
  editTrackers: ["edit", "now"],
  found: ["peers", "source", "now"],
  limit: ["downLimit", "upLimit"],
  limitPeer: ["peer", "downLimit", "upLimit"],
  mergeTrackers: ["tiers", "now"],
  note: ["entry", "text", "piece"],
  pause: ["now"],
  prioritise: ["files", "priority"],
  recheck: ["now"],
  resume: ["now"],
  superSeed: ["isOn", "now"],
  takeMetadata: ["file", "now"],
  wantFiles: ["files", "wanted", "now"],
} as const satisfies Calls<Torrent>;
