import type { Millis, Timestamp } from "../model/units.ts";

/**
 * RFC 6817 suggests ten minutes. Fewer, and the queue of one long transfer becomes the base; more, and clocks that drift
 * apart look like a queue.
 */
const SLOTS = 10;
const SLOT: Millis = 60_000;

/** Later on the circle of 2^32 microseconds. */
function isLess(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/**
 * The least delay seen of late, minute by minute: what the path takes with empty queues, in clocks whose difference is
 * unknown. What a packet took beyond it, it waited in queues (RFC 6817, base delay). Microseconds.
 */
export class DelayHistory {
  readonly #slots = new Uint32Array(SLOTS);
  #used = 0;
  #slotBegan: Timestamp = 0;
  #base = 0;

  /**
   * @param sample - Arrival by one clock less departure by the other, modulo 2^32.
   * @returns The part of it that is waiting in queues.
   */
  add(sample: number, now: Timestamp): number {
    if (this.#used === 0) {
      this.#slots[0] = sample;
      this.#used = 1;
      this.#slotBegan = now;
      this.#base = sample;
      return 0;
    }
    if (now - this.#slotBegan >= SLOT) {
      this.#slotBegan = now;
      this.#slots.copyWithin(1, 0, SLOTS - 1);
      this.#slots[0] = sample;
      this.#used = Math.min(SLOTS, this.#used + 1);
      this.#findBase();
    } else if (isLess(sample, this.#slots[0] as number)) {
      this.#slots[0] = sample;
      if (isLess(sample, this.#base)) this.#base = sample;
    }
    return (sample - this.#base) >>> 0;
  }

  #findBase(): void {
    this.#base = this.#slots[0] as number;
    for (let i = 1; i < this.#used; i++) {
      if (isLess(this.#slots[i] as number, this.#base)) this.#base = this.#slots[i] as number;
    }
  }
}
