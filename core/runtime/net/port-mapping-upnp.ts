import { createSocket, type RemoteInfo } from "node:dgram";
import {
  addressCall,
  externalAddress,
  type GatewayService,
  isUnknownAction,
  mappingAnswer,
  mappingCall,
  portServices,
  type SoapCall,
} from "../../discovery/port-mapping/igd.ts";
import type { GatewayAnswer, MappingOrder } from "../../discovery/port-mapping/order.ts";
import { pinholeAnswer, pinholeCall, pinholeServices } from "../../discovery/port-mapping/pinholes.ts";
import {
  gatewayUrl,
  SEARCH_AGAIN,
  SEARCH_TIME,
  ssdpLocation,
  ssdpSearches,
} from "../../discovery/port-mapping/ssdp.ts";
import { addressTowards } from "./port-mapping-datagrams.ts";
import { askRouter, type RouterReply } from "./port-mapping-http.ts";
import type { Router } from "./port-mapping-router.ts";

/** A router's service that maps ports, found and judged. */
interface FoundService {
  readonly type: string;
  readonly control: URL;
  readonly router: string;
  /** Our address in its network. */
  readonly ourHost: string;
}

/** Asks the default gateway by UPnP. What it is asked by is remembered while it works. */
export class UpnpGateway {
  #service: FoundService | undefined;
  /** It is of the second version by its words alone. */
  #isFirst = false;
  /** Holes of ours in its firewall, by their numbers. */
  readonly #pinholes = new Map<string, number>();

  /** Never throws. */
  async ask(
    order: MappingOrder,
    router: Router,
    from: string | undefined,
    signal: AbortSignal,
  ): Promise<GatewayAnswer> {
    if (order.family === "ipv6") return this.#askForHole(order, router, from, signal);
    if (this.#service?.router !== router.host) this.#forget();
    const found = this.#service ?? (await findService(router, from, signal));
    if ("kind" in found) return found;
    this.#service = found;
    const mayChoose = !this.#isFirst;
    const reply = await call(found, mappingCall(found.type, order, found.ourHost, mayChoose), signal);
    if (!reply.ok) {
      this.#forget();
      return { kind: "silent", words: `the router was found, but ${reply.words}` };
    }
    if (mayChoose && order.kind === "map" && isUnknownAction(reply.body)) {
      this.#isFirst = true;
      return this.ask(order, router, from, signal);
    }
    const answer = mappingAnswer(order, reply.status, reply.body);
    // A service that moved away is searched again.
    if (answer.kind === "refused" && answer.remedy === undefined) this.#forget();
    if (answer.kind !== "mapped") return answer;
    const address = await addressOf(found, signal);
    return address === undefined ? answer : { ...answer, address };
  }

  #forget(): void {
    this.#service = undefined;
    this.#isFirst = false;
  }

  /** Found anew for each: once an hour. */
  async #askForHole(
    order: MappingOrder,
    router: Router,
    from: string | undefined,
    signal: AbortSignal,
  ): Promise<GatewayAnswer> {
    const name = `${order.protocol} ${order.internalPort}`;
    const pinhole = this.#pinholes.get(name);
    if (order.kind === "unmap") this.#pinholes.delete(name);
    const ourHost = router.ipv6?.from;
    const found = ourHost === undefined ? UNANSWERED : await findService(router, from, signal, pinholeServices);
    if ("kind" in found) return found;
    const asked = pinholeCall(found.type, order, ourHost as string, pinhole);
    if (asked === undefined) return { kind: "unmapped" };
    const reply = await call(found, asked, signal);
    if (!reply.ok) return { kind: "silent", words: `the router was found, but ${reply.words}` };
    const told = pinholeAnswer(order, reply.status, reply.body);
    if (told.isGone === true && pinhole !== undefined && order.kind === "map") {
      this.#pinholes.delete(name);
      return this.#askForHole(order, router, from, signal);
    }
    if (told.pinhole !== undefined) this.#pinholes.set(name, told.pinhole);
    return told.answer;
  }
}

const UNANSWERED: GatewayAnswer = { kind: "silent", words: "no router answered" };

/** @returns The service, or what is to be said of it that there is none. */
async function findService(
  router: Router,
  from: string | undefined,
  signal: AbortSignal,
  services: (description: string) => readonly GatewayService[] = portServices,
): Promise<FoundService | GatewayAnswer> {
  const ourHost = await addressTowards(router, from);
  const location = ourHost === undefined ? undefined : await search(router, ourHost, signal);
  if (ourHost === undefined || location === undefined) return UNANSWERED;
  const description = await askRouter(location, { method: "GET", from: ourHost, signal });
  if (!description.ok) return { kind: "silent", words: `the router was found, but ${description.words}` };
  const judged: FoundService[] = [];
  for (const service of description.status === 200 ? services(description.body) : []) {
    const control = controlUrl(service, location, router.host);
    if (control !== undefined) judged.push({ type: service.type, control, router: router.host, ourHost });
  }
  const [first, ...others] = judged;
  if (first === undefined) return { kind: "silent", words: "the router was found, but names no way to open ports" };
  if (others.length === 0) return first;
  for (const service of judged) if ((await addressOf(service, signal)) !== undefined) return service;
  return first;
}

function controlUrl({ base, control }: GatewayService, location: URL, host: string): URL | undefined {
  return gatewayUrl(control, base === undefined ? location : gatewayUrl(base, location, host), host);
}

async function addressOf(service: FoundService, signal: AbortSignal): Promise<string | undefined> {
  const reply = await call(service, addressCall(service.type), signal);
  return reply.ok && reply.status === 200 ? externalAddress(reply.body) : undefined;
}

function call(
  { control, ourHost }: FoundService,
  { action, body }: SoapCall,
  signal: AbortSignal,
): Promise<RouterReply> {
  const headers = { "content-type": 'text/xml; charset="utf-8"', soapaction: action };
  return askRouter(control, { method: "POST", headers, body, from: ourHost, signal });
}

/** Asks the whole network, and hears the router alone. @returns Where its description is; undefined in silence. */
function search(router: Router, ourHost: string, signal: AbortSignal): Promise<URL | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const timers: NodeJS.Timeout[] = [];
    const done = (location: URL | undefined): void => {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.removeAllListeners();
      // What is still being sent may fail when nobody listens any more.
      socket.on("error", () => undefined);
      socket.close();
      resolve(location);
    };
    const stop = (): void => done(undefined);
    const ask = (): void => {
      // To the whole network it may be forbidden; the router is asked by its own address as well.
      for (const datagram of ssdpSearches()) {
        for (const { host, port } of router.ssdp) socket.send(datagram, port, host, () => undefined);
      }
    };
    socket.on("message", (datagram: Buffer, { address }: RemoteInfo) => {
      const named = address === router.host ? ssdpLocation(datagram) : undefined;
      const location = named === undefined ? undefined : gatewayUrl(named, undefined, router.host);
      if (location !== undefined) done(location);
    });
    socket.once("error", stop);
    signal.addEventListener("abort", stop, { once: true });
    socket.bind(0, ourHost, () => {
      try {
        socket.setMulticastInterface(ourHost);
      } catch {
        // The interface is gone already.
        return stop();
      }
      if (signal.aborted) return stop();
      ask();
      for (const wait of SEARCH_AGAIN) timers.push(setTimeout(ask, wait));
      timers.push(setTimeout(stop, SEARCH_TIME));
    });
  });
}
