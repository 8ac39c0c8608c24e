import { CHANGE_FIELDS, SAMPLE_FIELDS, STANDING } from "../../core/model/peer-history.ts";
import type { BytesPerSecond, Millis, Timestamp } from "../../core/model/units.ts";
import type { LifeHistory } from "../store/peer-life.ts";
import { say } from "../words/say.ts";
import { formatClock, formatPercent } from "./units.ts";

/** The bands of a timeline from the top: the first four always, the others where they ever held. */
export const BANDS = [
  "weChoke",
  "peerChokes",
  "weAreInterested",
  "peerIsInterested",
  "snubbed",
  "parole",
  "optimistic",
  "uploadOnly",
] as const;
export type BandName = (typeof BANDS)[number];
const MAIN_BANDS = 4;

/** While a claim holds, half open. */
export interface Stretch {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** When the claim held, while the connection was open, until `until`. */
export function stretchesOf({ changes }: LifeHistory, band: BandName, until: Timestamp): Stretch[] {
  const needed = STANDING[band] | STANDING.open;
  const stretches: Stretch[] = [];
  let from: Timestamp | undefined;
  for (let i = 0; i < changes.length; i += CHANGE_FIELDS) {
    const at = changes[i] as number;
    const holds = ((changes[i + 1] as number) & needed) === needed;
    if (holds) from ??= at;
    else if (from !== undefined) {
      stretches.push({ from, to: at });
      from = undefined;
    }
  }
  if (from !== undefined && from < until) stretches.push({ from, to: until });
  return stretches;
}

/** The bands that a timeline has. */
export function shownBands(history: LifeHistory): BandName[] {
  let ever = 0;
  for (let i = 1; i < history.changes.length; i += CHANGE_FIELDS) ever |= history.changes[i] as number;
  return BANDS.filter((band, place) => place < MAIN_BANDS || (ever & STANDING[band]) !== 0);
}

/** What is known of one moment. */
export interface Moment {
  readonly holds: ReadonlySet<BandName>;
  readonly isOpen: boolean;
  readonly down: BytesPerSecond;
  readonly up: BytesPerSecond;
  readonly outstanding: number;
  readonly waiting: number;
  readonly roundTrip: Millis | undefined;
}

export function momentAt({ changes, samples }: LifeHistory, at: Timestamp): Moment {
  let bits = 0;
  for (let i = 0; i < changes.length && (changes[i] as number) <= at; i += CHANGE_FIELDS)
    bits = changes[i + 1] as number;
  let first = 0;
  let end = samples.length / SAMPLE_FIELDS;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((samples[middle * SAMPLE_FIELDS] as number) > at) end = middle;
    else first = middle + 1;
  }
  const value = (field: number) => samples[first * SAMPLE_FIELDS + field];
  const roundTrip = value(5) ?? -1;
  return {
    holds: new Set(BANDS.filter((band) => (bits & STANDING[band]) !== 0)),
    isOpen: (bits & STANDING.open) !== 0,
    down: value(1) ?? 0,
    up: value(2) ?? 0,
    outstanding: value(3) ?? 0,
    waiting: value(4) ?? 0,
    roundTrip: roundTrip < 0 ? undefined : roundTrip,
  };
}

/** Stretches that a sentence lists: the latest. */
const LISTED = 5;

/** The band as a sentence: how long, how often, and when. */
export function bandSentence(history: LifeHistory, band: BandName, until: Timestamp, isOpen: boolean): string {
  const name = say.peer.bands[band];
  const stretches = stretchesOf(history, band, until);
  if (stretches.length === 0) return say.peer.never(name);
  const held = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  const isNow = isOpen && stretches.at(-1)?.to === until;
  const listed = stretches.slice(-LISTED).map(({ from, to }) => {
    return say.peer.stretch(formatClock(from), isNow && to === until ? say.peer.untilNow : formatClock(to));
  });
  if (stretches.length > LISTED) listed.unshift(say.peer.andEarlier(stretches.length - LISTED));
  const share = formatPercent(held, Math.max(1, until - history.begun));
  return say.peer.stretches(name, share, stretches.length, isNow, listed.join(", "));
}
