import type { DhtBucketView, DhtFamilyView } from "../../core/model/dht-view.ts";
import { countOf, formatCount } from "./units.ts";

export function familyName(family: DhtFamilyView["family"]): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}

/** Whether others rely on us, and whether our id is believed. */
export function standingWords({ isReadOnly, isProper, address }: DhtFamilyView): string {
  if (address === undefined) return "Not known yet.";
  if (isReadOnly) return "Read-only: nobody reaches us by themselves, so others are told not to rely on us.";
  return isProper ? "Our id fits our address, and others reach us." : "Our id does not fit our address yet.";
}

/** One bucket in words: `7 nodes, 5 with an id bound to its address, 1 silent, 3 waiting for a place`. */
export function bucketWords({ nodes, proper, silent, spare }: DhtBucketView): string {
  const more = [
    nodes > 0 && `${formatCount(proper)} with an id bound to its address`,
    silent > 0 && `${formatCount(silent)} silent`,
    spare > 0 && `${formatCount(spare)} waiting for a place`,
  ].filter((part) => part !== false);
  return [countOf(nodes, "node"), ...more].join(", ");
}

/** Lookups that have not begun, beside those under way. */
export function waitingWords(waiting: number, underWay: number): string {
  return waiting === 0 ? "" : `${formatCount(waiting)}${underWay > 0 ? " more" : ""} waiting`;
}

/** The table in a sentence, for those who can't see it. */
export function tableSentence({ family, nodes, buckets }: DhtFamilyView): string {
  return `${countOf(nodes, "node")} over ${familyName(family)} in ${countOf(buckets.length, "bucket")}.`;
}
