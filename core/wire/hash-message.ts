import { readUint32, writeUint32 } from "../model/bytes.ts";
import { NODE_LENGTH } from "../model/merkle.ts";
import { contentFault, type WireFault } from "./decoder.ts";
import { HASH_REQUEST_LENGTH, MAX_HASHES, MAX_TREE_HEIGHT, MESSAGE } from "./message-id.ts";

/** A part of a layer of a file's tree, and what proves that it is one (BEP 52 `hash request`, `hash reject`). */
export interface HashRequest {
  /** 32 bytes: names the file. */
  readonly root: Uint8Array;
  /** Height of the layer above the blocks. */
  readonly base: number;
  /** The first node within the layer: a multiple of `length`. */
  readonly index: number;
  /** Nodes, those past the end of the file included. */
  readonly length: number;
  /** Layers above `base` from which uncles are wanted, those counted that need none. */
  readonly proofLayers: number;
}

/** BEP 52 `hashes`. */
export interface Hashes extends HashRequest {
  readonly nodes: Uint8Array;
  /** The sibling of the node over `nodes`, then that node's parent's, and so on. */
  readonly uncles: Uint8Array;
}

const HEAD = HASH_REQUEST_LENGTH - 1;

export function encodeHashRequest({ root, base, index, length, proofLayers }: HashRequest): Uint8Array {
  const bytes = new Uint8Array(HEAD);
  bytes.set(root);
  [base, index, length, proofLayers].forEach((value, at) => {
    writeUint32(bytes, NODE_LENGTH + 4 * at, value);
  });
  return bytes;
}

/** @param payload - As long as the decoder lets it be. @returns The root as a view of it. */
export function decodeHashRequest(payload: Uint8Array): HashRequest {
  const number = (at: number) => readUint32(payload, NODE_LENGTH + 4 * at);
  const root = payload.subarray(0, NODE_LENGTH);
  return { root, base: number(0), index: number(1), length: number(2), proofLayers: number(3) };
}

export function encodeHashes(hashes: Hashes): Uint8Array[] {
  return [encodeHashRequest(hashes), hashes.nodes, hashes.uncles];
}

/** @returns Views of `payload`. */
export function decodeHashes(payload: Uint8Array): Hashes | WireFault {
  const request = decodeHashRequest(payload);
  const { length } = request;
  const uncles = unclesOf(request);
  const given = (payload.length - HEAD) / NODE_LENGTH;
  if (uncles === undefined) {
    return contentFault(MESSAGE.hashes, `${length} nodes from ${request.index}, of which there is no request`);
  }
  if (given !== length + uncles) {
    return contentFault(MESSAGE.hashes, `${given} nodes, ${length} and ${uncles} uncles expected`);
  }
  const split = HEAD + length * NODE_LENGTH;
  return { ...request, nodes: payload.subarray(HEAD, split), uncles: payload.subarray(split) };
}

/**
 * How many uncles prove what is asked for: one from each layer above the node that stands over all of it.
 * @returns Undefined when no such request may be made.
 */
export function unclesOf({ base, index, length, proofLayers }: HashRequest): number | undefined {
  const covered = Math.log2(length);
  if (length < 2 || length > MAX_HASHES || !Number.isInteger(covered) || index % length !== 0) return undefined;
  return base > MAX_TREE_HEIGHT || proofLayers > MAX_TREE_HEIGHT ? undefined : Math.max(0, proofLayers - covered + 1);
}
