import { addressBytes, addressText } from "../../model/address.ts";
import { bytesEqual, concatBytes, readUint32, writeUint32 } from "../../model/bytes.ts";
import type { Bytes } from "../../model/units.ts";
import { readUint16, seconds, uint16 } from "./nat-pmp.ts";
import type { GatewayAnswer, MappingOrder } from "./order.ts";

/** The MAP opcode of the Port Control Protocol (RFC 6887), on the port of NAT-PMP, all numbers big-endian. */

const VERSION = 2;
const MAP = 1;
/** Set in the opcode of every answer. */
const ANSWER = 0x80;
const PROTOCOL = { tcp: 6, udp: 17 } as const;
const HEADER: Bytes = 24;
const WHOLE: Bytes = 60;
/** Section 7: longer ones are no PCP. */
const MAX_DATAGRAM: Bytes = 1100;
const ANY_IPV4 = mapped(new Uint8Array(4));
const ANY_IPV6 = new Uint8Array(16);

const RESULT = { success: 0, unsupportedVersion: 1, unsupportedOpcode: 4, cannotProvideExternal: 11 } as const;
const RESULTS: Readonly<Record<number, string>> = {
  2: "it is not allowed to; look for port mapping in the router's settings",
  3: "it found our request malformed",
  7: "it has no connection to the internet itself",
  8: "it has no room for another port",
  9: "it does not map this protocol",
  10: "we have as many ports as it gives to one",
  11: "the port is taken",
  12: "another router stands between it and us",
};

/** @returns What an answer of a router, or its announcement, tells of its age, in seconds; undefined when it is none. */
export function pcpEpoch(datagram: Uint8Array): number | undefined {
  const isAnswer = datagram.length >= HEADER && datagram[0] === VERSION && ((datagram[1] as number) & ANSWER) !== 0;
  return isAnswer && datagram[3] === RESULT.success ? readUint32(datagram, 8) : undefined;
}

/** @param ourHost - The address that the router sees the request come from: it refuses any other. */
export function pcpRequest(order: MappingOrder, ourHost: string): Uint8Array {
  const isMap = order.kind === "map";
  const life = new Uint8Array(4);
  writeUint32(life, 0, isMap ? seconds(order.lifetime) : 0);
  return concatBytes(
    Uint8Array.of(VERSION, MAP, 0, 0),
    life,
    mapped(addressBytes(ourHost) ?? new Uint8Array(order.family === "ipv4" ? 4 : 16)),
    order.nonce,
    Uint8Array.of(PROTOCOL[order.protocol], 0, 0, 0),
    uint16(order.internalPort),
    uint16(isMap ? order.externalPort : 0),
    order.family === "ipv4" ? ANY_IPV4 : ANY_IPV6,
  );
}

/** @returns Undefined when the datagram is no answer to this order. */
export function pcpAnswer(order: MappingOrder, datagram: Uint8Array): GatewayAnswer | undefined {
  if (datagram.length < 4 || datagram.length > MAX_DATAGRAM || datagram[1] !== (ANSWER | MAP)) return undefined;
  const silent: GatewayAnswer = { kind: "silent", words: "the router does not speak PCP" };
  // A server of NAT-PMP alone says so in its own version (appendix A).
  if (datagram[0] !== VERSION) return datagram[0] === 0 ? silent : undefined;
  const result = datagram[3] as number;
  if (result === RESULT.unsupportedVersion || result === RESULT.unsupportedOpcode) return silent;
  if (datagram.length < WHOLE) return undefined;
  const body = datagram.subarray(HEADER);
  const isOurs = bytesEqual(body.subarray(0, 12), order.nonce) && body[12] === PROTOCOL[order.protocol];
  if (!isOurs || readUint16(body, 16) !== order.internalPort) return undefined;
  if (result !== RESULT.success) {
    const words = RESULTS[result] ?? `it gives the reason ${result}`;
    return { kind: "refused", words, ...(result === RESULT.cannotProvideExternal ? { remedy: "another-port" } : {}) };
  }
  const lifetime = 1000 * readUint32(datagram, 4);
  if (order.kind === "unmap") return lifetime === 0 ? { kind: "unmapped" } : undefined;
  const externalPort = readUint16(body, 18);
  if (externalPort === 0 || lifetime === 0) return undefined;
  const address = addressText(body.slice(20, 36));
  const epoch = readUint32(datagram, 8);
  return { kind: "mapped", externalPort, lifetime, epoch, ...(address === undefined ? {} : { address }) };
}

/** An address as PCP carries it: one of IPv4 in its IPv6 mapping. */
function mapped(address: Uint8Array): Uint8Array {
  if (address.length === 16) return address;
  return concatBytes(new Uint8Array(10), Uint8Array.of(0xff, 0xff), address);
}
