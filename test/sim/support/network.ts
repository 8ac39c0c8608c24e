import type { Closing } from "../../../core/model/close-reason.ts";
import { type Endpoint, formatEndpoint } from "../../../core/model/endpoint.ts";
import type { Transport } from "../../../core/model/peer-face.ts";
import { type Random, randomBelow } from "../../../core/model/random.ts";
import type { BytesPerSecond, Millis } from "../../../core/model/units.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import type { VirtualClock } from "./clock.ts";

/** One end of a connection, as the machine that owns it hears of it. */
export interface LinkEvents {
  received(chunk: Uint8Array): void;
  ended(closing: Closing): void;
}

/** Who listens at an address. */
export interface Listener {
  /**
   * @param isPunched - The one who calls is called by it at this moment.
   * @returns What hears of the new connection, or undefined to refuse it.
   */
  accept(from: Endpoint, link: SimLink, isPunched: boolean): LinkEvents | undefined;
}

/** A machine's line to the network. */
export interface Line {
  readonly host: string;
  readonly up: BytesPerSecond;
  readonly down: BytesPerSecond;
  readonly latency: Millis;
  /** What its dials are said to be over. */
  readonly transport?: Transport;
  /** What its sockets take without a word, and send whatever happens: it does not count as waiting. */
  readonly socketBuffer?: number;
}

/** A uTP SYN is sent again after this. */
const KNOCK_AGAIN: Millis = 3_000;

/** What the line has promised to carry already. */
interface Traffic {
  upFree: number;
  downFree: number;
}

const HANG_UP: Closing = { reason: "closed-by-peer", by: "peer", detail: "it ended the connection" };

/** Loopback cables between machines with bandwidth and latency; everything arrives in order, cut where chance wants. */
export class SimNetwork {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Every delivery, folded into one number: two runs that differ anywhere differ here. */
  fingerprint = 0x811c9dc5;
  readonly #listeners = new Map<
    string,
    { readonly line: Line; readonly listener: Listener; readonly isBehindNat: boolean }
  >();
  /** Whom each router lets in: who was called from behind it, as `from to`. */
  readonly #mappings = new Set<string>();
  /** Addresses that nothing ever comes back from. */
  readonly holes = new Set<string>();
  readonly #traffic = new Map<string, Traffic>();
  readonly links = new Set<SimLink>();
  #lastPort = 40_000;

  constructor(clock: VirtualClock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  /** @param isBehindNat - Its router lets in only who is called over uTP at the same time. */
  listen(line: Line, port: number, listener: Listener, isBehindNat = false): void {
    this.#listeners.set(formatEndpoint({ host: line.host, port }), { line, listener, isBehindNat });
  }

  stopListening(host: string, port: number): void {
    this.#listeners.delete(formatEndpoint({ host, port }));
  }

  /**
   * @param isPunching - Over uTP, from the port that we listen at.
   * @returns Gives up.
   */
  dial(
    line: Line,
    to: Endpoint,
    connected: (link: SimLink) => LinkEvents,
    failed: (closing: Closing) => void,
    isPunching = false,
  ): () => void {
    let isGivenUp = false;
    const there = this.#listeners.get(formatEndpoint(to));
    const trip = line.latency + (there?.line.latency ?? 50);
    if (isPunching) this.#mappings.add(`${line.host} ${to.host}`);
    const arrive = () => {
      if (isGivenUp || this.holes.has(to.host)) return;
      const listening = this.#listeners.get(formatEndpoint(to));
      const isLetIn = listening?.isBehindNat === false || this.#mappings.has(`${to.host} ${line.host}`);
      if (isPunching && !isLetIn) {
        this.clock.after(KNOCK_AGAIN, arrive);
        return;
      }
      if (listening === undefined || !isLetIn) {
        failed({ reason: "connect-failed", by: "network", detail: "connection refused" });
        return;
      }
      const near = new SimLink(this, line, listening.line);
      const far = new SimLink(this, listening.line, line);
      near.other = far;
      far.other = near;
      const from = { host: line.host, port: isPunching ? to.port : ++this.#lastPort };
      const answering = listening.listener.accept(from, far, isPunching);
      if (answering === undefined) {
        failed({ reason: "closed-by-peer", by: "peer", detail: "it reset the connection" });
        return;
      }
      far.events = answering;
      near.events = connected(near);
      this.links.add(near);
      this.links.add(far);
    };
    this.clock.after(2 * trip, arrive);
    return () => {
      isGivenUp = true;
    };
  }

  /** Cuts a connection as a pulled cable would: both ends hear of it, what was under way is lost. */
  cut(link: SimLink): void {
    const broken: Closing = { reason: "closed-by-peer", by: "network", detail: "the line broke" };
    for (const end of [link, link.other]) end?.end(broken);
  }

  trafficOf(line: Line): Traffic {
    let traffic = this.#traffic.get(line.host);
    if (traffic === undefined) {
      traffic = { upFree: 0, downFree: 0 };
      this.#traffic.set(line.host, traffic);
    }
    return traffic;
  }

  note(value: number): void {
    this.fingerprint = Math.imul(this.fingerprint ^ value, 0x01000193) >>> 0;
  }
}

/** One end of a connection. */
export class SimLink implements PeerLink {
  readonly network: SimNetwork;
  readonly from: Line;
  readonly to: Line;
  other: SimLink | undefined;
  events: LinkEvents | undefined;
  isOpen = true;
  #queued = 0;
  readonly #waiting = new Set<() => void>();

  constructor(network: SimNetwork, from: Line, to: Line) {
    this.network = network;
    this.from = from;
    this.to = to;
  }

  get backlog(): number {
    return Math.max(0, this.#queued - (this.from.socketBuffer ?? 0));
  }

  send(bytes: Uint8Array): void {
    if (!this.isOpen) throw new Error("a closed link is asked to send");
    this.#carry(bytes, undefined);
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    if (!this.isOpen) throw new Error("a closed link is asked to send");
    const whole = new Uint8Array(header.length + block.length);
    whole.set(header);
    whole.set(block, header.length);
    this.#carry(whole, released);
  }

  close(isAbrupt: boolean): void {
    if (!this.isOpen) return;
    const { clock } = this.network;
    const gone = isAbrupt ? clock.now : Math.max(clock.now, this.network.trafficOf(this.from).upFree);
    this.isOpen = false;
    this.network.links.delete(this);
    for (const release of [...this.#waiting]) release();
    const other = this.other;
    clock.after(gone - clock.now + this.#trip, () => other?.end(HANG_UP));
  }

  /** The connection is over for this end. */
  end(closing: Closing): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.network.links.delete(this);
    for (const release of [...this.#waiting]) release();
    this.events?.ended(closing);
  }

  get #trip(): Millis {
    return this.from.latency + this.to.latency;
  }

  #carry(bytes: Uint8Array, released: (() => void) | undefined): void {
    const { clock, random } = this.network;
    const near = this.network.trafficOf(this.from);
    const far = this.network.trafficOf(this.to);
    near.upFree = Math.max(near.upFree, clock.now) + (1000 * bytes.length) / this.from.up;
    this.#queued += bytes.length;
    const leave = () => {
      if (!this.#waiting.delete(leave)) return;
      this.#queued -= bytes.length;
      released?.();
    };
    this.#waiting.add(leave);
    clock.after(near.upFree - clock.now, leave);
    const at = randomBelow(random, 4) === 0 ? randomBelow(random, bytes.length) : 0;
    clock.after(near.upFree + this.#trip - clock.now, () => {
      // The other's line is taken when the bytes are there, not when they set out.
      far.downFree = Math.max(far.downFree, clock.now) + (1000 * bytes.length) / this.to.down;
      clock.after(far.downFree - clock.now, () => {
        if (at > 0) this.other?.hear(bytes.subarray(0, at));
        this.other?.hear(bytes.subarray(at));
      });
    });
  }

  hear(chunk: Uint8Array): void {
    if (!this.isOpen) return;
    this.network.note(this.network.clock.now & 0x7fff_ffff);
    this.network.note(chunk.length);
    for (let i = 0; i < Math.min(20, chunk.length); i++) this.network.note(chunk[i] as number);
    this.events?.received(chunk);
  }
}
