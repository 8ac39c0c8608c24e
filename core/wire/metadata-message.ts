import { asDict, asInteger, decodeBencodePrefix, encodeBencode } from "../model/bencode.ts";
import { concatBytes } from "../model/bytes.ts";
import { BLOCK_LENGTH, type Bytes, MIB } from "../model/units.ts";

/** The `info` dictionary travels in parts of this many bytes, the last one shorter (BEP 9). */
export const METADATA_PART: Bytes = BLOCK_LENGTH;
/** No torrent that we would take has more. */
export const MAX_METADATA: Bytes = 30 * MIB;

const TYPES = ["request", "data", "reject"] as const;

/** A message of `ut_metadata` (BEP 9). */
export type MetadataMessage =
  | { readonly kind: "request"; readonly part: number }
  | { readonly kind: "reject"; readonly part: number }
  | { readonly kind: "data"; readonly part: number; readonly size: Bytes; readonly bytes: Uint8Array };

export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const head = encodeBencode({
    msg_type: TYPES.indexOf(message.kind),
    piece: message.part,
    total_size: message.kind === "data" ? message.size : undefined,
  });
  return message.kind === "data" ? concatBytes(head, message.bytes) : head;
}

/**
 * @param payload - Behind the extended id; `bytes` of the result is a view of it.
 * @returns The message, undefined when it is of a kind that came after BEP 9, or what is wrong with it.
 */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage | undefined | { readonly fault: string } {
  const decoded = decodeBencodePrefix(payload, { maxDepth: 10 });
  if (!decoded.ok) return { fault: `ut_metadata: ${decoded.fault.words}` };
  const fields = asDict(decoded.value);
  const type = asInteger(fields?.get("msg_type"));
  const part = asInteger(fields?.get("piece"));
  if (fields === undefined || type === undefined) return { fault: "ut_metadata without msg_type" };
  const kind = TYPES[type];
  if (kind === undefined) return undefined;
  if (part === undefined || part < 0 || part * METADATA_PART >= MAX_METADATA) {
    return { fault: `ut_metadata ${kind} of part ${part ?? "nothing"}` };
  }
  if (kind !== "data") return { kind, part };
  const size = asInteger(fields.get("total_size"));
  if (size === undefined || size < 1 || size > MAX_METADATA) {
    return { fault: `ut_metadata data of ${size ?? "no"} bytes in all, at most ${MAX_METADATA}` };
  }
  const bytes = payload.subarray(decoded.end);
  const expected = Math.min(METADATA_PART, size - part * METADATA_PART);
  if (expected > 0 && bytes.length === expected) return { kind, part, size, bytes };
  return { fault: `ut_metadata data of part ${part} with ${bytes.length} bytes, ${expected} expected` };
}
