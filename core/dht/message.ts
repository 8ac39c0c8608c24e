import type { Endpoint } from "../model/endpoint.ts";
import type { Bytes } from "../model/units.ts";
import type { Item } from "./item.ts";
import type { NodeId } from "./node-id.ts";

/** What nodes say to each other (BEP 5 "KRPC"), as values. */

/** No message is longer than what passes a path unbroken. */
export const MAX_DATAGRAM: Bytes = 1500;

export type Family = "ipv4" | "ipv6";

export function familyOf(host: string): Family {
  return host.includes(":") ? "ipv6" : "ipv4";
}

/** A node as others name it: not known to live there. */
export interface Contact extends Endpoint {
  readonly id: NodeId;
}

export type Question =
  | { readonly method: "ping" }
  | { readonly method: "find_node"; readonly target: NodeId }
  | {
      readonly method: "get_peers";
      readonly infoHash: NodeId;
      /** BEP 33: peers that are no seeds are preferred; bloom filters of both are wanted. */
      readonly noSeeds: boolean;
      readonly scrape: boolean;
    }
  | {
      readonly method: "announce_peer";
      readonly infoHash: NodeId;
      readonly token: Uint8Array;
      readonly port: number;
      /** Not `port` but the one that the query comes from is meant: it has passed the router. */
      readonly impliedPort: boolean;
      readonly isSeed: boolean;
    }
  | { readonly method: "sample_infohashes"; readonly target: NodeId }
  /** BEP 44. What is not later than `sequence` is known. */
  | { readonly method: "get"; readonly target: NodeId; readonly sequence: number | undefined }
  | {
      readonly method: "put";
      readonly token: Uint8Array;
      readonly item: Item;
      /** Part of the name of what is signed; empty: none. */
      readonly salt: Uint8Array;
      /** The state that it is to follow. */
      readonly expected: number | undefined;
    };

export interface Query {
  readonly kind: "query";
  readonly transaction: Uint8Array;
  readonly id: NodeId;
  readonly question: Question;
  /** Families of nodes that it asks for (BEP 32); undefined: that of the address it comes from. */
  readonly want: readonly Family[] | undefined;
  /** It does not answer queries: it is not to be entered in a routing table (BEP 43). */
  readonly isReadOnly: boolean;
}

export interface Answer {
  readonly kind: "answer";
  readonly transaction: Uint8Array;
  readonly id: NodeId;
  /** Nodes of both families, whichever were given. */
  readonly nodes: readonly Contact[];
  readonly peers: readonly Endpoint[];
  readonly token: Uint8Array | undefined;
  /** 256 bytes each (BEP 33). */
  readonly seedFilter: Uint8Array | undefined;
  readonly peerFilter: Uint8Array | undefined;
  /** BEP 44, not verified. */
  readonly item: Item | undefined;
  /** Our own address as it sees it (BEP 42). */
  readonly ourAddress: Endpoint | undefined;
}

export interface Refusal {
  readonly kind: "refusal";
  readonly transaction: Uint8Array;
  readonly code: number;
  readonly words: string;
}

export type Message = Query | Answer | Refusal;

/** A datagram that is no message. */
export interface MessageFault {
  readonly kind: "fault";
  /** Printable, with the numbers that matter. */
  readonly words: string;
  /** It was a query, and this is how its sender may be told. */
  readonly refusal?: { readonly transaction: Uint8Array; readonly code: number };
}

/** BEP 5 "errors". */
export const ERROR_PROTOCOL = 203;
export const ERROR_UNKNOWN_METHOD = 204;
/** BEP 44 "errors". */
export const ERROR_VALUE_LENGTH = 205;
export const ERROR_SIGNATURE = 206;
export const ERROR_SALT_LENGTH = 207;
