/**
 * How a peer's bits became the ones after them, so that a picture of the ones is mended into a picture of the others
 * instead of being counted anew.
 */

interface Trail {
  /** Pieces in the order in which they came. */
  readonly haves: number[];
}

/** Where each bitfield stands on its trail: how many of the haves it has. */
const places = new WeakMap<Uint8Array, { readonly trail: Trail; readonly length: number }>();

/** A picture that is further behind is made anew. */
const LONGEST = 4096;

/** `after` is `before` with these pieces. */
export function noteHaves(before: Uint8Array, after: Uint8Array, haves: readonly number[]): void {
  const known = places.get(before);
  const goesOn = known !== undefined && known.length === known.trail.haves.length && known.length < LONGEST;
  const trail = goesOn ? known.trail : { haves: [] };
  if (!goesOn) places.set(before, { trail, length: 0 });
  trail.haves.push(...haves);
  places.set(after, { trail, length: trail.haves.length });
}

/** @returns What `after` has that `before` has not, or undefined when nothing is known of the way between them. */
export function havesBetween(before: Uint8Array, after: Uint8Array): readonly number[] | undefined {
  const [from, to] = [places.get(before), places.get(after)];
  if (from === undefined || to === undefined || from.trail !== to.trail || from.length > to.length) return undefined;
  return to.trail.haves.slice(from.length, to.length);
}
