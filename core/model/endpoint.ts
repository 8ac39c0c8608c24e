/** An IP address as text (IPv4 dotted, IPv6 without brackets) and a port of 1 … 65535. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `192.0.2.1:6881` or `[2001:db8::1]:6881`. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @returns The endpoint, or undefined when `text` is not `HOST:PORT` or `[HOST]:PORT`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65535)) return undefined;
  return { host: normalHost(host), port };
}

/** An IPv4 address in its IPv6 mapping (`::ffff:192.0.2.1`, `::ffff:c000:201`) is the IPv4 address. */
export function normalHost(host: string): string {
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(host);
  if (mapped === null) return host.toLowerCase();
  if (mapped[1] !== undefined) return mapped[1];
  const high = Number.parseInt(mapped[2] as string, 16);
  const low = Number.parseInt(mapped[3] as string, 16);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** Reads the compact form of BEP 23 (6 bytes: IPv4 and port). Entries without a port, or cut short, are passed over. */
export function readCompactIpv4(bytes: Uint8Array): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (let at = 0; at + 6 <= bytes.length; at += 6) {
    const host = `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
    const port = ((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number);
    if (port > 0) endpoints.push({ host, port });
  }
  return endpoints;
}

/** Reads the compact form of BEP 7 (18 bytes: IPv6 and port). Entries without a port, or cut short, are passed over. */
export function readCompactIpv6(bytes: Uint8Array): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (let at = 0; at + 18 <= bytes.length; at += 18) {
    const port = ((bytes[at + 16] as number) << 8) | (bytes[at + 17] as number);
    if (port > 0) endpoints.push({ host: normalHost(formatIpv6(bytes.subarray(at, at + 16))), port });
  }
  return endpoints;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function formatIpv6(address: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((address[i] as number) << 8) | (address[i + 1] as number));
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > runLength) {
      runStart = i;
      runLength = end - i;
    }
  }
  const text = groups.map((group) => group.toString(16));
  if (runStart < 0) return text.join(":");
  return `${text.slice(0, runStart).join(":")}::${text.slice(runStart + runLength).join(":")}`;
}
