import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { PieceOrder } from "../../../core/swarm/piece-order.ts";
import { RarestFirst } from "../../../core/swarm/rarest-first.ts";

const PIECES = 12;
const groups = [Uint32Array.of(6, 7), Uint32Array.of(0, 11, 1, 2, 3, 4, 5), Uint32Array.of(8, 9, 10)];

function rarestOf(startable: readonly number[] = Array.from({ length: PIECES }, (_, piece) => piece)): RarestFirst {
  const rarest = new RarestFirst(PIECES, seededRandom(1));
  for (const piece of startable) rarest.setStartable(piece, true);
  return rarest;
}

function visited(order: PieceOrder, rarest: RarestFirst, openings = 0, isRun = false, most = PIECES): number[] {
  const pieces: number[] = [];
  order.forEach(rarest, openings, isRun, (piece) => pieces.push(piece) < most);
  return pieces;
}

describe("the order that the user wishes", () => {
  it("is group by group, and one by one where that is chosen", () => {
    const order = new PieceOrder(groups, PIECES, true);
    expect(visited(order, rarestOf())).toEqual([6, 7, 0, 11, 1, 2, 3, 4, 5, 8, 9, 10]);
  });

  it("is of the rarest first within a group otherwise", () => {
    const rarest = rarestOf();
    for (const piece of [0, 1, 2, 4, 5, 11]) rarest.gained(piece);
    const order = new PieceOrder(groups, PIECES, false);
    expect(visited(order, rarest, 0, false, 3).slice(0, 2).sort()).toEqual([6, 7]);
    expect(visited(order, rarest)[2]).toBe(3);
    expect(
      visited(order, rarest)
        .slice(-3)
        .sort((a, b) => a - b),
    ).toEqual([8, 9, 10]);
  });

  it("is one by one for a web seed, so that one request covers many", () => {
    expect(visited(new PieceOrder(groups, PIECES, false), rarestOf(), 0, true, 4)).toEqual([6, 7, 0, 11]);
  });

  it("comes back to what was given back", () => {
    const order = new PieceOrder(groups, PIECES, true);
    const rarest = rarestOf([2, 3, 9]);
    expect(visited(order, rarest)).toEqual([2, 3, 9]);
    rarest.setStartable(6, true);
    expect(visited(order, rarest, 1)).toEqual([6, 2, 3, 9]);
  });

  it("leaves out nothing that may be started, and names nothing twice", () => {
    fc.assert(
      fc.property(
        fc.subarray([...Array(PIECES).keys()]),
        fc.boolean(),
        fc.boolean(),
        (startable, isSequential, isRun) => {
          const order = new PieceOrder(groups, PIECES, isSequential);
          expect(visited(order, rarestOf(startable), 0, isRun).sort((a, b) => a - b)).toEqual(startable);
        },
      ),
    );
  });
});
