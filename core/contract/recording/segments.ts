import { addressBytes } from "../../model/address.ts";
import { concatBytes, fromLatin1 } from "../../model/bytes.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import type { Bytes } from "../../model/units.ts";

const SYN = 0x02;
const ACK = 0x10;
const PUSH = 0x08;
const TCP_HEADER: Bytes = 20;
const TCP = 6;
/** An IPv4 packet has at most 65,535 bytes; what the kernel hands on at once is as large. */
const LARGEST: Bytes = 60_000;
const WINDOW = 65_535;

const NOTHING = new Uint8Array(0);

/** One Ethernet frame: what of it is kept, and how long it would be. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly length: Bytes;
}

/** One end of a made-up TCP connection. */
class End {
  readonly address: Uint8Array;
  readonly port: number;
  /** Of the next byte that it sends. */
  sequence: number;

  constructor({ host, port }: Endpoint, sequence: number) {
    this.address = addressBytes(host) ?? new Uint8Array(4);
    this.port = port;
    this.sequence = sequence;
  }
}

/**
 * Turns what two sides said into TCP segments over IP and Ethernet: handshake, sequence numbers that count every byte,
 * each segment acknowledging what came before it, right checksums. Bytes that were not kept count as zeros.
 */
export class TcpConversation {
  /** 0: the one that connected; 1: the one that accepted. */
  readonly #ends: readonly [End, End];

  constructor(caller: Endpoint, called: Endpoint) {
    this.#ends = [new End(caller, 0x1000_0000), new End(called, 0x2000_0000)];
  }

  /** SYN, SYN and ACK, ACK. */
  open(): Packet[] {
    return [this.#send(0, SYN), this.#send(1, SYN | ACK), this.#send(0, ACK)];
  }

  /** @param missing - Bytes that follow `bytes` and were not kept. */
  say(from: 0 | 1, bytes: Uint8Array, missing: Bytes): Packet[] {
    const packets: Packet[] = [];
    for (let at = 0; at < bytes.length; at += LARGEST) {
      const part = bytes.subarray(at, at + LARGEST);
      const isLast = at + LARGEST >= bytes.length;
      packets.push(this.#send(from, PUSH | ACK, part, isLast ? Math.min(missing, LARGEST - part.length) : 0));
    }
    const begun = LARGEST - (bytes.length % LARGEST || LARGEST);
    for (let left = missing - begun; left > 0; left -= LARGEST) {
      packets.push(this.#send(from, PUSH | ACK, NOTHING, Math.min(left, LARGEST)));
    }
    return packets;
  }

  #send(from: 0 | 1, flags: number, payload: Uint8Array = NOTHING, missing: Bytes = 0): Packet {
    const sender = this.#ends[from];
    const receiver = this.#ends[from === 0 ? 1 : 0];
    const segment = new Uint8Array(TCP_HEADER + payload.length);
    const view = new DataView(segment.buffer);
    view.setUint16(0, sender.port);
    view.setUint16(2, receiver.port);
    view.setUint32(4, sender.sequence);
    view.setUint32(8, (flags & ACK) === 0 ? 0 : receiver.sequence);
    view.setUint8(12, (TCP_HEADER / 4) << 4);
    view.setUint8(13, flags);
    view.setUint16(14, WINDOW);
    segment.set(payload, TCP_HEADER);
    const length = segment.length + missing;
    view.setUint16(16, checksum([pseudoHeader(sender.address, receiver.address, length), segment]));
    sender.sequence = (sender.sequence + payload.length + missing + ((flags & SYN) === 0 ? 0 : 1)) >>> 0;
    const before = concatBytes(ethernet(from, sender.address.length), ip(sender.address, receiver.address, length));
    return { bytes: concatBytes(before, segment), length: before.length + length };
  }
}

/** Locally administered addresses that say whose they are. */
const MACS = [fromLatin1("\x02PEER0"), fromLatin1("\x02PEER1")] as const;

function ethernet(from: 0 | 1, addressLength: number): Uint8Array {
  const kind = addressLength === 4 ? Uint8Array.of(0x08, 0x00) : Uint8Array.of(0x86, 0xdd);
  return concatBytes(MACS[from === 0 ? 1 : 0], MACS[from], kind);
}

/** The header of RFC 791 or RFC 8200 for `length` bytes of TCP. */
function ip(from: Uint8Array, to: Uint8Array, length: Bytes): Uint8Array {
  if (from.length === 16) {
    const header = new Uint8Array(40);
    const view = new DataView(header.buffer);
    view.setUint32(0, 0x6000_0000);
    view.setUint16(4, length);
    view.setUint8(6, TCP);
    view.setUint8(7, 64);
    header.set(from, 8);
    header.set(to, 24);
    return header;
  }
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, header.length + length);
  // Don't fragment.
  view.setUint16(6, 0x4000);
  view.setUint8(8, 64);
  view.setUint8(9, TCP);
  header.set(from, 12);
  header.set(to, 16);
  view.setUint16(10, checksum([header]));
  return header;
}

function pseudoHeader(from: Uint8Array, to: Uint8Array, length: Bytes): Uint8Array {
  const tail = new Uint8Array(from.length === 4 ? 4 : 8);
  const view = new DataView(tail.buffer);
  view.setUint8(from.length === 4 ? 1 : 7, TCP);
  if (from.length === 4) view.setUint16(2, length);
  else view.setUint32(0, length);
  return concatBytes(from, to, tail);
}

/** The ones' complement sum of RFC 1071. Each part but the last has an even length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) {
      sum += ((part[at] as number) << 8) | (part[at + 1] ?? 0);
    }
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}
