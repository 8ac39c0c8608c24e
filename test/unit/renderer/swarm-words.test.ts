import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_STATE, type PeerView, PIECE_STATE } from "../../../core/contract/views.ts";
import { commonOnes } from "../../../core/model/bitfield.ts";
import { blockRuns, contributorsOf, runWords } from "../../../renderer/format/piece-story.ts";
import { replication } from "../../../renderer/format/replication.ts";
import { rarestLacking, swarmOrder } from "../../../renderer/store/swarm-order.ts";

describe("a piece under way, in words", () => {
  const { free, asked, received } = BLOCK_STATE;
  const blocks = {
    pieces: new Map([
      [
        5,
        {
          states: Uint8Array.of(received, received, asked, asked, asked, free),
          peers: Float64Array.of(1, 1, 2, 2, 2, -1),
        },
      ],
    ]),
    shared: [5, 4, 3, 6, 0, 9],
  };
  const nameOf = (peer: number) => `p${peer}`;

  it("is told run by run: who gave, who is asked, who else", () => {
    expect(blockRuns(blocks, 5)?.map((run) => runWords(run, nameOf))).toEqual([
      "Blocks 0–1: received from p1",
      "Blocks 2–3: asked of p2",
      "Block 4: asked of p2, p3",
      "Block 5: not asked for yet",
    ]);
    expect(blockRuns(blocks, 6)).toBeUndefined();
    expect(blockRuns(undefined, 5)).toBeUndefined();
  });

  it("names those who gave by how much they gave", () => {
    const givers = [1, 2, 2, 5, 1, 1, -1, 3];
    expect(contributorsOf({ begunAt: 0, givers })).toEqual([
      { peer: 2, blocks: 5 },
      { peer: 1, blocks: 3 },
    ]);
  });
});

describe("the replication histogram", () => {
  it("counts each piece once, and tells apart what is nowhere", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ state: fc.nat(5), owners: fc.nat(255) }), { minLength: 1 }), (all) => {
        const states = Uint8Array.from(all, ({ state }) => state);
        const availability = Uint8Array.from(all, ({ owners }) => owners);
        const bars = replication({ states, availability });
        expect(bars.length).toBeLessThanOrEqual(18);
        let covered = -1;
        for (const { from, to, pieces, lacked } of bars) {
          if (covered >= 0) expect(from).toBe(covered + 1);
          covered = to;
          const inside = all.filter(({ owners }) => owners >= from && owners <= to);
          expect(pieces).toBe(inside.length);
          const open = inside.filter(({ state }) => state !== PIECE_STATE.verified && state !== PIECE_STATE.unwanted);
          expect(lacked).toBe(open.length);
          if (from === 0) expect(to).toBe(0);
        }
        expect(bars.reduce((sum, bar) => sum + bar.pieces, 0)).toBe(all.length);
      }),
    );
  });

  it("begins where the rarest piece is, when none is rare, or at one while there is room", () => {
    const few = Uint8Array.of(2, 3);
    expect(replication({ states: new Uint8Array(2), availability: few }).map(({ from }) => from)).toEqual([1, 2, 3]);
    const availability = Uint8Array.of(40, 42);
    expect(replication({ states: new Uint8Array(2), availability }).map(({ from, to }) => [from, to])).toEqual([
      [40, 40],
      [41, 41],
      [42, 42],
    ]);
    expect(replication({ states: new Uint8Array(0), availability: new Uint8Array(0) })).toEqual([]);
  });
});

describe("the order of the swarm's rows", () => {
  const peer = (id: number, change: Partial<PeerView>) =>
    ({ id, host: `192.0.2.${20 - id}`, port: 1, piecesCount: 0, downRate: 0, upRate: 0, ...change }) as PeerView;
  const pieces = {
    states: Uint8Array.of(0, 0, 0, PIECE_STATE.verified, 0, 0, 0, 0),
    availability: Uint8Array.of(1, 3, 3, 1, 3, 0, 3, 3),
  };
  const peers = new Map(
    [
      peer(3, { client: "aria2", piecesCount: 4, downRate: 5, pieces: Uint8Array.of(0b01100000) }),
      peer(1, { client: "qBittorrent", piecesCount: 9, downRate: 1, pieces: Uint8Array.of(0b00010000) }),
      peer(12, { piecesCount: 1, upRate: 7, pieces: Uint8Array.of(0b10000000) }),
    ].map((one) => [one.id, one]),
  );
  const order = (column: Parameters<typeof swarmOrder>[1]["column"], descending = false) =>
    swarmOrder(peers, { column, descending }, pieces);

  it("is by arrival, by a number, or by words in which numbers count as such", () => {
    expect(order("arrival")).toEqual([1, 3, 12]);
    expect(order("arrival", true)).toEqual([12, 3, 1]);
    expect(order("progress", true)).toEqual([1, 3, 12]);
    expect(order("down", true)).toEqual([3, 1, 12]);
    expect(order("up", true)).toEqual([12, 1, 3]);
    expect(order("client")).toEqual([12, 3, 1]);
    expect(order("address")).toEqual([12, 3, 1]);
  });

  it("puts first who has the rarest pieces that we lack", () => {
    // Piece 3 is as rare, but here; piece 5 is nowhere.
    expect([...rarestLacking(pieces)]).toEqual([0b10000000]);
    expect(order("rarity", true)[0]).toBe(12);
    expect(commonOnes(Uint8Array.of(0b1110), Uint8Array.of(0b0111, 0xff))).toBe(2);
  });
});
