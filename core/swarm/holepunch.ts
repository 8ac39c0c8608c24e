import { isLocalHost } from "../model/address.ts";
import type { Closing } from "../model/close-reason.ts";
import { Credit } from "../model/credit.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { encodeHolepunchMessage, HOLEPUNCH_ERROR, type HolepunchMessage } from "../wire/holepunch-message.ts";
import type { Dialling } from "./dialling.ts";

/** Nobody is asked for, brought together, or dialled sooner than this after the last time. */
const AGAIN: Millis = 60_000;
/** What one peer may ask of us at once, and after which time for one thing more. */
const MOST_AT_ONCE = 10;
const ONE_MORE: Millis = 6_000;
/** Deeds that are remembered for {@link AGAIN}: when there are more, nothing new is done. */
const MOST_DEEDS = 1000;

/** What holepunching needs of the torrent. */
interface Punching {
  /** No private torrent, and we have uTP. */
  readonly punchesHoles: boolean;
  readonly dialling: Dialling;
  readonly exchange: { introducersOf(endpoint: Endpoint): Iterable<Peer> };
}

/**
 * Peers that nobody can dial meet through a third that both are connected to (BEP 55): each dials the other over uTP at
 * once, and so opens its own router for it. So that nobody is made to call at a stranger's door, only peers of the
 * torrent may ask, each a few times, and an endpoint is dialled once a minute whoever names it.
 */
export class Holepunch {
  readonly #swarm: Punching;
  readonly #credits = new Map<Peer, Credit>();
  /** What was done last when, the oldest first. */
  readonly #deeds = new Map<string, Timestamp>();

  constructor(swarm: Punching) {
    this.#swarm = swarm;
  }

  forget(peer: Peer): void {
    this.#credits.delete(peer);
  }

  /** We were asked to dial it just now: whichever of the two dials got through, the other one let it in. */
  opened(peer: Peer): void {
    if (peer.transport === "utp" && this.#isRecent(`dial ${formatEndpoint(peer)}`, peer.now)) peer.isHolepunched = true;
  }

  /** A dial came to nothing: somebody who is connected to that peer may help. */
  dialFailed(peer: Peer, { reason }: Closing): void {
    if (!this.#swarm.punchesHoles || reason !== "connect-failed" || peer.isHolepunched) return;
    for (const relay of this.#swarm.exchange.introducersOf(peer)) {
      if (messageId(relay) === 0 || relay.phase !== "open") continue;
      if (!this.#may(`ask for ${formatEndpoint(peer)}`, peer.now)) return;
      relay.now = peer.now;
      send(relay, { kind: "rendezvous", endpoint: { host: peer.host, port: peer.port } });
      relay.flush();
      return;
    }
  }

  received(peer: Peer, message: HolepunchMessage): void {
    if (!this.#swarm.punchesHoles || message.kind === "error" || !this.#creditOf(peer).take(peer.now)) return;
    if (message.kind === "rendezvous") this.#bringTogether(peer, message.endpoint);
    else this.#dial(peer, message.endpoint);
  }

  /** We are asked to be in between. */
  #bringTogether(initiator: Peer, endpoint: Endpoint): void {
    const target = this.#swarm.dialling.connectedAt(endpoint);
    const error =
      target === initiator
        ? HOLEPUNCH_ERROR.noSelf
        : target?.phase !== "open"
          ? HOLEPUNCH_ERROR.notConnected
          : messageId(target) === 0
            ? HOLEPUNCH_ERROR.noSupport
            : undefined;
    if (target === undefined || error !== undefined) {
      return send(initiator, { kind: "error", endpoint, error: error ?? HOLEPUNCH_ERROR.notConnected });
    }
    const back = reachedAt(initiator);
    if (back === undefined || !this.#may(`join ${formatEndpoint(back)} ${formatEndpoint(endpoint)}`, initiator.now))
      return;
    target.now = initiator.now;
    send(target, { kind: "connect", endpoint: back });
    target.flush();
    send(initiator, { kind: "connect", endpoint: reachedAt(target) ?? endpoint });
  }

  #dial(relay: Peer, endpoint: Endpoint): void {
    if (isLocalHost(endpoint.host) && !relay.isLocal) return;
    if (this.#may(`dial ${formatEndpoint(endpoint)}`, relay.now)) this.#swarm.dialling.punch(endpoint);
  }

  #creditOf(peer: Peer): Credit {
    const credit = this.#credits.get(peer) ?? new Credit(MOST_AT_ONCE, ONE_MORE, peer.now);
    this.#credits.set(peer, credit);
    return credit;
  }

  #isRecent(deed: string, now: Timestamp): boolean {
    return now - (this.#deeds.get(deed) ?? Number.NEGATIVE_INFINITY) < AGAIN;
  }

  /** @returns Whether it may be done now, and then it is noted. */
  #may(deed: string, now: Timestamp): boolean {
    for (const [old, at] of this.#deeds) {
      if (now - at < AGAIN) break;
      this.#deeds.delete(old);
    }
    if (this.#deeds.size >= MOST_DEEDS || this.#deeds.has(deed)) return false;
    this.#deeds.set(deed, now);
    return true;
  }
}

/** 0: it does not know of it. */
function messageId(peer: Peer): number {
  return peer.extension?.extensions.get("ut_holepunch") ?? 0;
}

function send(peer: Peer, message: HolepunchMessage): void {
  const id = messageId(peer);
  if (id > 0) peer.sendExtended(id, encodeHolepunchMessage(message));
}

/** Where its router lets others in: over uTP it speaks from the port that it hears at. */
function reachedAt(peer: Peer): Endpoint | undefined {
  const port = peer.direction === "outgoing" || peer.transport === "utp" ? peer.port : peer.listenPort;
  return port === undefined ? undefined : { host: peer.host, port };
}
