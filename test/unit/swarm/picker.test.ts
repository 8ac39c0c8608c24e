import { describe, expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { PieceLayout } from "../../../core/model/layout.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { RequestWindow } from "../../../core/peer/request-window.ts";
import { type PickingPeer, pick } from "../../../core/swarm/picker.ts";
import { PieceLedger } from "../../../core/swarm/piece-ledger.ts";
import { RarestFirst } from "../../../core/swarm/rarest-first.ts";
import { MemoryDisk } from "../../setup/memory-disk.ts";

const BLOCKS = 8;
const NOW = 100_000;

/** A seed that gives so many blocks a second, or has not shown what it can do. */
class Giver implements PickingPeer {
  readonly id: number;
  readonly pieces = Bitfield.full(1);
  readonly peerChokes = false;
  readonly isOnParole = false;
  readonly allowedFast = new Set<number>();
  readonly suggested = new Set<number>();
  readonly window = new RequestWindow();
  readonly takenBack = 0;
  now = NOW;

  constructor(id: number, speed: number | undefined) {
    this.id = id;
    if (speed !== undefined) this.window.adjust(speed * BLOCK_LENGTH, 0, NOW);
  }
}

/** The last piece of a torrent among these peers. */
class Scene {
  readonly ledger: PieceLedger;
  readonly rarest: RarestFirst;
  readonly disk: MemoryDisk;
  readonly peers: readonly Giver[];
  surplus = 0;

  constructor(...speeds: readonly (number | undefined)[]) {
    const layout = new PieceLayout(BLOCKS * BLOCK_LENGTH, BLOCKS * BLOCK_LENGTH);
    this.rarest = new RarestFirst(1, seededRandom(1));
    this.rarest.seeds = speeds.length;
    this.ledger = new PieceLedger(layout, new Bitfield(1), Bitfield.full(1), this.rarest);
    this.disk = new MemoryDisk(layout, 1);
    this.peers = speeds.map((speed, id) => new Giver(id, speed));
  }

  takeBack(holder: Giver, piece: number, block: number): void {
    holder.window.remove(piece, block);
  }

  /** @returns The blocks that peer `id` is asked for at `now`. */
  pick(id: number, limit: number, now = NOW): number[] {
    const peer = this.peers[id] as Giver;
    peer.now = now;
    const blocks: number[] = [];
    pick(this, peer, limit, ({ piece }, block) => {
      peer.window.sent({ piece, block, length: BLOCK_LENGTH, sentAt: now });
      blocks.push(block);
    });
    return blocks;
  }
}

describe("the endgame", () => {
  test("does not begin while a block was asked of nobody", () => {
    const scene = new Scene(1, 100);
    expect(scene.pick(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(scene.pick(1, 1)).toEqual([6]);
    expect(scene.pick(1, 1)).toEqual([7]);
    expect(scene.pick(1, 1)).toEqual([5]);
  });

  test("takes from the end of a slow peer's queue what another clearly gives sooner", () => {
    const scene = new Scene(2, 4);
    scene.pick(0, 8);
    // The slow one needs 4 s for all; the other 0.25 s for each, of which it takes what saves half and half a second.
    expect(scene.pick(1, 8)).toEqual([7, 6, 5, 4]);
  });

  test("asks nobody again who is no faster", () => {
    const scene = new Scene(4, 4);
    scene.pick(0, 4);
    scene.pick(1, 4);
    expect([...scene.pick(0, 8), ...scene.pick(1, 8)]).toEqual([]);
  });

  test("asks a third only when it is clearly sooner than both", () => {
    const scene = new Scene(0.2, 50, 50);
    scene.pick(0, 8);
    expect(scene.pick(1, 8)).toHaveLength(8);
    expect(scene.pick(2, 8)).toEqual([]);
  });

  test("takes back what can still be taken back, and asks for the rest twice", () => {
    const scene = new Scene(0.2, 50);
    scene.pick(0, 8);
    expect(scene.pick(1, 8)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    expect(scene.peers[0]?.window.outstanding.map(({ block }) => block)).toEqual([0, 1]);
  });

  test("puts one block of a small torrent at stake, and after that only what would be hardly begun", () => {
    const asked = (speed: number, surplus: number) => {
      const scene = new Scene(speed, 10);
      scene.surplus = surplus;
      scene.pick(0, 8);
      return scene.pick(1, 8).filter((block) => block < 2);
    };
    // Its second block in 2 s, of the other after the six behind it in 0.7 s.
    expect(asked(1, 0)).toEqual([1]);
    expect(asked(1, 1)).toEqual([]);
    expect(asked(0.1, 1)).toEqual([1, 0]);
  });

  test("asks for all that a peer owes once its oldest request is overdue", () => {
    const scene = new Scene(100, 100);
    scene.pick(0, 8);
    expect(scene.pick(1, 8, NOW + 2000)).toEqual([]);
    expect(scene.pick(1, 8, NOW + 2001)).toHaveLength(8);
  });

  test("asks nothing more of a peer that is overdue itself", () => {
    const scene = new Scene(0.1, 100);
    scene.pick(0, 7);
    scene.pick(1, 1);
    expect(scene.pick(1, 8, NOW + 2001)).toEqual([]);
  });

  test("tries a peer that has shown nothing with what comes late, a block or two", () => {
    const scene = new Scene(1, undefined);
    scene.pick(0, 8);
    expect(scene.pick(1, 8)).toEqual([7]);
  });

  test("waits for a peer that has shown nothing until it is overdue", () => {
    const scene = new Scene(undefined, 100);
    scene.pick(0, 8);
    expect(scene.pick(1, 8, NOW + 2000)).toEqual([]);
    expect(scene.pick(1, 8, NOW + 2001)).toHaveLength(8);
  });
});
