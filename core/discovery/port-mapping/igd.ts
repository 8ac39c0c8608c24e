import { addressBytes } from "../../model/address.ts";
import { plainWords } from "../plain-words.ts";
import { seconds } from "./nat-pmp.ts";
import type { GatewayAnswer, MappingOrder } from "./order.ts";
import { elementsNamed, escapedXml, readXml, textOf, type XmlElement } from "./xml.ts";

/** The Internet Gateway Device of UPnP: which of its services maps ports, and how that one is asked (SOAP 1.1). */

/** One connection of a router to the world. */
export interface GatewayService {
  /** For instance `urn:schemas-upnp-org:service:WANIPConnection:1`. */
  readonly type: string;
  /** Where it is asked: an address relative to `base`, not judged. */
  readonly control: string;
  /** What the description says its addresses are relative to; undefined: itself. */
  readonly base?: string;
}

/** A call of one action of a service. */
export interface SoapCall {
  /** The value of the header `SOAPAction`. */
  readonly action: string;
  readonly body: string;
}

const SERVICE = /^urn:schemas-upnp-org:service:WAN(?:IP|PPP)Connection:[12]$/;
/** Some routers list a connection for each way they could be connected; one of them is. */
const MAX_SERVICES = 4;
const MAX_URL = 512;
const MAX_WORDS = 128;
const MAX_PORT = 65_535;
const UNKNOWN_ACTION = ["401", "602"];
/** What routers show beside a mapping in their settings. */
const DESCRIPTION = "Peerscope";

/** The services of a description that map ports, as it lists them. Connections of the second version come first. */
export function portServices(description: string): GatewayService[] {
  const services = readServices(description, SERVICE);
  return services.sort((a, b) => Number(isSecond(b.type)) - Number(isSecond(a.type))).slice(0, MAX_SERVICES);
}

/** @param wanted - Of the types of services. */
export function readServices(description: string, wanted: RegExp): GatewayService[] {
  const root = readXml(description);
  if (root === undefined) return [];
  const base = textOf(root, "URLBase");
  const services: GatewayService[] = [];
  for (const service of elementsNamed(root, "service")) {
    const type = textOf(service, "serviceType") ?? "";
    const control = textOf(service, "controlURL") ?? "";
    if (!wanted.test(type) || control === "" || control.length > MAX_URL) continue;
    services.push({ type, control, ...(base ? { base } : {}) });
  }
  return services;
}

/** WANIPConnection:2 may choose the port itself. */
function isSecond(service: string): boolean {
  return service.endsWith("WANIPConnection:2");
}

export function addressCall(service: string): SoapCall {
  return soapCall(service, "GetExternalIPAddress", {});
}

/** @returns Undefined when the router has no address, or does not tell. */
export function externalAddress(body: string): string | undefined {
  const root = readXml(body);
  const host = root === undefined ? undefined : textOf(root, "NewExternalIPAddress");
  if (host === undefined || host === "0.0.0.0" || addressBytes(host)?.length !== 4) return undefined;
  return host;
}

/**
 * @param ourHost - Where the router is to send what comes: our address in its network.
 * @param mayChoose - It may give another port than the wanted one, if that is of its version.
 */
export function mappingCall(service: string, order: MappingOrder, ourHost: string, mayChoose = true): SoapCall {
  const which = {
    NewRemoteHost: "",
    NewExternalPort: String(order.externalPort),
    NewProtocol: order.protocol.toUpperCase(),
  };
  if (order.kind === "unmap") return soapCall(service, "DeletePortMapping", which);
  return soapCall(service, mayChoose && isSecond(service) ? "AddAnyPortMapping" : "AddPortMapping", {
    ...which,
    NewInternalPort: String(order.internalPort),
    NewInternalClient: ourHost,
    NewEnabled: "1",
    NewPortMappingDescription: DESCRIPTION,
    NewLeaseDuration: String(Number.isFinite(order.lifetime) ? seconds(order.lifetime) : 0),
  });
}

/** @param status - Of HTTP: 200, or 500 with a fault in the body. */
export function mappingAnswer(order: MappingOrder, status: number, body: string): GatewayAnswer {
  const root = readXml(body);
  const responses =
    order.kind === "map" ? ["AddPortMappingResponse", "AddAnyPortMappingResponse"] : ["DeletePortMappingResponse"];
  if (status === 200 && root !== undefined && responses.some((name) => textOf(root, name) !== undefined)) {
    if (order.kind === "unmap") return { kind: "unmapped" };
    // Only who may choose says which it is.
    const reserved = Number(textOf(root, "NewReservedPort"));
    const externalPort = reserved >= 1 && reserved <= MAX_PORT && Number.isInteger(reserved) ? reserved : undefined;
    return { kind: "mapped", externalPort: externalPort ?? order.externalPort, lifetime: order.lifetime };
  }
  const { code = "", words } = wordsOfFault(root, status, WORDS);
  const remedy = REMEDIES[code];
  return { kind: "refused", words, ...(remedy === undefined ? {} : { remedy }) };
}

/** Some claim to be of the second version and are not. */
export function isUnknownAction(body: string): boolean {
  const root = readXml(body);
  return root !== undefined && UNKNOWN_ACTION.includes(textOf(root, "errorCode") ?? "");
}

/** What a fault says, by its number where that is known. */
export function wordsOfFault(
  root: XmlElement | undefined,
  status: number,
  known: Readonly<Record<string, string>>,
): { readonly code?: string; readonly words: string } {
  const code = root === undefined ? undefined : textOf(root, "errorCode");
  if (root === undefined || code === undefined || !/^\d{3}$/.test(code)) {
    return { words: `its answer is not understood (HTTP status ${status})` };
  }
  const told = plainWords(textOf(root, "errorDescription") ?? "", MAX_WORDS);
  return { code, words: `${known[code] ?? (told === "" ? "it gives no reason" : told)}, error ${code}` };
}

const REMEDIES: Readonly<Record<string, "another-port" | "for-good">> = {
  // Taken by another machine; taken by other means; not one that it gives.
  718: "another-port",
  729: "another-port",
  716: "another-port",
  725: "for-good",
  // What some routers say instead of 725.
  402: "for-good",
};

const WORDS: Readonly<Record<string, string>> = {
  501: "it failed",
  606: "it is not allowed to; look for UPnP in the router's settings",
  718: "the port is taken by another machine",
  724: "the port must be the same on both sides",
  725: "it only opens ports for good",
  728: "it has no room for another port",
  729: "the port is taken",
};

export function soapCall(service: string, action: string, fields: Readonly<Record<string, string>>): SoapCall {
  const inner = Object.entries(fields).map(([name, value]) => `<${name}>${escapedXml(value)}</${name}>`);
  return {
    action: `"${service}#${action}"`,
    body: [
      '<?xml version="1.0"?>\r\n',
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"',
      ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>',
      `<u:${action} xmlns:u="${service}">${inner.join("")}</u:${action}>`,
      "</s:Body></s:Envelope>\r\n",
    ].join(""),
  };
}
