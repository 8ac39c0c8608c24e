import { type AnnounceResult, Announcer } from "../discovery/announcer.ts";
import { wireHash } from "../model/info-hash.ts";
import { type Random, randomBelow } from "../model/random.ts";
import type { Timestamp } from "../model/units.ts";
import type { TorrentRecord } from "./torrent-record.ts";
import { editTrackers, type TrackerEdit } from "./tracker-edit.ts";

type Tiers = readonly (readonly string[])[];

/** The trackers of one torrent: those that it names, those that came later, and what the user has made of both. */
export class TorrentTrackers {
  readonly announcer: Announcer;
  /** Those that came after it was added. */
  readonly extra: (readonly string[])[];
  /** All by tier, once the user has edited them. */
  edited: Tiers | undefined;
  readonly #isPrivate: boolean;

  constructor({ metainfo, extraTrackers, editedTrackers }: TorrentRecord, ourPeerId: Uint8Array, random: Random) {
    this.#isPrivate = metainfo.isPrivate;
    this.extra = this.#isPrivate ? [] : [...extraTrackers];
    this.edited = editedTrackers;
    this.announcer = new Announcer({
      tiers: this.edited ?? [...metainfo.trackerTiers, ...this.extra],
      random,
      infoHash: wireHash(metainfo.infoHash),
      peerId: ourPeerId,
      key: randomBelow(random, 0x1_0000_0000).toString(16).padStart(8, "0"),
    });
  }

  /** The user's own hand: it may do what others may not with a private torrent. @returns What was done, if anything. */
  edit(edit: TrackerEdit, now: Timestamp): string | undefined {
    const words = editTrackers(this.announcer, edit, now);
    if (words !== undefined) this.edited = this.announcer.tiers();
    return words;
  }

  /** @returns How many of the trackers were new. */
  merge(tiers: Tiers): number {
    // Its peers come from the trackers that it was made for, and from nobody else (BEP 27).
    if (this.#isPrivate) return 0;
    const added = this.announcer.merge(tiers);
    if (added === 0) return 0;
    if (this.edited === undefined) this.extra.push(...tiers);
    else this.edited = this.announcer.tiers();
    return added;
  }
}

/** @returns An answer's words for the log, when it is worth any. */
export function wordsOfAnswer({ tracker, kind, peers, fault, warning }: AnnounceResult): string | undefined {
  if (fault !== undefined) return `${tracker}: ${fault}`;
  if (warning !== undefined) return `${tracker} warns: ${warning}`;
  return kind === "announce" ? `${tracker} gave ${peers.length} peers.` : undefined;
}
