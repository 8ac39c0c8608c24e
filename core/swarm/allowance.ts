import type { BytesPerSecond } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { Traffic, UNLIMITED } from "../peer/throttle.ts";

/** Where limits are set: for a torrent, within its session's. */
interface Limited {
  readonly traffic: Traffic;
  readonly limits: { limitLocalPeers(): boolean };
}

/** What the peer may give and take: its own limits, within those of torrent and session, which local ones may escape. */
export function trafficOf(torrent: Limited, peer: Peer): Traffic {
  return peer.traffic ?? trafficAbove(torrent, peer);
}

/** Limits of one peer, while it is connected. 0: none of its own. */
export function limitPeer(torrent: Limited, peer: Peer, downLimit: BytesPerSecond, upLimit: BytesPerSecond): void {
  peer.traffic = new Traffic(trafficAbove(torrent, peer));
  peer.traffic.down.limit = downLimit;
  peer.traffic.up.limit = upLimit;
}

/** What holds for local peers has changed. */
export function reviewLimits(torrent: Limited & { readonly peers: Iterable<Peer> }): void {
  for (const peer of torrent.peers) {
    if (peer.traffic !== undefined) limitPeer(torrent, peer, peer.traffic.down.limit, peer.traffic.up.limit);
  }
}

/** A limit holds for it as a whole, or for a peer of it. */
export function isLimited(torrent: Limited & { readonly peers: Iterable<Peer> }): boolean {
  if (torrent.traffic.isLimited) return true;
  for (const peer of torrent.peers) if (peer.traffic?.isLimited === true) return true;
  return false;
}

function trafficAbove({ traffic, limits }: Limited, peer: Peer): Traffic {
  return peer.isLocal && !limits.limitLocalPeers() ? UNLIMITED : traffic;
}
