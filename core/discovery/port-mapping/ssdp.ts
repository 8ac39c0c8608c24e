import { fromLatin1, toLatin1 } from "../../model/bytes.ts";
import type { Bytes, Millis } from "../../model/units.ts";

/** Finding a router by UPnP: a question to the whole network (SSDP), and answers in the form of HTTP's headers. */

/** Where every UPnP device listens. */
export const SSDP_GROUP = { host: "239.255.255.250", port: 1900 } as const;
/** Datagrams get lost, and nobody says so: asked at the start and after each of these. */
export const SEARCH_AGAIN: readonly Millis[] = [700, 1500];
/** Devices wait for up to a second before they answer. */
export const SEARCH_TIME: Millis = 3_000;

/** Routers of the second version answer to the first as well, or ought to. */
const TARGETS = [1, 2].map((version) => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`);
const MAX_ANSWER: Bytes = 4096;
const MAX_LOCATION = 512;

/** The questions to be sent, a datagram each. */
export function ssdpSearches(): Uint8Array[] {
  return TARGETS.map((target) => {
    const host = `${SSDP_GROUP.host}:${SSDP_GROUP.port}`;
    const lines = ["M-SEARCH * HTTP/1.1", `HOST: ${host}`, 'MAN: "ssdp:discover"', "MX: 1", `ST: ${target}`];
    return fromLatin1(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

/** @returns The address of a router's description as the answer has it, not judged; undefined when it is none. */
export function ssdpLocation(datagram: Uint8Array): string | undefined {
  if (datagram.length > MAX_ANSWER) return undefined;
  const [status = "", ...lines] = toLatin1(datagram).split(/\r?\n/);
  if (!/^HTTP\/1\.[01] 200\b/i.test(status)) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (!/:InternetGatewayDevice:[1-9]$/.test(fields.get("st") ?? "")) return undefined;
  const location = fields.get("location");
  return location === undefined || location.length > MAX_LOCATION ? undefined : location;
}

/**
 * An address that a router names, when it leads to that router and nowhere else.
 *
 * @param base - Where it was named.
 * @param gateway - The router's IPv4 address: whoever names a host but this one would have us ask others for things.
 */
export function gatewayUrl(address: string, base: URL | undefined, gateway: string): URL | undefined {
  if (!URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  const isPlain = url.protocol === "http:" && url.username === "" && url.password === "" && url.port !== "0";
  return isPlain && url.hostname === gateway ? url : undefined;
}
