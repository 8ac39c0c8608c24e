import { readTorrent } from "../../metainfo/read.ts";
import type { Bitfield } from "../../model/bitfield.ts";
import { concatBytes, fromHex } from "../../model/bytes.ts";
import type { Closing } from "../../model/close-reason.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import { FileLayout, PieceLayout } from "../../model/layout.ts";
import type { Transport } from "../../model/peer-face.ts";
import type { Bytes, Timestamp } from "../../model/units.ts";
import type { Peer } from "../../peer/peer.ts";
import type { Session, SessionOptions } from "../session.ts";
import type { Torrent } from "../torrent.ts";
import type { TorrentRecord } from "../torrent-record.ts";
import type { Tape } from "./boundary.ts";
import { SESSION_CALLS, TORRENT_CALLS } from "./calls.ts";
import {
  type Fields,
  formatLine,
  fromPlain,
  numberOf,
  type Plain,
  parseLine,
  TRACE_FORMAT,
  TraceFault,
  type TraceLine,
} from "./line.ts";
import { recordedSession } from "./recorder.ts";
import { ReplayLink, ReplayStorage, type Script } from "./replay-world.ts";

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

/** Of one chunk: far more than any socket gives. */
const MOST_PAYLOAD: Bytes = 64 * 1024 * 1024;

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
  readonly #sha1: SessionOptions["sha1"];
  readonly #peers = new Map<number, Peer>();
  readonly #torrents = new Map<number, Torrent>();
  /** Orders to be answered, by their numbers. */
  readonly #awaited = new Map<number, (line: TraceLine) => void>();
  readonly #script: Script;
  #session: Session | undefined;
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

  constructor(sha1: SessionOptions["sha1"]) {
    this.#sha1 = sha1;
    const replay = this;
    this.#script = {
      get next() {
        const line = replay.#scene[replay.#next];
        return line?.line === "input" ? undefined : line;
      },
      taken: () => this.#playWithin(),
      awaited: (answer) => {
        this.#awaited.set(numberOf(this.#scene[this.#next - 1]?.fields ?? {}, "order"), answer);
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
    if (this.#session === undefined) this.#begin(line);
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
    if (line.kind === "closed") this.#peers.delete(numberOf(line.fields, "peer"));
  }

  rest(): void {}

  #begin({ line, fields, at }: TraceLine): void {
    if (line !== "head" || typeof fields.options !== "object") throw new TraceFault("it does not begin as a record");
    if (fields.format !== TRACE_FORMAT) {
      throw new TraceFault(`its format is ${JSON.stringify(fields.format)}, this version replays ${TRACE_FORMAT}`);
    }
    this.#firstAt = at;
    this.#version = String(fields.version);
    const options = fromPlain(fields.options) as Omit<SessionOptions, "random" | "sha1" | "effects">;
    if (!(options.ourPeerId instanceof Uint8Array) || typeof options.settings !== "object") {
      throw new TraceFault("it does not say what the session began with");
    }
    const { taken } = this.#script;
    this.#session = recordedSession(
      {
        ...options,
        sha1: this.#sha1,
        effects: {
          dial: (peer) => {
            this.#peers.set(peer.id, peer);
            taken();
            return taken;
          },
          announce: taken,
          keep: () => {},
          wake: () => {},
          openMetadata: (_, file) => {
            taken();
            const parsed = readTorrent(file, { sha1: this.#sha1, sha256: () => new Uint8Array(32) });
            if (!parsed.ok) return parsed.fault.words;
            return { metainfo: parsed.torrent, storage: new ReplayStorage(this.#script) };
          },
          stored: () => {},
          bansChanged: () => {},
        },
      },
      { tape: this, clock: () => this.#scene[this.#next - 1]?.at ?? at, version: "", seed: numberOf(fields, "seed") },
    );
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
      this.#perform(line);
    } finally {
      this.#depth--;
    }
  }

  #perform(line: TraceLine): void {
    const session = this.#session as Session;
    const { at, kind, fields } = line;
    switch (kind) {
      case "listen":
        session.listenPort = fields.port === undefined ? undefined : numberOf(fields, "port");
        return;
      case "add": {
        const torrent = session.add(recordOf(fields.record), new ReplayStorage(this.#script), at);
        this.#torrents.set(numberOf(fields, "torrent"), torrent);
        return;
      }
      case "accept": {
        const { peer, transport, ...endpoint } = fields;
        const link = new ReplayLink(this.#script, typeof peer === "number" ? peer : undefined);
        const accepted = session.accept(endpoint as unknown as Endpoint, transport as Transport, link, at);
        this.#peers.set(accepted.id, accepted);
        return;
      }
      case "connected": {
        const peer = this.#peerOf(fields);
        return peer.connected(new ReplayLink(this.#script, peer.id), at);
      }
      case "receive":
        return this.#peerOf(fields).receive(chunkOf(fields.bytes), at);
      case "disconnected":
        return this.#peerOf(fields).disconnected(fromPlain(fields.closing) as Closing, at);
      case "released":
      case "stored":
      case "read":
      case "checked":
      case "check-done":
        return this.#answer(line);
    }
    if (Object.hasOwn(SESSION_CALLS, kind)) {
      return this.#call(session, kind, SESSION_CALLS[kind as keyof typeof SESSION_CALLS], line);
    }
    if (!Object.hasOwn(TORRENT_CALLS, kind)) throw this.#fault(line, "nobody calls the session so");
    this.#call(this.#torrentOf(fields), kind, TORRENT_CALLS[kind as keyof typeof TORRENT_CALLS], line);
  }

  #call(target: object, method: string, names: readonly string[], { at, fields }: TraceLine): void {
    const args = names.map((name) => {
      if (name === "now") return at;
      return name === "torrent" ? this.#torrentOf(fields) : fromPlain(fields[name]);
    });
    (target as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  }

  #answer(line: TraceLine): void {
    const order = numberOf(line.fields, "order");
    const answer = this.#awaited.get(order);
    if (answer === undefined) throw this.#fault(line, `there is no order ${order} to be answered`);
    if (line.kind !== "checked") this.#awaited.delete(order);
    answer(line);
  }

  /** What the world did to it besides calling it is done as well. */
  #peerOf(fields: Fields): Peer {
    const peer = this.#peers.get(numberOf(fields, "peer"));
    if (peer === undefined) throw new TraceFault(`there is no peer ${fields.peer}`);
    if (typeof fields.transport === "string") peer.transport = fields.transport as Transport;
    return peer;
  }

  #torrentOf(fields: Fields): Torrent {
    const torrent = this.#torrents.get(numberOf(fields, "torrent"));
    if (torrent === undefined) throw new TraceFault(`there is no torrent ${fields.torrent}`);
    return torrent;
  }

  #fault({ kind }: TraceLine, words: string): TraceFault {
    return new TraceFault(`${kind}: ${words}`);
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

function recordOf(value: Plain | undefined): TorrentRecord {
  const record = fromPlain(value) as TorrentRecord & { readonly verified: Bitfield };
  const { metainfo } = record;
  const layout = new PieceLayout(metainfo.totalLength, metainfo.pieceLength);
  const rest = { pieceHashes: new Uint8Array(0), layout, fileLayout: new FileLayout(metainfo.files) };
  return { ...record, metainfo: { ...metainfo, ...rest } };
}

/** The chunk as it came, but for the payload: its place is kept, its bytes are zeros. */
function chunkOf(parts: Plain | undefined): Uint8Array {
  if (!Array.isArray(parts)) throw new TraceFault("bytes is no list");
  const chunks = parts.map((part) => {
    const bytes = typeof part === "number" && part <= MOST_PAYLOAD ? new Uint8Array(part) : fromHex(String(part));
    if (bytes === undefined) throw new TraceFault("bytes that are no hexadecimal digits");
    return bytes;
  });
  return concatBytes(...chunks);
}
