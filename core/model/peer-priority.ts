import { addressBytes } from "./address.ts";
import { compareBytes, concatBytes } from "./bytes.ts";
import { crc32c } from "./crc32c.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * How much two peers of a swarm are meant to be connected: a number that both compute alike, and nobody can choose.
 * Every peer keeps those of the highest; so newcomers find places, and who floods a swarm gets its share alone.
 *
 * @returns 32 bits, or undefined when the two are of different families.
 * @see BEP 40
 */
export function peerPriority(a: Endpoint, b: Endpoint): number | undefined {
  const ours = addressBytes(a.host);
  const theirs = addressBytes(b.host);
  if (ours === undefined || ours.length !== theirs?.length) return undefined;
  const difference = ours.findIndex((value, at) => value !== theirs[at]);
  if (difference < 0) return crc32c(inOrder(portBytes(a.port), portBytes(b.port)));
  // What differs first decides how much of the rest counts: all of it within a /24, and a /64 of IPv6 little.
  const whole = Math.max(difference + 1, ours.length === 4 ? 2 : 6);
  return crc32c(inOrder(masked(ours, whole), masked(theirs, whole)));
}

function masked(address: Uint8Array, whole: number): Uint8Array {
  return address.map((value, at) => (at < whole ? value : value & 0x55));
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff);
}

function inOrder(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) <= 0 ? concatBytes(a, b) : concatBytes(b, a);
}
