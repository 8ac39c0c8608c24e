import { BlockList, isIP, isIPv4 } from "node:net";
import { normalHost } from "../../model/endpoint.ts";

/** How far away an address is: this machine, some network around it, or the world. In this order. */
export type Reach = "loopback" | "private" | "public";

const RANK: Record<Reach, number> = { loopback: 0, private: 1, public: 2 };

/** Whether `to` is nearer to us than `from`: a redirect must never lead inwards. */
export function leadsInwards(from: Reach, to: Reach): boolean {
  return RANK[to] < RANK[from];
}

/** A name that leads to this machine, whoever looks it up. */
export function isLocalName(name: string): boolean {
  return /^(.*\.)?localhost\.?$/i.test(name);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
// "This host": most systems connect 0.0.0.0 and :: to themselves.
LOOPBACK.addSubnet("0.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");
LOOPBACK.addAddress("::", "ipv6");

/** Everything that no public server has: RFC 1918, 6598, 3927, 2544, 5737, 4193, 4291, multicast and reserved. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  PRIVATE.addSubnet(network, prefix);
}
for (const [network, prefix] of [
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}

/**
 * How far away an IP address is. IPv4 addresses inside IPv6 ones (mapped, NAT64 64:ff9b::/96, 6to4 2002::/16) count as
 * what they lead to.
 *
 * @param address - An IP address as text, without brackets.
 * @returns Undefined when it is not an IP address.
 */
export function reachOf(address: string): Reach | undefined {
  const host = normalHost(address.replace(/%.*$/, ""));
  if (isIP(host) === 0) return undefined;
  const family = isIPv4(host) ? "ipv4" : "ipv6";
  const inner = family === "ipv6" ? embeddedIpv4(host) : undefined;
  if (inner !== undefined) return reachOf(inner);
  if (LOOPBACK.check(host, family)) return "loopback";
  return PRIVATE.check(host, family) ? "private" : "public";
}

function embeddedIpv4(host: string): string | undefined {
  const groups = ipv6Groups(host);
  const isNat64 = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  const isSixToFour = groups[0] === 0x2002;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isNat64 && !isSixToFour && !isMapped) return undefined;
  const [high = 0, low = 0] = isSixToFour ? groups.slice(1, 3) : groups.slice(6, 8);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** @param host - A valid IPv6 address. */
function ipv6Groups(host: string): number[] {
  const normal = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [head = "", tail] = normal.split("::");
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const before = parse(head);
  if (tail === undefined) return before;
  const after = parse(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
