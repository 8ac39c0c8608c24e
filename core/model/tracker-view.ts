import type { Timestamp } from "./units.ts";

export type TrackerState = "waiting" | "announcing" | "working" | "failed" | "unsupported";

/** What an interface sees of one tracker. */
export interface TrackerView {
  readonly url: string;
  /** 0 is asked first (BEP 12). */
  readonly tier: number;
  readonly state: TrackerState;
  /** Its last warning or failure, at most 256 characters. */
  readonly message?: string;
  readonly lastAnswerAt?: Timestamp;
  readonly nextAnnounceAt?: Timestamp;
  readonly seeds?: number;
  readonly leechers?: number;
  /** Complete downloads, as scraped (BEP 48). */
  readonly downloads?: number;
  /** Endpoints in its last answer. */
  readonly peersGiven: number;
  readonly failures: number;
}
