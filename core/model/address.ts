import { type Endpoint, formatEndpoint, formatIpv6, normalHost } from "./endpoint.ts";

/** Networks that no peer of the open internet has, as first bytes and how many bits of them count. */
const LOCAL: readonly (readonly [bytes: readonly number[], bits: number])[] = [
  // This host, RFC 1918, RFC 6598 (behind a provider's NAT), loopback, link-local.
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 168], 16],
];
const LOCAL_IPV6: typeof LOCAL = [
  // Unspecified and loopback, unique local (RFC 4193), link-local.
  [[0, 0, 0, 0, 0, 0, 0, 0], 64],
  [[0xfc], 7],
  [[0xfe, 0x80], 10],
];

/** The 4 or 16 bytes of an IP address in text, without brackets. @returns Undefined when it is none. */
export function addressBytes(host: string): Uint8Array | undefined {
  if (host.includes(":")) {
    const text = normalHost(host.replace(/%.*$/, ""));
    if (text.includes(":")) return ipv6Bytes(text);
    return addressBytes(text);
  }
  const parts = host.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

/** The text of 4 or 16 bytes. @returns Undefined for any other number of them. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  return bytes.length === 16 ? normalHost(formatIpv6(bytes)) : undefined;
}

/** The compact form of BEP 5 and 7: the 4 or 16 bytes of the address, then the port, both big-endian. */
export function writeEndpoint({ host, port }: Endpoint): Uint8Array {
  const address = addressBytes(host) ?? new Uint8Array(4);
  const bytes = new Uint8Array(address.length + 2);
  bytes.set(address);
  bytes[address.length] = port >>> 8;
  bytes[address.length + 1] = port;
  return bytes;
}

/** In a private network, link-local, or this machine: there one address may be many peers, and all are near. */
export function isLocalHost(host: string): boolean {
  const bytes = addressBytes(host);
  if (bytes === undefined) return false;
  return (bytes.length === 4 ? LOCAL : LOCAL_IPV6).some(([network, bits]) => startsWith(bytes, network, bits));
}

/**
 * Who stands behind an endpoint, as far as an address can tell: a global IPv4 address, or a global IPv6 network of 64
 * bits, which is what one line is given; for a local peer the endpoint, since many may share the address.
 */
export function partyOf(endpoint: Endpoint): string {
  const bytes = addressBytes(endpoint.host);
  if (bytes === undefined || isLocalHost(endpoint.host)) return formatEndpoint(endpoint);
  if (bytes.length === 4) return bytes.join(".");
  const network = new Uint8Array(16);
  network.set(bytes.subarray(0, 8));
  return `${formatIpv6(network)}/64`;
}

function startsWith(bytes: Uint8Array, network: readonly number[], bits: number): boolean {
  for (let at = 0; at * 8 < bits; at++) {
    const mask = 0xff & (0xff00 >> Math.min(8, bits - at * 8));
    if (((bytes[at] as number) & mask) !== network[at]) return false;
  }
  return true;
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<string>(missing).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}
