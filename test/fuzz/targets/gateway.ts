import { announcedEpoch } from "../../../core/discovery/port-mapping/announcement.ts";
import { externalAddress, mappingAnswer, portServices } from "../../../core/discovery/port-mapping/igd.ts";
import { natPmpAddress, natPmpAnswer } from "../../../core/discovery/port-mapping/nat-pmp.ts";
import type { GatewayAnswer, MappingOrder } from "../../../core/discovery/port-mapping/order.ts";
import { pcpAnswer, pcpRequest } from "../../../core/discovery/port-mapping/pcp.ts";
import { pinholeAnswer, pinholeServices } from "../../../core/discovery/port-mapping/pinholes.ts";
import { gatewayUrl, ssdpLocation } from "../../../core/discovery/port-mapping/ssdp.ts";
import { readXml, type XmlElement } from "../../../core/discovery/port-mapping/xml.ts";
import { addressBytes } from "../../../core/model/address.ts";
import { concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import { claim, pick, type Target } from "../target.ts";

const GATEWAY = "192.168.1.1";
const DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";
const SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1";
const FIREWALL = "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1";

const order: MappingOrder = {
  id: 1,
  kind: "map",
  method: "pcp",
  family: "ipv4",
  protocol: "tcp",
  internalPort: 51413,
  externalPort: 51413,
  lifetime: 3_600_000,
  nonce: new Uint8Array(12).fill(7),
};

function judgeAnswer(answer: GatewayAnswer | undefined): string {
  if (answer === undefined) return "nothing";
  if (answer.kind === "mapped") {
    const { externalPort, lifetime, address } = answer;
    claim(externalPort >= 1 && externalPort <= 65_535, () => `port ${externalPort}`);
    claim(lifetime > 0, () => `lifetime ${lifetime}`);
    claim(address === undefined || addressBytes(address) !== undefined, () => `address ${address}`);
  } else if (answer.kind !== "unmapped") {
    claim(/^[^\p{Cc}\p{Cf}]{1,200}$/u.test(answer.words), () => `words ${JSON.stringify(answer.words)}`);
  }
  return answer.kind;
}

function natPmp(random: Random): Uint8Array {
  const opcode = pick(random, [128, 129, 130, 130, 130]);
  const head = Uint8Array.of(0, opcode, 0, pick(random, [0, 0, 0, 1, 2, 5, 99]), ...randomBytes(random, 4));
  if (opcode === 128) return concatBytes(head, randomBytes(random, 4));
  return concatBytes(head, Uint8Array.of(0xc8, 0xd5), randomBytes(random, 6));
}

function pcp(random: Random): Uint8Array {
  const answer = pcpRequest(order, "192.168.1.5");
  answer[1] = 0x81;
  answer[3] = pick(random, [0, 0, 0, 1, 2, 11, 99]);
  answer.set(randomBytes(random, 18), 42);
  return answer;
}

function ssdp(random: Random): Uint8Array {
  const host = pick(random, [GATEWAY, GATEWAY, "192.168.1.2", "localhost", `${GATEWAY}@example.org`, "3232235777"]);
  return fromLatin1(`HTTP/1.1 200 OK\r\nST: ${DEVICE}\r\nLOCATION: http://${host}:5000/root.xml\r\n\r\n`);
}

/** Whatever a datagram of a router says: ports and addresses are ones, and it leads nowhere but to the router. */
export const gatewayDatagrams: Target = {
  name: "gateway-datagrams",
  share: 30,
  meets: ["mapped", "refused", "silent", "nothing", "age", "address", "location", "elsewhere"],
  tokens: ["LOCATION: ", "http://", "@", "//", "\r\n", "ST: ", ":"].map(fromLatin1),
  make: (random) => pick(random, [natPmp, pcp, ssdp])(random),
  judge(input) {
    const outcomes = [judgeAnswer(natPmpAnswer(order, input)), judgeAnswer(pcpAnswer(order, input))];
    const epoch = announcedEpoch(input);
    claim(epoch === undefined || (epoch >= 0 && epoch <= 0xffff_ffff), () => `age ${epoch}`);
    if (epoch !== undefined) outcomes.push("age");
    const address = natPmpAddress(input);
    claim(!address || addressBytes(address)?.length === 4, () => `address ${address}`);
    if (address) outcomes.push("address");
    const location = ssdpLocation(input);
    if (location === undefined) return outcomes;
    const url = gatewayUrl(location, undefined, GATEWAY);
    claim(url === undefined || (url.hostname === GATEWAY && url.protocol === "http:"), () => `led to ${url?.href}`);
    return [...outcomes, url === undefined ? "elsewhere" : "location"];
  },
};

function depthOf(element: XmlElement): number {
  return 1 + Math.max(0, ...element.children.map(depthOf));
}

function document(random: Random): string {
  const type = pick(random, [SERVICE, FIREWALL, "urn:schemas-upnp-org:service:WANPPPConnection:1", "urn:x"]);
  const service = `<service><serviceType>${type}</serviceType><controlURL>/ctl</controlURL></service>`;
  const error = `<errorCode>${pick(random, [718, 725, 606, 900])}</errorCode><errorDescription>a &lt; b</errorDescription>`;
  const address = "<NewExternalIPAddress>203.0.113.9</NewExternalIPAddress>";
  const reserved = `<u:AddAnyPortMappingResponse><NewReservedPort>${pick(random, [0, 7, 65_536, "1e3"])}</NewReservedPort></u:AddAnyPortMappingResponse>`;
  const pinhole = `<u:AddPinholeResponse><UniqueID>${pick(random, [7, 65_535, -1, "x"])}</UniqueID></u:AddPinholeResponse>`;
  const mapped = '<u:AddPortMappingResponse xmlns:u="x"/>';
  const inside = pick(random, [service, error, address, mapped, reserved, pinhole]);
  return `<?xml version="1.0"?><!-- c --><root xmlns="x">${inside}<![CDATA[&]]></root>`;
}

/** Whatever a router says over HTTP: its document is bounded, and what is made of it as well. */
export const gatewayXml: Target = {
  name: "gateway-xml",
  share: 20,
  meets: ["document", "no document", "service", "firewall", "pinhole", "address", "mapped", "refused"],
  tokens: ["<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE", "&#x", "&amp;", '"'].map(fromLatin1),
  make: (random) => fromLatin1(document(random).repeat(randomBelow(random, 40) === 0 ? 2 : 1)),
  judge(input) {
    const text = Buffer.from(input).toString("utf8");
    const root = readXml(text);
    const outcomes = [root === undefined ? "no document" : "document"];
    if (root !== undefined) claim(depthOf(root) <= 32, () => `depth ${depthOf(root)}`);
    const services = portServices(text);
    claim(services.length <= 4 && services.every(({ type }) => /^[\w:-]+$/.test(type)), () => JSON.stringify(services));
    if (services.length > 0) outcomes.push("service");
    if (pinholeServices(text).length > 0) outcomes.push("firewall");
    const hole = pinholeAnswer(order, 200, text);
    judgeAnswer(hole.answer);
    if (hole.pinhole !== undefined) outcomes.push("pinhole");
    if (externalAddress(text) !== undefined) outcomes.push("address");
    return [...outcomes, judgeAnswer(mappingAnswer(order, 200, text))];
  },
};
