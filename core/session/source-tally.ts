import { type PeerSource, sourceKey } from "../model/peer-face.ts";
import type { Bytes } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";

/** What came of the peers of one source. A peer that several named counts for each. */
export interface Yield {
  /** Connections that got past the handshake, those that are gone among them. */
  connections: number;
  /** Of these, those that are there. */
  connected: number;
  payloadDown: Bytes;
  payloadUp: Bytes;
}

/** As many as trackers and web seeds of a torrent, with room for those that the user changes. */
const MAX_SOURCES = 1000;

/** Counts what each source was good for, also after its peers are gone. Of this run. */
export class SourceTally {
  readonly #gone = new Map<string, Yield>();

  closed(peer: Peer): void {
    if (peer.lastPhase === "open") this.#count(this.#gone, peer);
  }

  /** @param peers - Those that are there. */
  sum(peers: Iterable<Peer>): { of(source: PeerSource): Yield } {
    const sums = new Map<string, Yield>();
    for (const [name, gone] of this.#gone) sums.set(name, { ...gone });
    for (const peer of peers) {
      if (peer.phase !== "open") continue;
      for (const entry of this.#count(sums, peer)) entry.connected++;
    }
    return { of: (source) => sums.get(sourceKey(source)) ?? nothing() };
  }

  #count(into: Map<string, Yield>, peer: Peer): Yield[] {
    const counted: Yield[] = [];
    for (const name of new Set(peer.sources.map(sourceKey))) {
      const entry = into.get(name) ?? nothing();
      if (!into.has(name) && into.size >= MAX_SOURCES) continue;
      entry.connections++;
      entry.payloadDown += peer.down.total;
      entry.payloadUp += peer.up.total;
      into.set(name, entry);
      counted.push(entry);
    }
    return counted;
  }
}

function nothing(): Yield {
  return { connections: 0, connected: 0, payloadDown: 0, payloadUp: 0 };
}
