import type { LookupAddress } from "node:dns";
import { isIPv4, type LookupFunction } from "node:net";
import { pipeline } from "node:stream/promises";
import { createUnzip } from "node:zlib";
import type { Dispatcher } from "undici";
import type { ProxyServer } from "../../model/proxy.ts";
import { type Bytes, KIB, MIB, type Millis } from "../../model/units.ts";
import type { UdpRelay } from "../net/udp-relay.ts";
import { agentFor, targetOf } from "./agent.ts";
import { type Family, isAnyAddress, type Resolve, resolveName } from "./families.ts";
import { faultWords, Refusal } from "./fetch-fault.ts";
import { isLocalName, leadsInwards, type Reach, reachOf } from "./reach.ts";

/** What came of a request: the body, inflated, or in words why there is none. */
export type FetchResult =
  | { readonly ok: true; readonly body: Uint8Array /** After redirects. */; readonly url: string }
  | { readonly ok: false; readonly fault: string };

export interface FetchOptions {
  /** Ends the request; the result is then a fault. */
  readonly signal?: AbortSignal;
  /** For everything: names, redirects, the last byte. */
  readonly timeout?: Millis;
  /** The address to connect from; all when absent. */
  readonly localAddress?: string | undefined;
  readonly userAgent?: string;
  /** Only addresses of this family are asked. */
  readonly family?: Family;
  /** The system's resolver when absent. */
  readonly resolve?: Resolve;
  /** The address filter has it: it is not asked. */
  readonly blocks?: (address: string) => boolean;
  /** Everything goes through it, and no name is looked up here. */
  readonly proxy?: ProxyServer | undefined;
  /** What passes datagrams on to the world, where the proxy does. */
  readonly relay?: UdpRelay | undefined;
}

/** Where a request is about to go, names resolved. */
interface Hop {
  readonly url: URL;
  readonly reach: Reach;
  readonly isRedirect: boolean;
}

interface HopRules extends Pick<FetchOptions, "localAddress" | "family" | "resolve" | "blocks" | "proxy"> {
  /** @returns In words why the hop is refused. */
  readonly judge: (hop: Hop) => string | undefined;
}

interface Limits extends FetchOptions, HopRules {
  readonly maxBytes: Bytes;
  /** Bodies of a failing status that are an answer all the same. */
  readonly isAnswer?: (body: Uint8Array) => boolean;
}

export const REQUEST_TIMEOUT: Millis = 15_000;
/** A .torrent of the largest size over a slow line. */
const TORRENT_TIMEOUT: Millis = 120_000;
const MAX_TORRENT_BODY = 64 * MIB;
const CONNECT_TIMEOUT: Millis = 10_000;
export const MAX_HEADERS = 64 * KIB;
export const MAX_REDIRECTS = 5;

/** Fetches a .torrent that the user named: 64 MiB, 120 s. */
export function fetchTorrent(url: string, options: FetchOptions = {}): Promise<FetchResult> {
  return fetchLimited(url, {
    timeout: TORRENT_TIMEOUT,
    ...options,
    maxBytes: MAX_TORRENT_BODY,
    judge: () => undefined,
  });
}

/**
 * One GET with everything bounded: time, headers, body before and after inflating, redirects. Certificates are always
 * checked. Every hop is judged by where its name leads, and never leads from the world inwards. Never throws.
 */
export async function fetchLimited(address: string, limits: Limits): Promise<FetchResult> {
  const { signal, timeout = REQUEST_TIMEOUT } = limits;
  const ending = new AbortController();
  const stop = () => ending.abort(new Refusal("it was stopped here"));
  const timer = setTimeout(() => ending.abort(new Refusal(`no whole answer within ${timeout / 1000} s`)), timeout);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return await follow(address, limits, ending.signal);
  } catch (error) {
    return { ok: false, fault: faultWords(ending.signal.aborted ? ending.signal.reason : error) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function follow(address: string, limits: Limits, signal: AbortSignal): Promise<FetchResult> {
  let url = httpUrl(address, undefined);
  const credentials = basicCredentials(url);
  const firstOrigin = url.origin;
  let from: Reach | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const headers = credentials !== undefined && url.origin === firstOrigin ? { authorization: credentials } : {};
    const hop = await visit(url, from, headers, limits, signal);
    if (hop.kind === "body") return { ok: true, body: hop.body, url: url.href };
    url = httpUrl(hop.location, url);
    from = hop.reach;
  }
  throw new Refusal(`more than ${MAX_REDIRECTS} redirects`);
}

type Visited =
  | { readonly kind: "body"; readonly body: Uint8Array }
  | { readonly kind: "redirect"; readonly location: string; readonly reach: Reach };

/** @throws Refusal, or what undici, the resolver or zlib throw. */
async function visit(
  url: URL,
  from: Reach | undefined,
  headers: Readonly<Record<string, string>>,
  limits: Limits,
  signal: AbortSignal,
): Promise<Visited> {
  const gate = new HopGate(url, from, limits);
  gate.admitLiteral();
  const options = { maxHeaderSize: MAX_HEADERS, pipelining: 0, timeout: CONNECT_TIMEOUT, signal };
  const agent = await agentFor(gate, options);
  const target = targetOf(url, gate.proxy);
  try {
    const response = await agent.request({
      ...target,
      method: "GET",
      signal,
      headers: {
        "user-agent": limits.userAgent ?? "Peerscope",
        accept: "*/*",
        "accept-encoding": "gzip, deflate",
        ...headers,
        ...target.headers,
      },
    });
    // A body left unread fails when its agent is destroyed; without a listener that would end the process.
    response.body.on("error", () => undefined);
    const { location } = response.headers;
    if ([301, 302, 303, 307, 308].includes(response.statusCode) && typeof location === "string") {
      return { kind: "redirect", location, reach: gate.reach };
    }
    const body = await readBody(response, limits.maxBytes, signal);
    const isFine = response.statusCode >= 200 && response.statusCode < 300;
    if (response.statusCode === 407 && gate.proxy !== undefined)
      throw new Refusal("the proxy does not accept us (407)");
    if (!isFine && limits.isAnswer?.(body) !== true) throw new Refusal(`HTTP status ${response.statusCode}`);
    return { kind: "body", body };
  } finally {
    await agent.destroy();
  }
}

/** Where one hop may connect to, judged after its name is resolved: the address judged is the address dialled. */
export class HopGate {
  readonly localAddress: string | undefined;
  readonly proxy: ProxyServer | undefined;
  readonly url: URL;
  readonly #from: Reach | undefined;
  readonly #limits: HopRules;
  #reach: Reach | undefined;

  constructor(url: URL, from: Reach | undefined, limits: HopRules) {
    this.url = url;
    this.proxy = limits.proxy;
    this.#from = from;
    this.#limits = limits;
    this.localAddress = isAnyAddress(limits.localAddress) ? undefined : limits.localAddress;
  }

  /** The farthest address that was admitted: what a redirect is measured against. */
  get reach(): Reach {
    return this.#reach ?? "public";
  }

  /** A host that is an address is never looked up, so it is judged here. @throws Refusal */
  admitLiteral(): void {
    const name = this.url.hostname.replace(/^\[|\]$/g, "");
    // A proxy looks names up, but of this one it is known where it leads.
    const host = this.proxy !== undefined && isLocalName(name) ? "127.0.0.1" : name;
    if (reachOf(host) === undefined) return;
    const fault = this.#admit(host);
    if (fault !== undefined) throw new Refusal(fault);
  }

  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const { resolve = resolveName } = this.#limits;
    resolve(hostname).then(
      (addresses) => {
        const admitted: LookupAddress[] = [];
        let fault = "its name leads to no address";
        for (const found of addresses) {
          const words = this.#admit(found.address);
          if (words === undefined) admitted.push(found);
          else fault = words;
        }
        const [first] = admitted;
        if (first === undefined) callback(new Refusal(fault), []);
        else if (options.all === true) callback(null, admitted);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

  /** @returns In words why the address is refused. */
  #admit(address: string): string | undefined {
    const reach = reachOf(address);
    if (reach === undefined) return `${address} is not an address`;
    if (this.#from !== undefined && leadsInwards(this.#from, reach)) {
      return `it redirects from a ${this.#from} to a ${reach} address`;
    }
    if (this.#limits.blocks?.(address)) return `${address} is in the address filter`;
    const { family } = this.#limits;
    if (family !== undefined && isIPv4(address) !== (family === 4)) return `${address} is not of IPv${family}`;
    const { localAddress, proxy } = this;
    if (localAddress !== undefined && proxy === undefined && isIPv4(localAddress) !== isIPv4(address)) {
      return `${address} can't be reached from ${this.localAddress}`;
    }
    const fault = this.#limits.judge({ url: this.url, reach, isRedirect: this.#from !== undefined });
    if (fault !== undefined) return fault;
    if (this.#reach === undefined || leadsInwards(reach, this.#reach)) this.#reach = reach;
    return undefined;
  }
}

/** @throws Refusal when it is more than `maxBytes`, as it comes or inflated. */
async function readBody(
  { headers, body }: Dispatcher.ResponseData,
  maxBytes: Bytes,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const encoding = String(headers["content-encoding"] ?? "identity")
    .trim()
    .toLowerCase();
  const isPacked = ["gzip", "x-gzip", "deflate"].includes(encoding);
  if (!isPacked && encoding !== "identity" && encoding !== "") {
    throw new Refusal(`its answer is packed as ${encoding.slice(0, 40)}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const collect = async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of source) {
      length += chunk.length;
      if (length > maxBytes) throw new Refusal(`its answer is larger than ${maxBytes / MIB} MiB`);
      chunks.push(chunk);
    }
  };
  const capped = capBytes(maxBytes);
  if (isPacked) await pipeline(body, capped, createUnzip(), collect, { signal });
  else await pipeline(body, collect, { signal });
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function capBytes(maxBytes: Bytes) {
  return async function* (source: AsyncIterable<Uint8Array>) {
    let length = 0;
    for await (const chunk of source) {
      length += chunk.length;
      if (length > maxBytes) throw new Refusal(`its answer is larger than ${maxBytes / MIB} MiB`);
      yield chunk;
    }
  };
}

/** @throws Refusal */
export function httpUrl(address: string, base: URL | undefined): URL {
  if (!URL.canParse(address, base)) throw new Refusal("its address is not valid");
  const url = new URL(address, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Refusal(`it leads to a ${url.protocol} address; only http: and https: are asked`);
  }
  return url;
}

export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString("base64")}`;
}
