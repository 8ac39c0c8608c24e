import { RECENT_MESSAGES, type RecentMessage } from "../model/peer-face.ts";
import type { Timestamp } from "../model/units.ts";
import { KEEP_ALIVE, messageText, type WireMessage } from "../model/wire-message.ts";

const FIELDS = 6;
/** Of a peer that is looked at: what a fast one says between two updates, and no more than can be read in that time. */
export const WATCHED_MESSAGES = 512;

/** Hears the bytes of both directions as they pass. */
export interface WireTap {
  /**
   * @param bytes - Whole and parts of messages with their length prefixes, in plain, in the order of the stream; valid
   *   during the call only. Of a block that we send, the header comes first and the block in a call of its own. The
   *   handshakes are not among them: `peerId`, `reserved` and the residence tell what was in them.
   */
  passed(way: "in" | "out", bytes: Uint8Array, at: Timestamp): void;
}

/**
 * The last messages of one connection as numbers; words are made only when somebody looks.
 *
 * Each message has a running number, its place among all that passed on this connection, from 0 on: a reader keeps the
 * number it has read up to, and asks for what came {@link since}. What was overwritten meanwhile is missing from the
 * answer, and the numbers tell how much. Memory: nothing until the first message, then 24 messages, 48 bytes each, and
 * 512 from the moment somebody looks ({@link widen}).
 */
export class MessageRing {
  /** For whoever records the wire itself; one at a time. */
  tap: WireTap | undefined;
  #records: Float64Array | undefined;
  #capacity = RECENT_MESSAGES;
  #written = 0;
  /** None before this one is kept, though there were room. */
  #oldest = 0;

  /** Messages until now: the number that the next one gets. */
  get written(): number {
    return this.#written;
  }

  /** @param a,b,c - As in {@link WireMessage}. */
  note(way: "in" | "out", id: number, at: Timestamp, a = -1, b = -1, c = -1): void {
    this.#put(way, id, at, a, b, c);
  }

  /** Apart from {@link note}, in which a record of the session hears of messages: moving them is no news. */
  #put(way: "in" | "out", id: number, at: Timestamp, a: number, b: number, c: number): void {
    this.#records ??= new Float64Array(this.#capacity * FIELDS);
    const start = (this.#written % this.#capacity) * FIELDS;
    this.#records[start] = at;
    this.#records[start + 1] = way === "in" ? 0 : 1;
    this.#records[start + 2] = id;
    this.#records[start + 3] = a;
    this.#records[start + 4] = b;
    this.#records[start + 5] = c;
    this.#written++;
  }

  noteKeepAlive(way: "in" | "out", at: Timestamp): void {
    this.note(way, KEEP_ALIVE, at);
  }

  /** Somebody looks: from now on more of them are kept, until the connection ends. */
  widen(): void {
    if (this.#capacity === WATCHED_MESSAGES) return;
    const kept = this.since(0);
    this.#written -= kept.length;
    this.#oldest = this.#written;
    this.#capacity = WATCHED_MESSAGES;
    this.#records = undefined;
    for (const { way, id, at, a, b, c } of kept) this.#put(way, id, at, a, b, c);
  }

  /** The last ones in words, oldest first. */
  list(): RecentMessage[] {
    const recent = this.since(this.#written - RECENT_MESSAGES);
    return recent.map((message) => ({ at: message.at, way: message.way, text: messageText(message) }));
  }

  /**
   * Those with running numbers from `first` on that are still kept, oldest first. The last one's number is
   * `written - 1`, so that of the first one of the answer is `written - length`.
   */
  since(first: number): WireMessage[] {
    const messages: WireMessage[] = [];
    const records = this.#records;
    if (records === undefined) return messages;
    for (let number = Math.max(first, this.#oldest, this.#written - this.#capacity); number < this.#written; number++) {
      const start = (number % this.#capacity) * FIELDS;
      const field = (at: number) => records[start + at] as number;
      messages.push({
        at: field(0),
        way: field(1) === 0 ? "in" : "out",
        id: field(2),
        a: field(3),
        b: field(4),
        c: field(5),
      });
    }
    return messages;
  }
}
