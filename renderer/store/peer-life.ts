import {
  type GivenPiece,
  type HistoryUpdate,
  MESSAGE_FIELDS,
  type MessagesUpdate,
  type PeerLifeUpdate,
  type RequestsView,
} from "../../core/contract/peer-life.ts";
import { CHANGE_FIELDS, SAMPLE_FIELDS } from "../../core/model/peer-history.ts";
import type { PieceIndex, Timestamp } from "../../core/model/units.ts";
import type { WireMessage } from "../../core/model/wire-message.ts";

/** Lines of the wire log that are kept: an hour of a quiet peer, some seconds of one at full speed. */
export const LOGGED_MESSAGES = 10_000;

/** A message with its running number on this connection; what lies between two numbers was not shown. */
export interface LoggedMessage extends WireMessage {
  readonly number: number;
}

/** Flat numbers as in `core/model/peer-history.ts`. */
export interface LifeHistory {
  readonly begun: Timestamp;
  readonly until: Timestamp;
  readonly changes: readonly number[];
  readonly samples: readonly number[];
}

/** What is known of the life of the peer whose page is open. */
export interface PeerLife {
  readonly peer: number;
  readonly history: LifeHistory | undefined;
  /** Oldest first, at most {@link LOGGED_MESSAGES}. */
  readonly messages: readonly LoggedMessage[];
  readonly requests: RequestsView | undefined;
  /** Newest first. */
  readonly given: readonly GivenPiece[];
  readonly next: readonly PieceIndex[];
}

export function applyLife(before: PeerLife | undefined, update: PeerLifeUpdate): PeerLife {
  const { peer, history, messages, requests, given, next } = update;
  const kept = update.reset || before?.peer !== peer ? { ...UNKNOWN, peer } : before;
  return {
    peer,
    history: history === undefined ? kept.history : applyHistory(kept.history, history),
    messages: messages === undefined ? kept.messages : appended(kept.messages, messages),
    requests: requests ?? kept.requests,
    given: given ?? kept.given,
    next: next ?? kept.next,
  };
}

const UNKNOWN: Omit<PeerLife, "peer"> = {
  history: undefined,
  messages: [],
  requests: undefined,
  given: [],
  next: [],
};

function applyHistory(before: LifeHistory | undefined, update: HistoryUpdate): LifeHistory {
  const kept = (numbers: readonly number[] | undefined, count: number) => (numbers ?? []).slice(0, count);
  return {
    begun: update.begun,
    until: update.until,
    changes: [...kept(before?.changes, CHANGE_FIELDS * update.changesFrom), ...update.changes],
    samples: [...kept(before?.samples, SAMPLE_FIELDS * update.samplesFrom), ...update.samples],
  };
}

function appended(before: readonly LoggedMessage[], { first, numbers }: MessagesUpdate): readonly LoggedMessage[] {
  const fresh: LoggedMessage[] = [];
  for (let at = 0; at < numbers.length; at += MESSAGE_FIELDS) {
    const [when, way, id, a, b, c] = numbers.slice(at, at + MESSAGE_FIELDS) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    fresh.push({ number: first + fresh.length, at: when, way: way === 0 ? "in" : "out", id, a, b, c });
  }
  return [...before, ...fresh].slice(-LOGGED_MESSAGES);
}
