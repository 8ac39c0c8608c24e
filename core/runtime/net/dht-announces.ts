import type { Dht } from "../../dht/dht.ts";
import type { DhtLookupResult } from "../../model/dht-view.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import type { Peer } from "../../peer/peer.ts";
import type { DhtSearch } from "../../session/sources-view.ts";
import type { Torrent } from "../../session/torrent.ts";

/** What is announced is kept for half an hour by others. */
const AGAIN: Millis = 15 * 60_000;
/** Sooner when nobody was found, or hardly anybody answered. */
const AGAIN_WHEN_ALONE: Millis = 2 * 60_000;
const AGAIN_WHEN_UNHEARD: Millis = 10_000;
/** Fewer answers are hardly any: the network is not known yet. */
const FEW = 8;

export interface Torrents {
  values(): Iterable<Torrent>;
}

interface Course {
  next: Timestamp;
  isUnderWay: boolean;
  cancel: () => void;
}

/** Looks for the peers of every running torrent in the DHT now and then, and announces it. Never a private one. */
export class DhtAnnounces {
  readonly #torrents: Torrents;
  readonly #options: { port(): number | undefined; hasUtp(): boolean; readonly now: () => Timestamp };
  #dht: Dht | undefined;
  readonly #courses = new Map<Torrent, Course>();
  /** Peers whose nodes, and torrents whose nodes, were added. */
  #told = new WeakSet<Peer | Torrent>();

  constructor(
    torrents: Torrents,
    options: { port(): number | undefined; hasUtp(): boolean; readonly now: () => Timestamp },
  ) {
    this.#torrents = torrents;
    this.#options = options;
  }

  searchOf(torrent: Torrent): DhtSearch | undefined {
    const course = this.#courses.get(torrent);
    return course === undefined ? undefined : { isUnderWay: course.isUnderWay, nextAt: course.next };
  }

  begin(dht: Dht): void {
    this.#dht = dht;
    this.#told = new WeakSet();
  }

  end(): void {
    for (const { cancel } of this.#courses.values()) cancel();
    this.#courses.clear();
    this.#dht = undefined;
  }

  /** Does what is due. @param named - Called for each node that a torrent names. */
  tick(now: Timestamp, named: (node: Endpoint) => void): void {
    const present = new Set<Torrent>();
    for (const torrent of this.#torrents.values()) {
      if (torrent.activity.kind !== "running" || torrent.metainfo.isPrivate) continue;
      present.add(torrent);
      this.#takeNodes(torrent, named);
      const course = this.#courses.get(torrent);
      if (course === undefined || now >= course.next) this.#lookUp(torrent, now);
    }
    for (const [torrent, { cancel }] of this.#courses) {
      if (present.has(torrent)) continue;
      cancel();
      this.#courses.delete(torrent);
    }
  }

  #takeNodes(torrent: Torrent, named: (node: Endpoint) => void): void {
    if (!this.#told.has(torrent)) {
      this.#told.add(torrent);
      for (const node of torrent.metainfo.nodes) named(node);
    }
    for (const peer of torrent.swarm.peers) {
      if (peer.dhtPort === undefined || peer.dhtPort === 0 || this.#told.has(peer)) continue;
      this.#told.add(peer);
      this.#dht?.addNode({ host: peer.host, port: peer.dhtPort });
    }
  }

  #lookUp(torrent: Torrent, now: Timestamp): void {
    const dht = this.#dht;
    if (dht === undefined) return;
    // One that waits still for a network without nodes is replaced.
    this.#courses.get(torrent)?.cancel();
    const port = this.#options.port();
    const course: Course = { next: now + AGAIN, isUnderWay: true, cancel: () => undefined };
    this.#courses.set(torrent, course);
    course.cancel = dht.lookup(torrent.swarm.residence.infoHash, {
      ...(port === undefined ? {} : { announce: { port, impliedPort: this.#options.hasUtp() } }),
      isSeed: torrent.hasMetadata && torrent.swarm.ledger.verified.isFull,
      found: (peers) => torrent.found(peers, { kind: "dht" }, this.#options.now()),
      done: (result) => {
        course.isUnderWay = false;
        const wait = waitAfter(result, torrent.swarm.peers.size);
        course.next = Math.min(course.next, this.#options.now() + wait);
      },
    });
  }
}

function waitAfter({ answered, peers }: DhtLookupResult, connected: number): Millis {
  if (peers > 0 && answered >= FEW) return AGAIN;
  if (answered < FEW && connected === 0) return AGAIN_WHEN_UNHEARD;
  return connected > 0 ? AGAIN : AGAIN_WHEN_ALONE;
}
