import type { Closing } from "../model/close-reason.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { SwarmLimits } from "./ports.ts";
import { WebSeed } from "./web-seed.ts";
import type { WebSeedAddress } from "./web-seed-urls.ts";

/** A torrent asks so many at once: more make a download no faster, and would take every place of its peers. */
const MAX_ACTIVE = 8;
/** With one request each time, a failing one hears of us at most six times a minute. */
const FIRST_RETRY: Millis = 10_000;
const LAST_RETRY: Millis = 3_600_000;

interface Known {
  readonly address: WebSeedAddress;
  peer: WebSeed | undefined;
  /** In a row, without a byte between them. */
  failures: number;
  nextTry: Timestamp;
  /** How it failed last, in words, while it does not serve us. */
  trouble: string | undefined;
  /** It gave what was not the torrent's, or the user has had enough of it. */
  isBarred: boolean;
}

/** The web seeds that a torrent names: which are asked, and when those that failed are asked again. */
export class WebSeeds {
  readonly #known: readonly Known[];
  readonly #peers: Set<Peer>;
  readonly #limits: SwarmLimits;

  /** @param peers - The torrent's peers; web seeds that are to be asked are added to it. */
  constructor(addresses: readonly WebSeedAddress[], peers: Set<Peer>, limits: SwarmLimits) {
    this.#known = addresses.map((address) => ({
      address,
      peer: undefined,
      failures: 0,
      nextTry: 0,
      trouble: undefined,
      isBarred: false,
    }));
    this.#peers = peers;
    this.#limits = limits;
  }

  /** Turns those that may be asked into queued peers, least failed first. */
  queue(nextId: () => number, now: Timestamp): void {
    const due: Known[] = [];
    let free = Math.min(MAX_ACTIVE, this.#limits.maxPeers() - this.#peers.size);
    for (const known of this.#known) {
      if (known.peer !== undefined) free--;
      else if (!known.isBarred && known.nextTry <= now) due.push(known);
    }
    due.sort((a, b) => a.failures - b.failures);
    for (const known of due.slice(0, Math.max(0, free))) {
      known.peer = new WebSeed(nextId(), known.address, this.#limits.cipher, now);
      this.#peers.add(known.peer);
    }
  }

  /** How each stands: why it failed last, and when it is asked again; it never is where there is no time. */
  views(): { readonly url: string; readonly trouble: string | undefined; readonly nextTry: Timestamp | undefined }[] {
    return this.#known.map(({ address: { url }, trouble, nextTry, isBarred }) => {
      return { url, trouble, nextTry: isBarred ? undefined : nextTry };
    });
  }

  /** One is gone; it may have said when it is to be asked again. */
  note(peer: Peer, { reason, detail, retryAfter }: Closing, isRunning: boolean): void {
    const known = this.#known.find((other) => other.peer === peer);
    if (known === undefined) return;
    known.peer = undefined;
    const { now } = peer;
    if (peer.down.total > 0) known.failures = 0;
    known.trouble = undefined;
    if (reason === "banned" || reason === "web-seed-failed") known.trouble = detail;
    if (reason === "banned") known.isBarred = true;
    else if (!isRunning || reason === "both-seeds") known.nextTry = now;
    else if (reason === "local" || reason === "replaced") known.nextTry = now + LAST_RETRY;
    else {
      const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** known.failures++);
      known.nextTry = now + Math.max(wait, Math.min(LAST_RETRY, retryAfter ?? 0));
    }
  }
}
