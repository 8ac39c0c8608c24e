import type { Bytes, BytesPerSecond, Timestamp } from "../model/units.ts";

/** Unused allowance is kept for this long: enough to hide the steps of the timer, too short for a burst. */
const DEPTH_SECONDS = 0.25;
/** So that a limit below one block a quarter second still lets a block pass. */
const LEAST_DEPTH: Bytes = 16 * 1024;

/** A token bucket. It may be overdrawn by one block, and pays that back first. */
export class Throttle {
  /** 0: no limit. */
  limit: BytesPerSecond = 0;
  #tokens: Bytes = 0;
  #filledAt: Timestamp | undefined;

  get isLimited(): boolean {
    return this.limit > 0;
  }

  /** Bytes that may pass now. */
  get available(): Bytes {
    return this.isLimited ? Math.max(0, this.#tokens) : Number.POSITIVE_INFINITY;
  }

  refill(now: Timestamp): void {
    const span = now - (this.#filledAt ?? now);
    this.#filledAt = now;
    const depth = Math.max(LEAST_DEPTH, this.limit * DEPTH_SECONDS);
    this.#tokens = Math.min(depth, this.#tokens + (this.limit * span) / 1000);
  }

  spend(bytes: Bytes): void {
    if (this.isLimited) this.#tokens -= bytes;
  }
}
