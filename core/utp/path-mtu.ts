import type { Bytes } from "../model/units.ts";

/** Datagrams that every path carries: 576 less the headers of IP and UDP; for IPv6 1280 less them. */
const LEAST = { ipv4: 576 - 28, ipv6: 1280 - 48 };
/** Ethernet's 1500 less the headers. libtorrent reads no longer ones. */
const MOST = { ipv4: 1500 - 28, ipv6: 1500 - 48 };
/** What tunnels over Ethernet usually leave, tried before the search begins. */
const TUNNELLED: Bytes = 1400 - 28;
/** The search ends when less than this is to be gained. */
const CLOSE_ENOUGH: Bytes = 16;
/** A probe may be lost like any other packet: its length is blamed only when it happens again. */
const TRIES = 2;

/**
 * Searches the longest datagram that the path carries, by sending some that are longer than those known to arrive.
 * A lost probe costs nothing: its payload fits the shorter ones and is sent again in one.
 */
export class PathMtu {
  /** Datagrams of this length arrive. */
  floor: Bytes;
  #ceiling: Bytes;
  readonly #least: Bytes;
  #lost = 0;
  #isFirst = true;

  constructor(isIpv6: boolean) {
    this.#least = isIpv6 ? LEAST.ipv6 : LEAST.ipv4;
    this.floor = this.#least;
    this.#ceiling = isIpv6 ? MOST.ipv6 : MOST.ipv4;
  }

  /** The length of the next probe, or undefined when the search is over. */
  get probe(): Bytes | undefined {
    if (this.#ceiling - this.floor < CLOSE_ENOUGH) return undefined;
    // Most paths carry what Ethernet does: one probe, and it is over.
    if (this.#isFirst) return this.#ceiling;
    if (this.floor < TUNNELLED && TUNNELLED < this.#ceiling) return TUNNELLED;
    return this.floor + Math.ceil((this.#ceiling - this.floor) / 2);
  }

  /** Datagrams of this length may be too long by now, though they once arrived. */
  isDoubtful(length: Bytes): boolean {
    return length > this.#least;
  }

  /** They are: the path has changed. The search begins anew below them. */
  shrink(): void {
    this.#ceiling = this.floor - 1;
    this.floor = this.#least;
    this.#lost = 0;
    this.#isFirst = false;
  }

  arrived(length: Bytes): void {
    this.#lost = 0;
    this.#isFirst = false;
    this.floor = Math.max(this.floor, Math.min(length, this.#ceiling));
  }

  lost(length: Bytes): void {
    this.#lost++;
    if (this.#lost < TRIES) return;
    this.#lost = 0;
    this.#isFirst = false;
    this.#ceiling = Math.max(this.floor, Math.min(this.#ceiling, length - 1));
  }
}
