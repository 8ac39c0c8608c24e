import type { Millis, Timestamp } from "../../core/model/units.ts";

/** What of a life is in sight. `span` undefined: all of it; `end` undefined: until now, and on with it. */
export interface TimeLens {
  readonly span: Millis | undefined;
  readonly end: Timestamp | undefined;
}

/** A life from its beginning until now, or its end. */
export interface Life {
  readonly begun: Timestamp;
  readonly until: Timestamp;
}

export const WHOLE_LIFE: TimeLens = { span: undefined, end: undefined };

const LEAST_SPAN: Millis = 2000;
/** A life of a moment is drawn as long as this. */
const SHORTEST_LIFE: Millis = 10_000;

export function timeView({ span, end }: TimeLens, { begun, until }: Life): { from: Timestamp; to: Timestamp } {
  const to = end ?? Math.max(until, begun + SHORTEST_LIFE);
  return { from: span === undefined ? begun : to - span, to };
}

/** @param factor - Below 1 to see less time, of which the moment `at` stays where it is; without one, now does. */
export function zoomed(lens: TimeLens, life: Life, factor: number, at?: Timestamp): TimeLens {
  const { from, to } = timeView(lens, life);
  const whole = Math.max(SHORTEST_LIFE, life.until - life.begun);
  const span = Math.max(LEAST_SPAN, (to - from) * factor);
  if (span >= whole) return WHOLE_LIFE;
  if (lens.end === undefined && at === undefined) return { span, end: undefined };
  const anchor = at ?? (from + to) / 2;
  return placed(span, anchor + (to - anchor) * (span / (to - from)), life, false);
}

/** Moves what is in sight by a time; it stops at both ends of the life. */
export function panned(lens: TimeLens, life: Life, by: Millis): TimeLens {
  const { from, to } = timeView(lens, life);
  return lens.span === undefined ? lens : placed(to - from, to + by, life, by > 0);
}

function placed(span: Millis, end: Timestamp, { begun, until }: Life, follows: boolean): TimeLens {
  if (end >= until) return { span, end: follows ? undefined : until };
  return { span, end: Math.max(end, begun + span) };
}
