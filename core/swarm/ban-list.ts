import { isLocalHost, partyOf } from "../model/address.ts";
import { type Ban, MAX_BANS } from "../model/ban.ts";
import { toHex } from "../model/bytes.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Peer } from "../peer/peer.ts";

/**
 * The bans of all torrents, oldest first.
 *
 * A global address is banned as such: a liar changes its peer id at will. Behind a local one there may be many peers,
 * and loopback has them all; there the ban is of where it listens and of its id, which nobody on the open internet can
 * borrow to have somebody else banned.
 */
export class BanList {
  /** Grows with every change. */
  changes = 0;
  readonly #bans = new Map<string, Ban>();
  /** Parties of local peers by their id, in hex. */
  readonly #byId = new Map<string, string>();

  get size(): number {
    return this.#bans.size;
  }

  add(ban: Ban): void {
    this.lift(ban.party);
    const [oldest] = this.#bans.keys();
    if (this.#bans.size >= MAX_BANS && oldest !== undefined) this.lift(oldest);
    this.#bans.set(ban.party, ban);
    if (ban.peerId !== undefined) this.#byId.set(ban.peerId, ban.party);
    this.changes++;
  }

  /** @returns What was lifted, if it was there. */
  lift(party: string): Ban | undefined {
    const ban = this.#bans.get(party);
    if (ban === undefined) return undefined;
    this.#bans.delete(party);
    if (ban.peerId !== undefined) this.#byId.delete(ban.peerId);
    this.changes++;
    return ban;
  }

  has(party: string): boolean {
    return this.#bans.has(party);
  }

  /** @param peerId - As its handshake told, when it has. */
  against(endpoint: Endpoint, peerId?: Uint8Array): Ban | undefined {
    const ban = this.#bans.get(partyOf(endpoint));
    if (ban !== undefined || peerId === undefined || !isLocalHost(endpoint.host)) return ban;
    const party = this.#byId.get(toHex(peerId));
    return party === undefined ? undefined : this.#bans.get(party);
  }

  list(): Ban[] {
    return [...this.#bans.values()];
  }
}

/** What a ban of this peer is of. */
export function bannedParty(peer: Peer): Pick<Ban, "party" | "peerId"> {
  const { host, peerId } = peer;
  const listens = peer.direction === "outgoing" ? peer.port : peer.listenPort;
  const party = partyOf({ host, port: listens ?? peer.port });
  if (!isLocalHost(host) || peerId === undefined) return { party };
  const id = toHex(peerId);
  return { party: listens === undefined ? `${host} ${id}` : party, peerId: id };
}
