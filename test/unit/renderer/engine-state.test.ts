import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../../core/contract/codec.ts";
import type { Update } from "../../../core/contract/messages.ts";
import { difference } from "../../../core/contract/patch.ts";
import { LOG_ENTRIES, type LogEntry, type TorrentView } from "../../../core/contract/views.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, keepDetails } from "../../../renderer/store/engine-state.ts";
import { FakeEngine } from "./fake-engine.ts";

const ID = "1".repeat(40);
const START = 1_700_000_000_000;

function overTheWire(update: unknown): Update {
  return decodeMessage(encodeMessage(update as Update)) as Update;
}

describe("the engine's state as an interface keeps it", () => {
  it("equals the whole after any series of patches", () => {
    const field = fc.record(
      { name: fc.constantFrom("a", "b"), downRate: fc.nat(3), eta: fc.nat(3), swarmSeeds: fc.nat(2) },
      { requiredKeys: ["name", "downRate"] },
    );
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom("t1", "t2", "t3"), field), { minLength: 1 }), (wholes) => {
        let state = EMPTY_ENGINE_STATE;
        let before: Record<string, Partial<TorrentView>> = {};
        for (const whole of wholes) {
          const torrents = Object.entries(whole).flatMap(([id, view]) => {
            const patch = difference(before[id], { id, ...view });
            return patch === undefined ? [] : [{ ...patch, id }];
          });
          const removed = Object.keys(before).filter((id) => !(id in whole));
          state = applyUpdate(state, overTheWire({ kind: "update", at: 1, torrents, removed }));
          before = Object.fromEntries(Object.entries(whole).map(([id, view]) => [id, { id, ...view }]));
          expect(Object.fromEntries(state.torrents)).toEqual(before);
        }
      }),
    );
  });

  it("follows a living swarm through what is watched, peer for peer and bit for bit", () => {
    const engine = new FakeEngine(START);
    engine.addTorrent(ID, "Swarm", 200, 30);
    engine.receive({ kind: "watch", watches: [{ torrent: ID, parts: ["peers", "pieces", "files", "log"] }] });
    let state = EMPTY_ENGINE_STATE;
    for (let tick = 1; tick < 200; tick++) {
      engine.step(START + tick * 250);
      state = applyUpdate(state, overTheWire(engine.update()));
    }
    const torrent = engine.torrents.get(ID);
    const details = state.details.get(ID);
    expect(state.torrents.get(ID)).toEqual(torrent?.view);
    expect(details?.peers).toEqual(new Map([...(torrent?.swarm.peers ?? [])].map(([id, { view }]) => [id, view])));
    expect(details?.pieces?.states).toEqual(torrent?.swarm.states);
    expect(details?.files).toEqual(torrent?.files);
    expect(details?.gone).toEqual(torrent?.swarm.gone);
    expect(details?.gone?.length).toBeGreaterThan(7);
  });

  it("keeps the identity of what an update does not touch", () => {
    const first = applyUpdate(EMPTY_ENGINE_STATE, {
      kind: "update",
      at: 1,
      details: [
        {
          torrent: ID,
          peers: {
            reset: true,
            changed: [peerPatch(1, Uint8Array.of(0x80)), peerPatch(2, Uint8Array.of(0))],
            removed: [],
            gone: [],
          },
          pieces: { states: Uint8Array.of(0, 0), availability: Uint8Array.of(1, 1) },
        },
      ],
    });
    const second = applyUpdate(first, {
      kind: "update",
      at: 2,
      details: [
        { torrent: ID, peers: { reset: false, changed: [{ id: 2, set: {}, haves: [1] }], removed: [], gone: [] } },
      ],
    });
    const [before, after] = [first.details.get(ID), second.details.get(ID)];
    expect(after?.peers?.get(1)).toBe(before?.peers?.get(1));
    expect(after?.pieces).toBe(before?.pieces);
    expect(second.torrents).toBe(first.torrents);
    // Bits are set in a copy: what was drawn before stays as it was.
    expect(before?.peers?.get(2)?.pieces).toEqual(Uint8Array.of(0));
    expect(after?.peers?.get(2)?.pieces).toEqual(Uint8Array.of(0x40));
  });

  it("forgets peers that a reset does not name", () => {
    const before = applyUpdate(EMPTY_ENGINE_STATE, peersUpdate(true, [peerPatch(1), peerPatch(2)]));
    const after = applyUpdate(before, peersUpdate(true, [peerPatch(2)]));
    expect([...(after.details.get(ID)?.peers?.keys() ?? [])]).toEqual([2]);
  });

  it("applies single pieces to a copy", () => {
    const pieces = (part: object): Update => ({ kind: "update", at: 1, details: [{ torrent: ID, pieces: part }] });
    const before = applyUpdate(
      EMPTY_ENGINE_STATE,
      pieces({ states: Uint8Array.of(0, 0, 0), availability: Uint8Array.of(1, 2, 3) }),
    );
    const after = applyUpdate(before, pieces({ changed: [1, 3, 2, 4] }));
    expect(before.details.get(ID)?.pieces?.states).toEqual(Uint8Array.of(0, 0, 0));
    expect(after.details.get(ID)?.pieces?.states).toEqual(Uint8Array.of(0, 3, 4));
    expect(after.details.get(ID)?.pieces?.availability).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("lists files without gaps where padding stands between them, patch after patch", () => {
    const files = (...patches: { index: number; set: object }[]) =>
      overTheWire({ kind: "update", at: 1, details: [{ torrent: ID, files: patches }] });
    const whole = (index: number, path: string) => ({ index, set: { index, path, bytesDone: 0 } });
    const before = applyUpdate(EMPTY_ENGINE_STATE, files(whole(0, "a"), whole(2, "b"), whole(4, "c")));
    const after = applyUpdate(before, files({ index: 2, set: { bytesDone: 7 } }));
    expect(before.details.get(ID)?.files).toEqual([
      { index: 0, path: "a", bytesDone: 0 },
      { index: 2, path: "b", bytesDone: 0 },
      { index: 4, path: "c", bytesDone: 0 },
    ]);
    expect(after.details.get(ID)?.files?.map((file) => file.bytesDone)).toEqual([0, 7, 0]);
  });

  it("keeps the newest entries of a log that never ends", () => {
    const log = (from: number, count: number): Update => {
      const entries: LogEntry[] = Array.from({ length: count }, (_, i) => ({ at: from + i, kind: "note", text: "" }));
      return { kind: "update", at: 1, details: [{ torrent: ID, log: { reset: from === 0, entries } }] };
    };
    const state = applyUpdate(applyUpdate(EMPTY_ENGINE_STATE, log(0, LOG_ENTRIES)), log(LOG_ENTRIES, 5));
    const kept = state.details.get(ID)?.log ?? [];
    expect(kept).toHaveLength(LOG_ENTRIES);
    expect(kept.at(-1)?.at).toBe(LOG_ENTRIES + 4);
  });

  it("drops the details of torrents that nobody looks at, or that are gone", () => {
    const state = applyUpdate(EMPTY_ENGINE_STATE, peersUpdate(true, [peerPatch(1)]));
    expect(keepDetails(state, new Set([ID]))).toBe(state);
    expect(keepDetails(state, new Set()).details.size).toBe(0);
    expect(applyUpdate(state, { kind: "update", at: 2, removed: [ID] }).details.size).toBe(0);
  });
});

function peerPatch(id: number, pieces?: Uint8Array) {
  return { id, set: { id, host: "192.0.2.1", ...(pieces === undefined ? {} : { pieces }) } };
}

function peersUpdate(reset: boolean, changed: ReturnType<typeof peerPatch>[]): Update {
  return { kind: "update", at: 1, details: [{ torrent: ID, peers: { reset, changed, removed: [], gone: [] } }] };
}
