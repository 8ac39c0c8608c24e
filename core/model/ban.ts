import type { TorrentId } from "./info-hash.ts";
import type { Timestamp } from "./units.ts";

/** Whom we have nothing to do with any more, in no torrent, and why. */
export interface Ban {
  /**
   * What is banned, and the name of the ban: an address (`203.0.113.5`), a network of 64 bits (`2001:db8:1:2::/64`), or
   * one peer of a local network: where it listens (`192.168.1.4:6881`), or its address and peer id.
   */
  readonly party: string;
  /** 40 hex digits: a local peer is known by its id too. */
  readonly peerId?: string;
  /** Why, in words with the numbers that matter. */
  readonly evidence: string;
  readonly by: "us" | "user";
  readonly at: Timestamp;
  /** Where it happened. The torrent may be gone since. */
  readonly torrent: TorrentId;
  readonly torrentName: string;
  readonly client?: string;
}

/** Bans that are kept, the oldest make room: more than a hostile swarm has, and little to look through at a call. */
export const MAX_BANS = 10_000;
