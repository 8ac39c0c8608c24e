import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_STATE, type BlocksView, PIECE_STATE } from "../../../core/contract/views.ts";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { bitfieldColumns, FULL, GAP, NOT_NEEDED, rarityColumns } from "../../../renderer/canvas/coverage.ts";
import { FLIGHT, flightOf } from "../../../renderer/canvas/flight.ts";
import { columnsOf, hasBlocks } from "../../../renderer/canvas/geometry.ts";
import { inks } from "../../../renderer/canvas/paint.ts";
import { PALETTES, pixel, rampColour } from "../../../renderer/canvas/palette.ts";
import { RowColumns } from "../../../renderer/canvas/row-columns.ts";
import { gapsOf, markFlight, ownLine } from "../../../renderer/canvas/swarm-lines.ts";
import { havesBetween, noteHaves } from "../../../renderer/store/have-trail.ts";

const palette = PALETTES.light;

function field(length: number, pieces: Iterable<number>): Bitfield {
  const bits = new Bitfield(length);
  for (const piece of pieces) bits.set(piece);
  return bits;
}

/** Without the gaps, which are cut over every row at once. */
function countedWhole(bits: Bitfield, world: number): number[] {
  const whole = bitfieldColumns(bits.bytes, bits.length, world);
  return [...whole].map((value, column) => (value === GAP ? (whole[column - 1] as number) : value));
}

describe("a peer's row", () => {
  const scene = fc.record({
    pieceCount: fc.integer({ min: 1, max: 2000 }),
    world: fc.integer({ min: 20, max: 3000 }),
    pieces: fc.array(fc.nat(), { maxLength: 200 }),
    lefts: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
    gains: fc.array(fc.nat(), { maxLength: 30 }),
  });

  it("shows in any window what the whole picture shows there, however it was moved and whatever the peer gained", () => {
    fc.assert(
      fc.property(scene, ({ pieceCount, world, pieces, lefts, gains }) => {
        const bits = field(
          pieceCount,
          pieces.map((piece) => piece % pieceCount),
        );
        const width = Math.max(1, Math.floor(world / 3));
        let row: RowColumns | undefined;
        for (const any of lefts) {
          const left = any % (world - width + 1);
          row = new RowColumns(row?.bits ?? bits.bytes.slice(), pieceCount, { world, left, width }, row);
          expect([...row.columns]).toEqual(countedWhole(bits, world).slice(left, left + width));
          const gained = gains.map((piece) => piece % pieceCount).slice(0, 3);
          for (const piece of gained) bits.set(piece);
          row.gain(bits.bytes.slice(), gained);
          expect([...row.columns]).toEqual(countedWhole(bits, world).slice(left, left + width));
        }
      }),
    );
  });
});

describe("the trail of haves", () => {
  it("leads from any bits to those that came of them, and nowhere else", () => {
    const [a, b, c, d] = [new Uint8Array(1), new Uint8Array(1), new Uint8Array(1), new Uint8Array(1)];
    noteHaves(a, b, [1]);
    noteHaves(b, c, [2, 3]);
    expect(havesBetween(a, c)).toEqual([1, 2, 3]);
    expect(havesBetween(b, c)).toEqual([2, 3]);
    expect(havesBetween(c, a)).toBeUndefined();
    expect(havesBetween(a, d)).toBeUndefined();
  });

  it("forks where bits are used twice, and does not mix the branches", () => {
    const [a, b, c] = [new Uint8Array(1), new Uint8Array(1), new Uint8Array(1)];
    noteHaves(a, b, [1]);
    noteHaves(a, c, [2]);
    expect(havesBetween(a, c)).toEqual([2]);
    expect(havesBetween(b, c)).toBeUndefined();
  });
});

describe("blocks in flight", () => {
  const cut = { pieceCount: 10, blocksPerPiece: 4 };
  const blocks: BlocksView = {
    pieces: new Map([
      [
        3,
        {
          states: Uint8Array.of(BLOCK_STATE.received, BLOCK_STATE.asked, BLOCK_STATE.asked, BLOCK_STATE.free),
          peers: Float64Array.of(7, 7, 8, -1),
        },
      ],
    ]),
    shared: [3, 2, 9, 5, 0, 9],
  };
  const flight = flightOf(blocks, 4);

  it("are known by who was asked and who gave, the endgame's by everybody who was asked", () => {
    expect(flight.byPeer.get(7)).toEqual([12, FLIGHT.received, 13, FLIGHT.asked]);
    expect(flight.byPeer.get(8)).toEqual([14, FLIGHT.shared]);
    expect(flight.byPeer.get(9)).toEqual([14, FLIGHT.shared]);
    expect(flight.own).toEqual([12, FLIGHT.received, 13, FLIGHT.asked, 14, FLIGHT.shared]);
  });

  it("are painted where their columns are, and are seen however far the eye is", () => {
    for (const world of [5, 40, 1000]) {
      const window = { world, left: 0, width: world };
      const line = new Uint32Array(world);
      markFlight(line, flight.byPeer.get(8) ?? [], window, cut, palette);
      const { first, end } = columnsOf(14, world, 40);
      expect([...line.keys()].filter((column) => line[column] === pixel(palette.shared))).toEqual(
        Array.from({ length: end - first }, (_, i) => first + i),
      );
    }
  });

  it("divide the pieces of our own row where they can be told apart", () => {
    const window = { world: 800, left: 200, width: 300 };
    expect(hasBlocks(window, cut)).toBe(true);
    const states = new Uint8Array(10);
    states[3] = PIECE_STATE.requested;
    const pieces = { states, availability: new Uint8Array(10) };
    const line = ownLine(pieces, blocks, flight.own, window, cut, palette);
    const at = (block: number) => line[columnsOf(12 + block, 800, 40).first - 200];
    expect([0, 1, 2, 3].map(at)).toEqual([
      pixel(palette.received),
      pixel(palette.states.requested),
      pixel(palette.shared),
      pixel(rampColour(palette.ramp, 0)),
    ]);
    const far = ownLine(pieces, blocks, flight.own, { world: 30, left: 0, width: 30 }, cut, palette);
    expect(far[columnsOf(3, 30, 10).first]).toBe(inks(palette).marks[PIECE_STATE.requested]);
  });

  it("have gaps between them, and wider ones between pieces", () => {
    const gaps = gapsOf({ world: 800, left: 0, width: 160 }, cut);
    // The first pixel of each is always painted.
    expect([...gaps].sort((a, b) => a - b)).toEqual([19, 39, 59, 78, 79, 99, 119, 139, 158, 159]);
  });
});

describe("rarity", () => {
  it("is of the rarest piece that we lack, from what everybody has to what nobody has", () => {
    const { verified, missing, unwanted } = PIECE_STATE;
    const states = Uint8Array.of(verified, missing, missing, unwanted, missing, missing);
    const availability = Uint8Array.of(0, 9, 0, 1, 9, 3);
    const rarity = (world: number) => [...rarityColumns({ states, availability }, 9, { world, left: 0, width: world })];
    expect(rarity(6)).toEqual([
      NOT_NEEDED,
      0,
      FULL,
      NOT_NEEDED,
      0,
      Math.round(FULL * (1 - Math.log(4) / Math.log(10))),
    ]);
    expect(rarity(2)[0]).toBe(FULL);
  });
});
