import type { DhtBucketView, DhtFamilyView } from "../../core/model/dht-view.ts";
import { say } from "../words/say.ts";

export function familyName(family: DhtFamilyView["family"]): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}

/** Whether others rely on us, and whether our id is believed. */
export function standingWords({ isReadOnly, isProper, address }: DhtFamilyView): string {
  const { unknown, readOnly, proper, improper } = say.dht.standings;
  if (address === undefined) return unknown;
  if (isReadOnly) return readOnly;
  return isProper ? proper : improper;
}

/** One bucket in words: `7 nodes, 5 with an id bound to its address, 1 silent, 3 waiting for a place`. */
export function bucketWords({ nodes, proper, silent, spare }: DhtBucketView): string {
  const { bucket } = say.dht;
  const more = [
    nodes > 0 && bucket.proper(proper),
    silent > 0 && bucket.silent(silent),
    spare > 0 && bucket.spare(spare),
  ].filter((part) => part !== false);
  return [say.counts.nodes(nodes), ...more].join(", ");
}

/** Lookups that have not begun, beside those under way. */
export function waitingWords(waiting: number, underWay: number): string {
  if (waiting === 0) return "";
  return underWay > 0 ? say.dht.moreWaiting(waiting) : say.dht.waiting(waiting);
}

/** The table in a sentence, for those who can't see it. */
export function tableSentence({ family, nodes, buckets }: DhtFamilyView): string {
  return say.dht.table(nodes, familyName(family), buckets.length);
}
