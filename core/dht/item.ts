import { type BencodeInput, type BencodeValue, encodeBencode } from "../model/bencode.ts";
import { concatBytes, fromLatin1 } from "../model/bytes.ts";
import type { Bytes } from "../model/units.ts";
import type { NodeId } from "./node-id.ts";

/** BEP 44, bencoded. */
export const MAX_VALUE: Bytes = 1000;
export const MAX_SALT: Bytes = 64;
export const KEY_LENGTH: Bytes = 32;
export const SIGNATURE_LENGTH: Bytes = 64;

/** Who may change an item, and the word for this state of it. */
export interface Signed {
  /** Of ed25519. */
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  /** Grows with each change. */
  readonly sequence: number;
}

/** A value that somebody keeps in the DHT (BEP 44): named by its hash for ever, or by a key, and signed by it. */
export interface Item {
  /** Bencoded, as its hash and its signature are of it. */
  readonly value: Uint8Array;
  readonly signed?: Signed;
}

/** Whether a signature is of these bytes by this key: ed25519, from whoever has it. */
export type Verify = (key: Uint8Array, signature: Uint8Array, bytes: Uint8Array) => boolean;

/** @returns Undefined for integers beyond 2^53, which would not be written as they came. */
export function valueBytes(value: BencodeValue): Uint8Array | undefined {
  return isExact(value) ? encodeBencode(value) : undefined;
}

/** What names an item. */
export function targetOf({ value, signed }: Item, salt: Uint8Array, sha1: (bytes: Uint8Array) => Uint8Array): NodeId {
  return sha1(signed === undefined ? value : concatBytes(signed.key, salt));
}

/** What is signed. */
export function signedBytes(value: Uint8Array, sequence: number, salt: Uint8Array): Uint8Array {
  const head = salt.length === 0 ? new Uint8Array(0) : concatBytes(fromLatin1(`4:salt${salt.length}:`), salt);
  return concatBytes(head, fromLatin1(`3:seqi${sequence}e1:v`), value);
}

function isExact(value: BencodeValue): value is Exclude<BencodeValue, bigint> & BencodeInput {
  if (typeof value === "bigint") return false;
  if (Array.isArray(value)) return value.every(isExact);
  return value instanceof Map ? [...value.values()].every(isExact) : true;
}
