import { expect, test } from "vitest";
import type { CloseReason } from "../../core/model/close-reason.ts";
import { randomBelow } from "../../core/model/random.ts";
import { type Content, makeContent } from "./support/content.ts";
import { goneAt, isComplete, isRight, KIB, liesOnDisk, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { type Machine, World } from "./support/world.ts";

/** What no honest peer may be accused of by another. */
const ACCUSATIONS: readonly CloseReason[] = ["banned", "bad-message", "bad-request", "unrequested-block"];
const PIECE_LENGTHS = [32 * KIB, 64 * KIB, 128 * KIB, 256 * KIB];

/** A swarm that chance puts together: honest seeds, liars, a silent one, leechers that come when they like. */
class Chaos {
  readonly world: World;
  readonly content: Content;
  readonly honest: readonly Machine[];
  readonly leechers: readonly Machine[];

  constructor(seed: number) {
    const world = new World(seed);
    this.world = world;
    world.checkEvery = 5;
    const lengths = [1 + this.#below(2 * MIB), 1 + this.#below(MIB), 1 + this.#below(100)];
    const pieceLength = PIECE_LENGTHS[this.#below(PIECE_LENGTHS.length)] as number;
    this.content = makeContent(lengths, pieceLength, { seed, trackers: ["http://tracker.test/announce"] });
    this.honest = this.#machines(1 + this.#below(3));
    for (const seeder of this.honest) seeder.share(this.content, { isSeed: true });
    for (const liar of this.#machines(this.#below(4))) {
      const share = this.#below(3);
      const corrupts = (piece: number) => share === 0 || piece % 4 === share;
      liar.share(this.content, { isSeed: true, disk: { corrupts } });
    }
    for (const silent of this.#machines(this.#below(2))) {
      silent.share(this.content, { isSeed: true, disk: { withholds: () => true } });
    }
    this.leechers = this.#machines(2 + this.#below(5));
    for (const leecher of this.leechers) {
      const memory = (256 + 256 * this.#below(8)) * KIB;
      world.clock.after(this.#below(30) * SECOND, () => leecher.share(this.content, { disk: { memory } }));
    }
    world.clock.after(10 * SECOND, () => this.#disturb());
  }

  #below(bound: number): number {
    return randomBelow(this.world.random, bound);
  }

  #machines(count: number): Machine[] {
    return Array.from({ length: count }, () =>
      this.world.machine({
        up: (50 + this.#below(1000)) * KIB,
        down: (200 + this.#below(3000)) * KIB,
        latency: 5 + this.#below(150),
      }),
    );
  }

  /** Breaks a line, pauses somebody, or has somebody check again; and comes back. */
  #disturb(): void {
    const { clock, network } = this.world;
    const links = [...network.links];
    const link = links[this.#below(Math.max(1, links.length))];
    if (link !== undefined && this.#below(2) === 0) network.cut(link);
    const leecher = this.leechers[this.#below(this.leechers.length)] as Machine;
    const what = this.#below(30);
    if (leecher.session.torrents.size > 0 && what < 3) {
      leecher.torrent.pause(clock.now);
      clock.after(this.#below(5) * SECOND, () => leecher.torrent.resume(clock.now));
    } else if (leecher.session.torrents.size > 0 && what === 3) leecher.torrent.recheck(clock.now);
    clock.after((1 + this.#below(8)) * SECOND, () => this.#disturb());
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "whatever happens, everybody completes and no honest peer is accused (seed %i)",
  (seed) => {
    const { world, content, honest, leechers } = new Chaos(7919 * seed);
    world.runUntil(() => leechers.every(isComplete), 40 * MINUTE);
    for (const leecher of leechers) {
      expect(isRight(leecher, content)).toBe(true);
      expect(liesOnDisk(leecher)).toEqual([]);
      for (const other of [...honest, ...leechers]) {
        expect(goneAt(leecher, other).filter(({ reason }) => ACCUSATIONS.includes(reason))).toEqual([]);
      }
    }
  },
);
