import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "../../../core/contract/codec.ts";
import type { Update, WatchPart } from "../../../core/contract/messages.ts";
import type { SessionView } from "../../../core/contract/views.ts";
import { Watcher } from "../../../core/session/watcher.ts";
import {
  applyUpdate,
  EMPTY_ENGINE_STATE,
  type EngineState,
  keepDetails,
} from "../../../renderer/store/engine-state.ts";
import { makeContent } from "../../sim/support/content.ts";
import { type Machine, World } from "../../sim/support/world.ts";

const PARTS: readonly WatchPart[] = ["peers", "known", "pieces", "blocks", "files", "trackers", "log"];
const contents = [1, 2].map((seed) =>
  makeContent([700_000, 1, 90_000], 32 * 1024, { seed, trackers: ["http://tracker.test/announce"] }),
);

type Step =
  | { readonly kind: "wait"; readonly time: number }
  | { readonly kind: "watch"; readonly torrent: number; readonly parts: readonly WatchPart[] }
  | { readonly kind: "pause" | "resume" | "recheck" | "remove" | "add" | "cut"; readonly torrent: number }
  | { readonly kind: "want"; readonly torrent: number; readonly file: number; readonly is: boolean };

const torrent = fc.nat(1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), time: fc.integer({ min: 1000, max: 4000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("watch" as const), torrent, parts: fc.subarray([...PARTS]) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "pause" as const,
        "resume" as const,
        "recheck" as const,
        "remove" as const,
        "add" as const,
        "cut" as const,
      ),
      torrent,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("want" as const), torrent, file: fc.nat(2), is: fc.boolean() }),
  },
);

/** As it comes over a socket. */
const carried = (update: Update | undefined): Update | undefined =>
  update === undefined ? undefined : (decodeMessage(encodeMessage(update)) as Update);

const sessionView = (machine: Machine): SessionView => ({
  version: "0",
  downRate: 0,
  upRate: 0,
  connections: machine.session.connections,
  settings: machine.session.settings,
  mapping: { state: "off", words: "" },
  notices: [],
  bans: machine.session.bans.size,
  banChanges: machine.session.bans.changes,
  refused: [...machine.session.refused],
});

/** Bytes as hex and maps as arrays: what a message carried and what was patched compare alike. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (_, inner) => {
      if (inner instanceof Uint8Array) return Buffer.from(inner).toString("hex");
      return inner instanceof Map ? [...inner].sort(([a], [b]) => (a < b ? -1 : 1)) : inner;
    }),
  );

test("an interface that is told of changes sees what one sees that is told everything", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff }),
      fc.array(step, { minLength: 5, maxLength: 40 }),
      (number, steps) => {
        const world = new World(number);
        world.checkEvery = 200;
        for (const content of contents) world.machine({ up: 60_000 }).share(content, { isSeed: true });
        const friend = world.machine({ up: 80_000 });
        const machine = world.machine();
        for (const one of [friend, machine]) for (const content of contents) one.share(content);
        const watcher = new Watcher(machine.session);
        const watched = new Map<string, readonly WatchPart[]>();
        let state: EngineState = EMPTY_ENGINE_STATE;
        const look = () => {
          world.run(1000);
          const update = carried(watcher.update(sessionView(machine), world.clock.now));
          if (update !== undefined) state = applyUpdate(state, update);
          const fresh = new Watcher(machine.session);
          fresh.watch([...watched].map(([id, parts]) => ({ torrent: id, parts: [...parts] })));
          const whole = carried(fresh.update(sessionView(machine), world.clock.now)) as Update;
          const expected = applyUpdate(EMPTY_ENGINE_STATE, whole);
          expect(plain(state.session)).toEqual(plain(expected.session));
          expect(plain(state.torrents)).toEqual(plain(expected.torrents));
          for (const [id, parts] of watched) {
            const mine = state.details.get(id);
            const theirs = expected.details.get(id);
            for (const part of parts)
              expect({ [part]: plain(mine?.[part]) }).toEqual({ [part]: plain(theirs?.[part]) });
            if (parts.includes("trackers")) expect(plain(mine?.sources)).toEqual(plain(theirs?.sources));
            if (parts.includes("peers")) expect(plain(mine?.gone)).toEqual(plain(theirs?.gone));
          }
        };
        look();
        for (const one of steps) {
          const now = world.clock.now;
          if (one.kind === "wait") world.run(one.time);
          else {
            const content = contents[one.torrent] as (typeof contents)[number];
            const id = [...(world.machines[one.torrent]?.session.torrents.keys() ?? [])][0] as string;
            const present = machine.session.torrents.get(id);
            if (one.kind === "watch") {
              if (one.parts.length === 0) watched.delete(id);
              else watched.set(id, one.parts);
              watcher.watch([...watched].map(([torrentId, parts]) => ({ torrent: torrentId, parts: [...parts] })));
              state = keepDetails(state, new Set(watched.keys()));
            } else if (one.kind === "add") {
              if (present === undefined) machine.share(content);
            } else if (one.kind === "cut") {
              const [link] = world.network.links;
              if (link !== undefined) world.network.cut(link);
            } else if (present === undefined) continue;
            else if (one.kind === "pause") present.pause(now);
            else if (one.kind === "resume") present.resume(now);
            else if (one.kind === "recheck") present.recheck(now);
            else if (one.kind === "remove") machine.session.remove(present, now);
            else if (one.kind === "want") present.wantFiles([one.file], one.is, now);
          }
          look();
        }
      },
    ),
    { numRuns: 40 },
  );
}, 30_000);
