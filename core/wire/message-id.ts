import { BLOCK_LENGTH, MIB } from "../model/units.ts";

/** The id byte of a peer message: BEP 3, 5 (port), 6 (fast) and 10 (extended). */
export const MESSAGE = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
} as const;

/** What one id demands of its message. */
interface MessageRule {
  readonly name: string;
  /** Exact length with the id byte; undefined when it varies. */
  readonly length?: number;
  /** libtorrent's close reason for a malformed one. */
  readonly closeReason: number;
}

/** Any message is judged by its length prefix against this, before a byte of it is kept. */
export const MAX_MESSAGE_LENGTH = MIB;
/** id, piece, begin, and one block. */
export const MAX_PIECE_MESSAGE = 9 + BLOCK_LENGTH;
/** libtorrent's `message_too_big` and `invalid_message`. */
export const TOO_BIG = 261;
export const INVALID_MESSAGE = 263;

const RULES: Readonly<Record<number, MessageRule>> = {
  [MESSAGE.choke]: { name: "choke", length: 1, closeReason: 267 },
  [MESSAGE.unchoke]: { name: "unchoke", length: 1, closeReason: 268 },
  [MESSAGE.interested]: { name: "interested", length: 1, closeReason: 269 },
  [MESSAGE.notInterested]: { name: "not interested", length: 1, closeReason: 270 },
  [MESSAGE.have]: { name: "have", length: 5, closeReason: 265 },
  [MESSAGE.bitfield]: { name: "bitfield", closeReason: 266 },
  [MESSAGE.request]: { name: "request", length: 13, closeReason: 271 },
  [MESSAGE.piece]: { name: "piece", closeReason: 264 },
  [MESSAGE.cancel]: { name: "cancel", length: 13, closeReason: 275 },
  [MESSAGE.port]: { name: "port", length: 3, closeReason: 276 },
  [MESSAGE.suggest]: { name: "suggest", length: 5, closeReason: 277 },
  [MESSAGE.haveAll]: { name: "have all", length: 1, closeReason: 278 },
  [MESSAGE.haveNone]: { name: "have none", length: 1, closeReason: 280 },
  [MESSAGE.reject]: { name: "reject", length: 13, closeReason: 272 },
  [MESSAGE.allowedFast]: { name: "allowed fast", length: 5, closeReason: 273 },
  [MESSAGE.extended]: { name: "extended", closeReason: 274 },
};

export function messageRule(id: number): MessageRule | undefined {
  return RULES[id];
}

export function messageName(id: number): string {
  return RULES[id]?.name ?? `message ${id}`;
}
