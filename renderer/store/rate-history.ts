import type { PeerView } from "../../core/contract/views.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import type { BytesPerSecond, Millis, Timestamp } from "../../core/model/units.ts";

/** Two minutes, a sample a second. */
export const RATE_SAMPLES = 120;
const EVERY: Millis = 1000;
/** Peers that are remembered; more than a torrent may have. */
const MOST_PEERS = 10_000;

/** The rates of one peer over the last two minutes, the oldest first. */
export interface RateTrail {
  readonly down: Float32Array;
  readonly up: Float32Array;
}

/** What peers of the torrent on screen gave and took in the last two minutes, from what updates told. */
export class RateHistory {
  readonly #trails = new Map<number, RateTrail>();
  readonly #listeners = new Set<() => void>();
  #torrent: TorrentId | undefined;
  #second = 0;
  #version = 0;

  /** Grows with every sample. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @returns Undefined of a peer that was not seen for a second yet. */
  trailOf(peer: number): RateTrail | undefined {
    return this.#trails.get(peer);
  }

  /** The state after an update. Seconds without one go on as the last was. */
  note(at: Timestamp, torrent: TorrentId | undefined, peers: ReadonlyMap<number, PeerView> | undefined): void {
    if (torrent !== this.#torrent) {
      this.#trails.clear();
      this.#torrent = torrent;
      this.#second = 0;
    }
    const second = Math.floor(at / EVERY);
    if (peers === undefined || second === this.#second) return;
    // Who scrubs through a recording goes back, too.
    if (second < this.#second) this.#trails.clear();
    const steps = this.#second === 0 ? 1 : Math.min(RATE_SAMPLES, Math.max(1, second - this.#second));
    this.#second = second;
    for (const id of this.#trails.keys()) if (!peers.has(id)) this.#trails.delete(id);
    for (const [id, { downRate, upRate }] of peers) this.#push(id, downRate, upRate, steps);
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  #push(id: number, down: BytesPerSecond, up: BytesPerSecond, steps: number): void {
    let trail = this.#trails.get(id);
    if (trail === undefined) {
      if (this.#trails.size >= MOST_PEERS) return;
      trail = { down: new Float32Array(RATE_SAMPLES), up: new Float32Array(RATE_SAMPLES) };
      this.#trails.set(id, trail);
    }
    shift(trail.down, down, steps);
    shift(trail.up, up, steps);
  }
}

function shift(samples: Float32Array, value: number, steps: number): void {
  samples.copyWithin(0, steps);
  samples.fill(value, samples.length - steps);
}
