import { RECENT_MESSAGES, type RecentMessage } from "../model/peer-face.ts";
import type { Timestamp } from "../model/units.ts";
import { MESSAGE, messageName } from "../wire/message-id.ts";

const FIELDS = 6;
const KEEP_ALIVE = -1;

/** The last messages of one connection as numbers; words are made only when somebody looks. */
export class MessageRing {
  #records: Float64Array | undefined;
  #next = 0;

  /** @param a,b,c - The numbers that matter: piece, begin and length; an extension's id and length; a count. */
  note(way: "in" | "out", id: number, at: Timestamp, a = -1, b = -1, c = -1): void {
    this.#records ??= new Float64Array(RECENT_MESSAGES * FIELDS);
    const start = (this.#next % RECENT_MESSAGES) * FIELDS;
    this.#records[start] = at;
    this.#records[start + 1] = way === "in" ? 0 : 1;
    this.#records[start + 2] = id;
    this.#records[start + 3] = a;
    this.#records[start + 4] = b;
    this.#records[start + 5] = c;
    this.#next++;
  }

  noteKeepAlive(way: "in" | "out", at: Timestamp): void {
    this.note(way, KEEP_ALIVE, at);
  }

  /** Oldest first. */
  list(): RecentMessage[] {
    const messages: RecentMessage[] = [];
    const records = this.#records;
    if (records === undefined) return messages;
    for (let i = Math.max(0, this.#next - RECENT_MESSAGES); i < this.#next; i++) {
      const [at, way, id, a, b, c] = records.subarray((i % RECENT_MESSAGES) * FIELDS) as unknown as number[];
      messages.push({
        at: at as number,
        way: way === 0 ? "in" : "out",
        text: words(id as number, a as number, b as number, c as number),
      });
    }
    return messages;
  }
}

function words(id: number, a: number, b: number, c: number): string {
  switch (id) {
    case KEEP_ALIVE:
      return "keep-alive";
    case MESSAGE.have:
    case MESSAGE.suggest:
    case MESSAGE.allowedFast:
      return `${messageName(id)} ${a}`;
    case MESSAGE.request:
    case MESSAGE.piece:
    case MESSAGE.cancel:
    case MESSAGE.reject:
      return `${messageName(id)} ${a} @ ${b}, ${c} bytes`;
    case MESSAGE.extended:
      return a === 0 ? "extended handshake" : `extended message ${a}, ${b} bytes`;
    case MESSAGE.bitfield:
      return `bitfield, ${a} pieces`;
    case MESSAGE.port:
      return `DHT port ${a}`;
    default:
      return messageName(id);
  }
}
