import type { PeerView } from "../../contract/views.ts";
import type { Millis, Timestamp } from "../../model/units.ts";

/** Of a crowd, what only counts on is told this often: nobody reads it faster, and it is most of what there is to tell. */
const COUNTERS_EVERY: Millis = 1000;
/** More peers than this are a crowd. */
const CROWD = 100;
/** Peers take turns, so that updates are alike in size. */
const TURNS = 16;

const COUNTERS = [
  "payloadDown",
  "payloadUp",
  "protocolDown",
  "protocolUp",
  "protocolDownRate",
  "protocolUpRate",
  "downRate",
  "upRate",
  "lastSeenAt",
  "roundTrip",
  "requestsOut",
  "requestsIn",
  "requestWindow",
] as const satisfies readonly (keyof PeerView)[];

type View = Omit<PeerView, "pieces">;

/**
 * What of a peer is told now: everything, or in a crowd its counters as they were told last, until they are due.
 * @param told - The view that was told at `toldAt`.
 */
export function pacedView(view: View, told: View | undefined, toldAt: Timestamp, now: Timestamp, peers: number): View {
  const turn = (at: Timestamp) => Math.floor((at + (view.id % TURNS) * (COUNTERS_EVERY / TURNS)) / COUNTERS_EVERY);
  if (peers <= CROWD || told === undefined || turn(toldAt) !== turn(now)) return view;
  const kept: Partial<Record<(typeof COUNTERS)[number], number | undefined>> = {};
  for (const name of COUNTERS) kept[name] = told[name];
  return { ...view, ...kept } as View;
}
