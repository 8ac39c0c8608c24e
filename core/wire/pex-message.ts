import { writeEndpoint } from "../model/address.ts";
import { asBytes, asDict, decodeBencode, encodeBencode } from "../model/bencode.ts";
import { concatBytes } from "../model/bytes.ts";
import { type Endpoint, readCompactIpv4, readCompactIpv6 } from "../model/endpoint.ts";
import type { Bytes } from "../model/units.ts";

/** What is told of a peer beside its address (BEP 11), as bits. */
export const PEX_FLAG = { encrypts: 0x01, uploadOnly: 0x02, utp: 0x04, holepunch: 0x08, reachable: 0x10 } as const;

/** A peer as another tells of it. */
export interface ToldPeer extends Endpoint {
  /** Bits of {@link PEX_FLAG}; others are kept. 0 where none were told. */
  readonly flags: number;
}

/** A message of `ut_pex` (BEP 11): whom the sender is connected to since its last message, and no longer. */
export interface PexMessage {
  readonly added: readonly ToldPeer[];
  readonly dropped: readonly Endpoint[];
}

/** Bytes of an address with its port in the lists of each family. */
const FAMILIES = [
  { suffix: "", length: 6, read: readCompactIpv4 },
  { suffix: "6", length: 18, read: readCompactIpv6 },
] as const;

export function encodePexMessage({ added, dropped }: PexMessage): Uint8Array {
  const fields: { [key: string]: Uint8Array } = {};
  for (const { suffix, length } of FAMILIES) {
    const isOfFamily = ({ host }: Endpoint) => host.includes(":") === (length === 18);
    const ours = added.filter(isOfFamily);
    fields[`added${suffix}`] = concatBytes(...ours.map(writeEndpoint));
    fields[`added${suffix}.f`] = Uint8Array.from(ours, ({ flags }) => flags);
    fields[`dropped${suffix}`] = concatBytes(...dropped.filter(isOfFamily).map(writeEndpoint));
  }
  return encodeBencode(fields);
}

/**
 * @param payload - Behind the extended id.
 * @returns The message without entries that have no port or are cut short, or what is wrong with it.
 */
export function decodePexMessage(payload: Uint8Array): PexMessage | { readonly fault: string } {
  const decoded = decodeBencode(payload, { maxDepth: 10 });
  if (!decoded.ok) return { fault: `ut_pex: ${decoded.fault.words}` };
  const fields = asDict(decoded.value);
  if (fields === undefined) return { fault: "ut_pex is no dictionary" };
  const added: ToldPeer[] = [];
  const dropped: Endpoint[] = [];
  for (const { suffix, length, read } of FAMILIES) {
    const flags = asBytes(fields.get(`added${suffix}.f`));
    entries(asBytes(fields.get(`added${suffix}`)), length).forEach((entry, at) => {
      const [endpoint] = read(entry);
      if (endpoint !== undefined) added.push({ ...endpoint, flags: flags?.[at] ?? 0 });
    });
    for (const entry of entries(asBytes(fields.get(`dropped${suffix}`)), length)) dropped.push(...read(entry));
  }
  return { added, dropped };
}

function entries(bytes: Uint8Array | undefined, length: Bytes): Uint8Array[] {
  const count = Math.floor((bytes?.length ?? 0) / length);
  return Array.from({ length: count }, (_, at) => (bytes as Uint8Array).subarray(at * length, (at + 1) * length));
}
