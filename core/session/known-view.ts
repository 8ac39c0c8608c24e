import type { DetailUpdate } from "../contract/messages.ts";
import { difference } from "../contract/patch.ts";
import { KNOWN_PEERS, type KnownPeerView } from "../contract/views.ts";
import { formatEndpoint } from "../model/endpoint.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { KnownPeer, PeerBook } from "../swarm/peer-book.ts";

/** Candidates change with every dial; the eye follows once a second. */
const TOLD_EVERY: Millis = 1000;

/** What the teller reads of a torrent. */
interface Knowing {
  readonly swarm: {
    readonly book: Pick<PeerBook, "peers" | "nextTry">;
    readonly limits: { readonly bans: { has(party: string): boolean } };
  };
}

/** Tells one interface of the peers that are known and not connected: all at first, then what changed. */
export class KnownTeller {
  readonly #countryOf: (host: string) => string | undefined;
  #told: Map<string, KnownPeerView> | undefined;
  #toldAt: Timestamp = 0;

  constructor(countryOf: (host: string) => string | undefined) {
    this.#countryOf = countryOf;
  }

  /** @returns Undefined when nothing changed, or it was told of just now. */
  update({ swarm }: Knowing, now: Timestamp): DetailUpdate["known"] {
    const before = this.#told;
    if (before !== undefined && now - this.#toldAt < TOLD_EVERY) return undefined;
    this.#toldAt = now;
    const after = new Map<string, KnownPeerView>();
    const changed: NonNullable<DetailUpdate["known"]>["changed"][number][] = [];
    for (const peer of mostTelling(swarm.book.peers())) {
      const key = formatEndpoint(peer.endpoint);
      const view = this.#view(swarm, peer);
      const patch = difference(before?.get(key), view);
      after.set(key, view);
      if (patch !== undefined) changed.push({ key, ...patch });
    }
    const removed = before === undefined ? [] : [...before.keys()].filter((key) => !after.has(key));
    this.#told = after;
    if (before !== undefined && changed.length + removed.length === 0) return undefined;
    return { reset: before === undefined, changed, removed };
  }

  #view({ book, limits }: Knowing["swarm"], peer: KnownPeer): KnownPeerView {
    const { host, port } = peer.endpoint;
    const country = this.#countryOf(host);
    const hindrance = peer.isBarred
      ? "self"
      : limits.bans.has(peer.party)
        ? "banned"
        : peer.isBlocked
          ? "blocked"
          : undefined;
    return {
      host,
      port,
      ...(country === undefined ? {} : { country }),
      sources: [...peer.sources],
      failures: peer.failures,
      ...(peer.lastEnd === undefined ? {} : { lastEnd: peer.lastEnd }),
      nextTry: book.nextTry(peer),
      ...(hindrance === undefined ? {} : { hindrance }),
    };
  }
}

/** Those that are not connected, at most {@link KNOWN_PEERS}: who was tried last, then whom we learnt of last. */
function mostTelling(peers: Iterable<KnownPeer>): KnownPeer[] {
  const candidates = [...peers].filter((peer) => !peer.isConnected);
  if (candidates.length <= KNOWN_PEERS) return candidates;
  const triedAt = ({ lastEnd }: KnownPeer): Timestamp => lastEnd?.at ?? 0;
  return candidates
    .reverse()
    .sort((a, b) => triedAt(b) - triedAt(a))
    .slice(0, KNOWN_PEERS);
}
