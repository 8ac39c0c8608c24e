import { writeEndpoint } from "../model/address.ts";
import { concatBytes, readUint32, writeUint32 } from "../model/bytes.ts";
import { type Endpoint, readCompactIpv4, readCompactIpv6 } from "../model/endpoint.ts";
import type { Bytes } from "../model/units.ts";

/** Why a rendezvous can't be (BEP 55). */
export const HOLEPUNCH_ERROR = { noSuchPeer: 1, notConnected: 2, noSupport: 3, noSelf: 4 } as const;

const KINDS = ["rendezvous", "connect", "error"] as const;

/** A message of `ut_holepunch` (BEP 55). `error` is one of {@link HOLEPUNCH_ERROR}, or what came after them. */
export type HolepunchMessage =
  | { readonly kind: "rendezvous" | "connect"; readonly endpoint: Endpoint }
  | { readonly kind: "error"; readonly endpoint: Endpoint; readonly error: number };

export function encodeHolepunchMessage(message: HolepunchMessage): Uint8Array {
  const { kind, endpoint } = message;
  const error = new Uint8Array(4);
  writeUint32(error, 0, message.kind === "error" ? message.error : 0);
  const family = endpoint.host.includes(":") ? 1 : 0;
  return concatBytes(Uint8Array.of(KINDS.indexOf(kind), family), writeEndpoint(endpoint), error);
}

/**
 * @param payload - Behind the extended id. Bytes beyond the message are passed over, and so is an error code that is
 *   not there where it would say nothing.
 * @returns The message, undefined when it is of a kind that came after BEP 55, or what is wrong with it.
 */
export function decodeHolepunchMessage(payload: Uint8Array): HolepunchMessage | undefined | { readonly fault: string } {
  const kind = KINDS[payload[0] as number];
  if (payload.length > 0 && kind === undefined) return undefined;
  const family = payload[1];
  const length: Bytes = family === 1 ? 18 : 6;
  const needed = 2 + length + (kind === "error" ? 4 : 0);
  if (kind === undefined || payload.length < needed) {
    return { fault: `ut_holepunch of ${payload.length} bytes, ${needed} expected` };
  }
  if (family !== 0 && family !== 1) return { fault: `ut_holepunch with an address of kind ${family}` };
  const address = payload.subarray(2, 2 + length);
  const [endpoint] = family === 1 ? readCompactIpv6(address) : readCompactIpv4(address);
  if (endpoint === undefined) return { fault: "ut_holepunch with port 0" };
  return kind === "error" ? { kind, endpoint, error: readUint32(payload, 2 + length) } : { kind, endpoint };
}
