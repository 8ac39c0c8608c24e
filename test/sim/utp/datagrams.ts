import { type Random, randomBelow, seededRandom } from "../../../core/model/random.ts";
import type { Bytes, BytesPerSecond, Millis } from "../../../core/model/units.ts";
import type { UtpConnection } from "../../../core/utp/connection.ts";
import type { UtpEnd, UtpEvents } from "../../../core/utp/context.ts";
import { UtpMultiplexer } from "../../../core/utp/multiplexer.ts";
import type { VirtualClock } from "../support/clock.ts";

/** What IP and UDP add to a datagram on the wire. */
const HEADERS: Bytes = 28;

export interface PathOptions {
  /** One way. */
  readonly latency: Millis;
  /** Undefined: no bottleneck. */
  readonly rate?: BytesPerSecond;
  /** Bytes that wait before the bottleneck; what comes then is dropped. */
  readonly queue?: Bytes;
  /** Of a thousand. */
  readonly loss?: number;
  readonly duplication?: number;
  /** Of a thousand packets, those that are late, by up to `lateness`. */
  readonly reordering?: number;
  readonly lateness?: Millis;
  /** Longer datagrams vanish. */
  readonly mtu?: Bytes;
}

/** One direction of a line, for everybody who uses it. */
export class Path {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  options: PathOptions;
  /** When the bottleneck is free again. */
  #freeAt = 0;
  carried: Bytes = 0;
  dropped = 0;

  constructor(clock: VirtualClock, random: Random, options: PathOptions) {
    this.#clock = clock;
    this.#random = random;
    this.options = options;
  }

  /** How long a packet would wait for the bottleneck now. */
  get waiting(): Millis {
    return Math.max(0, this.#freeAt - this.#clock.now);
  }

  carry(length: Bytes, arrive: () => void): void {
    const { latency, rate, queue, loss = 0, duplication = 0, reordering = 0, lateness = 0, mtu } = this.options;
    if (mtu !== undefined && length > mtu) return this.#drop();
    if (randomBelow(this.#random, 1000) < loss) return this.#drop();
    let wait = latency;
    if (rate !== undefined) {
      if (queue !== undefined && (this.waiting * rate) / 1000 + length > queue) return this.#drop();
      this.#freeAt = Math.max(this.#freeAt, this.#clock.now) + (1000 * (length + HEADERS)) / rate;
      wait += this.waiting;
    }
    if (randomBelow(this.#random, 1000) < reordering) wait += randomBelow(this.#random, lateness * 1000) / 1000;
    this.carried += length;
    this.#clock.after(wait, arrive);
    if (randomBelow(this.#random, 1000) < duplication) this.#clock.after(wait + 1, arrive);
  }

  #drop(): void {
    this.dropped++;
  }
}

/** A host with a uTP socket. */
export class Host {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly multiplexer: UtpMultiplexer;
  /** Of its clock against the virtual one. */
  readonly skew: Millis;
  readonly accepted: Stream[] = [];
  maxConnections = 1000;
  /** What was sent, oldest first, when it is to be looked at. */
  onSend: ((datagram: Uint8Array) => void) | undefined;
  /** What accepted streams do first. */
  onAccept: ((stream: Stream) => void) | undefined;
  readonly #routes = new Map<string, { readonly path: Path; readonly host: Host }>();
  #isFlushWanted = false;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(clock: VirtualClock, random: Random, name: string, skew: Millis = 0) {
    this.clock = clock;
    this.name = name;
    this.skew = skew;
    this.multiplexer = new UtpMultiplexer({
      random,
      maxConnections: () => this.maxConnections,
      send: (datagram, to) => this.#send(datagram, to.host),
      accept: (connection) => {
        const stream = new Stream(this);
        stream.connection = connection;
        this.accepted.push(stream);
        this.onAccept?.(stream);
        return stream;
      },
      wanted: () => this.#wantFlush(),
    });
  }

  get now(): number {
    return this.clock.now + this.skew;
  }

  route(to: Host, path: Path): void {
    this.#routes.set(to.name, { path, host: to });
  }

  dial(to: Host): Stream {
    const stream = new Stream(this);
    stream.connection = this.multiplexer.dial({ host: to.name, port: 1 }, stream, this.now);
    this.#arm();
    return stream;
  }

  /** A datagram arrives. */
  hear(datagram: Uint8Array, from: string): void {
    this.multiplexer.receive(datagram, from, 1, this.now);
    this.#wantFlush();
  }

  #send(datagram: Uint8Array, to: string): void {
    this.onSend?.(datagram);
    const route = this.#routes.get(to);
    if (route === undefined) return;
    const copy = datagram.slice();
    route.path.carry(copy.length, () => route.host.hear(copy, this.name));
  }

  #wantFlush(): void {
    if (this.#isFlushWanted) return;
    this.#isFlushWanted = true;
    this.clock.after(0, () => {
      this.#isFlushWanted = false;
      this.multiplexer.flush(this.now);
      this.#arm();
    });
  }

  #arm(): void {
    const at = this.multiplexer.deadline - this.skew;
    if (at >= this.#timerAt) return;
    this.#timerAt = at;
    this.clock.after(at - this.clock.now, () => {
      if (this.#timerAt !== at) return;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.multiplexer.advance(this.now);
      this.#arm();
    });
  }
}

/** One end of a connection, which counts and may keep what it hears. */
export class Stream implements UtpEvents {
  readonly host: Host;
  connection: UtpConnection | undefined;
  isConnected = false;
  count: Bytes = 0;
  end: UtpEnd | undefined;
  heard: Uint8Array[] | undefined;
  onReceived: ((bytes: Uint8Array) => void) | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  write(bytes: Uint8Array, released?: () => void): void {
    (this.connection as UtpConnection).write(bytes, released);
  }

  close(closeReason = 0, isAbrupt = false): void {
    (this.connection as UtpConnection).end(closeReason, isAbrupt, this.host.now);
  }

  /** Always has more to send. */
  pour(): void {
    const chunk = new Uint8Array(16 * 1024);
    const more = (): void => {
      if (this.connection?.state !== "closed") this.write(chunk, more);
    };
    for (let i = 0; i < 8; i++) more();
  }

  connected(): void {
    this.isConnected = true;
  }

  received(bytes: Uint8Array): void {
    this.count += bytes.length;
    this.heard?.push(bytes.slice());
    this.onReceived?.(bytes);
  }

  closed(end: UtpEnd): void {
    this.end = end;
  }
}

/** Two hosts and the lines between them. */
export function couple(clock: VirtualClock, seed: number, there: PathOptions, back: PathOptions = there) {
  const random = seededRandom(seed);
  const a = new Host(clock, seededRandom(seed + 1), "192.0.2.1");
  const b = new Host(clock, seededRandom(seed + 2), "192.0.2.2", 12_345.678);
  const forth = new Path(clock, random, there);
  const home = new Path(clock, random, back);
  a.route(b, forth);
  b.route(a, home);
  return { a, b, forth, home };
}

/** Lets time pass. */
export function run(clock: VirtualClock, until: number, done: () => boolean = () => false): void {
  while (!done() && clock.next !== undefined && clock.next <= until) clock.step();
}
