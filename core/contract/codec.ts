import { decode, encode } from "@msgpack/msgpack";
import type { FromEngine, ToEngine } from "./messages.ts";

/** MessagePack: compact, and bytes stay bytes. The desktop's port and the web host's socket carry the same. */

export function encodeMessage(message: ToEngine | FromEngine): Uint8Array {
  return encode(message, { ignoreUndefined: true });
}

/** @throws When `bytes` are not one whole value. The result is not validated yet. */
export function decodeMessage(bytes: Uint8Array): unknown {
  return decode(bytes, LIMITS);
}

/** A message larger than the largest .torrent file has no use. */
const MAX = 80 * 1024 * 1024;
const LIMITS = {
  maxStrLength: MAX,
  maxBinLength: MAX,
  maxArrayLength: 4_000_000,
  maxMapLength: 100_000,
  maxExtLength: 0,
};
