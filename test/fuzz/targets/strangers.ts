import type { Endpoint } from "../../../core/model/endpoint.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import type { Torrent } from "../../../core/session/torrent.ts";
import type { LinkEvents, Listener, SimLink } from "../../sim/support/network.ts";
import type { Machine } from "../../sim/support/world.ts";
import { claim } from "../target.ts";

/** Callers share a few addresses, as those behind one router do. */
const ADDRESSES = 6;

/** A link into the void that counts. */
class Sink implements PeerLink {
  backlog = 0;
  isClosed = false;
  #isHolding = false;
  readonly #holds: (() => void)[] = [];

  send(): void {
    claim(!this.isClosed, "bytes for a closed link");
  }

  sendBlock(_header: Uint8Array, block: Uint8Array, released: () => void): void {
    claim(!this.isClosed, "a block for a closed link");
    this.backlog += block.length;
    this.#holds.push(() => {
      this.backlog -= block.length;
      released();
    });
    this.#isHolding = !this.#isHolding;
    if (!this.#isHolding) this.drain();
  }

  drain(): void {
    for (const release of this.#holds.splice(0)) release();
  }

  close(): void {
    claim(!this.isClosed, "a link is closed twice");
    this.isClosed = true;
    this.drain();
  }
}

/** One peer of the fuzz. */
export interface Stranger {
  /** As the machine under test has it. */
  readonly peer: Peer | undefined;
  hear(bytes: Uint8Array): void;
  leave(): void;
  drain(): void;
}

/** It dialled us. */
export class Caller implements Stranger {
  readonly peer: Peer;
  readonly #link = new Sink();
  readonly #machine: Machine;

  constructor(machine: Machine, number: number) {
    this.#machine = machine;
    const endpoint = { host: `10.9.9.${number % ADDRESSES}`, port: 1000 + number };
    this.peer = machine.session.accept(endpoint, number % 3 === 0 ? "utp" : "tcp", this.#link, machine.now);
  }

  hear(bytes: Uint8Array): void {
    if (!this.peer.isClosed) this.peer.receive(bytes, this.#machine.now);
  }

  leave(): void {
    if (this.peer.isClosed) return;
    this.#link.isClosed = true;
    this.#link.drain();
    this.peer.disconnected({ reason: "closed-by-peer", by: "peer", detail: "it ended it" }, this.#machine.now);
  }

  drain(): void {
    this.#link.drain();
  }
}

/** We dialled it, over the network of the simulation. */
export class Called implements Stranger, Listener {
  readonly #machine: Machine;
  readonly #host: string;
  readonly #greeting: Uint8Array;
  #link: SimLink | undefined;

  constructor(machine: Machine, torrent: Torrent, number: number, greeting: Uint8Array) {
    this.#machine = machine;
    this.#host = `10.9.8.${number}`;
    this.#greeting = greeting;
    const line = { host: this.#host, up: 1e9, down: 1e9, latency: 1 };
    machine.world.network.listen(line, 6881, this);
    machine.session.addPeer(torrent, { host: this.#host, port: 6881 });
    machine.wake();
    machine.world.run(50);
  }

  get peer(): Peer | undefined {
    const { peers } = this.#machine.torrent.swarm;
    return [...peers].find(({ host, phase }) => host === this.#host && phase === "open");
  }

  accept(_from: Endpoint, link: SimLink): LinkEvents {
    this.#link = link;
    this.#machine.world.clock.after(1, () => this.#say(this.#greeting));
    return { received: () => {}, ended: () => {} };
  }

  hear(bytes: Uint8Array): void {
    this.#say(bytes);
    this.#machine.world.run(5);
  }

  leave(): void {
    if (this.#link?.isOpen === true) this.#link.close(false);
  }

  drain(): void {}

  #say(bytes: Uint8Array): void {
    if (this.#link?.isOpen === true && bytes.length > 0) this.#link.send(bytes);
  }
}
