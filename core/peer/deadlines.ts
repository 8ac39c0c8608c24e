import type { Closing } from "../model/close-reason.ts";
import { type Bytes, MIB, type Millis, type Timestamp } from "../model/units.ts";
import type { Peer } from "./peer.ts";

const CONNECT_TIMEOUT: Millis = 15_000;
/** Added for every earlier try that failed. */
const CONNECT_PATIENCE: Millis = 3_000;
/** For all that comes before the first message, encrypted or not: who drips bytes gains nothing. */
const HANDSHAKE_TIMEOUT: Millis = 30_000;
const INACTIVITY_TIMEOUT: Millis = 120_000;
/** Blocks stop at a quarter of it: the rest are small answers that it provokes and does not read. */
const MAX_UNREAD: Bytes = 4 * MIB;
export const KEEP_ALIVE_AFTER: Millis = 60_000;

/** @returns Why the peer must go now, or undefined while it keeps its deadlines (peer semantics, section 3). */
export function overdue(peer: Peer, now: Timestamp): Closing | undefined {
  switch (peer.phase) {
    case "connecting": {
      const waited = now - (peer.dialedAt ?? now);
      if (waited < CONNECT_TIMEOUT + CONNECT_PATIENCE * peer.dialAttempt) return undefined;
      return { reason: "connect-failed", by: "network", detail: `no answer in ${seconds(waited)}` };
    }
    case "encrypting":
    case "handshaking": {
      const waited = now - (peer.connectedAt ?? peer.createdAt);
      if (waited < HANDSHAKE_TIMEOUT) return undefined;
      return { reason: "handshake-timeout", by: "us", detail: `no complete handshake in ${seconds(waited)}` };
    }
    case "open": {
      if (peer.backlog > MAX_UNREAD) {
        const detail = `${peer.backlog} bytes wait for it to read them, at most ${MAX_UNREAD}`;
        return { reason: "resource", by: "us", detail };
      }
      // A web seed speaks when it is asked.
      const since = peer.transport === "web" ? (peer.window.outstanding[0]?.sentAt ?? now) : peer.createdAt;
      const silent = now - Math.max(peer.lastReceivedAt ?? 0, since);
      if (silent < INACTIVITY_TIMEOUT) return undefined;
      return { reason: "inactive", by: "us", detail: `no byte in ${seconds(silent)}` };
    }
    case "queued":
    case "closed":
      return undefined;
  }
}

/** @returns When an open peer is to be looked at, at the latest, while nothing passes. */
export function nextDeadline({ lastReceivedAt = 0, createdAt, lastSentAt }: Peer): Timestamp {
  return Math.min(lastSentAt + KEEP_ALIVE_AFTER, Math.max(lastReceivedAt, createdAt) + INACTIVITY_TIMEOUT);
}

function seconds(time: Millis): string {
  return `${Math.round(time / 1000)} s`;
}
