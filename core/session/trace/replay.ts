import type { Digest } from "../../metainfo/metainfo.ts";
import { readTorrent } from "../../metainfo/read.ts";
import type { Timestamp } from "../../model/units.ts";
import type { SessionOptions } from "../session.ts";
import type { Tape } from "./boundary.ts";
import { formatLine, fromPlain, numberOf, parseLine, TRACE_FORMAT, TraceFault, type TraceLine } from "./line.ts";
import { recordedSession } from "./recorder.ts";
import { ReplayInputs } from "./replay-inputs.ts";
import { ReplayStorage, type Script } from "./replay-world.ts";

/** Where the heart did something else than the record says. */
export interface Difference {
  /** The line of the record, from 1. */
  readonly number: number;
  readonly at: Timestamp;
  /** Undefined: nothing more. */
  readonly expected: string | undefined;
  readonly got: string | undefined;
}

/** How many lines of a kind agreed. */
export interface ReplayCounts {
  inputs: number;
  orders: number;
  messages: number;
  decisions: number;
}

interface NumberedLine extends TraceLine {
  readonly number: number;
}

/** Ends the call that differed: nothing that comes of it is of interest. */
class Differed extends Error {}

/**
 * Feeds the inputs of a record to a session and compares what comes of them, line by line.
 *
 * Lines are taken one by one; an input is replayed when the next one shows that all it caused has been read, so that
 * what is held is one input's lines.
 */
export class Replay implements Tape {
  readonly counts: ReplayCounts = { inputs: 0, orders: 0, messages: 0, decisions: 0 };
  difference: Difference | undefined;
  /** Its last line was there, and said why it ended. */
  ending: string | undefined;
  readonly #digest: Digest;
  readonly #script: Script;
  /** Undefined until the head was read. */
  #inputs: ReplayInputs | undefined;
  /** An input of the world's own, and all that lies within it. */
  #scene: NumberedLine[] = [];
  #next = 0;
  /** Inputs under way. */
  #depth = 0;
  #lastNumber = 0;
  #firstAt: Timestamp = 0;
  #lastAt: Timestamp = 0;
  /** The record breaks off: what it lacks at its end is no difference. */
  #isTorn = false;
  #version = "";

  constructor(digest: Digest) {
    this.#digest = digest;
    const replay = this;
    this.#script = {
      get next() {
        const line = replay.#scene[replay.#next];
        return line?.line === "input" ? undefined : line;
      },
      taken: () => this.#playWithin(),
      awaited: (answer) => {
        this.#inputs?.awaited(numberOf(this.#scene[this.#next - 1]?.fields ?? {}, "order"), answer);
        this.#playWithin();
      },
    };
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#lastNumber;
  }

  /** The time of the first line. */
  get startedAt(): Timestamp {
    return this.#firstAt;
  }

  /** The time of the last line read. */
  get endedAt(): Timestamp {
    return this.#lastAt;
  }

  /** Of the program that recorded. */
  get version(): string {
    return this.#version;
  }

  /**
   * The next line of the record.
   * @returns False when there was a difference; take no more.
   * @throws TraceFault when it makes no sense.
   */
  take(text: string): boolean {
    const line = { number: ++this.#lastNumber, ...parseLine(text) };
    this.#lastAt = line.at;
    if (this.#inputs === undefined) this.#begin(line);
    else if (line.line === "end") this.ending = line.kind;
    else if (line.line === "input" && depthOf(line) === 0) {
      this.#playScene();
      this.#scene = [line];
    } else this.#scene.push(line);
    return this.difference === undefined;
  }

  /** There are no more lines. @returns False when there was a difference. */
  finish(): boolean {
    this.#isTorn = this.ending === undefined;
    this.#playScene();
    return this.difference === undefined;
  }

  // Tape: what the session does now.

  get isOver(): boolean {
    return this.difference !== undefined;
  }

  input(): void {
    this.counts.inputs++;
  }

  output(line: TraceLine): void {
    if (line.line === "head") return;
    const expected = this.#scene[this.#next];
    if (expected === undefined && this.#isTorn) throw new Differed();
    const got = formatLine(line);
    if (expected === undefined || formatLine(expected) !== got) {
      this.#differ(expected, got);
      throw new Differed();
    }
    this.#next++;
    if (line.line === "order") this.counts.orders++;
    else if (line.line === "message") this.counts.messages++;
    else this.counts.decisions++;
    if (line.kind === "closed") this.#inputs?.parted(numberOf(line.fields, "peer"));
  }

  rest(): void {}

  #begin({ line, fields, at }: TraceLine): void {
    if (line !== "head" || typeof fields.options !== "object") throw new TraceFault("it does not begin as a record");
    if (fields.format !== TRACE_FORMAT) {
      throw new TraceFault(`its format is ${JSON.stringify(fields.format)}, this version replays ${TRACE_FORMAT}`);
    }
    this.#firstAt = at;
    this.#version = String(fields.version);
    const options = fromPlain(fields.options) as Omit<SessionOptions, "random" | "digest" | "effects">;
    if (!(options.ourPeerId instanceof Uint8Array) || typeof options.settings !== "object") {
      throw new TraceFault("it does not say what the session began with");
    }
    const { taken } = this.#script;
    const session = recordedSession(
      {
        ...options,
        digest: this.#digest,
        effects: {
          dial: (peer) => {
            this.#inputs?.met(peer);
            taken();
            return taken;
          },
          announce: taken,
          keep: () => {},
          wake: () => {},
          openMetadata: (torrent, file) => {
            taken();
            const parsed = readTorrent(file, this.#digest, torrent.metainfo.infoHash.kind === "v2");
            if (!parsed.ok) return parsed.fault.words;
            return { metainfo: parsed.torrent, storage: new ReplayStorage(this.#script) };
          },
          stored: () => {},
          bansChanged: () => {},
        },
      },
      { tape: this, clock: () => this.#scene[this.#next - 1]?.at ?? at, version: "", seed: numberOf(fields, "seed") },
    );
    this.#inputs = new ReplayInputs(session, this.#script);
  }

  #playScene(): void {
    this.#next = 0;
    this.#depth = 0;
    const [first] = this.#scene;
    if (first === undefined || this.difference !== undefined) return;
    try {
      if (first.line === "input") this.#play();
    } catch (error) {
      if (error instanceof Differed) return;
      this.#judge(error);
    }
    if (this.#next < this.#scene.length) this.#differ(this.#scene[this.#next], undefined);
  }

  /** What the heart threw when it was recorded is thrown again, and was compared. @throws TraceFault otherwise. */
  #judge(error: unknown): void {
    const line = this.#scene[this.#next - 1];
    if (line?.kind === "threw") return;
    const fault = error instanceof TraceFault ? error : new TraceFault(`it can't be done: ${String(error)}`);
    fault.line = line?.number;
    throw fault;
  }

  /** Inputs that came while the order of the last line was taken. */
  #playWithin(): void {
    for (;;) {
      const line = this.#scene[this.#next];
      if (line?.line !== "input" || depthOf(line) !== this.#depth) return;
      this.#play();
    }
  }

  #play(): void {
    const line = this.#scene[this.#next++] as NumberedLine;
    this.#depth++;
    try {
      this.#inputs?.perform(line);
    } finally {
      this.#depth--;
    }
  }

  #differ(expected: NumberedLine | undefined, got: string | undefined): void {
    // An input is what comes next, not what was expected of the last.
    const isMore = expected === undefined || (expected.line === "input" && got !== undefined);
    const last = this.#scene.at(-1) as NumberedLine;
    this.difference = {
      number: expected?.number ?? last.number + 1,
      at: (expected ?? last).at,
      expected: isMore ? undefined : formatLine(expected),
      got,
    };
  }
}

function depthOf({ fields }: TraceLine): number {
  return typeof fields.depth === "number" ? fields.depth : 0;
}
