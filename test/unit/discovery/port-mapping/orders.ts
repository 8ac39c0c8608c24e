import type { MappingOrder } from "../../../../core/discovery/port-mapping/order.ts";

/** An order to map a port, but for what a test says otherwise. */
export function orderOf(fields: Partial<MappingOrder> = {}): MappingOrder {
  return {
    id: 1,
    kind: "map",
    method: "nat-pmp",
    family: "ipv4",
    protocol: "tcp",
    internalPort: 51413,
    externalPort: 51413,
    lifetime: 3_600_000,
    nonce: Uint8Array.from({ length: 12 }, (_, i) => 0xa0 + i),
    ...fields,
  };
}
