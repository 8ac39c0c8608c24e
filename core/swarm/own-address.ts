import { addressBytes, isLocalHost } from "../model/address.ts";
import { type Endpoint, normalHost } from "../model/endpoint.ts";
import { peerPriority } from "../model/peer-priority.ts";

/** Who told us last are believed, so that a new address is soon known. */
const MOST_VOTES = 50;
/** One peer alone may lie; a tracker was chosen by the user. */
const ENOUGH_VOTES = 2;
const TRACKERS_VOTES = 2;

interface Vote {
  readonly host: string;
  readonly votes: number;
}

/** The addresses that others see us at, one a family, by majority of those who say so. */
export class OwnAddress {
  /** Grows whenever an address changes: 0 while none is known. */
  epoch = 0;
  readonly #listenPort: () => number | undefined;
  /** Votes by who gave them, the latest last. */
  readonly #votes = { ipv4: new Map<string, Vote>(), ipv6: new Map<string, Vote>() };
  readonly #hosts: { ipv4?: string; ipv6?: string } = {};

  constructor(listenPort: () => number | undefined) {
    this.#listenPort = listenPort;
  }

  /**
   * @param host - Our address as somebody sees it; a local one says nothing to the rest of the world.
   * @param by - Who says so: one voice a party.
   * @see BEP 10 `yourip`, BEP 24
   */
  tell(host: string, by: string, isTracker: boolean): void {
    const bytes = addressBytes(host);
    if (bytes === undefined || isLocalHost(host)) return;
    const family = bytes.length === 4 ? "ipv4" : "ipv6";
    const votes = this.#votes[family];
    votes.delete(by);
    votes.set(by, { host: normalHost(host), votes: isTracker ? TRACKERS_VOTES : 1 });
    const [oldest] = votes.keys();
    if (votes.size > MOST_VOTES && oldest !== undefined) votes.delete(oldest);
    const count = (of: string) =>
      [...votes.values()].reduce((sum, vote) => sum + (vote.host === of ? vote.votes : 0), 0);
    const before = this.#hosts[family];
    const wanted = normalHost(host);
    if (wanted === before || count(wanted) < ENOUGH_VOTES) return;
    if (before !== undefined && count(wanted) <= count(before)) return;
    this.#hosts[family] = wanted;
    this.epoch++;
  }

  /** How much we and this peer are meant to be connected (BEP 40); undefined while we don't know our own address. */
  priorityOf(peer: Endpoint): number | undefined {
    const host = this.#hosts[peer.host.includes(":") ? "ipv6" : "ipv4"];
    return host === undefined ? undefined : peerPriority({ host, port: this.#listenPort() ?? 0 }, peer);
  }
}
