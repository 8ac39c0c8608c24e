import type { PeerSource, PeerSourceKind } from "../model/peer-face.ts";
import type { Timestamp } from "../model/units.ts";
import type { Swarm } from "../swarm/swarm.ts";

/** Ways by which nobody comes to a private torrent. An earlier run did not know that it is one, and took them all. */
const FOREIGN: { readonly [kind in PeerSourceKind]?: string } = {
  dht: "the DHT",
  pex: "peer exchange",
  lsd: "the local network",
  resume: "an earlier run",
};

/**
 * A magnet link's torrent turns out to be private (BEP 27): whom nobody but {@link FOREIGN} ones named is let go, and
 * forgotten.
 * @returns What came of it, in words.
 */
export function dropForeign(swarm: Swarm, now: Timestamp): string {
  for (const peer of [...swarm.peers]) {
    if (!isForeign(peer)) continue;
    const ways = peer.sources.map(({ kind }) => FOREIGN[kind]).join(" and ");
    const detail = `the torrent is private, and we know of it from ${ways}`;
    swarm.closePeer(peer, { reason: "local", by: "us", detail }, now);
  }
  const dropped = swarm.book.forget(isForeign);
  return `The torrent is private: its trackers alone name peers. Known otherwise, and dropped: ${dropped}.`;
}

function isForeign({ sources }: { readonly sources: readonly PeerSource[] }): boolean {
  return sources.every(({ kind }) => FOREIGN[kind] !== undefined);
}
