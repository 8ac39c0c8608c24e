import { randomBytes } from "node:crypto";
import { ANNOUNCED_TO } from "../../discovery/port-mapping/announcement.ts";
import { Epoch } from "../../discovery/port-mapping/epoch.ts";
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
import { RouterAnnouncements } from "./port-mapping-announcements.ts";
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

/** What is asked for one family of addresses. */
interface Line {
  readonly mapper: PortMapper;
  timer: NodeJS.Timeout | undefined;
}

/** Keeps the listen port open at the router: the mappers' orders over sockets, their deadlines as timers. */
export class PortMapping {
  readonly #options: PortMappingOptions;
  readonly #router: PortMappingOptions["router"];
  readonly #ipv4: Line;
  readonly #ipv6: Line;
  readonly #lines: readonly Line[];
  readonly #upnp = new UpnpGateway();
  readonly #announcements: RouterAnnouncements | undefined;
  readonly #epoch = new Epoch();
  /** Who was asked last. */
  #asked: Router | undefined;
  /** Orders of both families, one at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #told = "{}";
  /** Ends what is under way. */
  #ending = new AbortController();
  #stopped: (() => void) | undefined;

  constructor(options: PortMappingOptions) {
    this.#options = options;
    const { router, bindHost } = options;
    this.#router = router === "system" && !hasSystemRouter(bindHost) ? undefined : router;
    const random = { uint32: () => randomBytes(4).readUInt32LE() };
    this.#ipv4 = { mapper: new PortMapper(random), timer: undefined };
    this.#ipv6 = { mapper: new PortMapper(random, "ipv6"), timer: undefined };
    this.#lines = [this.#ipv4, this.#ipv6];
    const announced = this.#router === "system" ? ANNOUNCED_TO : this.#router?.announcements;
    if (announced !== undefined) this.#announcements = new RouterAnnouncements(announced, this.#heard.bind(this));
  }

  /** @param port - To be open from now on, and no other; undefined: none. */
  want(port: number | undefined): void {
    if (this.#stopped !== undefined) return;
    if (port === undefined) this.#announcements?.close();
    else this.#announcements?.listen();
    for (const { mapper } of this.#lines) mapper.want(this.#router === undefined ? undefined : port);
    this.#advance();
  }

  /** Closes what is open, within 2 s. */
  async stop(): Promise<void> {
    this.#announcements?.close();
    for (const { mapper } of this.#lines) mapper.want(undefined);
    this.#ending.abort();
    this.#ending = new AbortController();
    const patience = setTimeout(() => this.#ending.abort(), FAREWELL);
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      this.#ending.signal.addEventListener("abort", () => resolve(), { once: true });
      this.#advance();
    });
    clearTimeout(patience);
    for (const { timer } of this.#lines) clearTimeout(timer);
  }

  view(): MappingView {
    const view = this.#ipv4.mapper.view();
    const holes = this.#ipv6.mapper;
    const isSaid = holes.view().state === "open" || holes.isRefused;
    return isSaid ? { ...view, words: `${view.words} ${holes.view().words}` } : view;
  }

  #advance(): void {
    this.#tell();
    for (const line of this.#lines) this.#advanceLine(line);
    if (this.#stopped !== undefined && this.#lines.every(({ mapper }) => mapper.isIdle)) this.#stopped();
  }

  #advanceLine(line: Line): void {
    clearTimeout(line.timer);
    const { mapper } = line;
    const now = this.#options.now();
    const order = mapper.poll(now);
    if (order !== undefined) {
      const asking = this.#turn.then(() => this.#ask(order));
      this.#turn = asking;
      void asking.then((answer) => {
        if (answer.kind === "mapped" && answer.epoch !== undefined) this.#age(answer.epoch);
        mapper.answered(order.id, answer, this.#options.now());
        if (this.#stopped === undefined || !this.#ending.signal.aborted) this.#advance();
      });
    } else if (Number.isFinite(mapper.deadline)) {
      line.timer = setTimeout(() => this.#advance(), Math.max(1, mapper.deadline - now));
    }
  }

  /** Somebody says that it is a router, and how old. */
  #heard(epoch: number, from: string): void {
    if (from !== this.#asked?.host || this.#stopped !== undefined) return;
    this.#age(epoch);
    this.#advance();
  }

  /** The router is so old, by its own word. */
  #age(epoch: number): void {
    const now = this.#options.now();
    if (this.#epoch.heard(epoch, now)) for (const { mapper } of this.#lines) mapper.forgotten(now);
  }

  #tell(): void {
    // Who is told goodbye is to know us by the port that it knew us by.
    if (this.#stopped !== undefined) return;
    const { external } = this.#ipv4.mapper;
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
    if (order.family === "ipv6" && router.ipv6 === undefined) return UNANSWERED;
    this.#asked = router;
    switch (order.method) {
      case "pcp": {
        const { host, from } =
          order.family === "ipv6"
            ? (router.ipv6 as NonNullable<Router["ipv6"]>)
            : { host: router.host, from: bindHost };
        const request = (ourHost: string) => pcpRequest(order, ourHost);
        const read = (datagram: Uint8Array) => pcpAnswer(order, datagram);
        return (await askByDatagram({ host, port: router.port }, from, signal, request, read)) ?? UNANSWERED;
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
