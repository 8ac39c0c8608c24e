import { partyOf } from "../model/address.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { Random } from "../model/random.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Answer, Question, Refusal } from "./message.ts";

/** Questions that wait for an answer, of all lookups together. */
const MAX_WAITING = 256;
/** A question without an answer for as long has none: later ones are no longer known. */
const TIMEOUT: Millis = 4_000;
/** After this, it is asked once more, and another meanwhile: between these, by the times that answers took of late. */
const LEAST_PATIENCE: Millis = 300;
const MOST_PATIENCE: Millis = 2_000;
const FIRST_PATIENCE: Millis = 1_000;
/** Others count what we send them, as we do: half of what libtorrent bears. */
const MAX_QUESTIONS = 25;
const WINDOW: Millis = 10_000;
/** Addresses that were asked of late. */
const MAX_ASKED = 2000;

/** Who waits for an answer. Exactly one of `answered` and `failed` is called, once; `slow` at most once before it. */
export interface Asker {
  answered(answer: Answer, now: Timestamp): void;
  /** It takes longer than most. */
  slow(now: Timestamp): void;
  failed(now: Timestamp): void;
}

interface Waiting {
  readonly to: Endpoint;
  readonly question: Question;
  readonly asker: Asker;
  readonly askedAt: Timestamp;
  isSlow: boolean;
}

/** Our questions that wait for an answer: which answer is to which, and when it is not worth waiting. */
export class Rpc {
  readonly #random: Random;
  readonly #send: (transaction: Uint8Array, question: Question, to: Endpoint) => void;
  /** By transaction id; oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  /** How often each address was asked in its window; oldest window first. */
  readonly #asked = new Map<string, { readonly since: Timestamp; count: number }>();
  #meanTime: Millis = FIRST_PATIENCE / 2;
  #deviation: Millis = FIRST_PATIENCE / 8;

  /** @param random - Not to be foretold: whoever guesses a transaction id can answer in another's name. */
  constructor(random: Random, send: (transaction: Uint8Array, question: Question, to: Endpoint) => void) {
    this.#random = random;
    this.#send = send;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** We asked this very address a while ago: what comes from it may have come through a router that keeps others out. */
  hasAsked(to: Endpoint): boolean {
    return this.#asked.has(formatEndpoint(to));
  }

  /** @returns False when it can't be asked now: too much waits, or it was asked too often. */
  ask(to: Endpoint, question: Question, asker: Asker, now: Timestamp): boolean {
    if (this.#waiting.size >= MAX_WAITING || !this.#mayAsk(to, now)) return false;
    let transaction = this.#random.uint32() >>> 16;
    while (this.#waiting.has(transaction)) transaction = (transaction + 1) & 0xffff;
    this.#waiting.set(transaction, { to, question, asker, askedAt: now, isSlow: false });
    this.#send(bytesOf(transaction), question, to);
    return true;
  }

  /** @returns Whether it answers a question of ours, and comes from whom we asked. */
  received(message: Answer | Refusal, from: Endpoint, now: Timestamp): boolean {
    const { transaction } = message;
    if (transaction.length !== 2) return false;
    const key = ((transaction[0] as number) << 8) | (transaction[1] as number);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || waiting.to.port !== from.port || waiting.to.host !== from.host) return false;
    this.#waiting.delete(key);
    this.#took(now - waiting.askedAt);
    if (message.kind === "answer") waiting.asker.answered(message, now);
    else waiting.asker.failed(now);
    return true;
  }

  /** Gives up what has waited for too long. @returns When to come back, at the latest. */
  advance(now: Timestamp): Timestamp {
    const patience = this.#patience;
    let next = Number.POSITIVE_INFINITY;
    // Askers ask others in turn: those come at the end of the same map.
    for (const [key, waiting] of this.#waiting) {
      const { askedAt, asker } = waiting;
      if (now >= askedAt + TIMEOUT) {
        this.#waiting.delete(key);
        asker.failed(now);
        continue;
      }
      if (!waiting.isSlow && now >= askedAt + patience) {
        waiting.isSlow = true;
        // It may be the network that lost it, and a neighbour missed is missed for long.
        if (this.#mayAsk(waiting.to, now)) this.#send(bytesOf(key), waiting.question, waiting.to);
        asker.slow(now);
      }
      next = Math.min(next, askedAt + (waiting.isSlow ? TIMEOUT : patience));
    }
    return next;
  }

  get #patience(): Millis {
    return Math.min(MOST_PATIENCE, Math.max(LEAST_PATIENCE, this.#meanTime + 4 * this.#deviation));
  }

  /** As TCP estimates its round trip (RFC 6298), over all nodes. */
  #took(time: Millis): void {
    this.#deviation += (Math.abs(time - this.#meanTime) - this.#deviation) / 8;
    this.#meanTime += (time - this.#meanTime) / 8;
  }

  #mayAsk(to: Endpoint, now: Timestamp): boolean {
    for (const key of [partyOf(to), formatEndpoint(to)]) {
      const asked = this.#asked.get(key);
      if (asked !== undefined && now - asked.since < WINDOW) {
        if (asked.count >= MAX_QUESTIONS) return false;
        asked.count++;
        continue;
      }
      this.#asked.delete(key);
      this.#asked.set(key, { since: now, count: 1 });
      if (this.#asked.size <= MAX_ASKED) continue;
      const [oldest] = this.#asked.keys();
      this.#asked.delete(oldest as string);
    }
    return true;
  }
}

function bytesOf(transaction: number): Uint8Array {
  return Uint8Array.of(transaction >>> 8, transaction);
}
