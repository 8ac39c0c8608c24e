import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import type { UtpContext } from "./context.ts";
import type { PacketReader } from "./packet.ts";
import { ReorderBuffer } from "./reorder-buffer.ts";
import { sequenceAfter, sequenceDistance } from "./sequence.ts";

/** Bytes the other side may have under way to us (libtorrent's and libutp's). */
export const RECEIVE_WINDOW: Bytes = 1024 * 1024;
/** A packet that comes alone is acknowledged after this: something to send may come, and take it along. */
const ACK_DELAY: Millis = 20;
/** From this many on they are acknowledged as soon as there is time. */
const ACK_EVERY = 2;

/** The other direction of a connection: what arrives is put in order and handed over. */
export class UtpReceiver {
  /** The id in packets to us. */
  readonly connectionId: number;
  /** The last packet that was handed over, or gathered to be. */
  last = 0;
  /** Sent back so that the other side sees how long its packets wait. Microseconds; 0: none came yet. */
  replyMicros = 0;
  /** When what has come must be acknowledged, or undefined. */
  acknowledgeAt: Timestamp | undefined;
  /** The stream is over, and everything before was handed over. */
  isFinished = false;

  readonly #context: UtpContext;
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #reordered: ReorderBuffer;
  /** The number of the FIN, once it came. */
  #end: number | undefined;
  /** In-order bytes of this turn. */
  #run: Uint8Array | undefined;
  #runLength: Bytes = 0;
  /** Packets since the last acknowledgement. */
  #unacknowledged = 0;

  constructor(context: UtpContext, connectionId: number, deliver: (bytes: Uint8Array) => void) {
    this.#context = context;
    this.connectionId = connectionId;
    this.#deliver = deliver;
    this.#reordered = new ReorderBuffer(context.reordered);
  }

  /** What may be under way to us, less what waits here. */
  get window(): Bytes {
    return Math.max(0, RECEIVE_WINDOW - this.#reordered.bytes);
  }

  get maskLength(): Bytes {
    return this.#reordered.maskLength(this.last);
  }

  writeMask(bytes: Uint8Array, at: number, length: Bytes): void {
    this.#reordered.writeMask(this.last, bytes, at, length);
  }

  /** Notes when a packet came that left at `timestamp`. */
  stamped(timestamp: number, now: Timestamp): void {
    if (timestamp !== 0) this.replyMicros = (Math.floor(now * 1000) - timestamp) >>> 0;
  }

  /** Whether a packet of this number is near enough to what is expected. */
  reaches(sequence: number): boolean {
    return ReorderBuffer.reaches(this.last, sequence);
  }

  /** Takes a packet's payload. */
  data(packet: PacketReader, now: Timestamp): void {
    const { sequence } = packet;
    const distance = sequenceDistance(this.last, sequence);
    if (distance <= 0 || (this.#end !== undefined && sequenceDistance(this.#end, sequence) > 0)) {
      // Our acknowledgement of it may be lost.
      this.#acknowledgeNow(now);
      return;
    }
    const payload = packet.bytes.subarray(packet.payloadStart);
    if (distance > 1) {
      if (payload.length <= this.window) this.#reordered.add(sequence, payload);
      this.#acknowledgeNow(now);
      return;
    }
    this.#accept(payload);
    this.last = sequence;
    this.#unacknowledged++;
    if (this.#reordered.count > 0) {
      this.#catchUp();
      this.#acknowledgeNow(now);
    } else if (this.#unacknowledged >= ACK_EVERY) this.#acknowledgeNow(now);
    else this.acknowledgeAt ??= now + ACK_DELAY;
  }

  /** A FIN: nothing comes after it. It may carry the last payload. */
  finish(packet: PacketReader, now: Timestamp): void {
    this.#acknowledgeNow(now);
    const distance = sequenceDistance(this.last, packet.sequence);
    if (distance <= 0 || (this.#end !== undefined && this.#end !== packet.sequence)) return;
    this.#end = packet.sequence;
    if (packet.payloadLength > 0) return this.data(packet, now);
    if (distance > 1) this.#reordered.add(packet.sequence, packet.bytes.subarray(packet.payloadStart));
    else if (distance === 1) this.last = packet.sequence;
  }

  /** Hands over what has gathered. */
  handOver(): void {
    const run = this.#run;
    if (run === undefined) return this.#noteEnd();
    const length = this.#runLength;
    this.#run = undefined;
    this.#runLength = 0;
    this.#deliver(run.subarray(0, length));
    this.#context.runs.give(run);
    this.#noteEnd();
  }

  /** What has come was acknowledged. @param isWhole - Also what came before its turn. */
  told(isWhole: boolean): void {
    if (!isWhole && this.#reordered.count > 0) return;
    this.acknowledgeAt = undefined;
    this.#unacknowledged = 0;
  }

  clear(): void {
    this.#reordered.clear();
    if (this.#run !== undefined) this.#context.runs.give(this.#run);
    this.#run = undefined;
    this.acknowledgeAt = undefined;
  }

  #acknowledgeNow(now: Timestamp): void {
    this.acknowledgeAt = now;
  }

  #catchUp(): void {
    for (;;) {
      const next = sequenceAfter(this.last);
      const payload = this.#reordered.take(next);
      if (payload === undefined) return;
      this.#accept(payload);
      this.last = next;
    }
  }

  #accept(payload: Uint8Array): void {
    let rest = payload;
    while (rest.length > 0) {
      this.#run ??= this.#context.runs.take();
      const room = this.#run.length - this.#runLength;
      const part = rest.length <= room ? rest : rest.subarray(0, room);
      this.#run.set(part, this.#runLength);
      this.#runLength += part.length;
      rest = rest.subarray(part.length);
      if (this.#runLength === this.#run.length) this.handOver();
    }
  }

  #noteEnd(): void {
    this.isFinished = this.#end === this.last && this.#runLength === 0;
  }
}
