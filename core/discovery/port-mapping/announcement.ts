import { type Bytes, KIB } from "../../model/units.ts";
import { natPmpEpoch } from "./nat-pmp.ts";
import { pcpEpoch } from "./pcp.ts";

/** Where routers tell everybody that they have started anew (RFC 6886, 3.2.1; RFC 6887, 14.1). */
export const ANNOUNCED_TO = { host: "224.0.0.1", port: 5350 } as const;
/** Longer ones are neither of the two. */
const MAX_DATAGRAM: Bytes = KIB;

/** @returns For how many seconds the router has known what it knows; undefined when the datagram tells nothing of it. */
export function announcedEpoch(datagram: Uint8Array): number | undefined {
  if (datagram.length > MAX_DATAGRAM) return undefined;
  return natPmpEpoch(datagram) ?? pcpEpoch(datagram);
}
