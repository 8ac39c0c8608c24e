/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  let sum = value;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
  return sum;
});

/**
 * The CRC-32C of `bytes`: spreads addresses evenly, and is no secret.
 * @returns An unsigned 32-bit integer.
 * @see RFC 3720 appendix B.4; used by BEP 40 and BEP 42
 */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const value of bytes) sum = (sum >>> 8) ^ (TABLE[(sum ^ value) & 0xff] as number);
  return ~sum >>> 0;
}
