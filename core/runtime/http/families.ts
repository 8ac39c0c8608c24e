import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { isIP } from "node:net";
import type { Millis } from "../../model/units.ts";

export type Family = 4 | 6;

/** Every address of a name. @throws What the system's resolver says. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** A name that takes longer is asked as one of a single family: the announce must not wait for it. */
const PATIENCE: Millis = 2_000;

export const resolveName: Resolve = (host) =>
  new Promise((resolve, reject) => {
    dnsLookup(host, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });

/** `0.0.0.0` and `::` are every address, which is what is meant without one. */
export function isAnyAddress(address: string | undefined): boolean {
  return address === undefined || address === "0.0.0.0" || address === "::";
}

/**
 * The families of addresses that a URL's host has, when it is a name that has both; else none, and there is nothing
 * to choose. Never throws: what is wrong with the name is for the request itself to say.
 */
export async function bothFamilies(url: string, resolve: Resolve, signal?: AbortSignal): Promise<readonly Family[]> {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  if (host === "" || host.startsWith("[") || isIP(host) !== 0 || signal?.aborted === true) return [];
  let timer: NodeJS.Timeout | undefined;
  let stop: () => void = () => {};
  const ended = new Promise<readonly LookupAddress[]>((done) => {
    stop = () => done([]);
    timer = setTimeout(stop, PATIENCE);
    signal?.addEventListener("abort", stop, { once: true });
  });
  const found = await Promise.race([resolve(host).catch(() => []), ended]);
  clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
  const families = new Set(found.map(({ family }) => family));
  return families.has(4) && families.has(6) ? [4, 6] : [];
}
