import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { addressText } from "../../../core/model/address.ts";
import type { Router } from "../../../core/runtime/net/port-mapping-router.ts";
import { freePort } from "../../setup/free-port.ts";

const HOST = "127.0.0.1";
const SERVICE = "urn:schemas-upnp-org:service:WANIPConnection";
const FIREWALL = "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1";
const DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";

/** A port that is open. */
export interface OpenPort {
  readonly internalPort: number;
  /** Seconds; 0: for good. */
  readonly lifetime: number;
}

/** How a gateway is to behave; what is absent is done as a good one does it. */
export interface GatewayManners {
  readonly speaks: readonly ("pcp" | "nat-pmp" | "upnp")[];
  /** On its outer side. */
  readonly address?: string;
  /** The outer port it gives by PCP or NAT-PMP instead of the wanted one. */
  readonly gives?: number;
  /** Seconds, at most. */
  readonly lease?: number;
  /** A result of PCP or NAT-PMP. */
  readonly result?: number;
  /** The error of AddPortMapping. */
  readonly fault?: (fields: ReadonlyMap<string, string>) => number | undefined;
  /** Who answers SSDP, instead of itself. */
  readonly answersFrom?: string;
  /** What SSDP names; `%PORT%` is that of its HTTP server. */
  readonly location?: string;
  /** Where it is asked, as its description says. */
  readonly control?: string;
  /** UPnP of the second version: the port that it gives, or that it only claims to be of it. */
  readonly second?: number | "claim";
  /** Its firewall for IPv6, and who is behind it. */
  readonly ipv6?: { readonly speaks: readonly ("pcp" | "upnp")[]; readonly from: string };
  /** Answers HTTP itself. @returns False: as a good one does it. */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A small router on loopback: PCP, NAT-PMP and SSDP over UDP, IGD over HTTP. Its codecs are its own. */
export class TestGateway {
  readonly manners: GatewayManners;
  /** `tcp 51413` → where it leads. */
  readonly ports = new Map<string, OpenPort>();
  /** `tcp ::1 51413` → its number. */
  readonly holes = new Map<string, number>();
  /** When it began, or forgot everything. */
  #begun = Date.now() - 1000 * 1000;
  #announced = 0;
  #lastHole = 0;
  /** What it was asked, in order: `pcp map tcp 51413`, `GET /root.xml`. */
  readonly heard: string[] = [];
  #port = 0;
  readonly #datagrams: Socket = createSocket("udp4");
  readonly #datagrams6: Socket = createSocket("udp6");
  readonly #ssdp: Socket = createSocket("udp4");
  readonly #http: Server = createServer((request, response) => void this.#serve(request, response));

  private constructor(manners: GatewayManners) {
    this.manners = manners;
  }

  static async start(manners: GatewayManners): Promise<TestGateway> {
    const gateway = new TestGateway(manners);
    await gateway.#start();
    return gateway;
  }

  async #start(): Promise<void> {
    this.#datagrams.on("message", (datagram, from) => this.#received(datagram, from));
    this.#ssdp.on("message", (datagram, from) => this.#searched(datagram.toString("latin1"), from));
    for (const [socket, host] of [
      [this.#datagrams, HOST],
      [this.#ssdp, this.manners.answersFrom ?? HOST],
    ] as const) {
      socket.bind(0, host);
      await once(socket, "listening");
    }
    this.#port = this.#datagrams.address().port;
    if (this.manners.ipv6?.speaks.includes("pcp") === true) {
      this.#datagrams6.on("message", (datagram, from) => {
        this.#datagrams6.send(this.#pcpHole(datagram), from.port, from.address);
      });
      this.#datagrams6.bind(this.#port, "::1");
      await once(this.#datagrams6, "listening");
    }
    this.#announced = await freePort();
    // The system then says at once that nobody listens there.
    if (!this.#hearsDatagrams) this.#datagrams.close();
    this.#http.listen(0, HOST);
    await once(this.#http, "listening");
  }

  get #hearsDatagrams(): boolean {
    return this.manners.speaks.some((method) => method !== "upnp");
  }

  get router(): Router {
    const { address, port } = this.#ssdp.address();
    const ssdp = [{ host: address, port }];
    const { ipv6 } = this.manners;
    return {
      host: HOST,
      port: this.#port,
      ssdp,
      announcements: { host: HOST, port: this.#announced },
      ...(ipv6 === undefined ? {} : { ipv6: { host: "::1", from: ipv6.from } }),
    };
  }

  /** It loses its power for a moment. */
  restart(): void {
    this.#begun = Date.now();
    this.ports.clear();
    this.holes.clear();
  }

  /** It tells everybody how old it is. @param from - Who claims to be it, instead. */
  announce(kind: "pcp" | "nat-pmp", from: Socket = this.#datagrams): void {
    const told = Buffer.alloc(kind === "pcp" ? 24 : 12);
    told[0] = kind === "pcp" ? 2 : 0;
    told[1] = 0x80;
    told.writeUInt32BE(this.#epoch, kind === "pcp" ? 8 : 4);
    from.send(told, this.#announced, HOST);
  }

  get #epoch(): number {
    return Math.floor((Date.now() - this.#begun) / 1000);
  }

  get httpPort(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hearsDatagrams) this.#datagrams.close();
    this.#datagrams6.close();
    this.#ssdp.close();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #received(datagram: Buffer, from: RemoteInfo): void {
    const isPcp = datagram[0] === 2;
    const { speaks } = this.manners;
    const answer = isPcp ? this.#pcp(datagram) : this.#natPmp(datagram);
    if (speaks.includes(isPcp ? "pcp" : "nat-pmp")) this.#datagrams.send(answer, from.port, from.address);
    // RFC 6887, appendix A: a server of the older protocol says so.
    else if (isPcp && speaks.includes("nat-pmp")) {
      this.#datagrams.send(Buffer.from("0081000100000000", "hex"), from.port, from.address);
    }
  }

  #natPmp(request: Buffer): Buffer {
    const { address = "203.0.113.9", result = 0 } = this.manners;
    const head = (length: number) => {
      const answer = Buffer.alloc(length);
      answer[1] = 128 + (request[1] as number);
      answer.writeUInt16BE(result, 2);
      answer.writeUInt32BE(this.#epoch, 4);
      return answer;
    };
    if (request[1] === 0) {
      this.heard.push("nat-pmp address");
      return Buffer.concat([head(8), Buffer.from(address.split(".").map(Number))]);
    }
    const answer = head(16);
    const protocol = request[1] === 2 ? "tcp" : "udp";
    const { port, lifetime } = this.#map("nat-pmp", protocol, request.subarray(4, 8), request.readUInt32BE(8));
    request.copy(answer, 8, 4, 6);
    answer.writeUInt16BE(port, 10);
    answer.writeUInt32BE(lifetime, 12);
    return answer;
  }

  #pcp(request: Buffer): Buffer {
    const { address = "203.0.113.9", result = 0 } = this.manners;
    const answer = Buffer.from(request);
    const protocol = request[36] === 6 ? "tcp" : "udp";
    const { port, lifetime } = this.#map("pcp", protocol, request.subarray(40, 44), request.readUInt32BE(4));
    answer[1] = 0x81;
    answer[3] = result;
    answer.writeUInt32BE(lifetime, 4);
    answer.fill(0, 8, 24);
    answer.writeUInt32BE(this.#epoch, 8);
    answer.writeUInt16BE(port, 42);
    Buffer.from([...new Uint8Array(10), 255, 255, ...address.split(".").map(Number)]).copy(answer, 44);
    return answer;
  }

  /** Nothing is translated: the port stays, and so does the address. */
  #pcpHole(request: Buffer): Buffer {
    const answer = Buffer.from(request);
    const protocol = request[36] === 6 ? "tcp" : "udp";
    const name = `${protocol} ${addressText(Uint8Array.from(request.subarray(8, 24)))} ${request.readUInt16BE(40)}`;
    if (request.readUInt32BE(4) === 0) this.holes.delete(name);
    else this.holes.set(name, ++this.#lastHole);
    answer[1] = 0x81;
    answer.fill(0, 8, 24);
    answer.writeUInt32BE(this.#epoch, 8);
    request.copy(answer, 42, 40, 42);
    request.copy(answer, 44, 8, 24);
    return answer;
  }

  /** @param ports - Inner and wanted outer one. */
  #map(method: string, protocol: string, ports: Buffer, wanted: number): { port: number; lifetime: number } {
    const internalPort = ports.readUInt16BE(0);
    const isMap = wanted > 0;
    if (this.manners.speaks.includes(method as "pcp")) {
      this.heard.push(`${method} ${isMap ? "map" : "unmap"} ${protocol} ${internalPort}`);
    }
    if (!isMap) {
      for (const [name, open] of this.ports) {
        if (name.startsWith(protocol) && open.internalPort === internalPort) this.ports.delete(name);
      }
      return { port: 0, lifetime: 0 };
    }
    const port = this.manners.gives ?? ports.readUInt16BE(2);
    const lifetime = Math.min(wanted, this.manners.lease ?? wanted);
    const isOpen = (this.manners.result ?? 0) === 0 && this.manners.speaks.includes(method as "pcp");
    if (isOpen) this.ports.set(`${protocol} ${port}`, { internalPort, lifetime });
    return { port, lifetime };
  }

  #searched(search: string, from: RemoteInfo): void {
    if (!this.manners.speaks.includes("upnp") || !search.includes(`ST: ${DEVICE}`)) return;
    const location = (this.manners.location ?? "http://127.0.0.1:%PORT%/root.xml").replace(
      "%PORT%",
      `${this.httpPort}`,
    );
    const answer = `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${DEVICE}\r\nEXT:\r\nLOCATION: ${location}\r\n\r\n`;
    this.#ssdp.send(answer, from.port, from.address);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, action] = /#(\w+)"$/.exec(String(request.headers.soapaction)) ?? [];
    this.heard.push(`${request.method} ${action ?? request.url}`);
    if (this.manners.http?.(request, response) === true) return;
    response.setHeader("content-type", "text/xml");
    if (request.method === "GET") return void response.end(this.#description());
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const fields = new Map(
      [...body.matchAll(/<([A-Z]\w+)>([^<]*)</g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const [status, inside] = this.#act(action ?? "", fields);
    const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inside}</s:Body></s:Envelope>`;
    response.writeHead(status).end(envelope);
  }

  #description(): string {
    const { control = "/ctl/IPConn", ipv6 } = this.manners;
    const service = `<serviceType>${this.#service}</serviceType><controlURL>${control}</controlURL>`;
    const firewall = `<service><serviceType>${FIREWALL}</serviceType><controlURL>/ctl/6FC</controlURL></service>`;
    const more = ipv6?.speaks.includes("upnp") === true ? firewall : "";
    const device = `<device><serviceList><service>${service}</service>${more}</serviceList></device>`;
    return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>${DEVICE}</deviceType><deviceList>${device}</deviceList></device></root>`;
  }

  #act(action: string, fields: ReadonlyMap<string, string>): [status: number, inside: string] {
    const done = (inside = "") => `<u:${action}Response xmlns:u="${this.#service}">${inside}</u:${action}Response>`;
    const name = `${fields.get("NewProtocol")?.toLowerCase()} ${fields.get("NewExternalPort")}`;
    if (action === "GetExternalIPAddress") {
      const { address = "203.0.113.9" } = this.manners;
      return [200, done(`<NewExternalIPAddress>${address}</NewExternalIPAddress>`)];
    }
    const { second } = this.manners;
    if (action === "DeletePortMapping") this.ports.delete(name);
    else if (action === "AddAnyPortMapping" && second === "claim") return [500, faultOf(401)];
    else if (action === "AddPortMapping" || action === "AddAnyPortMapping") {
      const fault = this.manners.fault?.(fields);
      if (fault !== undefined) return [500, faultOf(fault)];
      const internalPort = Number(fields.get("NewInternalPort"));
      const open = { internalPort, lifetime: Number(fields.get("NewLeaseDuration")) };
      const given = action === "AddAnyPortMapping" ? second : undefined;
      if (given === undefined) this.ports.set(name, open);
      else {
        this.ports.set(`${fields.get("NewProtocol")?.toLowerCase()} ${given}`, open);
        return [200, done(`<NewReservedPort>${given}</NewReservedPort>`)];
      }
    } else if (action.endsWith("Pinhole")) return this.#pinhole(action, fields, done);
    return [200, done()];
  }

  #pinhole(
    action: string,
    fields: ReadonlyMap<string, string>,
    done: (inside?: string) => string,
  ): [status: number, inside: string] {
    const fault = this.manners.fault?.(fields);
    if (fault !== undefined) return [500, faultOf(fault)];
    const id = Number(fields.get("UniqueID"));
    const [known] = [...this.holes].find(([, number]) => number === id) ?? [];
    if (action === "AddPinhole") {
      const protocol = fields.get("Protocol") === "6" ? "tcp" : "udp";
      this.holes.set(`${protocol} ${fields.get("InternalClient")} ${fields.get("InternalPort")}`, ++this.#lastHole);
      return [200, done(`<UniqueID>${this.#lastHole}</UniqueID>`)];
    }
    if (known === undefined) return [500, faultOf(704)];
    if (action === "DeletePinhole") this.holes.delete(known);
    return [200, done()];
  }

  get #service(): string {
    return `${SERVICE}:${this.manners.second === undefined ? 1 : 2}`;
  }
}

function faultOf(code: number): string {
  const words = `<errorCode>${code}</errorCode><errorDescription>because</errorDescription>`;
  return `<s:Fault><detail><UPnPError>${words}</UPnPError></detail></s:Fault>`;
}
