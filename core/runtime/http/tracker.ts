import type { AnnounceOrder } from "../../discovery/announcer.ts";
import type { UdpRequest } from "../../discovery/udp-call.ts";
import { toHex } from "../../model/bytes.ts";
import { MIB, type Millis } from "../../model/units.ts";
import { askUdpTracker } from "../net/udp-tracker.ts";
import { bothFamilies, isAnyAddress, resolveName } from "./families.ts";
import { type FetchOptions, type FetchResult, fetchLimited, REQUEST_TIMEOUT } from "./fetch-limited.ts";
import type { Reach } from "./reach.ts";

/** An announce may be answered from both families of addresses. */
export type TrackerResult =
  | { readonly ok: true; readonly body: Uint8Array; readonly also?: readonly Uint8Array[] }
  | Extract<FetchResult, { ok: false }>;

/** What the announcer wants asked. */
export type TrackerOrder = Pick<AnnounceOrder, "url" | "tracker"> & Partial<Pick<AnnounceOrder, "udp" | "timeout">>;

/** Once a tracker answered over one family of addresses, the other may take so much longer. */
const OTHER_FAMILY_PATIENCE: Millis = 3_000;
const MAX_BODY = 4 * MIB;

/** The last announce under way of each torrent to each tracker. */
const announcing = new Map<string, Promise<TrackerResult>>();

/**
 * Asks a tracker, over HTTP or UDP. What a UDP tracker says comes in the form of an HTTP one.
 *
 * Announces of one torrent to one tracker never overtake each other: a `started` that arrives behind its `stopped`
 * would leave a ghost in the swarm.
 */
export function askTracker(order: TrackerOrder, options: FetchOptions = {}): Promise<TrackerResult> {
  const member = announcedBy(order);
  if (member === undefined) return askOnce(order, options);
  const name = `${order.tracker} ${member}`;
  const before = announcing.get(name);
  const result = before === undefined ? askOnEach(order, options) : before.then(() => askOnEach(order, options));
  announcing.set(name, result);
  return result.finally(() => {
    if (announcing.get(name) === result) announcing.delete(name);
  });
}

/** Who announces which torrent; undefined for a scrape. */
function announcedBy({ url, udp }: TrackerOrder): string | undefined {
  if (udp === undefined) return /[?&](info_hash=[^&]*&peer_id=[^&]*)/.exec(url)?.[1];
  return udp.kind === "scrape" ? undefined : `${toHex(udp.parameters.infoHash)} ${toHex(udp.parameters.peerId)}`;
}

/**
 * A tracker knows us by the address we come from, and often names peers of its family only: where we and it may have
 * both, it is told and asked from both (BEP 7). A family that leads nowhere is nothing to speak of while one works.
 */
async function askOnEach(order: TrackerOrder, options: FetchOptions): Promise<TrackerResult> {
  const { localAddress, proxy, resolve = resolveName, signal } = options;
  const begun = performance.now();
  const families =
    isAnyAddress(localAddress) && proxy === undefined ? await bothFamilies(order.url, resolve, signal) : [];
  // Whole seconds, as faults speak of them.
  const timeout = (order.timeout ?? REQUEST_TIMEOUT) - 1000 * Math.round((performance.now() - begun) / 1000);
  if (families.length === 0) return askOnce({ ...order, timeout }, options);
  const patience = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const ending = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
  const results = await Promise.all(
    families.map(async (family) => {
      const result = await askOnce({ ...order, timeout }, { ...options, family, signal: ending });
      if (result.ok) timer ??= setTimeout(() => patience.abort(), OTHER_FAMILY_PATIENCE);
      return result;
    }),
  );
  clearTimeout(timer);
  const [first, ...others] = results.filter((result) => result.ok);
  if (first === undefined) return results[0] as FetchResult;
  return { ...first, also: others.map(({ body }) => body) };
}

/**
 * 15 s in all unless the order says otherwise, 4 MiB after inflating. A tracker on this machine is only asked under
 * `/announce` and without a query of its own (a scrape, at the sibling of such an address): a torrent must not be able
 * to reach other services here.
 */
function askOnce(order: TrackerOrder, options: FetchOptions): Promise<TrackerResult> {
  const named = URL.canParse(order.tracker) ? new URL(order.tracker) : undefined;
  const asked = URL.canParse(order.url) ? new URL(order.url) : undefined;
  const judge = ({ url, reach, isRedirect }: { url: URL; reach: Reach; isRedirect: boolean }): string | undefined => {
    if (reach !== "loopback") return undefined;
    const isAllowed = isRedirect
      ? isUnder(url, "announce", "scrape") && (url.search === "" || url.search === asked?.search)
      : named !== undefined && isUnder(named, "announce") && named.search === "";
    return isAllowed ? undefined : "a tracker on this machine is only asked under /announce, without a query";
  };
  const timeout = order.timeout ?? REQUEST_TIMEOUT;
  if (order.udp !== undefined && options.proxy !== undefined && options.relay === undefined) {
    return Promise.resolve({ ok: false, fault: "a UDP tracker can't be asked through the proxy" });
  }
  if (order.udp !== undefined && named !== undefined) return overUdp(named, order.udp, timeout, judge, options);
  return fetchLimited(order.url, {
    timeout,
    ...options,
    maxBytes: MAX_BODY,
    // Private trackers say why they refuse with a status of 4xx.
    isAnswer: (body) => body[0] === LOWER_D && body[body.length - 1] === LOWER_E,
    judge,
  });
}

function overUdp(
  url: URL,
  request: UdpRequest,
  timeout: Millis,
  judge: (hop: { url: URL; reach: Reach; isRedirect: boolean }) => string | undefined,
  options: FetchOptions,
): Promise<TrackerResult> {
  return askUdpTracker(url, request, {
    ...options,
    timeout,
    judge: (reach) => judge({ url, reach, isRedirect: false }),
  });
}

const LOWER_D = 0x64;
const LOWER_E = 0x65;

function isUnder({ pathname }: URL, ...names: readonly string[]): boolean {
  return names.some((name) => pathname === `/${name}` || pathname.startsWith(`/${name}/`));
}
