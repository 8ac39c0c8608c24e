import type { Bytes, BytesPerSecond, Millis, Timestamp } from "../model/units.ts";
import { RateMeter } from "./rate-meter.ts";

/** Unused allowance is kept for this long: enough to hide the steps of the timer, too short for a burst. */
const DEPTH: Millis = 250;
/** So that a limit below one block a quarter second still lets a block pass. */
const LEAST_DEPTH: Bytes = 16 * 1024;

/**
 * A token bucket in a chain: what a peer may send is limited by its own bucket, its torrent's and the session's, and
 * spent from all of them. A bucket may be overdrawn by one block, and pays that back first.
 */
export class Throttle {
  /** 0: no limit of its own. */
  limit: BytesPerSecond = 0;
  readonly #parent: Throttle | undefined;
  #tokens: Bytes = 0;
  #filledAt: Timestamp | undefined;

  constructor(parent?: Throttle) {
    this.#parent = parent;
  }

  /** Something limits it, itself or above. */
  get isLimited(): boolean {
    return this.limit > 0 || this.#parent?.isLimited === true;
  }

  /** Bytes that may pass now; infinite when nothing limits. */
  available(now: Timestamp): Bytes {
    const above = this.#parent?.available(now) ?? Number.POSITIVE_INFINITY;
    if (this.limit === 0) return above;
    this.#fill(now);
    return Math.min(above, Math.max(0, this.#tokens));
  }

  spend(bytes: Bytes, now: Timestamp): void {
    this.#parent?.spend(bytes, now);
    if (this.limit === 0) return;
    this.#fill(now);
    this.#tokens -= bytes;
  }

  #fill(now: Timestamp): void {
    const span = now - (this.#filledAt ?? now);
    if (span < 0) return;
    this.#filledAt = now;
    const depth = Math.max(LEAST_DEPTH, (this.limit * DEPTH) / 1000);
    this.#tokens = Math.min(depth, this.#tokens + (this.limit * span) / 1000);
  }
}

/** The limits of both directions, in one place of the chain. */
export class Traffic {
  readonly down: Throttle;
  readonly up: Throttle;

  constructor(above?: Traffic) {
    this.down = new Throttle(above?.down);
    this.up = new Throttle(above?.up);
  }

  get isLimited(): boolean {
    return this.down.isLimited || this.up.isLimited;
  }
}

/** What nothing limits; it is never written to. */
export const UNLIMITED: Traffic = new Traffic();

/** Both ways; a `have` a second is more. */
const SLIGHT: BytesPerSecond = 8;

/** What overhead must know of a peer. */
interface Counted {
  readonly now: Timestamp;
  readonly rawDown: Bytes;
  readonly rawUp: Bytes;
  readonly down: { readonly total: Bytes };
  readonly up: { readonly total: Bytes };
}

/** Headers and small messages: limits count them too, not as they pass but once a second. */
export class Overhead {
  #down: RateMeter | undefined;
  #up: RateMeter | undefined;

  get downRate(): BytesPerSecond {
    return this.#down?.rate ?? 0;
  }

  get upRate(): BytesPerSecond {
    return this.#up?.rate ?? 0;
  }

  /** A keep-alive now and then. */
  get isSlight(): boolean {
    return this.downRate + this.upRate < SLIGHT;
  }

  /** Nothing more is counted until something comes. */
  rest(): void {
    this.#down?.rest();
    this.#up?.rest();
  }

  spend({ now, rawDown, rawUp, down, up }: Counted, traffic: Traffic): void {
    this.#down ??= new RateMeter(now);
    this.#up ??= new RateMeter(now);
    traffic.down.spend(count(this.#down, rawDown - down.total, now), now);
    traffic.up.spend(count(this.#up, rawUp - up.total, now), now);
  }
}

/** @returns What came since the last count. */
function count(meter: RateMeter, total: Bytes, now: Timestamp): Bytes {
  const news = total - meter.total;
  meter.add(news);
  meter.sample(now);
  return news;
}
