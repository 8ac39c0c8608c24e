import type { TrackerState, TrackerView } from "../model/tracker-view.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import { scrapeUrl, trackerSupport } from "./announce-url.ts";
import { type AnnounceAnswer, MIN_INTERVAL } from "./tracker-answer.ts";

/** How many of each there are in a tracker's swarm, as far as it said. */
export interface SwarmCounts {
  readonly seeds?: number | undefined;
  readonly leechers?: number | undefined;
  readonly downloads?: number | undefined;
}

const DEFAULT_INTERVAL: Millis = 30 * 60_000;

/** One tracker of a torrent and where we stand with it. Its announcer decides; this remembers. */
export class TrackerEntry {
  readonly url: string;
  readonly tier: number;
  /** The address in its normal form: the same tracker spelt twice is one. */
  readonly name: string;
  readonly isUsable: boolean;
  /** BEP 15. */
  readonly isUdp: boolean;
  readonly isScrapable: boolean;
  /** It is not asked before. */
  earliest: Timestamp = Number.NEGATIVE_INFINITY;
  lastBegunAt: Timestamp = Number.NEGATIVE_INFINITY;
  /** The announce in flight. */
  announcing: number | undefined;
  isScraping = false;
  scrapeAt: Timestamp = Number.NEGATIVE_INFINITY;
  /** It acknowledged `started` since the torrent last started. */
  isStarted = false;
  owesCompleted = false;
  owesStopped = false;
  /** The user wants it asked, before or beside the others. */
  isDemanded = false;
  /** In a row. */
  failures = 0;
  /** The tracker itself said when to come back (BEP 31). */
  isHeld = false;
  interval: Millis = DEFAULT_INTERVAL;
  trackerId: Uint8Array | undefined;
  counts: SwarmCounts = {};
  #message: string | undefined;
  #lastAnswerAt: Timestamp | undefined;
  #peersGiven = 0;

  constructor(url: string, tier: number) {
    this.url = url;
    this.tier = tier;
    this.name = URL.canParse(url) ? new URL(url).href : url;
    const support = trackerSupport(url);
    this.isUsable = support.kind !== "unsupported";
    this.isUdp = support.kind === "udp";
    this.isScrapable = this.isUdp || (this.isUsable && scrapeUrl(url, new Uint8Array(20)) !== undefined);
    if (support.kind === "unsupported") this.#message = support.words.slice(0, 256);
  }

  /** Its last announce was answered. */
  get isWorking(): boolean {
    return this.failures === 0 && this.#lastAnswerAt !== undefined;
  }

  get isIdle(): boolean {
    return this.announcing === undefined;
  }

  /** It is to be told that the torrent completed, and can be. */
  get isOwing(): boolean {
    return this.owesCompleted && this.isStarted && this.isIdle;
  }

  /** It is to be asked at the user's word, and can be. */
  get isDue(): boolean {
    return this.isDemanded && this.isIdle;
  }

  /** After a failure it may be asked again so long after it was asked last. */
  hasten(backOff: Millis): void {
    if (this.failures > 0) this.earliest = Math.min(this.earliest, this.lastBegunAt + backOff);
  }

  /** A new start is news to the tracker, so it is told at once; only what it forbade itself (BEP 31) holds. */
  restart(now: Timestamp): void {
    this.isStarted = false;
    this.owesCompleted = false;
    this.owesStopped = false;
    if (!this.isHeld) this.earliest = now;
  }

  /** @param isCompleting - `completed` is on its way to it. */
  stop(isCompleting: boolean): void {
    this.owesCompleted &&= this.isStarted && this.failures === 0 && !isCompleting;
    this.owesStopped = this.isStarted || (this.announcing !== undefined && this.failures === 0);
    this.isStarted = false;
    this.isDemanded = false;
    this.announcing = undefined;
  }

  begun(orderId: number, now: Timestamp): void {
    this.announcing = orderId;
    this.isDemanded = false;
    this.lastBegunAt = now;
  }

  answered(answer: AnnounceAnswer, now: Timestamp, toldCompleted: boolean): void {
    this.failures = 0;
    this.isHeld = false;
    this.isStarted = true;
    if (toldCompleted) this.owesCompleted = false;
    this.interval = Math.max(answer.interval ?? DEFAULT_INTERVAL, answer.minInterval ?? MIN_INTERVAL);
    this.earliest = now + (answer.minInterval ?? MIN_INTERVAL);
    if (this.isOwing) this.earliest = now;
    if (answer.trackerId !== undefined) this.trackerId = answer.trackerId;
    this.counts = {
      seeds: answer.seeds ?? this.counts.seeds,
      leechers: answer.leechers ?? this.counts.leechers,
      downloads: answer.downloads ?? this.counts.downloads,
    };
    this.#message = answer.warning;
    this.#lastAnswerAt = now;
    this.#peersGiven = answer.peers.length;
  }

  failed(words: string, earliest: Timestamp, isHeld: boolean): void {
    this.failures++;
    this.earliest = earliest;
    this.isHeld = isHeld;
    this.#message = words.slice(0, 256);
    // A tracker that never knew us as started has nothing to hear of completion: it will see `left=0` at once.
    if (!this.isStarted) this.owesCompleted = false;
  }

  view(isActive: boolean, nextWalkAt: Timestamp): TrackerView {
    const next = this.isDemanded ? this.earliest : Math.max(this.earliest, nextWalkAt);
    const isKnown = this.failures > 0 || this.isWorking || this.isDemanded;
    const isExpected = isActive && this.isIdle && isKnown && Number.isFinite(next);
    const view: { -readonly [K in keyof TrackerView]: TrackerView[K] } = {
      url: this.url,
      tier: this.tier,
      state: this.#state(),
      peersGiven: this.#peersGiven,
      failures: this.failures,
    };
    if (this.#message !== undefined) view.message = this.#message;
    if (this.#lastAnswerAt !== undefined) view.lastAnswerAt = this.#lastAnswerAt;
    if (isExpected) view.nextAnnounceAt = next;
    if (this.counts.seeds !== undefined) view.seeds = this.counts.seeds;
    if (this.counts.leechers !== undefined) view.leechers = this.counts.leechers;
    if (this.counts.downloads !== undefined) view.downloads = this.counts.downloads;
    return view;
  }

  #state(): TrackerState {
    if (!this.isUsable) return "unsupported";
    if (this.announcing !== undefined) return "announcing";
    if (this.failures > 0) return "failed";
    return this.isWorking ? "working" : "waiting";
  }
}
