import { describe, expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { PieceLayout } from "../../../core/model/layout.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { RequestWindow } from "../../../core/peer/request-window.ts";
import { type GapRun, type PickingPeer, pick } from "../../../core/swarm/picker.ts";
import { PieceLedger } from "../../../core/swarm/piece-ledger.ts";
import { RarestFirst } from "../../../core/swarm/rarest-first.ts";
import { MemoryDisk } from "../../setup/memory-disk.ts";

const PIECES = 12;
const BLOCKS = 4;

class Giver implements PickingPeer {
  readonly id: number;
  readonly pieces = Bitfield.full(PIECES);
  readonly peerChokes = false;
  readonly isOnParole = false;
  readonly allowedFast = new Set<number>();
  readonly suggested = new Set<number>();
  readonly window = new RequestWindow();
  readonly takenBack = 0;
  readonly now = 0;
  readonly run?: GapRun;

  constructor(id: number, isWebSeed: boolean) {
    this.id = id;
    if (isWebSeed) this.run = { next: 0 };
  }
}

/** A web seed and a peer, and a torrent of which some pieces are there. */
class Scene {
  readonly ledger: PieceLedger;
  readonly rarest = new RarestFirst(PIECES, seededRandom(1));
  readonly disk: MemoryDisk;
  readonly web = new Giver(1, true);
  readonly peer = new Giver(2, false);
  readonly peers = [this.web, this.peer];
  readonly surplus = 0;

  constructor(...verified: readonly number[]) {
    const layout = new PieceLayout(PIECES * BLOCKS * BLOCK_LENGTH, BLOCKS * BLOCK_LENGTH);
    const there = new Bitfield(PIECES);
    for (const piece of verified) there.set(piece);
    this.rarest.seeds = 2;
    this.ledger = new PieceLedger(layout, there, Bitfield.full(PIECES), this.rarest);
    this.disk = new MemoryDisk(layout, PIECES);
  }

  takeBack(holder: Giver, piece: number, block: number): void {
    holder.window.remove(piece, block);
  }

  /** @returns The pieces of the blocks that are asked for, each once, in their order. */
  pick(giver: Giver, limit: number): number[] {
    const pieces = new Set<number>();
    pick(this, giver, limit, ({ piece }, block) => {
      giver.window.sent({ piece, block, length: BLOCK_LENGTH, sentAt: 0 });
      pieces.add(piece);
    });
    return [...pieces];
  }
}

describe("a web seed is asked for", () => {
  test("pieces in the order of the torrent, from where it ended", () => {
    const scene = new Scene();
    expect(scene.pick(scene.web, 6)).toEqual([0, 1]);
    expect(scene.pick(scene.web, 6)).toEqual([1, 2]);
  });

  test("the widest gap, and the next when that is full", () => {
    const scene = new Scene(0, 3, 8);
    expect(scene.pick(scene.web, 4 * BLOCKS)).toEqual([4, 5, 6, 7]);
    expect(scene.pick(scene.web, 3 * BLOCKS)).toEqual([9, 10, 11]);
    expect(scene.pick(scene.web, 8 * BLOCKS)).toEqual([1, 2]);
    expect(scene.pick(scene.web, 8)).toEqual([]);
  });

  test("the second half of a gap that another is working its way into", () => {
    const scene = new Scene();
    const other = new Giver(3, true);
    expect(scene.pick(scene.web, BLOCKS + 1)).toEqual([0, 1]);
    expect(scene.pick(other, BLOCKS)).toEqual([7]);
    expect(scene.pick(scene.web, 2 * BLOCKS)).toEqual([1, 2, 3]);
  });

  test("what others began only when nothing is left to begin", () => {
    const scene = new Scene(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    const [begun] = scene.pick(scene.peer, 1) as [number];
    const other = begun === 10 ? 11 : 10;
    expect(scene.pick(scene.web, 1)).toEqual([other]);
    expect(scene.pick(scene.web, 2 * BLOCKS)).toEqual([other, begun]);
  });

  test("nothing that others were asked for", () => {
    const scene = new Scene(...Array.from({ length: PIECES - 1 }, (_, piece) => piece));
    expect(scene.pick(scene.peer, BLOCKS)).toEqual([PIECES - 1]);
    expect(scene.pick(scene.web, BLOCKS)).toEqual([]);
  });
});

describe("a peer is asked for what a web seed began", () => {
  test("only when nothing is left to begin", () => {
    const scene = new Scene(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(scene.pick(scene.web, 1)).toEqual([10]);
    expect(scene.pick(scene.peer, 1)).toEqual([11]);
    expect(scene.pick(scene.peer, BLOCKS - 1)).toEqual([11]);
    expect(scene.pick(scene.peer, BLOCKS)).toEqual([10]);
  });

  test("like anything else once the web seed is gone", () => {
    const scene = new Scene(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    scene.pick(scene.web, 1);
    scene.ledger.openToOthers(scene.web.id);
    expect(scene.pick(scene.peer, 1)).toEqual([10]);
  });
});
