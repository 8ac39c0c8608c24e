import { randomBytes } from "node:crypto";
import {
  natPmpAddress,
  natPmpAddressRequest,
  natPmpAnswer,
  natPmpRequest,
} from "../../discovery/port-mapping/nat-pmp.ts";
import type { GatewayAnswer, MappingOrder } from "../../discovery/port-mapping/order.ts";
import { pcpAnswer, pcpRequest } from "../../discovery/port-mapping/pcp.ts";
import { type ExternalPorts, PortMapper } from "../../discovery/port-mapping/port-mapper.ts";
import type { MappingView } from "../../model/mapping-view.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import { askByDatagram } from "./port-mapping-datagrams.ts";
import { hasSystemRouter, type Router, systemRouter } from "./port-mapping-router.ts";
import { UpnpGateway } from "./port-mapping-upnp.ts";

interface PortMappingOptions {
  /** The system's default gateway, looked up for every order, or one that is named; undefined: nobody is asked. */
  readonly router: "system" | Router | undefined;
  /** The address to ask from; undefined: the one on the way to the router. */
  readonly bindHost: string | undefined;
  readonly now: () => Timestamp;
  /** Other ports are open than before, or the router's address is known. */
  changed(external: ExternalPorts): void;
}

/** Quitting waits so long for a router to close our ports; then their leases have to end by themselves. */
const FAREWELL: Millis = 2_000;

const UNANSWERED: GatewayAnswer = { kind: "silent", words: "no router answered" };

/** Keeps the listen port open at the router: the mapper's orders over sockets, its deadlines as a timer. */
export class PortMapping {
  readonly #options: PortMappingOptions;
  readonly #router: PortMappingOptions["router"];
  readonly #mapper: PortMapper;
  readonly #upnp = new UpnpGateway();
  #told = "{}";
  #timer: NodeJS.Timeout | undefined;
  /** Ends what is under way. */
  #ending = new AbortController();
  #stopped: (() => void) | undefined;

  constructor(options: PortMappingOptions) {
    this.#options = options;
    const { router, bindHost } = options;
    this.#router = router === "system" && !hasSystemRouter(bindHost) ? undefined : router;
    this.#mapper = new PortMapper({ uint32: () => randomBytes(4).readUInt32LE() });
  }

  /** @param port - To be open from now on, and no other; undefined: none. */
  want(port: number | undefined): void {
    if (this.#stopped !== undefined) return;
    this.#mapper.want(this.#router === undefined ? undefined : port);
    this.#advance();
  }

  /** Closes what is open, within 2 s. */
  async stop(): Promise<void> {
    this.#mapper.want(undefined);
    this.#ending.abort();
    this.#ending = new AbortController();
    const patience = setTimeout(() => this.#ending.abort(), FAREWELL);
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      this.#ending.signal.addEventListener("abort", () => resolve(), { once: true });
      this.#advance();
    });
    clearTimeout(patience);
    clearTimeout(this.#timer);
  }

  view(): MappingView {
    return this.#mapper.view();
  }

  #advance(): void {
    clearTimeout(this.#timer);
    this.#tell();
    const now = this.#options.now();
    const order = this.#mapper.poll(now);
    if (order !== undefined) {
      void this.#ask(order).then((answer) => {
        this.#mapper.answered(order.id, answer, this.#options.now());
        if (this.#stopped === undefined || !this.#ending.signal.aborted) this.#advance();
      });
    } else if (this.#stopped !== undefined && this.#mapper.isIdle) this.#stopped();
    else if (Number.isFinite(this.#mapper.deadline)) {
      this.#timer = setTimeout(() => this.#advance(), Math.max(1, this.#mapper.deadline - now));
    }
  }

  #tell(): void {
    // Who is told goodbye is to know us by the port that it knew us by.
    if (this.#stopped !== undefined) return;
    const { external } = this.#mapper;
    const words = JSON.stringify(external);
    if (words === this.#told) return;
    this.#told = words;
    this.#options.changed(external);
  }

  /** Never throws. */
  async #ask(order: MappingOrder): Promise<GatewayAnswer> {
    const { signal } = this.#ending;
    const { bindHost } = this.#options;
    const router = this.#router === "system" ? await systemRouter(bindHost) : this.#router;
    if (router === undefined) return { kind: "silent", words: "no router is known here" };
    switch (order.method) {
      case "pcp": {
        const request = (ourHost: string) => pcpRequest(order, ourHost);
        const read = (datagram: Uint8Array) => pcpAnswer(order, datagram);
        return (await askByDatagram(router, bindHost, signal, request, read)) ?? UNANSWERED;
      }
      case "nat-pmp":
        return this.#askByNatPmp(order, router, signal);
      case "upnp":
        return this.#upnp.ask(order, router, bindHost, signal);
    }
  }

  async #askByNatPmp(order: MappingOrder, router: Router, signal: AbortSignal): Promise<GatewayAnswer> {
    const ask = <T>(request: Uint8Array, read: (datagram: Uint8Array) => T | undefined) =>
      askByDatagram(router, this.#options.bindHost, signal, () => request, read);
    const answer = await ask(natPmpRequest(order), (datagram) => natPmpAnswer(order, datagram));
    if (answer?.kind !== "mapped") return answer ?? UNANSWERED;
    const address = await ask(natPmpAddressRequest(), natPmpAddress);
    return address === undefined || address === "" ? answer : { ...answer, address };
  }
}
