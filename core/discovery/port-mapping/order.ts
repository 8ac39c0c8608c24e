import type { MappingMethod } from "../../model/mapping-view.ts";
import type { Millis } from "../../model/units.ts";

export type MappedProtocol = "tcp" | "udp";
/** Over IPv6 nothing is translated: there is a firewall that is to let others through. */
export type MappedFamily = "ipv4" | "ipv6";

/** Something to be asked of the router. One is under way at a time: many routers lose their heads over two. */
export interface MappingOrder {
  readonly id: number;
  readonly kind: "map" | "unmap";
  readonly method: MappingMethod;
  readonly family: MappedFamily;
  readonly protocol: MappedProtocol;
  /** Where we listen. */
  readonly internalPort: number;
  /** To map: what we would like. To unmap: what was given. */
  readonly externalPort: number;
  /** How long it is to last; Infinity: until it is unmapped. */
  readonly lifetime: Millis;
  /** 12 bytes that show to a PCP server that a mapping is ours. */
  readonly nonce: Uint8Array;
}

/** What came of it. */
export type GatewayAnswer =
  | {
      readonly kind: "mapped";
      readonly externalPort: number;
      /** Infinity: until it is unmapped, or the router forgets. */
      readonly lifetime: Millis;
      /** The router's outer address, where it tells. */
      readonly address?: string;
      /** For how many seconds it has known what it knows, where it tells. */
      readonly epoch?: number;
    }
  | { readonly kind: "unmapped" }
  | {
      readonly kind: "refused";
      readonly words: string;
      /** What may help: another external port, or no lease. */
      readonly remedy?: "another-port" | "for-good";
    }
  /** Nobody there speaks this method. */
  | { readonly kind: "silent"; readonly words: string };

/** A request of PCP or NAT-PMP is sent again after each of these (RFC 6886, 3.1), and given up after the last. */
export const ASK_AGAIN: readonly Millis[] = [250, 500, 1000, 2000];

/** Where PCP and NAT-PMP servers listen. */
export const MAPPING_PORT = 5351;
