import { say } from "../words/say.ts";

/** Who uses which bit of the handshake's eight reserved bytes (BEP 4), by byte and mask. */
const USES: ReadonlyMap<number, keyof typeof say.peer.bits> = new Map([
  [0x0080, "azureus"],
  [0x0208, "location"],
  [0x0510, "extension"],
  [0x0502, "negotiation"],
  [0x0501, "negotiation"],
  [0x0701, "dht"],
  [0x0702, "xbt"],
  [0x0704, "fast"],
  [0x0708, "nat"],
  [0x0710, "v2"],
] as const);

/** One of the 64 bits. */
export interface ReservedBit {
  /** From 0 on. */
  readonly byte: number;
  /** `0x10`. */
  readonly mask: string;
  readonly isSet: boolean;
  /** What it says; empty for a bit that nobody uses. */
  readonly name: string;
}

/** All 64, in the order of the wire. */
export function reservedBits(bytes: Uint8Array): ReservedBit[] {
  return Array.from({ length: 64 }, (_, place) => {
    const byte = place >>> 3;
    const mask = 0x80 >>> (place & 7);
    const use = USES.get((byte << 8) | mask);
    return {
      byte,
      mask: `0x${mask.toString(16).padStart(2, "0")}`,
      isSet: ((bytes[byte] ?? 0) & mask) !== 0,
      name: use === undefined ? "" : say.peer.bits[use],
    };
  });
}
