import type { Agent, Dispatcher } from "undici";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { Bytes, Millis } from "../../model/units.ts";
import type { WebSeed } from "../../swarm/web-seed.ts";
import { type RangeEvents, type RangeFault, type RangeSource, WebSeedLink } from "../../swarm/web-seed-link.ts";
import { type RangeOrder, WebSeedUrls } from "../../swarm/web-seed-urls.ts";
import type { StreamEvents } from "../net/tcp.ts";
import { agentFor, targetOf } from "./agent.ts";
import { faultWords, Refusal } from "./fetch-fault.ts";
import { basicCredentials, type FetchOptions, HopGate, httpUrl, MAX_HEADERS, MAX_REDIRECTS } from "./fetch-limited.ts";
import { judgeAnswer } from "./range-answer.ts";
import type { Reach } from "./reach.ts";

type Options = Pick<FetchOptions, "localAddress" | "userAgent" | "resolve" | "blocks" | "proxy">;

const CONNECT_TIMEOUT: Millis = 15_000;
/** Without a byte. Who sends a byte now and then is snubbed as any peer. */
const STALL_TIMEOUT: Millis = 20_000;
const KEEP_ALIVE: Millis = 30_000;
/** Of a body that nobody reads: less than a new connection costs. */
const MAX_DUMPED: Bytes = 16_384;
/** BEP 17: a seed that is busy answers with the seconds after which to come again. */
const MAX_RETRY_TEXT: Bytes = 16;

/** Opens the way to a web seed. No request is made until something is asked for. @returns Gives it up. */
export function dialWebSeed(seed: WebSeed, metainfo: Metainfo, options: Options, events: StreamEvents): () => void {
  const { address, residence } = seed;
  const urls = new WebSeedUrls(metainfo, residence?.infoHash ?? new Uint8Array(20), address);
  const client = new WebSeedClient(address.url, options);
  const link = new WebSeedLink(urls, metainfo.layout, address.kind === "pieces", client, events);
  const begun = setImmediate(() => events.connected(link));
  return () => clearImmediate(begun);
}

/** Connections to one server, each judged by where it leads; they are kept while requests go on. */
interface Line {
  readonly agent: Agent;
  readonly gate: HopGate;
}

/** Asks one web seed for ranges of bytes. */
export class WebSeedClient implements RangeSource {
  readonly #options: Options;
  /** The torrent's own address has a query: those that we add for BEP 17 are harmless. */
  readonly #isQueried: boolean;
  readonly #lines = new Map<string, Line>();
  readonly #ending = new AbortController();

  /** @param url - As the torrent names it. */
  constructor(url: string, options: Options) {
    this.#options = options;
    this.#isQueried = url.includes("?");
  }

  fetch(order: RangeOrder, events: RangeEvents): () => void {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, this.#ending.signal]);
    void this.#run(order, events, signal);
    return () => ending.abort();
  }

  close(): void {
    this.#ending.abort();
    for (const { agent } of this.#lines.values()) void agent.destroy();
    this.#lines.clear();
  }

  async #run(order: RangeOrder, events: RangeEvents, signal: AbortSignal): Promise<void> {
    let fault: RangeFault | undefined;
    try {
      fault = await this.#follow(order, events, signal);
    } catch (error) {
      fault = { words: faultWords(error), by: error instanceof Refusal ? "peer" : "network" };
    }
    if (!signal.aborted) events.ended(fault);
  }

  async #follow(order: RangeOrder, events: RangeEvents, signal: AbortSignal): Promise<RangeFault | undefined> {
    let url = httpUrl(order.url, undefined);
    const credentials = basicCredentials(url);
    const firstOrigin = url.origin;
    let from: Reach | undefined;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { agent, gate } = await this.#lineTo(url, from);
      const target = targetOf(url, gate.proxy);
      const credentialsHere = url.origin === firstOrigin ? credentials : undefined;
      const response = await agent.request({
        ...target,
        method: "GET",
        signal,
        headers: { ...headersOf(order, this.#options.userAgent, credentialsHere), ...target.headers },
      });
      // A body left unread fails when its agent is destroyed; without a listener that would end the process.
      response.body.on("error", () => undefined);
      const { location } = response.headers;
      if (![301, 302, 303, 307, 308].includes(response.statusCode) || typeof location !== "string") {
        return await read(order, response, events, signal);
      }
      await response.body.dump({ limit: MAX_DUMPED, signal });
      url = httpUrl(location, url);
      from = gate.reach;
    }
    throw new Refusal(`more than ${MAX_REDIRECTS} redirects`);
  }

  /** @throws Refusal when it must not be asked. */
  async #lineTo(url: URL, from: Reach | undefined): Promise<Line> {
    const isQueried = from === undefined ? this.#isQueried : url.search !== "";
    const name = `${url.origin} ${from} ${isQueried}`;
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const { localAddress, proxy, resolve, blocks } = this.#options;
    const gate = new HopGate(url, from, {
      localAddress,
      proxy,
      ...(resolve === undefined ? {} : { resolve }),
      ...(blocks === undefined ? {} : { blocks }),
      judge: ({ reach }) =>
        reach !== "public" && isQueried
          ? `it is a ${reach} address with a query, which may do more than read`
          : undefined,
    });
    gate.admitLiteral();
    const agent = await agentFor(gate, {
      maxHeaderSize: MAX_HEADERS,
      headersTimeout: STALL_TIMEOUT,
      bodyTimeout: STALL_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE,
      timeout: CONNECT_TIMEOUT,
      signal: this.#ending.signal,
    });
    const line = { agent, gate };
    if (this.#ending.signal.aborted) void agent.destroy();
    else this.#lines.set(name, line);
    return line;
  }
}

function headersOf(
  { range, length }: RangeOrder,
  userAgent: string | undefined,
  credentials: string | undefined,
): Record<string, string> {
  return {
    "user-agent": userAgent ?? "Peerscope",
    accept: "*/*",
    "accept-encoding": "identity",
    ...(range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + length - 1}` }),
    ...(credentials === undefined ? {} : { authorization: credentials }),
  };
}

/** Passes on what was asked for. @returns What is wrong with the answer. */
async function read(
  order: RangeOrder,
  response: Dispatcher.ResponseData,
  events: RangeEvents,
  signal: AbortSignal,
): Promise<RangeFault | undefined> {
  const { body } = response;
  const judged = judgeAnswer(order, response, Date.now());
  if ("words" in judged) {
    const isBusy = order.range === undefined && response.statusCode === 503 && judged.retryAfter === undefined;
    const seconds = isBusy ? await shortText(body) : "";
    body.destroy();
    return /^\d{1,6}$/.test(seconds) ? { ...judged, retryAfter: 1000 * Number(seconds) } : judged;
  }
  let skip = judged.skip;
  let rest = order.length;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (signal.aborted) return undefined;
    const from = Math.min(skip, chunk.length);
    skip -= from;
    const taken = Math.min(rest, chunk.length - from);
    rest -= taken;
    if (taken > 0) events.received(chunk.subarray(from, from + taken));
    if (rest > 0) continue;
    if (from + taken === chunk.length && !judged.isWhole) continue;
    // Leaving the loop ends the connection: what else would come is of no use.
    return judged.isWhole ? undefined : { words: `it gave more than the ${order.length} bytes asked for`, by: "peer" };
  }
  if (rest === 0) return undefined;
  return { words: `its answer ended after ${order.length - rest} of ${order.length} bytes`, by: "peer" };
}

async function shortText(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString("latin1");
    if (text.length > MAX_RETRY_TEXT) return "";
  }
  return text.trim();
}
