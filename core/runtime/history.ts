import { HISTORY_SERIES, type HistorySeries, type HistoryView } from "../contract/views.ts";
import type { TorrentId } from "../model/info-hash.ts";
import { type HistorySpan, SampleRings } from "../model/sample-rings.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Session } from "../session/session.ts";
import type { Torrent } from "../session/torrent.ts";
import type { Disk } from "./disk/disk.ts";

const EVERY: Millis = 1000;
/** Torrents with a history of their own, at 60 kB each: those that ran first keep it. */
const MOST_TORRENTS = 64;
/** What torrents have; the rest is the whole session's. */
const OF_TORRENT = HISTORY_SERIES.slice(0, 8);

type Measured = Record<(typeof HISTORY_SERIES)[number], number>;

/** How the session was over the last day, sampled every second, whether or not somebody looks. */
export class History {
  readonly #session: Session;
  readonly #disk: Disk;
  readonly #rings = new SampleRings(HISTORY_SERIES.length);
  readonly #ofTorrents = new Map<TorrentId, SampleRings>();
  readonly #timer: NodeJS.Timeout;

  constructor(session: Session, disk: Disk, now: () => Timestamp) {
    this.#session = session;
    this.#disk = disk;
    this.#timer = setInterval(() => this.#sample(now()), EVERY);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @param torrent - Undefined: the whole session. */
  view(torrent: TorrentId | undefined, span: HistorySpan, since: Timestamp): HistoryView {
    const rings = torrent === undefined ? this.#rings : this.#ofTorrents.get(torrent);
    if (rings === undefined) return { span, times: [], series: {} };
    const { times, values } = rings.read(span, since);
    const names: readonly HistorySeries[] = torrent === undefined ? HISTORY_SERIES : OF_TORRENT;
    return { span, times, series: Object.fromEntries(names.map((name, i) => [name, values[i] ?? []])) };
  }

  #sample(now: Timestamp): void {
    const { rss, heapUsed } = process.memoryUsage();
    const all: Measured = {
      ...NOTHING,
      orders: this.#disk.queueLength,
      memory: rss,
      heap: heapUsed,
      pool: this.#disk.poolUsed,
    };
    for (const torrent of this.#session.torrents.values()) {
      const one = measured(torrent);
      for (const name of OF_TORRENT) all[name] += one[name];
      this.#ringsOf(torrent)?.add(
        now,
        OF_TORRENT.map((name) => one[name]),
      );
    }
    for (const id of this.#ofTorrents.keys()) if (!this.#session.torrents.has(id)) this.#ofTorrents.delete(id);
    this.#rings.add(
      now,
      HISTORY_SERIES.map((name) => all[name]),
    );
  }

  #ringsOf({ id, activity }: Torrent): SampleRings | undefined {
    const known = this.#ofTorrents.get(id);
    if (known !== undefined || activity.kind !== "running" || this.#ofTorrents.size >= MOST_TORRENTS) return known;
    const rings = new SampleRings(OF_TORRENT.length);
    this.#ofTorrents.set(id, rings);
    return rings;
  }
}

const NOTHING = Object.fromEntries(HISTORY_SERIES.map((name) => [name, 0])) as Measured;

function measured({ activity, swarm, down, up }: Torrent): Measured {
  if (activity.kind !== "running") return NOTHING;
  const one: Measured = { ...NOTHING, down: down.rate, up: up.rate, hashing: swarm.ledger.writing.size };
  for (const peer of swarm.peers) {
    if (peer.phase !== "open") one.connecting++;
    else if (peer.isSeed) one.seeds++;
    else one.leechers++;
    one.reading += peer.reading;
  }
  one.known = Math.max(0, swarm.book.size - swarm.peers.size);
  return one;
}
