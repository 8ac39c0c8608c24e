import { concatBytes } from "../model/bytes.ts";
import { invariant } from "../model/invariant.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { sequenceAfter, sequenceDistance } from "./sequence.ts";

/** A power of two. libutp and libtorrent keep about a thousand packets that arrive out of order. */
const SLOTS = 1024;
/** Packets under way at most, what waits for its turn to be sent again among them. */
export const MAX_OUTSTANDING = 1000;
/** Packets that arrive past a missing one until it counts as lost (RFC 5681). */
const REORDERING = 3;
/** Longest datagram that is sent: Ethernet's. */
const LONGEST: Bytes = 1472;
/** Packets kept for later: two full windows. */
const MAX_POOLED = 2048;

/** A packet from its first departure to its acknowledgement. */
export class SentPacket {
  readonly buffer = new Uint8Array(LONGEST);
  /** The packet itself, at the beginning of the buffer. */
  bytes: Uint8Array = this.buffer;
  type = 0;
  sequence = 0;
  payload: Bytes = 0;
  sentAt: Timestamp = 0;
  transmissions = 0;
  /** It waits to be sent again, and is not counted as under way. */
  isLost = false;
  /** It is longer than what is known to pass, by padding alone. */
  isProbe = false;

  resize(length: Bytes): void {
    if (this.bytes.length !== length) this.bytes = this.buffer.subarray(0, length);
  }
}

/** Packets for all connections of a socket, so that sending allocates nothing. */
export class PacketPool {
  readonly #free: SentPacket[] = [];
  /** The system has not taken everything yet: a buffer may still be read, and is left to the collector. */
  mayBeRead = false;

  take(): SentPacket {
    const packet = this.#free.pop() ?? new SentPacket();
    packet.transmissions = 0;
    packet.isLost = false;
    packet.isProbe = false;
    return packet;
  }

  give(packet: SentPacket): void {
    if (!this.mayBeRead && this.#free.length < MAX_POOLED) this.#free.push(packet);
  }
}

/**
 * What is sent and not acknowledged, by sequence number.
 *
 * Invariant: `inFlight` is the payload of packets in `oldest` … `next` − 1 that are neither acknowledged nor lost.
 */
export class SentPackets {
  /** The first that is not acknowledged; `next` when all are. */
  oldest: number;
  /** Of the next packet. */
  next: number;
  inFlight: Bytes = 0;
  /** Packets that wait to be sent again. */
  lost = 0;

  // What the acknowledgement that is being worked on has told.
  ackedBytes: Bytes = 0;
  ackedPackets = 0;
  /** How long the last sent of the newly acknowledged took, when it was sent once. */
  roundTrip: Millis | undefined;
  /** The latest departure of anything acknowledged so far. */
  #newestDelivered: Timestamp = 0;
  /** The shortest of them. */
  #leastTrip: Millis = Number.POSITIVE_INFINITY;
  /** The path reorders: packets were late by this and not lost. */
  #tolerance: Millis = 0;
  /** The latest number acknowledged selectively. */
  #highest: number;
  readonly #slots: (SentPacket | undefined)[] = new Array<SentPacket | undefined>(SLOTS).fill(undefined);
  readonly #pool: PacketPool;
  /** A probe arrived. */
  readonly #probeArrived: (length: Bytes) => void;

  constructor(first: number, pool: PacketPool, probeArrived: (length: Bytes) => void) {
    this.oldest = first;
    this.next = first;
    this.#highest = sequenceAfter(first, -1);
    this.#pool = pool;
    this.#probeArrived = probeArrived;
  }

  get outstanding(): number {
    return sequenceDistance(this.oldest, this.next);
  }

  at(sequence: number): SentPacket | undefined {
    return this.#slots[sequence % SLOTS];
  }

  add(packet: SentPacket): void {
    invariant(this.outstanding < MAX_OUTSTANDING, "the window of packets is bounded");
    packet.sequence = this.next;
    this.#slots[this.next % SLOTS] = packet;
    this.next = sequenceAfter(this.next);
    this.inFlight += packet.payload;
  }

  resent(packet: SentPacket): void {
    packet.isLost = false;
    this.lost--;
    this.inFlight += packet.payload;
  }

  beginAcknowledgement(): void {
    this.ackedBytes = 0;
    this.ackedPackets = 0;
    this.roundTrip = undefined;
  }

  /** Everything up to and with `sequence` arrived. */
  acknowledge(sequence: number, now: Timestamp): void {
    while (sequenceDistance(this.oldest, sequence) >= 0 && this.oldest !== this.next) this.#arrived(this.oldest, now);
  }

  /** @param mask - Bit 0 is the packet after the one that `acknowledged` lacks (BEP 29 selective ACK). */
  acknowledgeSelectively(acknowledged: number, bytes: Uint8Array, start: number, end: number, now: Timestamp): void {
    let sequence = sequenceAfter(acknowledged, 2);
    for (let at = start; at < end; at++) {
      const mask = bytes[at] as number;
      for (let bit = 0; mask >>> bit !== 0; bit++) {
        if ((mask >>> bit) & 1) this.#arrivedBeyond(sequenceAfter(sequence, bit), now);
      }
      sequence = sequenceAfter(sequence, 8);
      if (sequenceDistance(sequence, this.next) <= 0) return;
    }
  }

  /**
   * Finds packets that others have overtaken, and marks them lost.
   * @param roundTrip - A packet that was sent again is given a part of it for what was sent after it to overtake it.
   * @param found - Called for each; probes too.
   */
  findOvertaken(roundTrip: Millis, found: (packet: SentPacket) => void): void {
    // With few under way, as many overtakers as usual can't come (RFC 5827).
    const needed = Math.max(1, Math.min(REORDERING, this.outstanding - 1));
    let overtakers = 0;
    const first = this.oldest;
    this.#tolerance = Math.min(this.#tolerance, roundTrip / 2);
    for (let sequence = this.#highest; sequenceDistance(first, sequence) >= 0; sequence = sequenceAfter(sequence, -1)) {
      const packet = this.at(sequence);
      if (packet === undefined) {
        overtakers++;
        continue;
      }
      if (packet.isLost || overtakers < needed) continue;
      const patience = packet.transmissions > 1 ? Math.max(this.#tolerance, roundTrip / 4) : this.#tolerance;
      if (patience > 0 && this.#newestDelivered - packet.sentAt <= patience) continue;
      this.#lose(packet);
      found(packet);
    }
  }

  /** Several acknowledgements in a row lacked the same packet. @returns It, unless it is under way again already. */
  loseOldest(): SentPacket | undefined {
    const packet = this.oldest === this.next ? undefined : this.at(this.oldest);
    if (packet === undefined || packet.isLost || packet.transmissions > 1) return undefined;
    this.#lose(packet);
    return packet;
  }

  /** Nothing was heard for too long: all that is under way counts as lost. */
  loseAll(): void {
    for (let sequence = this.oldest; sequence !== this.next; sequence = sequenceAfter(sequence)) {
      const packet = this.at(sequence);
      if (packet !== undefined && !packet.isLost) this.#lose(packet);
    }
  }

  /** Nothing of what is outstanding has arrived. */
  get isUnheard(): boolean {
    for (let sequence = this.oldest; sequence !== this.next; sequence = sequenceAfter(sequence)) {
      if (this.at(sequence) === undefined) return false;
    }
    return true;
  }

  /** Takes back all that is outstanding, as if it had never been sent. @returns Its bytes. */
  takeBack(): Uint8Array {
    const payloads: Uint8Array[] = [];
    for (let sequence = this.oldest; sequence !== this.next; sequence = sequenceAfter(sequence)) {
      const { bytes, payload } = this.at(sequence) as SentPacket;
      payloads.push(bytes.slice(bytes.length - payload));
    }
    const first = this.oldest;
    this.clear();
    this.oldest = first;
    this.next = first;
    this.#highest = sequenceAfter(first, -1);
    return concatBytes(...payloads);
  }

  /** The connection is over. */
  clear(): void {
    for (; this.oldest !== this.next; this.oldest = sequenceAfter(this.oldest)) {
      const packet = this.at(this.oldest);
      if (packet === undefined) continue;
      this.#slots[this.oldest % SLOTS] = undefined;
      this.#pool.give(packet);
    }
    this.inFlight = 0;
    this.lost = 0;
  }

  #arrivedBeyond(sequence: number, now: Timestamp): void {
    if (sequenceDistance(this.oldest, sequence) < 0 || sequenceDistance(sequence, this.next) <= 0) return;
    if (sequenceDistance(this.#highest, sequence) > 0) this.#highest = sequence;
    this.#arrived(sequence, now);
  }

  #arrived(sequence: number, now: Timestamp): void {
    const packet = this.at(sequence);
    if (packet !== undefined) {
      this.#slots[sequence % SLOTS] = undefined;
      if (packet.isLost) this.lost--;
      else this.inFlight -= packet.payload;
      this.ackedBytes += packet.payload;
      this.ackedPackets++;
      const took = now - packet.sentAt;
      if (packet.transmissions === 1) this.#leastTrip = Math.min(this.#leastTrip, took);
      if (packet.transmissions > 1 && took < this.#leastTrip / 2) {
        // Nothing is answered that fast: it was the first of them that came, and came late.
        this.#tolerance += this.#leastTrip / 8;
      } else if (packet.sentAt >= this.#newestDelivered) {
        this.#newestDelivered = packet.sentAt;
        this.roundTrip = packet.transmissions === 1 ? took : undefined;
      }
      if (packet.isProbe) this.#probeArrived(packet.bytes.length);
      this.#pool.give(packet);
    }
    while (this.oldest !== this.next && this.at(this.oldest) === undefined) this.oldest = sequenceAfter(this.oldest);
    if (sequenceDistance(this.#highest, this.oldest) > 0) this.#highest = sequenceAfter(this.oldest, -1);
  }

  #lose(packet: SentPacket): void {
    packet.isLost = true;
    this.lost++;
    this.inFlight -= packet.payload;
  }
}
