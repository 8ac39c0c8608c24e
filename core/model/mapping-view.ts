/** How a router is asked: PCP (RFC 6887), NAT-PMP (RFC 6886), UPnP (Internet Gateway Device 1 and 2). */
export type MappingMethod = "pcp" | "nat-pmp" | "upnp";

/**
 * Whether the router lets others through to our port, as an interface shows it. `off`: it is not asked, by choice or
 * since there is nothing to open; `closed`: it would not, or nobody answered.
 */
export interface MappingView {
  readonly state: "off" | "asking" | "open" | "closed";
  /** A few sentences. */
  readonly words: string;
  readonly method?: MappingMethod;
  /** The ports that the world sees; the router may have chosen others than ours. */
  readonly tcpPort?: number;
  readonly udpPort?: number;
  /** The router's own address on its outer side. */
  readonly address?: string;
}
