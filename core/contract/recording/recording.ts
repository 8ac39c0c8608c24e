import * as v from "valibot";
import { bytesEqual } from "../../model/bytes.ts";
import type { Bytes, Timestamp } from "../../model/units.ts";
import {
  decodeBody,
  type FrameKind,
  type FramePlace,
  frameAt,
  type Mark,
  RECORDING_MAGIC,
  type RecordingHead,
  type StateChange,
  type StreamStart,
  type WholeState,
  type WireRecord,
} from "./frames.ts";

import { changeShape, endShape, headShape, marksShape, stateShape, streamShape, wireShape } from "./shapes.ts";

/** Bytes that are looked at before who reads may do something else. */
const STRETCH: Bytes = 2 * 1024 * 1024;

/** One step of a torrent's past. */
export type Step =
  | { readonly kind: "state"; readonly at: Timestamp; readonly content: WholeState }
  | { readonly kind: "change"; readonly at: Timestamp; readonly content: StateChange };

/** A recording that was opened: where what is, and nothing decoded until it is asked for. */
export class Recording {
  readonly head: RecordingHead;
  readonly start: Timestamp;
  readonly end: Timestamp;
  /** False: it breaks off, and is there as far as it goes. */
  readonly isWhole: boolean;
  /** Why it ended by itself, in words. */
  readonly endWords: string | undefined;
  readonly marks: readonly Mark[];
  readonly streams: readonly StreamStart[];
  readonly #bytes: Uint8Array;
  /** States and changes, in order. */
  readonly #steps: readonly FramePlace[];
  readonly #wire: readonly FramePlace[];

  /** @throws When a frame is not what its kind has. */
  constructor(bytes: Uint8Array, places: readonly FramePlace[]) {
    const of = (kind: FrameKind) => places.filter((place) => place.kind === kind);
    this.#bytes = bytes;
    this.#steps = places.filter(({ kind }) => kind === "state" || kind === "change");
    this.#wire = of("wire");
    this.head = v.parse(headShape, decodeBody(bytes, places[0] as FramePlace));
    this.start = (this.#steps[0] as FramePlace).at;
    this.end = (places.at(-1) as FramePlace).at;
    this.marks = of("marks").flatMap((place) => v.parse(marksShape, decodeBody(bytes, place)));
    this.streams = of("stream").map((place) => v.parse(streamShape, decodeBody(bytes, place)));
    const [last] = of("end").map((place) => v.parse(endShape, decodeBody(bytes, place)));
    this.isWhole = last !== undefined;
    this.endWords = last?.words;
  }

  get stepCount(): number {
    return this.#steps.length;
  }

  /** @returns The last step at or before `at`, as its number; the first one when all are later. */
  stepBefore(at: Timestamp): number {
    let low = 0;
    let high = this.#steps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#steps[middle] as FramePlace).at <= at) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** @returns The last keyframe at or before a step. */
  keyBefore(step: number): number {
    let at = step;
    while (at > 0 && this.#steps[at]?.kind !== "state") at--;
    return at;
  }

  timeOf(step: number): Timestamp {
    return (this.#steps[step] as FramePlace).at;
  }

  /** @throws When it is damaged. */
  step(number: number): Step {
    const place = this.#steps[number] as FramePlace;
    const { kind, at } = place;
    const body = decodeBody(this.#bytes, place);
    return { kind, at, content: v.parse(kind === "state" ? stateShape : changeShape, body) } as unknown as Step;
  }

  /** Messages in the order in which they were sent and came. @throws When one is damaged. */
  *wire(peer?: number): Generator<WireRecord> {
    for (const place of this.#wire) {
      for (const record of v.parse(wireShape, decodeBody(this.#bytes, place))) {
        if (peer === undefined || record[0] === peer) yield record;
      }
    }
  }
}

/**
 * Opens a recording bit by bit: yields the bytes looked at, so that a window may draw in between.
 * @returns In words why it is none.
 */
export function* openingRecording(bytes: Uint8Array): Generator<Bytes, Recording | string> {
  if (!bytesEqual(bytes.subarray(0, RECORDING_MAGIC.length), RECORDING_MAGIC))
    return "It is no recording of Peerscope.";
  const places: FramePlace[] = [];
  let offset = RECORDING_MAGIC.length;
  let rest = offset + STRETCH;
  for (let place = frameAt(bytes, offset); place !== undefined; place = frameAt(bytes, offset)) {
    places.push(place);
    offset = place.end;
    if (offset < rest) continue;
    rest = offset + STRETCH;
    yield offset;
  }
  if (places[0]?.kind !== "head" || !places.some(({ kind }) => kind === "state"))
    return "It is broken off before it says anything.";
  // Its first step is a whole state: everything is asked for from there on.
  const steps = places.filter(({ kind }) => kind === "state" || kind === "change");
  if (steps[0]?.kind !== "state") return "It is damaged.";
  try {
    return new Recording(bytes, places);
  } catch {
    return "It is damaged.";
  }
}

/** @returns In words why it is none. */
export function openRecording(bytes: Uint8Array): Recording | string {
  const opening = openingRecording(bytes);
  for (;;) {
    const { done, value } = opening.next();
    if (done === true) return value;
  }
}
