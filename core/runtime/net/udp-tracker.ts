import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIP, isIPv4 } from "node:net";
import { UdpCall, type UdpConnection, type UdpRequest } from "../../discovery/udp-call.ts";
import { type Endpoint, normalHost } from "../../model/endpoint.ts";
import { seededRandom } from "../../model/random.ts";
import type { Millis } from "../../model/units.ts";
import { type Family, isAnyAddress, type Resolve, resolveName } from "../http/families.ts";
import { faultWords, Refusal } from "../http/fetch-fault.ts";
import { isLocalName, type Reach, reachOf } from "../http/reach.ts";
import type { UdpRelay } from "./udp-relay.ts";

export interface UdpTrackerOptions {
  readonly signal?: AbortSignal;
  /** For everything: name, connection, answer. */
  readonly timeout: Millis;
  /** The address to ask from; all when absent. */
  readonly localAddress?: string | undefined;
  /** Only addresses of this family are asked. */
  readonly family?: Family;
  /** The system's resolver when absent. */
  readonly resolve?: Resolve;
  /** The address filter has it: it is not asked. */
  readonly blocks?: (address: string) => boolean;
  /** Everything goes through it, and no name is looked up here. */
  readonly relay?: UdpRelay | undefined;
  /** @returns In words why an address so far away is refused. */
  judge(reach: Reach): string | undefined;
}

/** The answer in the form of an HTTP tracker's, or in words why there is none. */
type UdpTrackerResult =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly fault: string };

/** Trackers that gave a connection id: each is good for a minute. */
const connections = new Map<string, UdpConnection>();
const MAX_CONNECTIONS = 1000;

/** One exchange with a UDP tracker (BEP 15), from a socket of its own. Never throws. */
export async function askUdpTracker(
  tracker: URL,
  request: UdpRequest,
  options: UdpTrackerOptions,
): Promise<UdpTrackerResult> {
  const { signal, timeout } = options;
  const ending = new AbortController();
  const stop = () => ending.abort(new Refusal("it was stopped here"));
  const timer = setTimeout(() => ending.abort(new Refusal(`no answer within ${timeout / 1000} s`)), timeout);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    const address = await addressOf(tracker, options, ending.signal);
    return { ok: true, body: await exchange(tracker, address, request, options, ending.signal) };
  } catch (error) {
    return { ok: false, fault: faultWords(ending.signal.aborted ? ending.signal.reason : error) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** @throws Refusal, or what the resolver throws. */
async function addressOf(tracker: URL, options: UdpTrackerOptions, signal: AbortSignal): Promise<string> {
  const host = tracker.hostname.replace(/^\[|\]$/g, "");
  const { resolve = resolveName, family, relay } = options;
  const localAddress = relay === undefined ? options.localAddress : undefined;
  // A proxy looks names up, but of this one it is known where it leads.
  const literal = relay !== undefined && isLocalName(host) ? "127.0.0.1" : host;
  const isAddress = reachOf(literal) !== undefined;
  if (relay !== undefined && !isAddress) return host;
  const found = isAddress ? [{ address: literal }] : await Promise.race([resolve(host), aborted(signal)]);
  let fault = "its name leads to no address";
  for (const { address } of found) {
    const reach = reachOf(address);
    if (reach === undefined) continue;
    const isFour = isIPv4(address);
    if (family !== undefined && isFour !== (family === 4)) fault = `${address} is not of IPv${family}`;
    else if (options.blocks?.(address)) fault = `${address} is in the address filter`;
    else if (!isAnyAddress(localAddress) && isFour !== isIPv4(localAddress as string)) {
      fault = `${address} can't be reached from ${localAddress}`;
    } else {
      const refused = options.judge(reach);
      if (refused === undefined) return address;
      fault = refused;
    }
  }
  throw new Refusal(fault);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

/** @throws What the socket throws, or the signal's reason. */
function exchange(
  tracker: URL,
  address: string,
  request: UdpRequest,
  { localAddress, relay }: UdpTrackerOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const to = { host: address, port: Number(tracker.port) };
  // A tracker knows us by where we seem to come from.
  const name = `${relay === undefined ? "" : relay.name} ${address} ${tracker.port}`;
  const path = tracker.pathname + tracker.search;
  const random = seededRandom(randomBytes(4).readUInt32LE());
  const call = new UdpCall(request, path, isIP(address) === 6 ? 6 : 4, connections.get(name), random, Date.now());
  const line = relay === undefined ? openLine(to, localAddress) : openLineThrough(relay, to);
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Uint8Array>((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    const send = (): void => {
      const datagram = call.poll(Date.now());
      if (datagram !== undefined) line.send(datagram);
      clearTimeout(timer);
      timer = setTimeout(send, Math.max(1, call.deadline - Date.now()));
    };
    line.begin(send, reject, (datagram, family) => {
      const outcome = call.received(datagram, Date.now(), family);
      if (outcome.kind === "answer") {
        if (call.isRefused) connections.delete(name);
        return resolve(outcome.body);
      }
      if (outcome.kind !== "connected") return;
      connections.delete(name);
      connections.set(name, outcome.connection);
      const [oldest] = connections.keys();
      if (connections.size > MAX_CONNECTIONS && oldest !== undefined) connections.delete(oldest);
      send();
    });
  }).finally(() => {
    clearTimeout(timer);
    line.close();
  });
}

/** Datagrams to one tracker and from it. */
interface Line {
  /** `ready` is called once it may be sent to; `received` with what it says, and the family of addresses that it is at. */
  begin(
    ready: () => void,
    failed: (error: Error) => void,
    received: (datagram: Uint8Array, family: Family) => void,
  ): void;
  send(datagram: Uint8Array): void;
  close(): void;
}

function openLine({ host, port }: Endpoint, localAddress: string | undefined): Line {
  const family = isIPv4(host) ? 4 : 6;
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  return {
    begin: (ready, failed, received) => {
      socket.on("error", failed);
      // Connected, so that the system passes on what comes from the tracker alone.
      socket.on("connect", ready);
      socket.on("message", (datagram) => received(datagram, family));
      socket.bind({ port: 0, ...(isAnyAddress(localAddress) ? {} : { address: localAddress as string }) }, () =>
        socket.connect(port, host),
      );
    },
    send: (datagram) => socket.send(datagram),
    close: () => socket.close(),
  };
}

/** Where a name leads only the proxy knows: what comes from anywhere is heard, and believed if it has our number. */
function openLineThrough(relay: UdpRelay, to: Endpoint): Line {
  let end: () => void = () => undefined;
  const isName = isIP(to.host) === 0;
  return {
    begin: (ready, _failed, received) => {
      end = relay.listen((datagram, from) => {
        const host = normalHost(from.host);
        if (isName || (host === normalHost(to.host) && from.port === to.port)) {
          received(datagram, isIP(host) === 6 ? 6 : 4);
        }
      });
      ready();
    },
    send: (datagram) => relay.send(datagram, to),
    close: () => end(),
  };
}
