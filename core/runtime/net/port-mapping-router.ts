import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { BlockList, isIPv4 } from "node:net";
import { endianness, networkInterfaces } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ANNOUNCED_TO } from "../../discovery/port-mapping/announcement.ts";
import { MAPPING_PORT } from "../../discovery/port-mapping/order.ts";
import { SSDP_GROUP } from "../../discovery/port-mapping/ssdp.ts";
import { addressText } from "../../model/address.ts";
import { fromHex } from "../../model/bytes.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import type { Millis } from "../../model/units.ts";
import { isAnyAddress } from "../http/families.ts";
import { reachOf } from "../http/reach.ts";
import { addressTowards } from "./port-mapping-datagrams.ts";

/** Who is asked to open our port. */
export interface Router {
  /** Its IPv4 address in our network. Nobody else is asked for anything, whatever it says. */
  readonly host: string;
  /** Of PCP and NAT-PMP. */
  readonly port: number;
  /** Where it is searched by UPnP. */
  readonly ssdp: readonly Endpoint[];
  /** Where it tells everybody that it has begun anew. */
  readonly announcements: Endpoint;
  /** Its address in IPv6, and ours that is to be reached; absent where the network has none. */
  readonly ipv6?: { readonly host: string; readonly from: string };
}

const TIMEOUT: Millis = 2_000;
/** An address of the world that nobody has (RFC 3849). */
const SOMEWHERE: Endpoint = { host: "2001:db8::1", port: 9 };
const run = promisify(execFile);

/**
 * The default gateway, as the system's routing table has it now.
 *
 * @param bindHost - Our address, when we are bound to one: then a gateway of its network.
 * @returns Undefined when there is none, as on a line without a router or through some tunnels.
 */
export async function systemRouter(bindHost: string | undefined): Promise<Router | undefined> {
  const gateways = await defaultGateways().catch(() => []);
  const network = isAnyAddress(bindHost) ? undefined : networkOf(bindHost as string);
  const host = gateways.find((gateway) => network === undefined || network.check(gateway));
  if (host === undefined) return undefined;
  const ipv6 = isAnyAddress(bindHost) ? await ipv6Router().catch(() => undefined) : undefined;
  const ssdp = [SSDP_GROUP, { host, port: SSDP_GROUP.port }];
  return { host, port: MAPPING_PORT, ssdp, announcements: ANNOUNCED_TO, ...(ipv6 === undefined ? {} : { ipv6 }) };
}

/** Linux alone tells it in a file. */
async function ipv6Router(): Promise<Router["ipv6"]> {
  if (process.platform !== "linux") return undefined;
  const host = linuxIpv6Gateway(await readFile("/proc/net/ipv6_route", "latin1"));
  if (host === undefined) return undefined;
  // Nothing is sent: it tells which address of ours the world would see.
  const from = await addressTowards(SOMEWHERE, undefined);
  return from === undefined || reachOf(from) !== "public" ? undefined : { host, from };
}

/** @param table - `/proc/net/ipv6_route`. @returns With its interface, as nearly all are link-local. */
export function linuxIpv6Gateway(table: string): string | undefined {
  const routes: { readonly host: string; readonly metric: number }[] = [];
  for (const line of table.split("\n")) {
    const [destination, bits, , , gateway = "", metric = "", , , flags = "", device = ""] = line.trim().split(/\s+/);
    const needed = IS_UP | HAS_GATEWAY;
    if (!/^0{32}$/.test(destination ?? "") || bits !== "00") continue;
    if ((Number.parseInt(flags, 16) & needed) !== needed) continue;
    const bytes = fromHex(gateway);
    const host = bytes === undefined ? undefined : addressText(bytes);
    if (host === undefined || !/^[\w.-]{1,15}$/.test(device)) continue;
    const isLinkLocal = host.startsWith("fe80:");
    routes.push({ host: isLinkLocal ? `${host}%${device}` : host, metric: Number.parseInt(metric, 16) });
  }
  return routes.sort((a, b) => a.metric - b.metric)[0]?.host;
}

/** Whether a router is anything to who is bound so: not on loopback, nor with IPv6 alone, which nobody translates. */
export function hasSystemRouter(bindHost: string | undefined): boolean {
  return isAnyAddress(bindHost) || (isIPv4(bindHost as string) && reachOf(bindHost as string) !== "loopback");
}

async function defaultGateways(): Promise<string[]> {
  switch (process.platform) {
    case "linux":
      return linuxGateways(await readFile("/proc/net/route", "latin1"), endianness() === "LE");
    case "win32": {
      const program = join(process.env.SystemRoot ?? "C:\\Windows", "System32", "route.exe");
      return windowsGateways((await run(program, ["print", "-4", "0.0.0.0"], { timeout: TIMEOUT })).stdout);
    }
    default:
      return bsdGateways((await run("/sbin/route", ["-n", "get", "default"], { timeout: TIMEOUT })).stdout);
  }
}

const IS_UP = 0x1;
const HAS_GATEWAY = 0x2;

/** @param table - `/proc/net/route`: addresses as hexadecimal numbers in the machine's own order of bytes. */
export function linuxGateways(table: string, isLittleEndian: boolean): string[] {
  const routes: { readonly host: string; readonly metric: number }[] = [];
  for (const line of table.split("\n").slice(1)) {
    const [, destination, gateway = "", flags = "", , , metric = "", mask] = line.trim().split(/\s+/);
    const needed = IS_UP | HAS_GATEWAY;
    if (destination !== "00000000" || mask !== "00000000") continue;
    if ((Number.parseInt(flags, 16) & needed) !== needed) continue;
    const bytes = fromHex(gateway);
    const host = bytes === undefined ? undefined : addressText(isLittleEndian ? bytes.reverse() : bytes);
    if (host !== undefined && isIPv4(host)) routes.push({ host, metric: Number(metric) });
  }
  return routes.sort((a, b) => a.metric - b.metric).map(({ host }) => host);
}

/** @param table - What `route print` says, in whatever language: the rows of the default route are numbers only. */
export function windowsGateways(table: string): string[] {
  const row = /^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([\d.]+)\s+[\d.]+\s+(\d+)\s*$/gm;
  const routes = [...table.matchAll(row)].filter(([, gateway = ""]) => isIPv4(gateway));
  return routes.sort((a, b) => Number(a[2]) - Number(b[2])).map(([, gateway]) => gateway as string);
}

/** @param answer - Of `route -n get default`, on macOS and the BSDs. */
export function bsdGateways(answer: string): string[] {
  const gateway = /^\s*gateway:\s*([\d.]+)\s*$/m.exec(answer)?.[1] ?? "";
  return isIPv4(gateway) ? [gateway] : [];
}

/** The network that one of our addresses is in; empty when the address is none of ours. */
function networkOf(host: string): BlockList {
  const network = new BlockList();
  for (const { address, cidr } of Object.values(networkInterfaces()).flatMap((known) => known ?? [])) {
    const bits = Number(cidr?.split("/")[1]);
    if (address === host && isIPv4(host) && bits >= 0) network.addSubnet(host, bits);
  }
  return network;
}
