import type { Millis } from "../../model/units.ts";

/** One scripted peer: what it claims to be, what it has, and its manners. */
export interface Role {
  /** First eight bytes of its peer id (BEP 20). */
  readonly idPrefix: string;
  /** BEP 10 `v`; absent: the client does not tell. */
  readonly version?: string;
  /** What it has when it arrives, 0 … 1 of the pieces. */
  readonly has: number;
  /** Its part of the swarm's upload, beside the other roles' weights. */
  readonly weight: number;
  /** Pieces it gets from elsewhere in a minute, 0 … 1 of all. */
  readonly gains?: number;
  /** Its download from us, as a weight like `weight`. */
  readonly takes?: number;
  /** It connects to us, from an address of its own, instead of waiting. */
  readonly dials?: boolean;
  readonly arrivesAfter?: Millis;
  /** Unchokes and chokes in turns. */
  readonly moods?: { readonly serves: Millis; readonly chokes: Millis };
  /** Accepts requests and answers none after so many blocks. */
  readonly silentAfter?: number;
  /** From this block on, counted from 1, one in eight has a wrong byte. */
  readonly corruptAfter?: number;
  /** Leaves after `stays`, comes back after `away`, again and again. */
  readonly visits?: { readonly stays: Millis; readonly away: Millis };
  /** Wants nothing more though it has not everything (BEP 21). */
  readonly isUploadOnly?: boolean;
  /** Speaks the fast extension (BEP 6). */
  readonly isFast?: boolean;
  /** No peer at all: something else listens there, or nothing does. */
  readonly impostor?: "other-protocol" | "nobody";
}

const SECOND = 1000;

/** In the order of importance: `--peers 3` takes the first three. The first has everything, so any cast completes. */
const CAST: readonly Role[] = [
  { idPrefix: "-qB4670-", version: "qBittorrent/4.6.7", has: 1, weight: 26, isFast: true },
  { idPrefix: "-TR4060-", version: "Transmission 4.0.6", has: 0.35, weight: 16, gains: 0.22, takes: 7, isFast: true },
  {
    idPrefix: "-DE2110-",
    version: "Deluge/2.1.1 libtorrent/2.0.10.0",
    has: 0.6,
    weight: 20,
    gains: 0.1,
    takes: 4,
    isFast: true,
    moods: { serves: 14 * SECOND, chokes: 9 * SECOND },
  },
  { idPrefix: "-UT3550-", version: "µTorrent 3.5.5", has: 0.5, weight: 12, gains: 0.12, takes: 5, dials: true },
  { idPrefix: "-BI3600-", version: "BiglyBT 3.6.0.0", has: 1, weight: 6 },
  { idPrefix: "-LT20A0-", version: "libtorrent/2.0.10", has: 0.8, weight: 12, isFast: true, silentAfter: 24 },
  { idPrefix: "-KT5230-", has: 0.7, weight: 10, takes: 2, corruptAfter: 40 },
  { idPrefix: "-qB5010-", version: "qBittorrent/5.0.1", has: 0.45, weight: 8, isFast: true, isUploadOnly: true },
  {
    idPrefix: "-TR3000-",
    version: "Transmission 3.00",
    has: 0.4,
    weight: 12,
    gains: 0.15,
    takes: 5,
    isFast: true,
    visits: { stays: 32 * SECOND, away: 16 * SECOND },
  },
  { idPrefix: "-lt0D80-", version: "libTorrent 0.13.8", has: 0.9, weight: 0.7 },
  {
    idPrefix: "A2-1-37-",
    version: "aria2/1.37.0",
    has: 0.02,
    weight: 4,
    gains: 0.06,
    takes: 9,
    dials: true,
    arrivesAfter: 12 * SECOND,
  },
  {
    idPrefix: "-AZ5770-",
    version: "Vuze 5.7.7.0",
    has: 0.15,
    weight: 6,
    gains: 0.25,
    takes: 4,
    arrivesAfter: 25 * SECOND,
    dials: true,
  },
  { idPrefix: "-TX0000-", has: 0, weight: 0, impostor: "nobody" },
  { idPrefix: "-SH0000-", has: 0, weight: 0, impostor: "other-protocol" },
];

/** Beyond the cast: ordinary people who have something and want the rest. */
const CROWD: readonly Role[] = [
  { idPrefix: "-TR4050-", version: "Transmission 4.0.5", has: 0.3, weight: 4, gains: 0.15, takes: 2, isFast: true },
  { idPrefix: "-qB4500-", version: "qBittorrent/4.5.0", has: 0.55, weight: 5, gains: 0.12, takes: 2, isFast: true },
  { idPrefix: "-UT3600-", version: "µTorrent 3.6.0", has: 0.1, weight: 3, gains: 0.2, takes: 3, dials: true },
  { idPrefix: "-DE2030-", version: "Deluge/2.0.3 libtorrent/1.2.5.0", has: 0.75, weight: 5, gains: 0.05, takes: 1 },
  { idPrefix: "-TL3000-", version: "Tribler/3.0.0", has: 0.05, weight: 2, gains: 0.3, takes: 3, isFast: true },
];

export const DEFAULT_PEERS = CAST.length;
/** Each has a listener and a connection; more than this a loopback demo does not show better. */
const MAX_PEERS = 200;

/** @param count - How many; clamped to 1 … {@link MAX_PEERS}. */
export function castOf(count: number): readonly Role[] {
  const wanted = Math.min(Math.max(Math.floor(count), 1), MAX_PEERS);
  return Array.from({ length: wanted }, (_, i) => (CAST[i] ?? CROWD[(i - CAST.length) % CROWD.length]) as Role);
}
