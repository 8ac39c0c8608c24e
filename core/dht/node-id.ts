import { addressBytes, isLocalHost } from "../model/address.ts";
import { crc32c } from "../model/crc32c.ts";
import { type Random, randomBytes } from "../model/random.ts";

/** 20 bytes: the name of a node, or of a torrent, in one space of names. */
export type NodeId = Uint8Array;

export const ID_LENGTH = 20;
export const ID_BITS = 8 * ID_LENGTH;

/** Which bits of an address decide a node's id (BEP 42): few of those that one owner has many of. */
const IPV4_MASK = [0x03, 0x0f, 0x3f, 0xff];
const IPV6_MASK = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

/** Orders `a` and `b` by their distance to `target` (exclusive or): negative when `a` is closer. */
export function compareDistance(target: NodeId, a: NodeId, b: NodeId): number {
  for (let i = 0; i < ID_LENGTH; i++) {
    const aim = target[i] as number;
    const difference = ((a[i] as number) ^ aim) - ((b[i] as number) ^ aim);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many leading bits two ids share, 0 … 160. */
export function sharedBits(a: NodeId, b: NodeId): number {
  for (let i = 0; i < ID_LENGTH; i++) {
    const difference = (a[i] as number) ^ (b[i] as number);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return ID_BITS;
}

/** A random id that shares exactly `bits` leading bits with `id`; `bits` is below 160. */
export function randomIdSharing(id: NodeId, bits: number, random: Random): NodeId {
  const result = randomBytes(random, ID_LENGTH);
  const whole = bits >> 3;
  result.set(id.subarray(0, whole));
  const flipped = 0x80 >> (bits & 7);
  const kept = 0xff & ~(2 * flipped - 1);
  const own = id[whole] as number;
  result[whole] = (own & kept) | (~own & flipped) | ((result[whole] as number) & (flipped - 1));
  return result;
}

/**
 * An id that a node at `host` may have: 21 bits and the last byte are bound to the address, the rest is chance.
 * @param host - An IP address in text. For anything else the id is all chance.
 * @see BEP 42
 */
export function idForHost(host: string, random: Random): NodeId {
  const id = randomBytes(random, ID_LENGTH);
  const prefix = prefixFor(host, id[ID_LENGTH - 1] as number);
  if (prefix === undefined) return id;
  id[0] = prefix >>> 24;
  id[1] = prefix >>> 16;
  id[2] = ((prefix >>> 8) & 0xf8) | ((id[2] as number) & 0x07);
  return id;
}

/** A node at `host` may have this id (BEP 42). In a local network, and on this machine, every id will do. */
export function mayHaveId(host: string, id: NodeId): boolean {
  if (isLocalHost(host)) return true;
  const prefix = prefixFor(host, id[ID_LENGTH - 1] as number);
  if (prefix === undefined) return false;
  const first = ((id[0] as number) << 16) | ((id[1] as number) << 8) | (id[2] as number);
  return ((prefix >>> 8) ^ first) >>> 3 === 0;
}

function prefixFor(host: string, seed: number): number | undefined {
  const bytes = addressBytes(host);
  if (bytes === undefined) return undefined;
  const mask = bytes.length === 4 ? IPV4_MASK : IPV6_MASK;
  const masked = Uint8Array.from(mask, (bits, at) => bits & (bytes[at] as number));
  masked[0] = (masked[0] as number) | ((seed & 0x07) << 5);
  return crc32c(masked);
}
