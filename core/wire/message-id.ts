import { NODE_LENGTH } from "../model/merkle.ts";
import { BLOCK_LENGTH, MIB } from "../model/units.ts";
import { MESSAGE } from "../model/wire-message.ts";

export { MESSAGE, messageName } from "../model/wire-message.ts";

/** What one id demands of its message. */
interface MessageRule {
  /** Exact length with the id byte; undefined when it varies. */
  readonly length?: number;
  /** libtorrent's close reason for a malformed one. */
  readonly closeReason: number;
}

/** Any message is judged by its length prefix against this, before a byte of it is kept. */
export const MAX_MESSAGE_LENGTH = MIB;
/** id, root, base layer, index, length, proof layers (BEP 52). */
export const HASH_REQUEST_LENGTH = 1 + NODE_LENGTH + 16;
/** Nodes of a tree that anybody asks for at a time: BEP 52 knows no reason for more. */
export const MAX_HASHES = 512;
/** A file of 2 to the power of this blocks is larger than any. */
export const MAX_TREE_HEIGHT = 40;
const MAX_HASHES_MESSAGE = HASH_REQUEST_LENGTH + (MAX_HASHES + MAX_TREE_HEIGHT) * NODE_LENGTH;
/** id, piece, begin, and one block. */
export const MAX_PIECE_MESSAGE = 9 + BLOCK_LENGTH;
/** libtorrent's `message_too_big` and `invalid_message`. */
export const TOO_BIG = 261;
export const INVALID_MESSAGE = 263;

const RULES: Readonly<Record<number, MessageRule>> = {
  [MESSAGE.choke]: { length: 1, closeReason: 267 },
  [MESSAGE.unchoke]: { length: 1, closeReason: 268 },
  [MESSAGE.interested]: { length: 1, closeReason: 269 },
  [MESSAGE.notInterested]: { length: 1, closeReason: 270 },
  [MESSAGE.have]: { length: 5, closeReason: 265 },
  [MESSAGE.bitfield]: { closeReason: 266 },
  [MESSAGE.request]: { length: 13, closeReason: 271 },
  [MESSAGE.piece]: { closeReason: 264 },
  [MESSAGE.cancel]: { length: 13, closeReason: 275 },
  [MESSAGE.port]: { length: 3, closeReason: 276 },
  [MESSAGE.suggest]: { length: 5, closeReason: 277 },
  [MESSAGE.haveAll]: { length: 1, closeReason: 278 },
  [MESSAGE.haveNone]: { length: 1, closeReason: 280 },
  [MESSAGE.reject]: { length: 13, closeReason: 272 },
  [MESSAGE.allowedFast]: { length: 5, closeReason: 273 },
  [MESSAGE.extended]: { closeReason: 274 },
  [MESSAGE.hashRequest]: { length: HASH_REQUEST_LENGTH, closeReason: INVALID_MESSAGE },
  [MESSAGE.hashes]: { closeReason: INVALID_MESSAGE },
  [MESSAGE.hashReject]: { length: HASH_REQUEST_LENGTH, closeReason: INVALID_MESSAGE },
};

/** @param length - Of a `hashes` message, with its id. @returns What is wrong with it. */
export function hashesFault(length: number): string | undefined {
  const nodes = (length - HASH_REQUEST_LENGTH) / NODE_LENGTH;
  if (nodes >= 0 && Number.isInteger(nodes) && length <= MAX_HASHES_MESSAGE) return undefined;
  return `hashes of ${length} bytes, ${HASH_REQUEST_LENGTH} and ${NODE_LENGTH} for each of at most ${MAX_HASHES} expected`;
}

export function messageRule(id: number): MessageRule | undefined {
  return RULES[id];
}
