import { bytesEqual } from "../../model/bytes.ts";
import type { Bytes, Timestamp } from "../../model/units.ts";
import {
  decodeBody,
  type FrameBodies,
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

  constructor(bytes: Uint8Array, places: readonly FramePlace[]) {
    const of = <K extends FrameKind>(kind: K) =>
      places.filter((place): place is FramePlace & { kind: K } => place.kind === kind);
    const bodies = <K extends FrameKind>(kind: K): FrameBodies[K][] =>
      of(kind).map((place) => decodeBody(bytes, place));
    this.#bytes = bytes;
    this.#steps = places.filter(({ kind }) => kind === "state" || kind === "change");
    this.#wire = of("wire");
    this.head = bodies("head")[0] as RecordingHead;
    this.start = (this.#steps[0] as FramePlace).at;
    this.end = (places.at(-1) as FramePlace).at;
    this.marks = bodies("marks").flat();
    this.streams = bodies("stream");
    const [last] = bodies("end");
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

  step(number: number): Step {
    const place = this.#steps[number] as FramePlace & { kind: "state" | "change" };
    return { kind: place.kind, at: place.at, content: decodeBody(this.#bytes, place) } as Step;
  }

  /** Messages in the order in which they were sent and came. */
  *wire(peer?: number): Generator<WireRecord> {
    for (const place of this.#wire) {
      for (const record of decodeBody(this.#bytes, place as FramePlace & { kind: "wire" })) {
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
  return new Recording(bytes, places);
}

/** @returns In words why it is none. */
export function openRecording(bytes: Uint8Array): Recording | string {
  const opening = openingRecording(bytes);
  for (;;) {
    const { done, value } = opening.next();
    if (done === true) return value;
  }
}
