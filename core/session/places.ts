import type { Settings } from "../contract/views.ts";
import { formatEndpoint } from "../model/endpoint.ts";
import type { TorrentId } from "../model/info-hash.ts";
import type { Direction } from "../model/peer-face.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { CROWDED } from "../swarm/patience.ts";
import type { SwarmLimits } from "../swarm/ports.ts";
import { whoMakesRoom } from "../swarm/replacement.ts";
import type { Torrent } from "./torrent.ts";

/** Where all places are taken and others wait to be dialled, one a torrent makes room this often. */
const TURNOVER: Millis = 30_000;

interface House {
  readonly settings: Settings;
  readonly limits: SwarmLimits;
  readonly torrents: ReadonlyMap<TorrentId, Torrent>;
}

/** The places for peers, in the session and in each torrent: who has one, and who makes room for whom. */
export class Places {
  /** The session is within a tenth of its limit. */
  areShort = false;
  readonly #house: House;
  #nextTurnover: Timestamp = 0;

  constructor(house: House) {
    this.#house = house;
  }

  /** Peers of all torrents that are connected, or being dialled. */
  get taken(): number {
    let taken = 0;
    for (const torrent of this.#house.torrents.values()) taken += torrent.swarm.seats;
    return taken;
  }

  /** A caller wants a place in a torrent. @returns In words why there is none; undefined: it may sit down. */
  takeFor(peer: Peer, torrent: Torrent, now: Timestamp): string | undefined {
    const { maxConnections } = this.#house.settings;
    const most = torrent.swarm.limits.maxPeers();
    const inTorrent = seated(torrent);
    if (inTorrent.length >= most) {
      if (this.#makeRoom(inTorrent, peer, most, now)) return undefined;
      return `${inTorrent.length} peers connected, at most ${most}`;
    }
    const inSession = this.#everybody();
    if (inSession.length < maxConnections || this.#makeRoom(inSession, peer, maxConnections, now)) return undefined;
    return `${inSession.length} peers connected to all torrents, at most ${maxConnections}`;
  }

  /** Once a second: candidates that wait where all places are taken get some, in time. */
  tick(now: Timestamp): void {
    this.areShort = this.taken >= CROWDED * this.#house.settings.maxConnections;
    if (now < this.#nextTurnover) return;
    this.#nextTurnover = now + TURNOVER;
    const { settings, torrents } = this.#house;
    for (const torrent of torrents.values()) {
      if (torrent.activity.kind !== "running") continue;
      const candidate = torrent.swarm.nextCandidate(now);
      if (candidate === undefined) continue;
      const inTorrent = seated(torrent);
      const inSession = this.#everybody();
      const newcomer = { ...candidate, direction: "outgoing" } as const;
      const most = torrent.swarm.limits.maxPeers();
      if (inTorrent.length >= most) {
        this.#makeRoom(inTorrent, newcomer, most, now);
      } else if (inSession.length >= settings.maxConnections) {
        this.#makeRoom(inSession, newcomer, settings.maxConnections, now);
      }
    }
  }

  #everybody(): Peer[] {
    return [...this.#house.torrents.values()].flatMap(seated);
  }

  #makeRoom(
    peers: readonly Peer[],
    newcomer: { readonly host: string; readonly port: number; readonly direction: Direction },
    most: number,
    now: Timestamp,
  ): boolean {
    const { ownAddress } = this.#house.limits;
    const priority = ownAddress.priorityOf(newcomer);
    const { direction } = newcomer;
    const leaves = whoMakesRoom(peers, { direction, priority }, most, (peer) => ownAddress.priorityOf(peer), now);
    if (leaves === undefined) return false;
    const detail = `it made room for ${formatEndpoint(newcomer)}; ${peers.length} peers connected, at most ${most}`;
    leaves.close({ reason: "replaced", by: "us", detail }, now);
    return true;
  }
}

function seated({ swarm }: Torrent): Peer[] {
  return [...swarm.peers].filter((peer) => peer.phase !== "queued");
}
