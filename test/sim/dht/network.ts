import { createHash } from "node:crypto";
import { Dht } from "../../../core/dht/dht.ts";
import { familyOf } from "../../../core/dht/message.ts";
import type { DhtState } from "../../../core/dht/state.ts";
import { type Endpoint, formatEndpoint } from "../../../core/model/endpoint.ts";
import { type Random, randomBelow, seededRandom } from "../../../core/model/random.ts";
import type { Millis } from "../../../core/model/units.ts";
import { VirtualClock } from "../support/clock.ts";

export const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha1").update(bytes).digest());

/** Whoever has a place in the network. */
export interface Station {
  received(datagram: Uint8Array, from: Endpoint, now: number): void;
}

/** A node of ours with its timer. */
export class SimNode implements Station {
  readonly endpoint: Endpoint;
  readonly dht: Dht;
  isAlive = true;

  constructor(network: DatagramNetwork, endpoint: Endpoint, state?: DhtState) {
    this.endpoint = endpoint;
    this.dht = new Dht({
      families: [familyOf(endpoint.host)],
      random: seededRandom(network.random.uint32()),
      sha1,
      version: Uint8Array.of(0x50, 0x53, 0, 1),
      ...(state === undefined ? {} : { state }),
      send: (datagram, to) => network.send(datagram, endpoint, to),
    });
    network.stations.set(formatEndpoint(endpoint), this);
    const advance = (): void => {
      if (!this.isAlive) return;
      const { now } = network.clock;
      network.clock.after(Math.max(1, this.dht.advance(now) - now), advance);
    };
    // Nobody starts in the same millisecond as all others.
    network.clock.after(randomBelow(network.random, 1000), advance);
  }

  received(datagram: Uint8Array, from: Endpoint, now: number): void {
    this.dht.received(datagram, from, now);
  }
}

/** Carries datagrams between stations, late, and some of them not at all. */
export class DatagramNetwork {
  readonly clock = new VirtualClock();
  readonly random: Random;
  /** By endpoint. */
  readonly stations = new Map<string, Station>();
  /** Of a hundred datagrams, so many get lost. */
  lossPercent = 0;
  datagrams = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  send(datagram: Uint8Array, from: Endpoint, to: Endpoint): void {
    this.datagrams++;
    if (randomBelow(this.random, 100) < this.lossPercent) return;
    this.clock.after(20 + randomBelow(this.random, 180), () => {
      this.stations.get(formatEndpoint(to))?.received(datagram, from, this.clock.now);
    });
  }

  leave(node: SimNode): void {
    node.isAlive = false;
    this.stations.delete(formatEndpoint(node.endpoint));
  }

  run(time: Millis): void {
    const until = this.clock.now + time;
    while ((this.clock.next ?? until) < until && this.clock.step());
    this.clock.now = until;
  }

  /** A public IPv4 address that nobody has had. */
  address(): Endpoint {
    for (;;) {
      const host = `${randomBelow(this.random, 89) + 11}.${[0, 0, 0].map(() => randomBelow(this.random, 254)).join(".")}`;
      const endpoint = { host, port: 1024 + randomBelow(this.random, 60_000) };
      if (!this.stations.has(formatEndpoint(endpoint))) return endpoint;
    }
  }
}
