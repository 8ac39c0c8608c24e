import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { KIB, MIB } from "../../../core/model/units.ts";
import { CHOKE_ROUND, type ChokeCandidate, Choker, OPTIMISTIC_ROUND } from "../../../core/swarm/choker.ts";

const PIECE = 1000;

/** A candidate that the test moves as a swarm would. */
class Candidate implements ChokeCandidate {
  readonly name: string;
  weChoke = true;
  peerIsInterested = true;
  isOptimistic = false;
  isSnubbed = false;
  isUploadOnly = false;
  chokeChangedAt: number;
  openedAt: number;
  readonly down = { rate: 0, total: 0 };
  readonly up = { rate: 0, total: 0 };
  upBeforeTurn = 0;

  constructor(name: string, openedAt = -1_000_000) {
    this.name = name;
    this.openedAt = openedAt;
    this.chokeChangedAt = openedAt;
  }
}

class Table {
  readonly choker = new Choker();
  readonly random = seededRandom(3);
  readonly peers: Candidate[];
  readonly slots: number;
  isSeeding = false;
  now = 0;
  #lastRound = -CHOKE_ROUND;

  constructor(count: number, slots: number) {
    this.peers = Array.from({ length: count }, (_, i) => new Candidate(`peer ${i}`));
    this.slots = slots;
  }

  round(): Candidate[] {
    const { peers, slots, isSeeding, random, now } = this;
    for (const { down } of peers) down.total += (down.rate * (now - this.#lastRound)) / 1000;
    this.#lastRound = now;
    const { unchoked, optimistic } = this.choker.decide(peers, slots, isSeeding, PIECE, random, now);
    for (const peer of this.peers) {
      const choke = !unchoked.has(peer);
      if (peer.weChoke !== choke) peer.chokeChangedAt = this.now;
      if (peer.weChoke && !choke) peer.upBeforeTurn = peer.up.total;
      peer.weChoke = choke;
      peer.isOptimistic = optimistic.has(peer);
      if (peer.isOptimistic) expect(unchoked.has(peer)).toBe(true);
    }
    return this.peers.filter((peer) => !peer.weChoke);
  }

  later(time = CHOKE_ROUND): this {
    this.now += time;
    return this;
  }
}

const at = (peers: readonly Candidate[], index: number) => peers[index] as Candidate;

describe("the choker", () => {
  test("unchokes those that give most, and one that waited", () => {
    const table = new Table(10, 4);
    table.peers.forEach((peer, i) => {
      peer.down.rate = i * 100;
    });
    const unchoked = table.round();
    expect(unchoked).toHaveLength(4);
    for (const i of [7, 8, 9]) expect(unchoked).toContain(at(table.peers, i));
    expect(unchoked.filter(({ isOptimistic }) => isOptimistic)).toHaveLength(1);
  });

  test("while seeding unchokes those that take most", () => {
    const table = new Table(10, 4);
    table.isSeeding = true;
    table.peers.forEach((peer, i) => {
      peer.weChoke = false;
      peer.up.rate = i * 100;
      peer.down.rate = (10 - i) * 100;
    });
    const unchoked = table.round();
    for (const i of [7, 8, 9]) expect(unchoked).toContain(at(table.peers, i));
  });

  test("while seeding lets the slots go round, each for a minute and its quota, or three minutes", () => {
    for (const [rate, turn] of [
      [PIECE, 60_000],
      [(20 * PIECE) / 100, 100_000],
      [1, 180_000],
    ] as const) {
      const table = new Table(12, 4);
      table.isSeeding = true;
      const turns: number[] = [];
      for (let second = 0; second < 1800; second++) {
        if (second % 10 === 0) {
          const before = table.peers.filter(({ weChoke, isOptimistic }) => !weChoke && !isOptimistic);
          const since = new Map(before.map((peer) => [peer, peer.chokeChangedAt]));
          table.round();
          for (const peer of before) if (peer.weChoke) turns.push(table.now - (since.get(peer) as number));
        }
        for (const peer of table.peers) {
          peer.up.rate = peer.weChoke ? 0 : rate;
          if (!peer.weChoke) peer.up.total += rate;
        }
        table.later(1000);
      }
      expect(turns.length).toBeGreaterThan(20);
      expect(Math.min(...turns)).toBe(turn);
      const totals = table.peers.map(({ up }) => up.total);
      expect(Math.max(...totals)).toBeLessThan(2 * Math.min(...totals));
    }
  });

  test("while seeding takes no slot from who has had its turn where nobody waits", () => {
    const table = new Table(3, 8);
    table.isSeeding = true;
    for (let i = 0; i < 60; i++) {
      for (const peer of table.peers) peer.up.total += 30 * PIECE;
      expect(table.round()).toHaveLength(3);
      table.later();
    }
    expect(table.peers.every(({ chokeChangedAt }) => chokeChangedAt === 0)).toBe(true);
  });

  test("gives nothing to who wants nothing, nor to who only uploads", () => {
    const table = new Table(6, 8);
    at(table.peers, 0).peerIsInterested = false;
    at(table.peers, 1).isUploadOnly = true;
    expect(table.round().map(({ name }) => name)).toEqual(["peer 2", "peer 3", "peer 4", "peer 5"]);
  });

  test("counts what a snubbed peer gives for nothing", () => {
    const table = new Table(5, 3);
    for (const peer of table.peers) peer.down.rate = 10;
    at(table.peers, 4).down.rate = 1000;
    at(table.peers, 4).isSnubbed = true;
    const regular = table.round().filter(({ isOptimistic }) => !isOptimistic);
    expect(regular).not.toContain(at(table.peers, 4));
  });

  test("takes its slot from who snubs us, for one that has waited, though nobody gives anything", () => {
    const table = new Table(8, 4);
    const first = table.round().filter(({ isOptimistic }) => !isOptimistic);
    const snubber = at(first, 0);
    snubber.isSnubbed = true;
    const next = table.later(2 * CHOKE_ROUND).round();
    expect(next).not.toContain(snubber);
    for (const peer of first.slice(1)) expect(next).toContain(peer);
  });

  test("while leeching lets the slots go round that nobody earns, and not those that are earned", () => {
    const table = new Table(12, 5);
    const giver = at(table.peers, 3);
    giver.down.rate = 100;
    const turns = new Map<Candidate, number>();
    let kept = 0;
    for (let second = 0; second < 1800; second += 10) {
      const unchoked = table.round().filter(({ isOptimistic }) => !isOptimistic);
      if (unchoked.includes(giver)) kept++;
      for (const peer of unchoked) turns.set(peer, (turns.get(peer) ?? 0) + 1);
      table.later();
    }
    expect(kept).toBe(180);
    expect(turns.size).toBe(12);
    turns.delete(giver);
    expect(Math.max(...turns.values())).toBeLessThan(2.5 * Math.min(...turns.values()));
  });

  test("between rounds gives the slots that are free, and takes none", () => {
    const table = new Table(8, 4);
    table.peers.slice(0, 3).forEach((peer) => {
      peer.down.rate = 100;
    });
    table.round();
    table.later().round();
    const [gone, ...rest] = table.peers.slice(0, 3) as [Candidate, Candidate, Candidate];
    gone.peerIsInterested = false;
    at(table.peers, 5).down.rate = 900;
    at(table.peers, 6).down.rate = 800;
    table.choker.requestRound();
    const early = table.later(5000).round();
    expect(early).toContain(at(table.peers, 5));
    for (const peer of rest) expect(early).toContain(peer);
    expect(early).not.toContain(at(table.peers, 6));
    expect(table.later(5000).round()).toContain(at(table.peers, 6));
  });

  test("judges by two rounds, so that a block now and then on a slow line counts", () => {
    const table = new Table(8, 4);
    const slow = table.peers.slice(0, 3);
    for (let i = 0; i < 12; i++) {
      const regular = table.round().filter(({ isOptimistic }) => !isOptimistic);
      if (i > 1) expect(regular).toEqual(slow);
      if (i % 2 === 0) for (const peer of slow) peer.down.total += 16 * KIB;
      table.later();
    }
    for (const peer of table.later(2 * CHOKE_ROUND).peers.slice(3, 6)) peer.down.rate = 1;
    table.round();
    const regular = table
      .later()
      .round()
      .filter(({ isOptimistic }) => !isOptimistic);
    expect(regular).toEqual(table.peers.slice(3, 6));
  });

  test("lets a peer just unchoked stay for one round, though others outdo it", () => {
    const table = new Table(6, 3);
    at(table.peers, 0).down.rate = 300;
    at(table.peers, 1).down.rate = 200;
    const first = table.round().filter(({ isOptimistic }) => !isOptimistic);
    expect(first.map(({ name }) => name)).toEqual(["peer 0", "peer 1"]);
    at(table.peers, 4).down.rate = 900;
    at(table.peers, 5).down.rate = 800;
    const soon = table.later(3000).round();
    for (const peer of first) expect(soon).toContain(peer);
    const next = table
      .later()
      .round()
      .filter(({ isOptimistic }) => !isOptimistic);
    expect(next.map(({ name }) => name)).toEqual(["peer 4", "peer 5"]);
  });

  test("never unchokes more than its slots, one regular and one optimistic at least", () => {
    for (const slots of [1, 2, 3, 5, 8, 20]) {
      const table = new Table(30, slots);
      for (let i = 0; i < 60; i++) {
        for (const peer of table.peers) peer.down.rate = table.random.uint32() % 1000;
        expect(table.round()).toHaveLength(Math.max(2, slots));
        expect(table.peers.filter(({ isOptimistic }) => isOptimistic)).toHaveLength(Math.max(1, Math.floor(slots / 5)));
        table.later(table.random.uint32() % 12_000);
      }
    }
  });

  test("moves the optimistic slot on every 30 s, until everybody had it", () => {
    const table = new Table(12, 4);
    table.peers.slice(0, 3).forEach((peer) => {
      peer.down.rate = 1000;
    });
    const held = new Set<Candidate>();
    let changes = 0;
    let last: Candidate | undefined;
    for (let i = 0; i < 3 * 12; i++) {
      table.round();
      const holder = table.peers.find(({ isOptimistic }) => isOptimistic) as Candidate;
      if (holder !== last) changes++;
      last = holder;
      held.add(holder);
      table.later();
    }
    expect(changes).toBeLessThanOrEqual(Math.ceil((36 * CHOKE_ROUND) / OPTIMISTIC_ROUND));
    expect(held.size).toBe(9);
  });

  test("does not move on from who has had the optimistic slot for less than a round", () => {
    const table = new Table(12, 4);
    table.peers.slice(0, 3).forEach((peer) => {
      peer.down.rate = 1000;
    });
    const holder = () => table.peers.find(({ isOptimistic }) => isOptimistic) as Candidate;
    table.round();
    for (let i = 0; i < 2; i++) table.later().round();
    holder().peerIsInterested = false;
    table.later(5000).round();
    const late = holder();
    table.later(5000).round();
    expect(holder()).toBe(late);
    table.later().round();
    expect(late.weChoke).toBe(false);
    table.later(2 * CHOKE_ROUND).round();
    expect(late.weChoke).toBe(true);
  });

  test("has given each of 20 the optimistic slot after 20 rotations, whoever earned the others", () => {
    const table = new Table(23, 4);
    table.peers.slice(0, 3).forEach((peer) => {
      peer.down.rate = 1000;
    });
    const waited = new Map<Candidate, number>();
    for (let i = 0; i < 20 * 3; i++) {
      table.round();
      for (const peer of table.peers) if (peer.isOptimistic) waited.set(peer, (waited.get(peer) ?? 0) + 1);
      table.later();
    }
    expect(waited.size).toBe(20);
    expect([...waited.values()].every((rounds) => rounds === 3)).toBe(true);
  });

  test("gives newcomers three times the chance of the optimistic slot", () => {
    let newcomers = 0;
    for (let i = 0; i < 400; i++) {
      const table = new Table(20, 3);
      table.peers.slice(0, 2).forEach((peer) => {
        peer.down.rate = 1000;
      });
      table.random.uint32();
      for (let skip = 0; skip < i; skip++) table.random.uint32();
      const late = new Candidate("late", -1000);
      table.peers.push(late);
      table.round();
      if (late.isOptimistic) newcomers++;
    }
    expect(newcomers).toBeGreaterThan(250);
    expect(newcomers).toBeLessThan(350);
  });

  test("clears the mark of an optimistic unchoke that has earned a regular one", () => {
    const table = new Table(5, 3);
    at(table.peers, 0).down.rate = 100;
    at(table.peers, 1).down.rate = 90;
    table.round();
    const holder = table.peers.find(({ isOptimistic }) => isOptimistic) as Candidate;
    holder.down.rate = 500;
    table.later().round();
    expect(holder.weChoke).toBe(false);
    expect(holder.isOptimistic).toBe(false);
  });

  test("with automatic slots serves as many as the upload rate carries at a rate that rises with their number", () => {
    for (const [uplink, served] of [
      [100, 2],
      [20 * KIB, 4],
      [100 * KIB, 10],
      [MIB, 32],
    ] as const) {
      const table = new Table(60, 0);
      for (let i = 0; i < 60; i++) {
        const unchoked = table.round();
        for (const peer of table.peers) peer.up.rate = peer.weChoke ? 0 : uplink / unchoked.length;
        table.later();
      }
      // One more is tried now and then.
      expect(table.round().length - served).toBeOneOf([0, 1]);
    }
  });

  test("with automatic slots gives none up between rounds, nor more than one a round", () => {
    const table = new Table(20, 0);
    let before = table.round().length;
    expect(before).toBe(2);
    for (let i = 0; i < 10; i++) {
      for (const peer of table.peers) peer.up.rate = peer.weChoke ? 0 : MIB;
      const { length } = table.later().round();
      expect(length).toBeLessThanOrEqual(before + 1);
      for (const peer of table.peers) peer.up.rate = 0;
      expect(table.later(1000).round()).toHaveLength(length);
      before = length;
      table.later(-1000);
    }
    expect(before).toBe(12);
  });

  test("has a round every 10 s, and sooner when asked to", () => {
    const table = new Table(2, 2);
    expect(table.choker.isDue(0)).toBe(true);
    table.round();
    expect(table.choker.isDue(CHOKE_ROUND - 1)).toBe(false);
    expect(table.choker.isDue(CHOKE_ROUND)).toBe(true);
    table.choker.requestRound();
    expect(table.choker.isDue(1)).toBe(true);
  });
});
