import type { Endpoint } from "../model/endpoint.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import type { UtpContext, UtpEnd, UtpEvents } from "./context.ts";
import { PACKET, type PacketReader } from "./packet.ts";
import { UtpReceiver } from "./receiver.ts";
import { UtpSender } from "./sender.ts";
import { sequenceAfter, sequenceDistance } from "./sequence.ts";

/** Routers forget a silent mapping after half a minute at the earliest (libutp's interval). */
const KEEP_ALIVE: Millis = 29_000;
/** What the other side doesn't take is not kept for it longer than this once we have gone. */
const LINGER: Millis = 5_000;
/** Whoever asks for a connection and never says more is forgotten. */
const CONFIRM_WITHIN: Millis = 10_000;

/**
 * `syn-sent`: we asked; `syn-received`: we answered, to an address that may be forged; `connected`; `fin-sent`: one side
 * has said goodbye, and ours is on its way; `closed`.
 */
export type UtpState = "syn-sent" | "syn-received" | "connected" | "fin-sent" | "closed";

/**
 * One uTP connection (BEP 29): a stream of bytes each way over datagrams. Deterministic: packets and `now` in,
 * datagrams out through the context, what happens to the owner.
 *
 * Nothing goes out, and nothing is handed over, before {@link flush}: once for all that comes together.
 */
export class UtpConnection {
  readonly remote: Endpoint;
  /** In packets to us, and from us. */
  readonly receiveId: number;
  readonly sendId: number;
  readonly direction: "incoming" | "outgoing";
  state: UtpState;
  /** Told what happens; set before the first packet can come. */
  events: UtpEvents | undefined;

  readonly #context: UtpContext;
  readonly #sender: UtpSender;
  readonly #receiver: UtpReceiver;
  readonly #createdAt: Timestamp;
  /** Our owner has gone, or knows that the other side has. */
  #isForsaken = false;
  #forgetAt: Timestamp | undefined;
  #closeReason: number | undefined;

  /** @param id - The one in the SYN: the id of the packets to its sender. */
  constructor(context: UtpContext, direction: "incoming" | "outgoing", remote: Endpoint, id: number, now: Timestamp) {
    this.#context = context;
    this.direction = direction;
    this.remote = remote;
    const isOutgoing = direction === "outgoing";
    this.receiveId = isOutgoing ? id : (id + 1) & 0xffff;
    this.sendId = isOutgoing ? (id + 1) & 0xffff : id;
    this.state = isOutgoing ? "syn-sent" : "syn-received";
    this.#createdAt = now;
    this.#receiver = new UtpReceiver(context, this.receiveId, (bytes) => {
      if (!this.#isForsaken) this.events?.received(bytes);
    });
    this.#sender = new UtpSender(context, this.#receiver, remote, this.sendId, now);
  }

  /** Bytes given and not sent yet. */
  get backlog(): Bytes {
    return this.#sender.queue.length;
  }

  /** The last close reason the other side told. */
  get closeReason(): number | undefined {
    return this.#closeReason;
  }

  /** Bytes that may be under way from us. */
  get window(): Bytes {
    return this.#sender.ledbat.window;
  }

  /** Mean of what an answer takes, once there was one. */
  get roundTrip(): Millis | undefined {
    return this.#sender.roundTrip.mean;
  }

  /** The longest datagram known to arrive. */
  get datagramLength(): Bytes {
    return this.#sender.mtu.floor;
  }

  /** What packets of ours wait in queues. */
  get delay(): Millis {
    return this.#sender.ledbat.delay;
  }

  /** Dials. */
  connect(now: Timestamp): void {
    this.#sender.sendSyn(this.receiveId, now);
  }

  /** @param released - Called once when `bytes` may be changed, also when the connection ends. */
  write(bytes: Uint8Array, released?: () => void): void {
    if (this.#isForsaken || this.state === "closed") return released?.();
    this.#sender.queue.push(bytes, released);
    this.#context.touched(this);
  }

  /**
   * The owner goes: what it wrote is still sent, unless `isAbrupt`, and then a goodbye. Nothing is reported any more.
   * @param closeReason - libtorrent's, told to the other side; 0: none.
   */
  end(closeReason: number, isAbrupt: boolean, now: Timestamp): void {
    if (this.#isForsaken || this.state === "closed") return;
    this.#sender.closeReason = closeReason;
    this.#forsake(now);
    this.#context.touched(this);
    if (this.state !== "connected") return this.#close();
    if (isAbrupt) this.#sender.drop();
    this.#sayGoodbye();
  }

  /** Takes a packet with one of our ids. @returns False when it can't be from the other side. */
  receive(packet: PacketReader, now: Timestamp): boolean {
    if (this.state === "closed") return false;
    if (packet.type === PACKET.syn) return this.#asked(packet, now);
    if (packet.type === PACKET.reset) return this.#reset(packet);
    if (!this.#sender.isPlausible(packet.acknowledged)) return false;
    const { oldest } = this.#sender.sent;
    if (this.state === "syn-sent") {
      // Whoever answers has received nothing of ours to answer with data, so data comes after it.
      if (packet.type !== PACKET.state || packet.acknowledged !== oldest) return false;
      this.#receiver.last = sequenceAfter(packet.sequence, -1);
    } else if (this.state === "syn-received" && packet.acknowledged !== sequenceAfter(oldest, -1)) {
      // Only who has our answer knows this number.
      return false;
    } else if (packet.type !== PACKET.state && !this.#receiver.reaches(packet.sequence)) return false;
    if (packet.closeReason !== undefined && packet.closeReason !== 0) this.#closeReason = packet.closeReason;
    this.#receiver.stamped(packet.timestamp, now);
    this.#sender.acknowledged(packet, now);
    if (this.state === "syn-sent" || this.state === "syn-received") this.#confirm();
    if (packet.type === PACKET.data) this.#receiver.data(packet, now);
    else if (packet.type === PACKET.fin) this.#receiver.finish(packet, now);
    return true;
  }

  /** Hands over what has come, and sends what may be sent. */
  flush(now: Timestamp): void {
    if (this.state === "closed") return;
    this.#receiver.handOver();
    if (this.#receiver.isFinished && !this.#isForsaken) {
      this.#forsake(now);
      // First it is told: who gets bytes released would else write more.
      this.events?.closed({ kind: "finished", closeReason: this.#closeReason });
      this.#sender.drop();
      this.#sayGoodbye();
    }
    if (this.state === "connected" || this.state === "fin-sent" || this.state === "syn-sent") this.#sender.pump(now);
    const due = this.#receiver.acknowledgeAt;
    if (due !== undefined && due <= now) this.#sender.sendState(now);
    if (this.#isForsaken && this.#sender.isFinished) this.#close();
  }

  /** When {@link advance} is to be called at the latest. */
  nextDeadline(): Timestamp {
    if (this.state === "closed") return Number.POSITIVE_INFINITY;
    if (this.state === "syn-received") return this.#createdAt + CONFIRM_WITHIN;
    return Math.min(
      this.#sender.timeoutAt ?? Number.POSITIVE_INFINITY,
      this.#receiver.acknowledgeAt ?? Number.POSITIVE_INFINITY,
      this.#forgetAt ?? Number.POSITIVE_INFINITY,
      this.#sender.lastSentAt + KEEP_ALIVE,
    );
  }

  /** Does what time has made due. */
  advance(now: Timestamp): void {
    if (this.state === "closed") return;
    if (this.state === "syn-received") {
      if (now >= this.#createdAt + CONFIRM_WITHIN) this.#close();
      return;
    }
    if (this.#forgetAt !== undefined && now >= this.#forgetAt) return this.#close();
    if (this.#sender.timeoutAt !== undefined && now >= this.#sender.timeoutAt) {
      const tries = this.#sender.timedOut(now);
      if (tries !== undefined) return this.#over({ kind: "silent", tries, wasConnected: this.state !== "syn-sent" });
    }
    if (this.state !== "syn-sent" && now >= this.#sender.lastSentAt + KEEP_ALIVE) this.#receiver.acknowledgeAt = now;
    this.flush(now);
  }

  /** Forgets everything at once, without a word. */
  abandon(): void {
    this.#isForsaken = true;
    this.#close();
  }

  #asked(packet: PacketReader, now: Timestamp): boolean {
    if (this.direction !== "incoming") return false;
    if (this.state !== "syn-received") return true;
    // Again, if our answer was lost.
    this.#receiver.last = packet.sequence;
    this.#receiver.stamped(packet.timestamp, now);
    this.#receiver.acknowledgeAt = now;
    return true;
  }

  #confirm(): void {
    this.state = "connected";
    this.events?.connected();
  }

  #reset(packet: PacketReader): boolean {
    const { sent } = this.#sender;
    // It answers a packet of ours: a reset from elsewhere would have to guess. A packet without payload has the next number.
    const isOurs =
      sequenceDistance(packet.acknowledged, sent.next) >= 0 && sequenceDistance(sent.oldest, packet.acknowledged) >= -1;
    if (!isOurs) return false;
    const wasConnected = this.state !== "syn-sent" && this.state !== "syn-received";
    this.#over({ kind: "reset", closeReason: packet.closeReason ?? this.#closeReason, wasConnected });
    return true;
  }

  #sayGoodbye(): void {
    this.state = "fin-sent";
    this.#sender.isFinishing = true;
  }

  #forsake(now: Timestamp): void {
    this.#isForsaken = true;
    this.#forgetAt = now + LINGER;
  }

  #over(end: UtpEnd): void {
    const isTold = !this.#isForsaken;
    this.state = "closed";
    this.#isForsaken = true;
    if (isTold) this.events?.closed(end);
    this.#close();
  }

  #close(): void {
    this.state = "closed";
    this.#isForsaken = true;
    this.#sender.clear();
    this.#receiver.clear();
  }
}
