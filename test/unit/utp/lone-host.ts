import type { Endpoint } from "../../../core/model/endpoint.ts";
import { seededRandom } from "../../../core/model/random.ts";
import type { UtpConnection } from "../../../core/utp/connection.ts";
import type { UtpEnd, UtpEvents } from "../../../core/utp/context.ts";
import { UtpMultiplexer } from "../../../core/utp/multiplexer.ts";
import { PACKET, type PacketReader } from "../../../core/utp/packet.ts";
import { type Draft, packet, read } from "./packets.ts";

export const FAR: Endpoint = { host: "192.0.2.7", port: 4000 };

/** Whom a connection tells; remembers it. */
export class Witness implements UtpEvents {
  isConnected = false;
  readonly bytes: number[] = [];
  readonly ends: UtpEnd[] = [];
  onReceived: (() => void) | undefined;

  connected(): void {
    this.isConnected = true;
  }

  received(bytes: Uint8Array): void {
    this.bytes.push(...bytes);
    this.onReceived?.();
  }

  closed(end: UtpEnd): void {
    this.ends.push(end);
  }
}

export interface SentDatagram {
  readonly to: Endpoint;
  readonly packet: PacketReader;
}

/** One host, the packets that it sends, and a test that plays everybody else. */
export class LoneHost {
  now = 1_000_000;
  readonly sent: SentDatagram[] = [];
  readonly accepted: { readonly connection: UtpConnection; readonly witness: Witness }[] = [];
  maxConnections = 100;
  readonly multiplexer = new UtpMultiplexer({
    random: seededRandom(7),
    maxConnections: () => this.maxConnections,
    send: (datagram, to) => this.sent.push({ to, packet: read(datagram.slice()) }),
    accept: (connection) => {
      const witness = new Witness();
      this.accepted.push({ connection, witness });
      return witness;
    },
    wanted: () => undefined,
  });

  /** Feeds packets that come in one turn of the loop, and lets the turn end. */
  hear(drafts: readonly Draft[], from: Endpoint = FAR): void {
    for (const draft of drafts) this.multiplexer.receive(packet(draft), from.host, from.port, this.now);
    this.flush();
  }

  flush(): void {
    this.multiplexer.flush(this.now);
  }

  /** Lets time pass, deadline by deadline. */
  wait(span: number): void {
    const until = this.now + span;
    while (this.multiplexer.deadline <= until) {
      this.now = Math.max(this.now, this.multiplexer.deadline);
      this.multiplexer.advance(this.now);
    }
    this.now = until;
  }

  /** What was sent since it was asked last. */
  take(): PacketReader[] {
    return this.sent.splice(0).map(({ packet: each }) => each);
  }

  dial(to: Endpoint = FAR) {
    const witness = new Witness();
    const connection = this.multiplexer.dial(to, witness, this.now) as UtpConnection;
    return { connection, witness };
  }

  /** A connection that we dialled, and what the other side has to say in it. */
  connected() {
    const { connection, witness } = this.dial();
    const [syn] = this.take() as [PacketReader];
    const far = new FarEnd(this, connection, syn.sequence);
    far.say({ type: "state", sequence: far.next, acknowledged: syn.sequence });
    this.take();
    return { connection, witness, far };
  }
}

/** The other side of a connection, as far as a test plays it. */
export class FarEnd {
  /** The number of the next packet from it. */
  next = 500;
  /** The last of our packets that it acknowledges. */
  acknowledged: number;
  window = 1 << 20;
  readonly #host: LoneHost;
  readonly #connection: UtpConnection;

  constructor(host: LoneHost, connection: UtpConnection, acknowledged: number) {
    this.#host = host;
    this.#connection = connection;
    this.acknowledged = acknowledged;
  }

  draft(draft: Draft): Draft {
    const { acknowledged, window } = this;
    return {
      connectionId: this.#connection.receiveId,
      sequence: this.next,
      acknowledged,
      window,
      timestamp: 1,
      ...draft,
    };
  }

  say(...drafts: readonly Draft[]): void {
    this.#host.hear(drafts.map((draft) => this.draft(draft)));
  }

  /** Data in order. */
  data(...payload: number[]): void {
    this.say({ type: "data", sequence: this.next++, payload: Uint8Array.from(payload) });
  }

  /** Acknowledges everything we sent up to this packet. */
  acknowledge({ sequence }: PacketReader): void {
    this.acknowledged = sequence;
    this.say({ type: "state" });
  }
}

export function typeOf(reader: PacketReader): string | undefined {
  return Object.entries(PACKET).find(([, type]) => type === reader.type)?.[0];
}

export function payloadOf(reader: PacketReader): number[] {
  return [...reader.bytes.subarray(reader.payloadStart)];
}
