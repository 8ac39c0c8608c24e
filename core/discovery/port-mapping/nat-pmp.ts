import { addressText } from "../../model/address.ts";
import { concatBytes, readUint32, writeUint32 } from "../../model/bytes.ts";
import type { GatewayAnswer, MappingOrder } from "./order.ts";

/** NAT-PMP (RFC 6886): datagrams of a few bytes to the default gateway, all numbers big-endian. */

const VERSION = 0;
const OPCODE = { address: 0, udp: 1, tcp: 2 } as const;
/** Set in the opcode of every answer. */
const ANSWER = 128;
const RESULTS: Readonly<Record<number, string>> = {
  2: "it is not allowed to; look for port mapping in the router's settings",
  3: "it has no connection to the internet itself",
  4: "it has no room for another port",
};
/** Versions and opcodes that it does not know. */
const UNSUPPORTED: readonly number[] = [1, 5];

/** What the router's outer address is. */
export function natPmpAddressRequest(): Uint8Array {
  return Uint8Array.of(VERSION, OPCODE.address);
}

/** @returns The address; undefined when the datagram is no answer to that; "" when there is none. */
export function natPmpAddress(datagram: Uint8Array): string | undefined {
  if (datagram[0] !== VERSION || datagram[1] !== ANSWER + OPCODE.address || datagram.length < 4) return undefined;
  if (resultOf(datagram) !== 0 || datagram.length < 12) return "";
  return addressText(datagram.slice(8, 12));
}

/** @returns What an answer of a router tells of its age, in seconds; undefined when it is none. */
export function natPmpEpoch(datagram: Uint8Array): number | undefined {
  const isAnswer = datagram.length >= 12 && datagram[0] === VERSION && (datagram[1] as number) >= ANSWER;
  return isAnswer && resultOf(datagram) === 0 ? readUint32(datagram, 4) : undefined;
}

export function natPmpRequest({ kind, protocol, internalPort, externalPort, lifetime }: MappingOrder): Uint8Array {
  const isMap = kind === "map";
  const life = new Uint8Array(4);
  writeUint32(life, 0, isMap ? seconds(lifetime) : 0);
  const head = Uint8Array.of(VERSION, OPCODE[protocol], 0, 0);
  return concatBytes(head, uint16(internalPort), uint16(isMap ? externalPort : 0), life);
}

/** @returns Undefined when the datagram is no answer to this order. */
export function natPmpAnswer(order: MappingOrder, datagram: Uint8Array): GatewayAnswer | undefined {
  if (datagram.length < 4 || datagram[0] !== VERSION || datagram[1] !== ANSWER + OPCODE[order.protocol]) {
    return undefined;
  }
  const result = resultOf(datagram);
  if (UNSUPPORTED.includes(result)) return { kind: "silent", words: "the router does not speak NAT-PMP" };
  if (result !== 0) return { kind: "refused", words: RESULTS[result] ?? `it gives the reason ${result}` };
  if (datagram.length < 16 || readUint16(datagram, 8) !== order.internalPort) return undefined;
  const lifetime = 1000 * readUint32(datagram, 12);
  if (order.kind === "unmap") return lifetime === 0 ? { kind: "unmapped" } : undefined;
  const externalPort = readUint16(datagram, 10);
  // A late answer to an unmapping of the same port.
  if (externalPort === 0 || lifetime === 0) return undefined;
  return { kind: "mapped", externalPort, lifetime, epoch: readUint32(datagram, 4) };
}

function resultOf(datagram: Uint8Array): number {
  return readUint16(datagram, 2);
}

/** Leases are asked for in seconds; there is none without an end in this protocol nor in PCP. */
export function seconds(lifetime: number): number {
  return Math.min(Math.round(lifetime / 1000), 0xffff_ffff);
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
