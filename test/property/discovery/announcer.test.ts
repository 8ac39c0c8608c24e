import fc from "fast-check";
import { expect, test } from "vitest";
import { Announcer } from "../../../core/discovery/announcer.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { seededRandom } from "../../../core/model/random.ts";

const totals = { port: 6881, uploaded: 0, downloaded: 0, left: 1, numwant: 50 };
const START = 1_000_000;

const tiers = fc.array(
  fc.array(
    fc
      .integer({ min: 0, max: 9 })
      .map((n) => (n === 9 ? `udp://t${n}.example/announce` : `http://t${n}.example/announce`)),
    { maxLength: 4 },
  ),
  { maxLength: 4 },
);

type Step =
  | { kind: "wait"; for: number }
  | { kind: "toDeadline" }
  | { kind: "start" }
  | { kind: "stop" }
  | { kind: "complete" }
  | { kind: "announceNow" }
  | { kind: "merge" }
  | { kind: "fail"; which: number }
  | { kind: "garbage"; which: number }
  | { kind: "answer"; which: number; fields: { [key: string]: BencodeInput } };

const fields = fc.record({
  interval: fc.integer({ min: -10, max: 10_000 }),
  "min interval": fc.integer({ min: -10, max: 10_000 }),
  peers: fc.uint8Array({ maxLength: 30 }),
});
const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("wait"), for: fc.integer({ min: 0, max: 4_000_000 }) }),
  fc.constantFrom<Step>(
    { kind: "toDeadline" },
    { kind: "start" },
    { kind: "stop" },
    { kind: "complete" },
    { kind: "announceNow" },
    { kind: "merge" },
  ),
  fc.record({ kind: fc.constant("fail"), which }),
  fc.record({ kind: fc.constant("garbage"), which }),
  fc.record({ kind: fc.constant("answer"), which, fields }),
);

test("whatever happens, no tracker is asked twice at once, nor more often than it may be", () => {
  fc.assert(
    fc.property(tiers, fc.array(step, { maxLength: 80 }), fc.integer(), (given, steps, seed) => {
      const one = new Announcer({
        tiers: given,
        random: seededRandom(seed),
        infoHash: new Uint8Array(20),
        peerId: new Uint8Array(20).fill(1),
        key: "k",
      });
      let now = START;
      let run = 0;
      let isActive = false;
      let isStopping = false;
      const open = new Map<number, { tracker: string; kind: string; event?: string; run: number }>();
      /** Per tracker of this run: when it was last asked without an event. */
      const asked = new Map<string, number>();
      const startedSaid = new Map<string, boolean>();
      const take = () => {
        const orders = one.poll(now, totals);
        for (const { id, tracker, kind, event, url } of orders) {
          expect(tracker.startsWith("http:")).toBe(true);
          expect(url).toContain("info_hash=");
          const same = [...open.values()].filter((o) => o.tracker === tracker && o.kind === kind && o.run === run);
          // A `completed` that was still to be said goes with the `stopped`; the runtime keeps their order.
          if (event === "stopped") expect(startedSaid.get(tracker)).toBe(true);
          else if (!isStopping || event !== "completed") expect(same).toEqual([]);
          if (event === "started") startedSaid.set(tracker, true);
          if (kind === "announce" && event === undefined) {
            expect(now - (asked.get(tracker) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(15_000);
          }
          if (kind === "announce" && event !== "stopped") asked.set(tracker, now);
          open.set(id, { tracker, kind, run, ...(event === undefined ? {} : { event }) });
        }
        // Polling again at the same instant is no way to get more, and the deadline has moved on.
        expect(one.poll(now, totals)).toEqual([]);
        expect(one.nextDeadline()).toBeGreaterThan(now);
      };
      const pick = (n: number) => [...open.keys()][n % Math.max(open.size, 1)];
      for (const action of steps) {
        switch (action.kind) {
          case "wait":
            now += action.for;
            break;
          case "toDeadline":
            if (Number.isFinite(one.nextDeadline())) now = Math.max(now, one.nextDeadline());
            break;
          case "start":
            one.start(now);
            isActive = true;
            break;
          case "stop":
            one.stop(now);
            isStopping = true;
            take();
            isStopping = false;
            run++;
            isActive = false;
            startedSaid.clear();
            asked.clear();
            break;
          case "complete":
            one.complete(now);
            break;
          case "announceNow":
            one.announceNow(now);
            break;
          case "merge":
            one.merge([["http://merged.example/announce"]]);
            break;
          default: {
            const id = pick(action.which);
            if (id === undefined) break;
            open.delete(id);
            if (action.kind === "fail") one.failed(id, "no", now);
            else
              one.answered(id, action.kind === "garbage" ? Uint8Array.of(1, 2, 3) : encodeBencode(action.fields), now);
          }
        }
        take();
        // The schedule never dies: something is in flight, or something will be due.
        const isWaiting = [...open.values()].some((order) => order.run === run);
        const hasTracker = one.views().some((view) => view.state !== "unsupported");
        if (isActive && hasTracker && !isWaiting) expect(one.nextDeadline()).toBeLessThan(Number.POSITIVE_INFINITY);
        const views = one.views();
        expect(views.map((view) => view.tier)).toEqual(views.map((view) => view.tier).sort((a, b) => a - b));
      }
    }),
    { numRuns: 500 },
  );
});

test("one tracker out of any number that answers is found within a minute a tracker", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.nat(),
      fc.boolean(),
      fc.integer(),
      (count, good, isOneTier, seed) => {
        const names = Array.from({ length: count }, (_, i) => `http://t${i}.example/announce`);
        const working = names[good % count];
        const one = new Announcer({
          tiers: isOneTier ? [names] : names.map((name) => [name]),
          random: seededRandom(seed),
          infoHash: new Uint8Array(20),
          peerId: new Uint8Array(20),
          key: "k",
        });
        one.start(START);
        const dead: { id: number; until: number }[] = [];
        for (let now = START; now <= START + count * 60_000; ) {
          for (const { id, tracker } of one.poll(now, totals)) {
            if (tracker === working) return;
            dead.push({ id, until: now + 15_000 });
          }
          const soonest = Math.min(...dead.map(({ until }) => until));
          now = Math.max(now, Math.min(one.nextDeadline(), soonest));
          for (const { id } of dead.filter(({ until }) => until <= now)) one.failed(id, "timed out", now);
          dead.splice(0, dead.length, ...dead.filter(({ until }) => until > now));
        }
        expect.unreachable("the tracker that works was never asked");
      },
    ),
  );
});
