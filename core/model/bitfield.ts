import { invariant } from "./invariant.ts";

/** How many bits of a byte are set. */
export const ONES_IN_BYTE = Uint8Array.from({ length: 256 }, (_, value) => {
  let ones = 0;
  for (let rest = value; rest > 0; rest >>= 1) ones += rest & 1;
  return ones;
});

/** How many bits are set in both; where one is shorter, it has none. */
export function commonOnes(a: Uint8Array, b: Uint8Array): number {
  let ones = 0;
  for (let at = Math.min(a.length, b.length) - 1; at >= 0; at--)
    ones += ONES_IN_BYTE[(a[at] as number) & (b[at] as number)] as number;
  return ones;
}

/**
 * One bit a piece, in the order of BEP 3: the high bit of the first byte is piece 0.
 *
 * Invariant: spare bits of the last byte are zero and `count` is the number of ones.
 */
export class Bitfield {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  /** @param length - Bits, at least 0. All start as zero. */
  constructor(length: number) {
    this.length = length;
    this.bytes = new Uint8Array(Bitfield.byteLength(length));
  }

  static byteLength(bits: number): number {
    return (bits + 7) >>> 3;
  }

  /**
   * Copies `bytes` and masks the spare bits: several clients leave them set.
   * @throws InvariantError when the byte length does not fit `length`; judge input first.
   */
  static fromBytes(bytes: Uint8Array, length: number): Bitfield {
    invariant(
      bytes.length === Bitfield.byteLength(length),
      `bitfield of ${bytes.length} bytes for ${length} pieces, ${Bitfield.byteLength(length)} bytes expected`,
    );
    const field = new Bitfield(length);
    field.bytes.set(bytes);
    const spare = field.bytes.length * 8 - length;
    if (spare > 0) {
      const last = field.bytes.length - 1;
      field.bytes[last] = (field.bytes[last] as number) & (0xff << spare);
    }
    for (const value of field.bytes) field.#count += ONES_IN_BYTE[value] as number;
    return field;
  }

  static full(length: number): Bitfield {
    return Bitfield.fromBytes(new Uint8Array(Bitfield.byteLength(length)).fill(0xff), length);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(index: number): boolean {
    return ((this.bytes[index >>> 3] as number) & (0x80 >>> (index & 7))) !== 0;
  }

  /** @returns False when the bit was set already. */
  set(index: number): boolean {
    if (this.has(index)) return false;
    this.bytes[index >>> 3] = (this.bytes[index >>> 3] as number) | (0x80 >>> (index & 7));
    this.#count++;
    return true;
  }

  /** @returns False when the bit was clear already. */
  clear(index: number): boolean {
    if (!this.has(index)) return false;
    this.bytes[index >>> 3] = (this.bytes[index >>> 3] as number) & ~(0x80 >>> (index & 7));
    this.#count--;
    return true;
  }

  copy(): Bitfield {
    return Bitfield.fromBytes(this.bytes, this.length);
  }

  /** Calls `visit` for every set bit, ascending. */
  forEach(visit: (index: number) => void): void {
    for (let at = 0; at < this.bytes.length; at++) {
      let value = this.bytes[at] as number;
      while (value !== 0) {
        const lead = Math.clz32(value) - 24;
        visit(at * 8 + lead);
        value &= ~(0x80 >>> lead);
      }
    }
  }
}
