import type { Endpoint } from "../model/endpoint.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { UtpContext } from "./context.ts";
import { DelayHistory } from "./delay-history.ts";
import { Ledbat } from "./ledbat.ts";
import {
  CLOSE_REASON_LENGTH,
  ExtensionWriter,
  HEADER_LENGTH,
  MIN_PADDING,
  PACKET,
  type PacketReader,
  writeHeader,
} from "./packet.ts";
import { PathMtu } from "./path-mtu.ts";
import type { UtpReceiver } from "./receiver.ts";
import { RoundTrip } from "./round-trip.ts";
import { MAX_OUTSTANDING, type SentPacket, SentPackets } from "./sent-packets.ts";
import { sequenceAfter, sequenceDistance } from "./sequence.ts";

/** Acknowledgements in a row that lack the same packet. */
const DUPLICATES = 3;
/** Timeouts without a word from the other side: about half a minute. */
const MAX_SILENT_TIMEOUTS = 6;
/** A second each: nobody waits longer for a connection. */
const MAX_SYNS = 3;
/** The other side may be gone for good when we say goodbye. */
const MAX_FINS = 3;
/** Answers to something short, behind a long packet that has not come for them: then the path carries no long ones. */
const SHORT_ONLY = 2;
/** A packet that never arrives though others do. */
const MAX_TRANSMISSIONS = 12;
/** Early µTorrents say this when they have not measured. */
const NOT_MEASURED = 0x7fff_ffff;
const MICROS = 1000;

const extensions = new ExtensionWriter();

/** One direction of a connection: what is to be sent, is under way, and how much of it may be. */
export class UtpSender {
  readonly queue = new ByteQueue();
  readonly sent: SentPackets;
  readonly roundTrip = new RoundTrip();
  readonly ledbat: Ledbat;
  readonly mtu: PathMtu;
  /** Bytes the other side has room for. */
  peerWindow: Bytes = 0;
  /** Sent with everything once we are about to go; 0: nothing to say. */
  closeReason = 0;
  /** After the last byte a FIN goes out. */
  isFinishing = false;
  hasSentFin = false;
  /** When what is under way counts as lost, or undefined when nothing waits. */
  timeoutAt: Timestamp | undefined;
  lastSentAt: Timestamp;

  readonly #context: UtpContext;
  readonly #receiver: UtpReceiver;
  readonly #remote: Endpoint;
  readonly #connectionId: number;
  readonly #delays = new DelayHistory();
  #duplicates = 0;
  #silentTimeouts = 0;
  /** The number of the last packet sent before the window was last made smaller for a loss. */
  #recovery: number;
  #probe: SentPacket | undefined;
  /** Not even sent again the oldest came. When that was asked about, behind the next try, and how often so. */
  #isDoubtful = false;
  #askedAt: Timestamp | undefined;
  #shortOnly = 0;
  /** The other side has no room, and it is time to see whether that is still so. */
  #mayTryWindow = false;
  /** What is under way was sent to see that. */
  #isTryingWindow = false;

  constructor(context: UtpContext, receiver: UtpReceiver, remote: Endpoint, connectionId: number, now: Timestamp) {
    this.#context = context;
    this.#receiver = receiver;
    this.#remote = remote;
    this.#connectionId = connectionId;
    this.mtu = new PathMtu(remote.host.includes(":"));
    this.ledbat = new Ledbat(context.random);
    const first = context.random.uint32() & 0xffff;
    this.sent = new SentPackets(first, context.packets, (length) => {
      this.mtu.arrived(length);
      this.#probe = undefined;
    });
    this.#recovery = sequenceAfter(first, -1);
    this.lastSentAt = now;
  }

  /** Everything given is acknowledged, and the FIN. */
  get isFinished(): boolean {
    return this.hasSentFin && this.sent.outstanding === 0;
  }

  /** Whether a packet with this acknowledgement can be from the other side: we sent what it acknowledges, not long ago. */
  isPlausible(acknowledged: number): boolean {
    return (
      sequenceDistance(acknowledged, this.sent.next) > 0 &&
      sequenceDistance(acknowledged, this.sent.oldest) <= MAX_OUTSTANDING
    );
  }

  /** Asks for a connection. The other side's answer is acknowledged by what follows. */
  sendSyn(connectionId: number, now: Timestamp): void {
    const packet = this.#context.packets.take();
    packet.type = PACKET.syn;
    packet.payload = 0;
    packet.resize(HEADER_LENGTH);
    this.sent.add(packet);
    this.#transmit(packet, now, connectionId);
    this.#armTimeout(now);
  }

  /** Takes what a packet says of those that we sent. */
  acknowledged(packet: PacketReader, now: Timestamp): void {
    const { sent } = this;
    this.#silentTimeouts = 0;
    if (this.#isTryingWindow && packet.window > this.peerWindow) this.#windowOpened();
    this.peerWindow = packet.window;
    const inFlight = sent.inFlight;
    // With a mask it is known better what is missing.
    const isDuplicate =
      packet.type === PACKET.state &&
      packet.selectiveEnd === packet.selectiveStart &&
      sent.outstanding > 0 &&
      packet.acknowledged === sequenceAfter(sent.oldest, -1);
    sent.beginAcknowledgement();
    sent.acknowledge(packet.acknowledged, now);
    if (packet.selectiveEnd > packet.selectiveStart) {
      const { acknowledged, bytes, selectiveStart, selectiveEnd } = packet;
      sent.acknowledgeSelectively(acknowledged, bytes, selectiveStart, selectiveEnd, now);
    }
    if (packet.difference !== 0 && packet.difference !== NOT_MEASURED) this.#sampleDelay(packet.difference, now);
    this.#duplicates = isDuplicate ? this.#duplicates + 1 : 0;
    this.#review(isDuplicate, now);
    if (sent.ackedPackets > 0) {
      this.#isTryingWindow = false;
      if (sent.roundTrip === undefined) this.roundTrip.progressed();
      else this.roundTrip.sample(sent.roundTrip);
      const full = this.mtu.floor;
      const isFull = inFlight + full > this.ledbat.window;
      if (sent.ackedBytes > 0) this.ledbat.acknowledged(sent.ackedBytes, isFull, full, this.#oneTrip, now);
      if (sent.outstanding === 0) this.timeoutAt = undefined;
      else this.#armTimeout(now);
    }
    this.#findLosses(now);
  }

  /** Sends what may be sent now. @returns How many packets went out. */
  pump(now: Timestamp): number {
    let count = this.sent.lost === 0 ? 0 : this.#resend(now);
    while (this.sent.lost === 0 && this.#mayAdd()) {
      this.#sendNext(now);
      count++;
    }
    if (this.queue.length > 0 && this.sent.outstanding === 0 && this.timeoutAt === undefined) this.#armTimeout(now);
    return count;
  }

  /** Time has come to {@link timeoutAt}. @returns How many tries were in vain, when it makes no sense to go on. */
  timedOut(now: Timestamp): number | undefined {
    const { sent } = this;
    this.timeoutAt = undefined;
    if (sent.outstanding === 0) {
      this.#mayTryWindow = this.queue.length > 0;
      return undefined;
    }
    const oldest = sent.at(sent.oldest) as SentPacket;
    const isProbeAlone = oldest.isProbe && sent.outstanding === 1;
    this.#silentTimeouts++;
    const most = oldest.type === PACKET.syn ? MAX_SYNS : oldest.type === PACKET.fin ? MAX_FINS : MAX_TRANSMISSIONS;
    if (this.#silentTimeouts >= MAX_SILENT_TIMEOUTS || oldest.transmissions >= most) return oldest.transmissions;
    if (this.#probe !== undefined) this.#probeLost(this.#probe);
    if (!isProbeAlone) {
      if (sent.inFlight > 0) this.ledbat.timedOut(this.mtu.floor);
      if (oldest.type !== PACKET.syn) this.roundTrip.timedOut();
    }
    const isOld = oldest.type === PACKET.data && oldest.transmissions > 1;
    this.#isDoubtful = isOld && this.mtu.isDoubtful(oldest.bytes.length);
    this.#recovery = sequenceAfter(sent.next, -1);
    this.#duplicates = 0;
    sent.loseAll();
    this.#armTimeout(now);
    return undefined;
  }

  /**
   * What was asked behind the oldest was answered, and the oldest has not come: it is longer than what the path carries by
   * now. Nothing after it has come either, so that all of it can be cut anew.
   */
  #review(isDuplicate: boolean, now: Timestamp): void {
    const { sent } = this;
    if (sent.ackedPackets > 0) {
      this.#shortOnly = 0;
      this.#askedAt = undefined;
    }
    // What comes sooner was under way before it was asked.
    if (!isDuplicate || this.#askedAt === undefined || now - this.#askedAt < this.#oneTrip / 2) return;
    this.#askedAt = undefined;
    if (++this.#shortOnly < SHORT_ONLY || !sent.isUnheard) return;
    this.#shortOnly = 0;
    this.mtu.shrink();
    this.queue.putBack(sent.takeBack());
    this.hasSentFin = false;
    this.#probe = undefined;
    this.#recovery = sequenceAfter(sent.next, -1);
    this.timeoutAt = undefined;
    this.roundTrip.progressed();
  }

  /** A byte that the other side has already, so that it says what it lacks. */
  #ask(now: Timestamp): void {
    const packet = this.#context.packets.take();
    this.#writeHeader(packet, PACKET.data, sequenceAfter(this.sent.oldest, -1), this.#connectionId, now);
    packet.resize(HEADER_LENGTH + 1);
    this.#context.send(packet.bytes, this.#remote);
    this.#context.packets.give(packet);
    this.#isDoubtful = false;
    this.#askedAt = now;
  }

  /** Nothing that was not sent yet will be. */
  drop(): void {
    this.queue.clear();
  }

  clear(): void {
    this.queue.clear();
    this.sent.clear();
    this.timeoutAt = undefined;
    this.#probe = undefined;
  }

  /** A packet without payload and without a number of its own. */
  sendState(now: Timestamp): void {
    this.#sendState(this.sent.next, now);
    // libtorrent takes no number past that of a FIN, not even of a packet that has none; libutp takes no other.
    if (this.hasSentFin) this.#sendState(sequenceAfter(this.sent.next, -1), now);
    this.#receiver.told(true);
  }

  #sendState(sequence: number, now: Timestamp): void {
    const packet = this.#context.packets.take();
    const receiver = this.#receiver;
    this.#writeHeader(packet, PACKET.state, sequence, this.#connectionId, now);
    extensions.begin(packet.buffer);
    const mask = receiver.maskLength;
    if (mask > 0) receiver.writeMask(packet.buffer, extensions.selectiveAck(mask), mask);
    if (this.closeReason !== 0) extensions.closeReason(this.closeReason);
    packet.resize(extensions.length);
    this.#context.send(packet.bytes, this.#remote);
    this.#context.packets.give(packet);
    this.lastSentAt = now;
  }

  /** What we tried with came too early to be taken, and needs no timeout to be sent again. */
  #windowOpened(): void {
    this.#isTryingWindow = false;
    this.roundTrip.progressed();
    this.sent.loseAll();
  }

  get #oneTrip(): Millis {
    return this.roundTrip.mean ?? 1000;
  }

  #sampleDelay(difference: number, now: Timestamp): void {
    const delay = this.#delays.add(difference, now) / MICROS;
    // One way takes no longer than both.
    const most = this.sent.roundTrip;
    this.ledbat.sample(most === undefined ? delay : Math.min(delay, most));
  }

  #armTimeout(now: Timestamp): void {
    this.timeoutAt = now + this.roundTrip.timeout;
  }

  #findLosses(now: Timestamp): void {
    const { sent } = this;
    let cause: SentPacket | undefined;
    const found = (packet: SentPacket): void => {
      if (packet === this.#probe) this.#probeLost(packet);
      else if (cause === undefined || sequenceDistance(cause.sequence, packet.sequence) > 0) cause = packet;
    };
    sent.findOvertaken(this.#oneTrip, found);
    if (this.#duplicates >= DUPLICATES) {
      const oldest = sent.loseOldest();
      if (oldest !== undefined) found(oldest);
    }
    // Losses come in bursts: one round trip's are one event (RFC 6582).
    if (cause === undefined || sequenceDistance(this.#recovery, cause.sequence) <= 0) return;
    this.#recovery = sequenceAfter(sent.next, -1);
    this.ledbat.lost(this.mtu.floor, this.#oneTrip, now);
  }

  #probeLost(packet: SentPacket): void {
    this.mtu.lost(packet.bytes.length);
    this.#probe = undefined;
    packet.isProbe = false;
    // Without the padding it is as short as any other.
    const payloadStart = packet.bytes.length - packet.payload;
    packet.buffer.copyWithin(HEADER_LENGTH, payloadStart, packet.bytes.length);
    packet.resize(HEADER_LENGTH + packet.payload);
  }

  /** Sends lost packets again, the oldest first. */
  #resend(now: Timestamp): number {
    const { sent } = this;
    let count = 0;
    for (let sequence = sent.oldest; sent.lost > 0 && sequence !== sent.next; sequence = sequenceAfter(sequence)) {
      const packet = sent.at(sequence);
      if (packet === undefined || !packet.isLost) continue;
      if (sent.inFlight > 0 && sent.inFlight + packet.payload > this.#room) break;
      sent.resent(packet);
      this.#transmit(packet, now, packet.type === PACKET.syn ? this.#receiver.connectionId : this.#connectionId);
      count++;
      if (this.#isDoubtful) this.#ask(now);
    }
    if (count > 0 && this.timeoutAt === undefined) this.#armTimeout(now);
    return count;
  }

  get #room(): Bytes {
    return Math.min(this.ledbat.window, this.peerWindow);
  }

  #mayAdd(): boolean {
    const { sent, queue } = this;
    if (sent.outstanding >= MAX_OUTSTANDING || this.hasSentFin) return false;
    if (queue.length === 0) return this.isFinishing;
    const payload = Math.min(queue.length, this.mtu.floor - HEADER_LENGTH);
    if (sent.inFlight === 0) return this.peerWindow >= payload || this.#mayTryWindow;
    return sent.inFlight + payload <= this.#room;
  }

  #sendNext(now: Timestamp): void {
    const { sent, queue } = this;
    const packet = this.#context.packets.take();
    const full = this.mtu.floor - HEADER_LENGTH;
    if (queue.length > 0) {
      packet.type = PACKET.data;
      packet.payload = Math.min(queue.length, full);
      this.#isTryingWindow = this.#mayTryWindow;
      this.#mayTryWindow = false;
      // Others must follow to tell a probe that is too long from a line that is dead.
      const isFollowed = queue.length > 2 * full && this.#room > 3 * full;
      const probe = this.#probe === undefined && isFollowed ? this.mtu.probe : undefined;
      if (probe === undefined) {
        packet.resize(HEADER_LENGTH + packet.payload);
      } else {
        packet.isProbe = true;
        this.#probe = packet;
        packet.resize(probe);
      }
      queue.take(packet.buffer, packet.bytes.length - packet.payload, packet.payload);
    } else {
      packet.type = PACKET.fin;
      packet.payload = 0;
      packet.resize(HEADER_LENGTH + (this.closeReason === 0 ? 0 : CLOSE_REASON_LENGTH));
      this.hasSentFin = true;
    }
    sent.add(packet);
    this.#transmit(packet, now, this.#connectionId);
    if (this.timeoutAt === undefined) this.#armTimeout(now);
  }

  #transmit(packet: SentPacket, now: Timestamp, connectionId: number): void {
    packet.sentAt = now;
    packet.transmissions++;
    this.lastSentAt = now;
    this.#writeHeader(packet, packet.type, packet.sequence, connectionId, now);
    const beside = packet.bytes.length - HEADER_LENGTH - packet.payload;
    if (beside > 0) {
      extensions.begin(packet.buffer);
      if (packet.type === PACKET.fin) extensions.closeReason(this.closeReason);
      else extensions.padding(Math.max(MIN_PADDING, beside));
    }
    this.#context.send(packet.bytes, this.#remote);
    this.#receiver.told(false);
  }

  #writeHeader(packet: SentPacket, type: number, sequence: number, connectionId: number, now: Timestamp): void {
    const { replyMicros, window, last } = this.#receiver;
    const micros = Math.floor(now * MICROS) >>> 0;
    writeHeader(packet.buffer, type, connectionId, micros, replyMicros, window, sequence, last);
  }
}
