import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../model/units.ts";

/** libtorrent's numbers: five messages a second from one address, counted over ten, or it is not heard for a while. */
const MAX_MESSAGES_A_SECOND = 5;
const WINDOW: Millis = 10_000;
const SILENCE: Millis = 5 * 60_000;
/** Answers to all together; saved up while it is quiet, for as long as a lookup of many takes. */
const ANSWER_RATE: BytesPerSecond = 8000;
const SAVED_UP: Bytes = 8000;
/** An answer to an address that may be forged is at most this many times as long as the question. */
const MAX_AMPLIFICATION = 3;
/** An address that answered us is believed for as long. */
const PROOF_LIFE: Millis = 15 * 60_000;
/** Addresses remembered, of each kind: a few hundred kilobytes. */
const MAX_ADDRESSES = 2000;

interface Caller {
  since: Timestamp;
  messages: number;
  silentUntil: Timestamp;
}

/** Keeps us from being flooded, and from flooding others in somebody's name. Everybody is named by `partyOf`. */
export class Guard {
  /** By party; the one longest known first. */
  readonly #callers = new Map<string, Caller>();
  /** When each party last proved that it gets what is sent to it; oldest first. */
  readonly #proofs = new Map<string, Timestamp>();
  #allowance: Bytes = SAVED_UP;
  #refilledAt: Timestamp = 0;

  /** Addresses that are not heard at present. */
  silenced(now: Timestamp): number {
    let count = 0;
    for (const caller of this.#callers.values()) if (caller.silentUntil > now) count++;
    return count;
  }

  /** It sent too much: nothing of it is read. */
  isSilenced(party: string, now: Timestamp): boolean {
    return (this.#callers.get(party)?.silentUntil ?? 0) > now;
  }

  /** Counts a message that nobody here asked for. @returns False when it is one too many. */
  mayCall(party: string, now: Timestamp): boolean {
    let caller = this.#callers.get(party);
    if (caller === undefined) {
      caller = { since: now, messages: 0, silentUntil: 0 };
      remember(this.#callers, party, caller);
    }
    if (now - caller.since >= WINDOW) {
      caller.since = now;
      caller.messages = 0;
    }
    caller.messages++;
    if (caller.messages <= (MAX_MESSAGES_A_SECOND * WINDOW) / 1000) return true;
    caller.silentUntil = now + SILENCE;
    return false;
  }

  /** Something came back from this address that only its owner could know. */
  proved(party: string, now: Timestamp): void {
    remember(this.#proofs, party, now);
  }

  /** The longest answer that may go to this address for a question of `length` bytes. */
  longestAnswer(party: string, length: Bytes, most: Bytes, now: Timestamp): Bytes {
    const proof = this.#proofs.get(party);
    if (proof !== undefined && now - proof < PROOF_LIFE) return most;
    return Math.min(most, MAX_AMPLIFICATION * length);
  }

  /** @returns False when so much was answered of late that this is not. */
  mayAnswer(length: Bytes, now: Timestamp): boolean {
    const earned = ((now - this.#refilledAt) * ANSWER_RATE) / 1000;
    this.#allowance = Math.min(SAVED_UP, this.#allowance + Math.max(0, earned));
    this.#refilledAt = now;
    if (length > this.#allowance) return false;
    this.#allowance -= length;
    return true;
  }
}

/** The newest last; the oldest makes room. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_ADDRESSES) return;
  const [oldest] = map.keys();
  map.delete(oldest as string);
}
