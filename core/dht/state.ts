import { writeEndpoint } from "../model/address.ts";
import { asBytes, asDict, decodeBencode, encodeBencode } from "../model/bencode.ts";
import { concatBytes } from "../model/bytes.ts";
import { type Endpoint, readCompactIpv4, readCompactIpv6 } from "../model/endpoint.ts";
import type { Bytes } from "../model/units.ts";
import type { Family } from "./message.ts";
import { ID_LENGTH, type NodeId } from "./node-id.ts";

/** Far more than is ever kept. */
const MAX_BYTES: Bytes = 64 * 1024;

/** What a run leaves to the next: for each network our id, and nodes to begin with. */
export type DhtState = { [family in Family]?: { readonly id: NodeId; readonly nodes: readonly Endpoint[] } };

export function encodeDhtState(state: DhtState): Uint8Array {
  const familyOf = (family: Family) => {
    const kept = state[family];
    return kept === undefined ? undefined : { id: kept.id, nodes: concatBytes(...kept.nodes.map(writeEndpoint)) };
  };
  return encodeBencode({ ipv4: familyOf("ipv4"), ipv6: familyOf("ipv6") });
}

/** @returns What can be understood of it; nothing of it is needed. */
export function decodeDhtState(bytes: Uint8Array): DhtState {
  const decoded = decodeBencode(bytes, { maxBytes: MAX_BYTES });
  const fields = decoded.ok ? asDict(decoded.value) : undefined;
  const state: DhtState = {};
  for (const family of ["ipv4", "ipv6"] as const) {
    const kept = asDict(fields?.get(family));
    const id = asBytes(kept?.get("id"));
    const nodes = asBytes(kept?.get("nodes"));
    if (id?.length !== ID_LENGTH || nodes === undefined) continue;
    state[family] = { id: id.slice(), nodes: family === "ipv4" ? readCompactIpv4(nodes) : readCompactIpv6(nodes) };
  }
  return state;
}
