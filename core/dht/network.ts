import { addressBytes, isLocalHost } from "../model/address.ts";
import { toHex } from "../model/bytes.ts";

/** Bytes of an address that one owner is likely to have all of: a /24, or a /48 of IPv6. */
const IPV4_NETWORK = 3;
const IPV6_NETWORK = 6;

/** The network that an address belongs to: who owns one of its addresses may own all. */
export function networkOf(host: string): string {
  const bytes = addressBytes(host);
  if (bytes === undefined) return host;
  return toHex(bytes.subarray(0, bytes.length === 4 ? IPV4_NETWORK : IPV6_NETWORK));
}

/** {@link networkOf}, or undefined where it says nothing of the owner: in a local network, and on this machine. */
export function ownedNetwork(host: string): string | undefined {
  return isLocalHost(host) ? undefined : networkOf(host);
}
