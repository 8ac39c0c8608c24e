import { addressBytes } from "../model/address.ts";
import type { Bytes } from "../model/units.ts";

export const FILTER_LENGTH: Bytes = 256;
const FILTER_BITS = 8 * FILTER_LENGTH;
/** Bits an address sets. */
const HASHES = 2;

/** A set of addresses that can be counted and joined, and tells none of them (BEP 33). */
export class BloomFilter {
  readonly bytes: Uint8Array;

  /** @param bytes - {@link FILTER_LENGTH} of them; empty when absent. */
  constructor(bytes = new Uint8Array(FILTER_LENGTH)) {
    this.bytes = bytes;
  }

  /** @param host - An IP address in text; names are passed over. */
  add(host: string, sha1: (bytes: Uint8Array) => Uint8Array): void {
    const address = addressBytes(host);
    if (address === undefined) return;
    const hash = sha1(address);
    for (let i = 0; i < HASHES; i++) {
      const bit = ((hash[2 * i] as number) | ((hash[2 * i + 1] as number) << 8)) % FILTER_BITS;
      this.bytes[bit >> 3] = (this.bytes[bit >> 3] as number) | (1 << (bit & 7));
    }
  }

  /** Adds all that `other` has. */
  join(other: Uint8Array): void {
    for (let i = 0; i < FILTER_LENGTH; i++) this.bytes[i] = (this.bytes[i] as number) | (other[i] as number);
  }

  /** How many addresses it has, about. */
  get estimate(): number {
    let set = 0;
    for (let value of this.bytes) for (; value > 0; value &= value - 1) set++;
    const clear = Math.max(1, FILTER_BITS - set);
    return Math.log(FILTER_BITS / clear) / (-HASHES * Math.log(1 - 1 / FILTER_BITS));
  }
}
