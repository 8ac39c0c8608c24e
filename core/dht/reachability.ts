import type { Millis, Timestamp } from "../model/units.ts";

/** Somebody who finds us at all asks us within this time, when we are in the tables of others. */
const TRIAL: Millis = 10 * 60_000;
/** Once found reachable, or not, this is believed for as long. */
const BELIEVED: Millis = 60 * 60_000;

/** Whether strangers can reach us. Where they can't, others do better not to rely on us (BEP 43). */
export class Reachability {
  #since: Timestamp | undefined;
  #wasReached = false;

  /** A query came from someone whom we had not asked before. */
  reached(now: Timestamp): void {
    this.#since = now;
    this.#wasReached = true;
  }

  /** From now on others could know us. */
  begin(now: Timestamp): void {
    this.#since ??= now;
  }

  /** Nobody comes to us. Tried anew now and then. */
  isReadOnly(now: Timestamp): boolean {
    const elapsed = now - (this.#since ?? now);
    if (this.#wasReached && elapsed < BELIEVED) return false;
    return elapsed % BELIEVED >= TRIAL;
  }
}
