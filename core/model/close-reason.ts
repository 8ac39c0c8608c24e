import type { Millis } from "./units.ts";

/** Who decided that a connection ends. */
export type ClosedBy = "us" | "peer" | "network" | "user";

interface ReasonEntry {
  /** 0 … −105 as in Net::BitTorrent::Peer 0.052, ours from −200. */
  readonly code: number;
  /** libtorrent's `close_reason_t`, sent and read as uTP extension 3. A message's own code may replace it. */
  readonly closeReason: number;
  readonly words: string;
}

/** Every way a connection can end. Nothing else may close one: an unknown cause is a bug. */
export const CLOSE_REASONS = {
  "closed-by-peer": { code: 0, closeReason: 0, words: "the peer closed the connection" },
  self: { code: -10, closeReason: 258, words: "it is ourselves" },
  "no-such-torrent": { code: -11, closeReason: 257, words: "it asked for a torrent we don't serve" },
  "info-hash-mismatch": { code: -12, closeReason: 257, words: "it answered for another torrent" },
  "bad-handshake": { code: -13, closeReason: 256, words: "it does not speak BitTorrent" },
  "already-connected": { code: -16, closeReason: 1, words: "we are connected to it already" },
  "too-many-peers": { code: -17, closeReason: 15, words: "the connection limit is reached" },
  checking: { code: -18, closeReason: 2, words: "the torrent is being checked" },
  "bad-message": { code: -22, closeReason: 261, words: "it sent a malformed message" },
  "both-seeds": { code: -25, closeReason: 6, words: "neither side needs anything" },
  "unrequested-block": { code: -26, closeReason: 264, words: "it sent blocks that nobody asked for" },
  "bad-request": { code: -28, closeReason: 271, words: "it asked for what can't be served" },
  "bad-reject": { code: -29, closeReason: 272, words: "it rejected what was not asked" },
  "handshake-timeout": { code: -30, closeReason: 11, words: "its handshake took too long" },
  inactive: { code: -40, closeReason: 10, words: "it was silent too long" },
  useless: { code: -41, closeReason: 9, words: "neither side wanted anything for minutes" },
  "encryption-sync": { code: -102, closeReason: 256, words: "the encrypted handshake lost its place" },
  "encryption-unknown-key": { code: -103, closeReason: 257, words: "no torrent with the key of its encryption" },
  "encryption-no-common-method": { code: -105, closeReason: 13, words: "no encryption method in common" },
  "connect-failed": { code: -200, closeReason: 0, words: "it could not be reached" },
  banned: { code: -201, closeReason: 286, words: "it is banned" },
  blocked: { code: -202, closeReason: 5, words: "its address or port is blocked by the filter" },
  local: { code: -203, closeReason: 2, words: "the torrent or the peer was stopped here" },
  shutdown: { code: -204, closeReason: 0, words: "Peerscope is quitting" },
  "pex-abuse": { code: -205, closeReason: 287, words: "it flooded us with peer exchange" },
  "no-metadata-progress": { code: -206, closeReason: 8, words: "it never gave the metadata it announced" },
  replaced: { code: -207, closeReason: 14, words: "it made room for a better peer" },
  resource: { code: -208, closeReason: 16, words: "the system ran out of sockets, memory or files" },
  "web-seed-failed": { code: -209, closeReason: 0, words: "the web seed gave no useful answer" },
} as const satisfies Record<string, ReasonEntry>;

export type CloseReason = keyof typeof CLOSE_REASONS;

/** Why one connection ended. */
export interface Closing {
  readonly reason: CloseReason;
  readonly by: ClosedBy;
  /** In words, with the numbers that matter. */
  readonly detail: string;
  /** The libtorrent close reason where the detail knows better than the table. */
  readonly closeReason?: number;
  /** A web seed wants to be left alone for so long (`Retry-After`). */
  readonly retryAfter?: Millis;
}

export function reasonCode(reason: CloseReason): number {
  return CLOSE_REASONS[reason].code;
}

const ABRUPT: ReadonlySet<CloseReason> = new Set([
  "bad-handshake",
  "bad-message",
  "bad-request",
  "unrequested-block",
  "banned",
  "handshake-timeout",
  "inactive",
  "connect-failed",
  "resource",
]);

/** After these nothing that waits to be sent is worth sending. */
export function isAbrupt(reason: CloseReason): boolean {
  return ABRUPT.has(reason);
}
