import { addressBytes } from "./address.ts";

/** The ranges of one family, sorted and apart from each other: first and last address of each, big-endian. */
export type PackedRanges = Uint8Array;

/** Addresses that we have nothing to do with. */
export class IpFilter {
  readonly ipv4: PackedRanges;
  readonly ipv6: PackedRanges;

  constructor(ipv4: PackedRanges = new Uint8Array(0), ipv6: PackedRanges = new Uint8Array(0)) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** How many ranges it has, overlapping and adjacent ones of the list counted as one. */
  get size(): number {
    return this.ipv4.length / 8 + this.ipv6.length / 32;
  }

  /** @param host - An IP address as text; a name is never blocked, only what it leads to. */
  blocks(host: string): boolean {
    if (this.ipv4.length === 0 && this.ipv6.length === 0) return false;
    const address = addressBytes(host);
    return address !== undefined && isWithin(address, address.length === 4 ? this.ipv4 : this.ipv6);
  }
}

/** The last range that does not begin behind `address` is the only one that may hold it. */
function isWithin(address: Uint8Array, ranges: PackedRanges): boolean {
  const width = address.length;
  let low = 0;
  let high = ranges.length / (2 * width);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(ranges, middle * 2 * width, address) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && compareAt(ranges, (low * 2 - 1) * width, address) >= 0;
}

function compareAt(ranges: PackedRanges, at: number, address: Uint8Array): number {
  for (let i = 0; i < address.length; i++) {
    const difference = (ranges[at + i] as number) - (address[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Collects ranges in any order, and merges them. */
export class IpRanges {
  #firsts = new Uint32Array(1024);
  #lasts = new Uint32Array(1024);
  #count = 0;
  /** Lists have few: these need not be small. */
  readonly #firsts6: bigint[] = [];
  readonly #lasts6: bigint[] = [];

  get size(): number {
    return this.#count + this.#firsts6.length;
  }

  add(first: number, last: number): void {
    if (this.#count === this.#firsts.length) {
      this.#firsts = doubled(this.#firsts);
      this.#lasts = doubled(this.#lasts);
    }
    this.#firsts[this.#count] = first;
    this.#lasts[this.#count] = last;
    this.#count++;
  }

  addIpv6(first: bigint, last: bigint): void {
    this.#firsts6.push(first);
    this.#lasts6.push(last);
  }

  /** May be called once: it sorts in place. */
  filter(): IpFilter {
    const firsts = this.#firsts.subarray(0, this.#count).sort();
    const lasts = this.#lasts.subarray(0, this.#count).sort();
    const isApart = (last: number, first: number): boolean => first - last > 1;
    const ipv4 = new DataView(new ArrayBuffer(8 * unite(firsts, lasts, isApart, () => undefined)));
    let at = 0;
    unite(firsts, lasts, isApart, (first, last) => {
      ipv4.setUint32(at, first);
      ipv4.setUint32(at + 4, last);
      at += 8;
    });
    const merged: bigint[] = [];
    const [firsts6, lasts6] = [this.#firsts6.sort(ascending), this.#lasts6.sort(ascending)];
    unite(
      firsts6,
      lasts6,
      (last, first) => first - last > 1n,
      (first, last) => merged.push(first, last),
    );
    const ipv6 = new DataView(new ArrayBuffer(16 * merged.length));
    merged.forEach((address, i) => {
      ipv6.setBigUint64(16 * i, address >> 64n);
      ipv6.setBigUint64(16 * i + 8, BigInt.asUintN(64, address));
    });
    return new IpFilter(new Uint8Array(ipv4.buffer), new Uint8Array(ipv6.buffer));
  }
}

/**
 * The union of ranges, whose first and whose last addresses are each sorted: there is a gap before the n-th beginning
 * exactly if n − 1 ranges have ended by then.
 * @returns How many ranges it is.
 */
function unite<T>(
  firsts: ArrayLike<T>,
  lasts: ArrayLike<T>,
  isApart: (last: T, first: T) => boolean,
  each: (first: T, last: T) => void,
): number {
  let count = 0;
  let begin = 0;
  for (let i = 1; i <= firsts.length; i++) {
    if (i < firsts.length && !isApart(lasts[i - 1] as T, firsts[i] as T)) continue;
    each(firsts[begin] as T, lasts[i - 1] as T);
    begin = i;
    count++;
  }
  return count;
}

function ascending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * numbers.length);
  longer.set(numbers);
  return longer;
}
