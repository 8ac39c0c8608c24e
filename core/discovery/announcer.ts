import type { Endpoint } from "../model/endpoint.ts";
import { invariant } from "../model/invariant.ts";
import { type Random, shuffle } from "../model/random.ts";
import type { TrackerView } from "../model/tracker-view.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { type AnnounceEvent, type AnnounceParameters, announceUrl, scrapeUrl } from "./announce-url.ts";
import { TierWalk } from "./tier-walk.ts";
import { type AnnounceAnswer, parseAnnounceAnswer, parseScrapeAnswer } from "./tracker-answer.ts";
import { TrackerEntry } from "./tracker-entry.ts";
import type { UdpRequest } from "./udp-call.ts";
import { usablePeers } from "./usable-peers.ts";

export interface AnnouncerOptions {
  /** BEP 12; a single `announce` is one tier of one. */
  readonly tiers: readonly (readonly string[])[];
  readonly random: Random;
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly key: string;
}

/** The torrent's figures at the moment of an announce. */
export interface AnnounceTotals {
  /** The port that listens; 0 when none does. */
  readonly port: number;
  readonly uploaded: Bytes;
  readonly downloaded: Bytes;
  readonly left: Bytes;
  /** Peers wanted. */
  readonly numwant: number;
  /** It has all that it wants, and that is not all (BEP 21). */
  readonly isPartialSeed?: boolean;
}

/** One request to be made now, and answered once by `answered` or `failed`. */
export interface AnnounceOrder {
  readonly id: number;
  readonly kind: "announce" | "scrape";
  /** What is fetched; the tracker's own address where it is asked over UDP. */
  readonly url: string;
  /** What a UDP tracker is asked. */
  readonly udp?: UdpRequest;
  /** The tracker's address as the torrent names it: what the runtime judges. */
  readonly tracker: string;
  readonly event?: AnnounceEvent;
  /** For the whole request. */
  readonly timeout: Millis;
}

/** What came of an order, for the session: peers to meet and words for the log. */
export interface AnnounceResult {
  readonly tracker: string;
  readonly kind: "announce" | "scrape";
  /** Usable ones: no port 0, not ourselves, each once. */
  readonly peers: readonly Endpoint[];
  readonly externalIp?: string;
  readonly seeds?: number;
  readonly leechers?: number;
  readonly warning?: string;
  /** Why it does not count as an answer: the tracker's refusal, or what is malformed. */
  readonly fault?: string;
}

const REQUEST_TIMEOUT: Millis = 15_000;
/** A datagram that is lost is sent again after 15 s, and after 30 s more (BEP 15). */
const UDP_TIMEOUT: Millis = 60_000;
/** Quitting waits for these, so they get less. */
const STOPPED_TIMEOUT: Millis = 4_000;
const FIRST_BACK_OFF: Millis = 15_000;
const MAX_BACK_OFF: Millis = 30 * 60_000;
const SCRAPE_INTERVAL: Millis = 30 * 60_000;
/** Far more than any torrent in use lists (some dozens); each costs an address and a row. */
export const MAX_TRACKERS = 500;

interface Flight {
  readonly entry: TrackerEntry;
  readonly kind: "announce" | "scrape";
  readonly event?: AnnounceEvent;
  readonly port: number;
  /** Sent before the last stop: its answer no longer moves the schedule. */
  isStale: boolean;
}

/**
 * When to ask which tracker of one torrent (BEP 12): tiers in order, shuffled once within each, the one that
 * answered promoted to the head of its tier. Deterministic: the runtime polls at {@link nextDeadline} and makes the
 * requests.
 *
 * Invariants: at most one announce and one scrape a tracker in flight; no tracker is asked before its `earliest`
 * but to say `stopped`.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #trackers: TrackerEntry[] = [];
  /** Removed while they knew us as started: they are still told `stopped`. */
  #leaving: TrackerEntry[] = [];
  readonly #flights = new Map<number, Flight>();
  #lastOrder = 0;
  #tierCount = 0;
  #isActive = false;
  #hasCompleted = false;
  #walk: TierWalk | undefined;
  #nextWalkAt: Timestamp = Number.POSITIVE_INFINITY;

  constructor(options: AnnouncerOptions) {
    invariant(options.infoHash.length === 20 && options.peerId.length === 20, "info hash and peer id have 20 bytes");
    this.#options = options;
    this.merge(options.tiers);
  }

  /** Begins to announce. `started` is said to each tracker once. */
  start(now: Timestamp): void {
    if (this.#isActive) return;
    this.#isActive = true;
    this.#nextWalkAt = now;
    for (const entry of this.#trackers) entry.restart(now);
  }

  /** The torrent completed by downloading here: said once, to each tracker that knows us as started. */
  complete(now: Timestamp): void {
    if (!this.#isActive || this.#hasCompleted) return;
    this.#hasCompleted = true;
    for (const entry of this.#trackers) {
      if (!entry.isStarted && entry.announcing === undefined) continue;
      entry.owesCompleted = true;
      entry.earliest = Math.min(entry.earliest, now);
    }
  }

  /**
   * Ends announcing. The next poll gives `stopped` for each tracker that was told `started`, behind a `completed` that
   * was still to be said; nothing after it. The runtime keeps the order of requests to one tracker.
   */
  stop(_now: Timestamp): void {
    if (!this.#isActive) return;
    this.#isActive = false;
    this.#walk = undefined;
    this.#nextWalkAt = Number.POSITIVE_INFINITY;
    for (const entry of this.#trackers) {
      const underWay = entry.announcing === undefined ? undefined : this.#flights.get(entry.announcing);
      entry.stop(underWay?.event === "completed");
    }
    for (const flight of this.#flights.values()) flight.isStale = true;
  }

  /**
   * The user, or a torrent in want of peers, asks for an announce. A tracker that answered is asked again after its
   * minimum interval, one that failed after {@link FIRST_BACK_OFF}.
   */
  announceNow(now: Timestamp): void {
    if (!this.#isActive || this.#walk !== undefined) return;
    for (const entry of this.#trackers) {
      if (!entry.isHeld) entry.hasten(FIRST_BACK_OFF);
    }
    const working = this.#trackers.find((entry) => entry.isUsable && entry.isWorking);
    const at = Math.max(now, working?.earliest ?? this.#earliestTracker());
    this.#nextWalkAt = Math.min(this.#nextWalkAt, at);
  }

  /**
   * Adds trackers that are new, in tiers after those that are there.
   * @returns How many were new.
   */
  merge(tiers: readonly (readonly string[])[]): number {
    const known = new Set(this.#trackers.map((entry) => entry.name));
    const before = this.#trackers.length;
    for (const tier of tiers) {
      const entries: TrackerEntry[] = [];
      for (const url of tier) {
        if (this.#trackers.length + entries.length >= MAX_TRACKERS) break;
        const entry = new TrackerEntry(url.trim(), this.#tierCount);
        if (entry.url === "" || known.has(entry.name)) continue;
        known.add(entry.name);
        entries.push(entry);
      }
      if (entries.length === 0) continue;
      this.#trackers.push(...shuffle(this.#options.random, entries));
      this.#tierCount++;
    }
    const added = this.#trackers.length - before;
    const isLost = this.#walk === undefined && !this.#trackers.some((entry) => entry.isWorking);
    if (added > 0 && this.#isActive && isLost) this.#nextWalkAt = 0;
    return added;
  }

  /** The user asks for an announce to one tracker; as with {@link announceNow} not before it lets itself be asked. */
  announceTo(tracker: string): void {
    const entry = this.#find(tracker);
    if (!this.#isActive || entry === undefined) return;
    entry.isDemanded = entry.isUsable;
    if (!entry.isHeld) entry.hasten(FIRST_BACK_OFF);
  }

  /** @returns False when there is no such tracker. */
  remove(tracker: string, now: Timestamp): boolean {
    const entry = this.#find(tracker);
    if (entry === undefined) return false;
    this.#take(entry, now);
    return true;
  }

  /**
   * Another tracker in the place of one: its tier, and its turn in there.
   * @returns False when the first is not there, or the other is already.
   */
  replace(tracker: string, by: string, now: Timestamp): boolean {
    const before = this.#find(tracker);
    if (before === undefined) return false;
    const after = new TrackerEntry(by, before.tier);
    if (this.#trackers.some((entry) => entry !== before && entry.name === after.name)) return false;
    this.#take(before, now, after);
    return true;
  }

  /** The trackers by tier, in the order they are asked. */
  tiers(): string[][] {
    const tiers = new Map<number, string[]>();
    for (const { tier, url } of this.#trackers) {
      const urls = tiers.get(tier);
      if (urls === undefined) tiers.set(tier, [url]);
      else urls.push(url);
    }
    return [...tiers.values()];
  }

  /** When to poll again; 0 or past for at once, Infinity when nothing is due. */
  nextDeadline(): Timestamp {
    if (this.#leaving.length > 0) return 0;
    if (!this.#isActive) return this.#trackers.some((entry) => entry.owesStopped) ? 0 : Number.POSITIVE_INFINITY;
    let deadline = this.#nextStepAt();
    for (const entry of this.#trackers) {
      if (entry.isOwing || entry.isDue) deadline = Math.min(deadline, entry.earliest);
      if (this.#canScrape(entry)) deadline = Math.min(deadline, entry.scrapeAt);
    }
    return deadline;
  }

  /** Requests to be made now. */
  poll(now: Timestamp, totals: AnnounceTotals): AnnounceOrder[] {
    const orders: AnnounceOrder[] = [];
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const entry of [...leaving, ...this.#trackers]) {
      if (entry.owesStopped) {
        if (entry.owesCompleted) orders.push(this.#announce(entry, now, totals, "completed"));
        orders.push(this.#announce(entry, now, totals, "stopped"));
        entry.owesCompleted = false;
        entry.owesStopped = false;
      } else if (this.#isActive && entry.isOwing && entry.earliest <= now) {
        orders.push(this.#announce(entry, now, totals, "completed"));
      } else if (this.#isActive && entry.isDue && entry.earliest <= now) {
        orders.push(this.#announce(entry, now, totals, routineEvent(entry, totals)));
      }
    }
    if (!this.#isActive) return orders;
    // A walk that ends with nobody asked has nobody due: the next one is later, and the loop ends.
    while (now >= this.#nextStepAt()) {
      this.#walk ??= new TierWalk(this.#trackers, now);
      const entry = this.#walk.step(now);
      if (entry === undefined) this.#endWalk();
      else orders.push(this.#announce(entry, now, totals, routineEvent(entry, totals)));
    }
    for (const entry of this.#trackers) {
      if (this.#canScrape(entry) && entry.scrapeAt <= now) orders.push(this.#scrape(entry, now));
    }
    return orders;
  }

  /**
   * The tracker answered with `body`, which may be anything.
   * @param also - Its answers to the same announce over the other family of addresses (BEP 7): they count for their
   *   peers, and for all when `body` is a refusal.
   */
  answered(orderId: number, body: Uint8Array, now: Timestamp, also: readonly Uint8Array[] = []): AnnounceResult {
    const flight = this.#land(orderId);
    const { entry, kind } = flight;
    if (kind === "scrape") return this.#scraped(flight, body, now);
    const refusal = parseAnnounceAnswer(body);
    const answers = [refusal, ...also.map(parseAnnounceAnswer)].flatMap((parsed) => (parsed.ok ? [parsed.answer] : []));
    const [first] = answers;
    if (first === undefined) {
      const { fault, retryIn } = refusal as Extract<typeof refusal, { ok: false }>;
      if (!flight.isStale) this.#announceFailed(flight, fault, now, retryIn);
      return { tracker: entry.url, kind, peers: [], fault };
    }
    const answer = { ...first, peers: answers.flatMap((one) => one.peers) };
    if (!flight.isStale) this.#announceAnswered(flight, answer, now);
    const peers = usablePeers(answers, this.#options.peerId, flight.port);
    return {
      tracker: entry.url,
      kind,
      peers,
      ...(answer.externalIp === undefined ? {} : { externalIp: answer.externalIp }),
      ...(answer.seeds === undefined ? {} : { seeds: answer.seeds }),
      ...(answer.leechers === undefined ? {} : { leechers: answer.leechers }),
      ...(answer.warning === undefined ? {} : { warning: answer.warning }),
    };
  }

  /** The tracker could not be reached, or answered with what is no answer; `words` say why. */
  failed(orderId: number, words: string, now: Timestamp): void {
    const flight = this.#land(orderId);
    if (flight.isStale) return;
    if (flight.kind === "announce") this.#announceFailed(flight, words, now, undefined);
    else flight.entry.scrapeAt = now + SCRAPE_INTERVAL;
  }

  /** One row a tracker, in the order they are asked. */
  views(): TrackerView[] {
    return this.#trackers.map((entry) => entry.view(this.#isActive, this.#nextWalkAt));
  }

  #find(tracker: string): TrackerEntry | undefined {
    return this.#trackers.find((entry) => entry.url === tracker);
  }

  /** Takes a tracker out, or has another in its place. What it still answers moves the schedule no more. */
  #take(before: TrackerEntry, now: Timestamp, ...after: TrackerEntry[]): void {
    this.#trackers.splice(this.#trackers.indexOf(before), 1, ...after);
    for (const flight of this.#flights.values()) if (flight.entry === before) flight.isStale = true;
    if (this.#isActive) before.stop(false);
    if (before.owesStopped) this.#leaving.push(before);
    const walk = this.#walk;
    walk?.leave(before);
    const isLost = walk === undefined && !this.#trackers.some((entry) => entry.isWorking);
    if (this.#isActive && isLost) this.#nextWalkAt = Math.max(now, this.#earliestTracker());
    for (const entry of after) if (this.#isActive) entry.isDemanded = entry.isUsable;
  }

  #announceAnswered(flight: Flight, answer: AnnounceAnswer, now: Timestamp): void {
    const { entry } = flight;
    entry.answered(answer, now, flight.event === "completed");
    this.#promote(entry);
    this.#walk = undefined;
    this.#nextWalkAt = now + entry.interval;
  }

  #announceFailed(flight: Flight, words: string, now: Timestamp, retryIn: Millis | undefined): void {
    const { entry } = flight;
    const doubled = FIRST_BACK_OFF * 2 ** Math.min(entry.failures, 20);
    entry.failed(words, now + (retryIn ?? Math.min(doubled, MAX_BACK_OFF)), retryIn !== undefined);
    // A walk found every tracker busy, and this was one of them.
    if (this.#nextWalkAt === Number.POSITIVE_INFINITY) this.#nextWalkAt = this.#earliestTracker();
  }

  #scraped({ entry, isStale }: Flight, body: Uint8Array, now: Timestamp): AnnounceResult {
    const none = { tracker: entry.url, kind: "scrape" as const, peers: [] };
    const parsed = parseScrapeAnswer(body, this.#options.infoHash);
    if (!isStale) entry.scrapeAt = now + Math.max(SCRAPE_INTERVAL, parsed.ok ? parsed.scrape.minInterval : 0);
    if (!parsed.ok) return { ...none, fault: parsed.fault };
    const { seeds, leechers, downloads } = parsed.scrape;
    entry.counts = { seeds, leechers, downloads };
    return { ...none, seeds, leechers };
  }

  /** A walk goes on at once when nothing is in flight, else when patience ends; never, when none is left to ask. */
  #nextStepAt(): Timestamp {
    const walk = this.#walk;
    if (walk === undefined) return this.#nextWalkAt;
    if (!this.#trackers.some((entry) => entry.announcing !== undefined)) return 0;
    return walk.nextAt;
  }

  /** Nobody answered: again when the first of them may be asked again. */
  #endWalk(): void {
    this.#walk = undefined;
    this.#nextWalkAt = this.#earliestTracker();
  }

  #earliestTracker(): Timestamp {
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of this.#trackers) {
      if (entry.isUsable && entry.isIdle) earliest = Math.min(earliest, entry.earliest);
    }
    return earliest;
  }

  /** To the head of its tier (BEP 12). */
  #promote(entry: TrackerEntry): void {
    const from = this.#trackers.indexOf(entry);
    const head = this.#trackers.findIndex((other) => other.tier === entry.tier);
    this.#trackers.splice(from, 1);
    this.#trackers.splice(head, 0, entry);
  }

  #canScrape(entry: TrackerEntry): boolean {
    return entry.isUsable && entry.isWorking && entry.isScrapable && !entry.isScraping && entry.isStarted;
  }

  #announce(
    entry: TrackerEntry,
    now: Timestamp,
    totals: AnnounceTotals,
    event: AnnounceEvent | undefined,
  ): AnnounceOrder {
    const { infoHash, peerId, key } = this.#options;
    const isLast = entry.owesStopped;
    const parameters: AnnounceParameters = {
      infoHash,
      peerId,
      key,
      ...totals,
      numwant: isLast ? 0 : totals.numwant,
      ...(event === undefined ? {} : { event }),
      ...(entry.trackerId === undefined ? {} : { trackerId: entry.trackerId }),
    };
    const id = ++this.#lastOrder;
    if (!isLast) entry.begun(id, now);
    const named = event === undefined ? {} : { event };
    this.#flights.set(id, { entry, kind: "announce", port: totals.port, isStale: isLast, ...named });
    const order = { id, kind: "announce", tracker: entry.url, ...named } as const;
    const timeout = isLast ? STOPPED_TIMEOUT : timeoutOf(entry);
    if (entry.isUdp) return { ...order, url: entry.url, udp: { kind: "announce", parameters }, timeout };
    return { ...order, url: announceUrl(entry.url, parameters), timeout };
  }

  #scrape(entry: TrackerEntry, now: Timestamp): AnnounceOrder {
    const { infoHash } = this.#options;
    const url = entry.isUdp ? entry.url : scrapeUrl(entry.url, infoHash);
    invariant(url !== undefined, "only trackers with a scrape address are scraped");
    const id = ++this.#lastOrder;
    entry.isScraping = true;
    entry.scrapeAt = now + SCRAPE_INTERVAL;
    this.#flights.set(id, { entry, kind: "scrape", port: 0, isStale: false });
    const order = { id, kind: "scrape", url, tracker: entry.url, timeout: timeoutOf(entry) } as const;
    return entry.isUdp ? { ...order, udp: { kind: "scrape", infoHash } } : order;
  }

  #land(orderId: number): Flight {
    const flight = this.#flights.get(orderId);
    invariant(flight !== undefined, `order ${orderId} is not in flight: each is answered once`);
    this.#flights.delete(orderId);
    if (flight.kind === "scrape") flight.entry.isScraping = false;
    else if (flight.entry.announcing === orderId) flight.entry.announcing = undefined;
    return flight;
  }
}

function routineEvent({ isStarted }: TrackerEntry, { isPartialSeed }: AnnounceTotals): AnnounceEvent | undefined {
  if (!isStarted) return "started";
  return isPartialSeed ? "paused" : undefined;
}

function timeoutOf(entry: TrackerEntry): Millis {
  return entry.isUdp ? UDP_TIMEOUT : REQUEST_TIMEOUT;
}
