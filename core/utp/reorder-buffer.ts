import type { Bytes } from "../model/units.ts";
import { sequenceAfter, sequenceDistance } from "./sequence.ts";

/** How far past a missing packet others are kept: libtorrent's window of 1 MiB has 953 of the shortest usual. */
const REACH = 1024;
/** What keeping a packet costs beside its payload: one without any is not free. */
const OVERHEAD: Bytes = 128;

/** Memory for what waits for missing packets, shared by all connections of a socket. */
export interface ReorderBudget {
  used: Bytes;
  readonly limit: Bytes;
}

/** Packets that came before their turn. */
export class ReorderBuffer {
  bytes: Bytes = 0;
  count = 0;
  readonly #slots = new Map<number, Uint8Array>();
  /** The latest number that is here. */
  #highest = 0;
  readonly #budget: ReorderBudget;

  constructor(budget: ReorderBudget) {
    this.#budget = budget;
  }

  /** Whether a packet is near enough to be kept. @param last - The last that was delivered. */
  static reaches(last: number, sequence: number): boolean {
    return sequenceDistance(last, sequence) <= REACH;
  }

  /** Keeps a copy. @returns False when there is no memory for it, or it is here already. */
  add(sequence: number, payload: Uint8Array): boolean {
    const cost = payload.length + OVERHEAD;
    if (this.#slots.has(sequence) || this.#budget.used + cost > this.#budget.limit) return false;
    if (this.count === 0 || sequenceDistance(this.#highest, sequence) > 0) this.#highest = sequence;
    this.#slots.set(sequence, payload.slice());
    this.#budget.used += cost;
    this.bytes += payload.length;
    this.count++;
    return true;
  }

  /** @returns The payload of `sequence`, no longer here. */
  take(sequence: number): Uint8Array | undefined {
    if (this.count === 0) return undefined;
    const payload = this.#slots.get(sequence);
    if (payload === undefined) return undefined;
    this.#slots.delete(sequence);
    this.#budget.used -= payload.length + OVERHEAD;
    this.bytes -= payload.length;
    this.count--;
    return payload;
  }

  clear(): void {
    this.#budget.used -= this.bytes + this.count * OVERHEAD;
    this.#slots.clear();
    this.bytes = 0;
    this.count = 0;
  }

  /** Bytes that a mask of all that is here takes, a multiple of four (BEP 29). */
  maskLength(last: number): Bytes {
    if (this.count === 0) return 0;
    return Math.ceil((sequenceDistance(last, this.#highest) - 1) / 32) * 4;
  }

  /** Sets a bit for each packet that is here, the first for `last` + 2. @param length - Of the mask, all zero. */
  writeMask(last: number, bytes: Uint8Array, at: number, length: Bytes): void {
    for (const sequence of this.#slots.keys()) {
      const bit = sequenceDistance(sequenceAfter(last, 2), sequence);
      const byte = at + (bit >>> 3);
      if (bit >= 0 && bit < length * 8) bytes[byte] = (bytes[byte] as number) | (1 << (bit & 7));
    }
  }
}
