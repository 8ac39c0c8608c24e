import { describe, expect, it } from "vitest";
import {
  addressCall,
  externalAddress,
  mappingAnswer,
  mappingCall,
  portServices,
} from "../../../../core/discovery/port-mapping/igd.ts";
import { gatewayUrl, ssdpLocation, ssdpSearches } from "../../../../core/discovery/port-mapping/ssdp.ts";
import { readXml, textOf } from "../../../../core/discovery/port-mapping/xml.ts";
import { fromLatin1, toLatin1 } from "../../../../core/model/bytes.ts";
import { orderOf } from "./orders.ts";

const WAN_IP = "urn:schemas-upnp-org:service:WANIPConnection:1";
const order = orderOf({ method: "upnp", externalPort: 60_000 });

const envelope = (inside: string): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inside}</s:Body></s:Envelope>`;

const fault = (code: string, words: string): string =>
  envelope(
    "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>" +
      `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode>` +
      `<errorDescription>${words}</errorDescription></UPnPError></detail></s:Fault>`,
  );

const service = (type: string, control: string): string =>
  `<service><serviceType>${type}</serviceType><controlURL>${control}</controlURL></service>`;

describe("the search for a router", () => {
  it("asks for gateways of both versions", () => {
    const searches = ssdpSearches().map(toLatin1);
    expect(searches).toHaveLength(2);
    for (const search of searches) {
      expect(search).toMatch(/^M-SEARCH \* HTTP\/1\.1\r\nHOST: 239\.255\.255\.250:1900\r\nMAN: "ssdp:discover"\r\n/);
      expect(search).toMatch(/\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:[12]\r\n\r\n$/);
    }
  });

  const found = (st: string, location: string) =>
    fromLatin1(`HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nst:${st}\r\nLOCATION: ${location}\r\n\r\n`);
  const gateway = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";

  it("reads where a gateway's description is, and nothing else's", () => {
    expect(ssdpLocation(found(gateway, "http://192.168.1.1:5000/root.xml"))).toBe("http://192.168.1.1:5000/root.xml");
    expect(ssdpLocation(found("urn:schemas-upnp-org:device:MediaServer:1", "http://192.168.1.1/"))).toBeUndefined();
    expect(ssdpLocation(found(gateway, `http://192.168.1.1/${"a".repeat(512)}`))).toBeUndefined();
    expect(ssdpLocation(fromLatin1("NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/\r\n\r\n"))).toBeUndefined();
    expect(ssdpLocation(fromLatin1("HTTP/1.1 200 OK\r\n\r\n"))).toBeUndefined();
    expect(ssdpLocation(new Uint8Array(5000))).toBeUndefined();
    expect(ssdpLocation(new Uint8Array(0))).toBeUndefined();
  });

  it.each([
    ["http://192.168.1.1:5000/root.xml", "http://192.168.1.1:5000/root.xml"],
    ["/ctl/IPConn", "http://192.168.1.1:5000/ctl/IPConn"],
    ["http://192.168.1.2/root.xml", undefined],
    ["http://example.org/root.xml", undefined],
    ["//192.168.1.2/x", undefined],
    ["https://192.168.1.1/root.xml", undefined],
    ["file:///etc/passwd", undefined],
    ["http://user@192.168.1.1/", undefined],
    ["http://192.168.1.1@192.168.1.2/", undefined],
    ["http://192.168.1.1:0/", undefined],
    // The same address in other writings is the same address.
    ["http://3232235777/", "http://192.168.1.1/"],
  ])("follows %s only when it leads to the router", (address, expected) => {
    expect(gatewayUrl(address, new URL("http://192.168.1.1:5000/d.xml"), "192.168.1.1")?.href).toBe(expected);
  });
});

describe("a router's description", () => {
  it("names the services that map ports, those of the second version first", () => {
    const description =
      "<root><URLBase>http://192.168.1.1:80</URLBase><device><serviceList>" +
      service("urn:schemas-upnp-org:service:Layer3Forwarding:1", "/l3f") +
      "</serviceList><deviceList><device><serviceList>" +
      service("urn:schemas-upnp-org:service:WANPPPConnection:1", "/ppp") +
      service("urn:schemas-upnp-org:service:WANIPConnection:2", "/ip2") +
      service(WAN_IP, "") +
      service("urn:evil\r\nX: y:service:WANIPConnection:1", "/evil") +
      "</serviceList></device></deviceList></device></root>";
    expect(portServices(description)).toEqual([
      { type: "urn:schemas-upnp-org:service:WANIPConnection:2", control: "/ip2", base: "http://192.168.1.1:80" },
      { type: "urn:schemas-upnp-org:service:WANPPPConnection:1", control: "/ppp", base: "http://192.168.1.1:80" },
    ]);
  });

  it("names at most four", () => {
    const many = Array.from({ length: 50 }, (_, i) => service(WAN_IP, `/${i}`)).join("");
    expect(portServices(`<root>${many}</root>`)).toHaveLength(4);
    expect(portServices("no XML")).toEqual([]);
  });
});

describe("the calls of a router", () => {
  it("map a port to our address, with a lease or for good", () => {
    const { action, body } = mappingCall(WAN_IP, order, "192.168.1.5");
    expect(action).toBe(`"${WAN_IP}#AddPortMapping"`);
    const call = readXml(body);
    const fields = call?.children[0]?.children[0]?.children.map(({ name, text }) => `${name}=${text}`);
    expect(fields).toEqual([
      "NewRemoteHost=",
      "NewExternalPort=60000",
      "NewProtocol=TCP",
      "NewInternalPort=51413",
      "NewInternalClient=192.168.1.5",
      "NewEnabled=1",
      "NewPortMappingDescription=Peerscope",
      "NewLeaseDuration=3600",
    ]);
    const forGood = mappingCall(WAN_IP, { ...order, lifetime: Number.POSITIVE_INFINITY }, "192.168.1.5");
    expect(forGood.body).toContain("<NewLeaseDuration>0</NewLeaseDuration>");
  });

  it("unmap the outer port", () => {
    const { action, body } = mappingCall(WAN_IP, { ...order, kind: "unmap", protocol: "udp" }, "192.168.1.5");
    expect(action).toBe(`"${WAN_IP}#DeletePortMapping"`);
    const call = readXml(body) as NonNullable<ReturnType<typeof readXml>>;
    expect(textOf(call, "NewExternalPort")).toBe("60000");
    expect(textOf(call, "NewProtocol")).toBe("UDP");
    expect(textOf(call, "NewInternalPort")).toBeUndefined();
  });

  it("ask for the outer address", () => {
    expect(addressCall(WAN_IP).action).toBe(`"${WAN_IP}#GetExternalIPAddress"`);
    const told = (address: string) =>
      envelope(`<u:R xmlns:u="x"><NewExternalIPAddress>${address}</NewExternalIPAddress></u:R>`);
    expect(externalAddress(told("203.0.113.9"))).toBe("203.0.113.9");
    for (const none of ["0.0.0.0", "", "example.org", "::1", "1.2.3.4.5"]) {
      expect(externalAddress(told(none))).toBeUndefined();
    }
    expect(externalAddress("garbage")).toBeUndefined();
  });

  it("are answered", () => {
    expect(mappingAnswer(order, 200, envelope('<u:AddPortMappingResponse xmlns:u="x"/>'))).toEqual({
      kind: "mapped",
      externalPort: 60_000,
      lifetime: 3_600_000,
    });
    const unmap = { ...order, kind: "unmap" } as const;
    expect(mappingAnswer(unmap, 200, envelope("<u:DeletePortMappingResponse/>"))).toEqual({ kind: "unmapped" });
  });

  it.each([
    ["718", "another-port", "the port is taken by another machine, error 718"],
    ["725", "for-good", "it only opens ports for good, error 725"],
    ["402", "for-good", "said, error 402"],
    ["606", undefined, "it is not allowed to; look for UPnP in the router's settings, error 606"],
    ["899", undefined, "said, error 899"],
  ])("are refused with %s, in words", (code, remedy, words) => {
    const answer = mappingAnswer(order, 500, fault(code, "\u202e said\u0007"));
    expect(answer).toEqual({ kind: "refused", words, ...(remedy === undefined ? {} : { remedy }) });
  });

  it("are not understood when the answer is anything else", () => {
    for (const [status, body] of [
      [200, "<html></html>"],
      [302, ""],
      [404, "<html><body>Not found</body></html>"],
      [500, fault("x", "y")],
      [200, envelope("<u:DeletePortMappingResponse/>")],
    ] as const) {
      expect(mappingAnswer(order, status, body)).toEqual({
        kind: "refused",
        words: `its answer is not understood (HTTP status ${status})`,
      });
    }
    const long = mappingAnswer(order, 500, fault("899", "x".repeat(5000)));
    expect(long.kind === "refused" && long.words.length).toBeLessThan(160);
  });
});
