import type { GatewayService } from "./igd.ts";
import { readServices, type SoapCall, soapCall, wordsOfFault } from "./igd.ts";
import { seconds } from "./nat-pmp.ts";
import type { GatewayAnswer, MappingOrder } from "./order.ts";
import { readXml, textOf } from "./xml.ts";

/** Holes in a router's firewall for IPv6 (UPnP, WANIPv6FirewallControl): nothing is translated, all is let through. */

const SERVICE = /^urn:schemas-upnp-org:service:WANIPv6FirewallControl:1$/;
/** By the numbers of IP. */
const PROTOCOL = { tcp: 6, udp: 17 } as const;
/** The longest that the specification knows: a day. */
const MAX_LEASE = 86_400;
const NO_SUCH_PINHOLE = "704";

const WORDS: Readonly<Record<string, string>> = {
  606: "it is not allowed to; look for UPnP in the router's settings",
  701: "it has no room for another port",
  702: "its firewall for IPv6 is off",
  703: "it lets nobody open ports over IPv6",
};

export function pinholeServices(description: string): GatewayService[] {
  return readServices(description, SERVICE);
}

/**
 * @param ourHost - Our IPv6 address.
 * @param pinhole - Its number, when it is open already.
 * @returns Undefined when there is nothing to close.
 */
export function pinholeCall(
  service: string,
  order: MappingOrder,
  ourHost: string,
  pinhole: number | undefined,
): SoapCall | undefined {
  const UniqueID = String(pinhole);
  if (order.kind === "unmap")
    return pinhole === undefined ? undefined : soapCall(service, "DeletePinhole", { UniqueID });
  const lease = String(Number.isFinite(order.lifetime) ? Math.min(MAX_LEASE, seconds(order.lifetime)) : MAX_LEASE);
  if (pinhole !== undefined) return soapCall(service, "UpdatePinhole", { UniqueID, NewLeaseTime: lease });
  return soapCall(service, "AddPinhole", {
    RemoteHost: "",
    RemotePort: "0",
    InternalClient: ourHost,
    InternalPort: String(order.internalPort),
    Protocol: String(PROTOCOL[order.protocol]),
    LeaseTime: lease,
  });
}

/** What came of it, and the number of the hole where it is told. */
export function pinholeAnswer(
  order: MappingOrder,
  status: number,
  body: string,
): { readonly answer: GatewayAnswer; readonly pinhole?: number; readonly isGone?: boolean } {
  const root = readXml(body);
  const isDone = ["AddPinhole", "UpdatePinhole", "DeletePinhole"].some(
    (action) => root !== undefined && textOf(root, `${action}Response`) !== undefined,
  );
  if (status === 200 && root !== undefined && isDone) {
    if (order.kind === "unmap") return { answer: { kind: "unmapped" } };
    const told = textOf(root, "UniqueID") ?? "";
    const answer = { kind: "mapped", externalPort: order.internalPort, lifetime: order.lifetime } as const;
    return { answer, ...(/^\d{1,5}$/.test(told) ? { pinhole: Number(told) } : {}) };
  }
  const { code, words } = wordsOfFault(root, status, WORDS);
  return { answer: { kind: "refused", words }, isGone: code === NO_SUCH_PINHOLE };
}
