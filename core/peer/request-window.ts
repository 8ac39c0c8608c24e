import {
  BLOCK_LENGTH,
  type Bytes,
  type BytesPerSecond,
  type Millis,
  type PieceIndex,
  type Timestamp,
} from "../model/units.ts";
import { MEAN_SPAN } from "./rate-meter.ts";

/** One block we asked for. */
export interface OutRequest {
  readonly piece: PieceIndex;
  readonly block: number;
  readonly length: Bytes;
  readonly sentAt: Timestamp;
}

/** Requests outstanding to one peer, at most: what libtorrent and others accept by default. */
export const MAX_REQUESTS = 500;
/** Requests that go out together when the window is wide. */
const REQUEST_BATCH = 16;
const FIRST_WINDOW = 4;
/** The window holds what arrives in this time beyond the round trip, so a late turn of ours starves nobody. */
const SLACK: Millis = 1000;
/** Slow start ends when a second brought less than this times the one before. */
const STILL_GROWING = 1.1;
/** A request is overdue after the usual time and this many mean deviations, within these bounds. */
const TIMEOUT_DEVIATIONS = 4;
const LEAST_TIMEOUT: Millis = 2000;
const MOST_TIMEOUT: Millis = 60_000;

/**
 * What is asked of one peer and not yet answered, and how much may be.
 *
 * The window follows bandwidth × delay: it grows by one a block until the rate stops growing (slow start), then it is
 * what the peer delivers in one round trip and a little more.
 */
export class RequestWindow {
  /** Oldest first: answers come in the order of the requests, so a search ends at its start. */
  readonly outstanding: OutRequest[] = [];
  /** Told by the peer (BEP 10 `reqq`). */
  peerLimit = MAX_REQUESTS;
  target = FIRST_WINDOW;
  /** Smoothed time from request to block, with its mean deviation. */
  roundTrip: Millis | undefined;
  deviation: Millis = 0;
  /** Since when the oldest request has always been overdue. Kept by the torrent. */
  overdueSince: Timestamp | undefined;
  /** Since when it gives nothing, though its requests were taken back and others made. Kept by the torrent. */
  silentSince: Timestamp | undefined;
  /** What it gives while something is asked of it; undefined: nothing has shown it yet. */
  #rate: BytesPerSecond | undefined;
  /** Since when something has been outstanding, while something is. */
  #busySince: Timestamp = 0;
  #leastRoundTrip: Millis = Number.POSITIVE_INFINITY;
  #isSlowStart = true;
  #latest: BytesPerSecond = 0;

  /** How many more may be asked for now. A wide window is refilled in batches: every write costs, and none is late. */
  get room(): number {
    const most = Math.min(this.target, this.peerLimit);
    const room = most - this.outstanding.length;
    return room < Math.min(REQUEST_BATCH, most >> 2) ? 0 : room;
  }

  /** A request without its block for longer than this is overdue. */
  get timeout(): Millis {
    if (this.roundTrip === undefined) return MOST_TIMEOUT;
    const usual = this.roundTrip + TIMEOUT_DEVIATIONS * this.deviation;
    return Math.min(MOST_TIMEOUT, Math.max(LEAST_TIMEOUT, usual));
  }

  /**
   * How long from `now` until a request is answered that was, or would be, sent at `sentAt` behind `ahead` others.
   * @returns Infinite when the oldest is overdue; undefined while the peer has not shown what it can do.
   */
  expected(ahead: number, sentAt: Timestamp, now: Timestamp): Millis | undefined {
    const oldest = this.outstanding[0];
    const patience = this.roundTrip === undefined ? LEAST_TIMEOUT : this.timeout;
    if (oldest !== undefined && now - oldest.sentAt > patience) return Number.POSITIVE_INFINITY;
    if (this.#rate === undefined) return undefined;
    const trip = this.roundTrip === undefined ? 0 : this.#leastRoundTrip;
    return Math.max(sentAt + trip - now, (1000 * BLOCK_LENGTH * (ahead + 1)) / this.#rate);
  }

  /** Nothing is outstanding, and it is not held against the peer that it gave nothing. */
  get isIdle(): boolean {
    return this.outstanding.length === 0 && this.silentSince === undefined && this.overdueSince === undefined;
  }

  sent(request: OutRequest): void {
    if (this.outstanding.length === 0) this.#busySince = request.sentAt;
    this.outstanding.push(request);
  }

  /** What was removed counts as sent again: its block is coming. */
  restore(request: OutRequest): void {
    this.outstanding.unshift(request);
  }

  /** @returns The request, removed, or undefined when there is none such. */
  remove(piece: PieceIndex, block: number): OutRequest | undefined {
    for (let i = 0; i < this.outstanding.length; i++) {
      const request = this.outstanding[i] as OutRequest;
      if (request.piece !== piece || request.block !== block) continue;
      if (i === 0) this.outstanding.shift();
      else this.outstanding.splice(i, 1);
      return request;
    }
    return undefined;
  }

  find(piece: PieceIndex, block: number): OutRequest | undefined {
    for (const request of this.outstanding) if (request.piece === piece && request.block === block) return request;
    return undefined;
  }

  has(piece: PieceIndex, block: number): boolean {
    return this.find(piece, block) !== undefined;
  }

  /** A block came: its time is a measurement, and in slow start the window grows. */
  answered(request: OutRequest, now: Timestamp): void {
    const time = now - request.sentAt;
    if (time < this.#leastRoundTrip) this.#leastRoundTrip = time;
    if (this.roundTrip === undefined) {
      this.roundTrip = time;
      this.deviation = time / 2;
    } else {
      this.deviation += (Math.abs(time - this.roundTrip) - this.deviation) / 8;
      this.roundTrip += (time - this.roundTrip) / 8;
    }
    // What waited longer than that would not have come sooner had more been asked for.
    if (this.#isSlowStart && time < this.#leastRoundTrip + SLACK) this.target = Math.min(MAX_REQUESTS, this.target + 1);
  }

  /**
   * Once a second: fits the window to the rate.
   * @param mean - Of the last seconds.
   * @param latest - Of the last second alone: a mean still grows when the rate no longer does.
   */
  adjust(mean: BytesPerSecond, latest: BytesPerSecond, now: Timestamp): void {
    const wasBusy = this.outstanding.length > 0 && now - this.#busySince >= MEAN_SPAN;
    // A mean over idle time only says that it is no slower.
    const rate = wasBusy ? mean : Math.max(mean, this.#rate ?? 0);
    if (wasBusy || rate > 0) this.#rate = rate;
    if (this.outstanding.length === 0) return;
    if (this.#isSlowStart) {
      // A slow peer's blocks are seconds apart.
      if (latest === 0) return;
      const isGrowing = latest >= this.#latest * STILL_GROWING;
      this.#latest = latest;
      if (isGrowing) return;
      this.#isSlowStart = false;
    }
    const delay = Math.min(this.#leastRoundTrip, 2000) + SLACK;
    const wanted = Math.ceil((rate * delay) / 1000 / BLOCK_LENGTH);
    this.target = Math.max(FIRST_WINDOW, Math.min(MAX_REQUESTS, wanted));
  }

  clear(): OutRequest[] {
    this.silentSince = undefined;
    return this.outstanding.splice(0);
  }
}
