import fc from "fast-check";
import { expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { PieceLayout } from "../../../core/model/layout.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { type OutRequest, RequestWindow } from "../../../core/peer/request-window.ts";
import type { PartialPiece } from "../../../core/swarm/partial-piece.ts";
import { type PickingPeer, pick } from "../../../core/swarm/picker.ts";
import { PieceLedger } from "../../../core/swarm/piece-ledger.ts";
import { RarestFirst } from "../../../core/swarm/rarest-first.ts";
import { MemoryDisk } from "../../setup/memory-disk.ts";

const MAX_ASKERS = 4;
const SECOND = 1000;

/** A peer of the test: what it has, and what it was asked. */
class Asked implements PickingPeer {
  readonly world: World;
  readonly id: number;
  readonly pieces: Bitfield;
  peerChokes = false;
  isOnParole = false;
  readonly allowedFast = new Set<number>();
  readonly suggested = new Set<number>();
  readonly window = new RequestWindow();
  readonly takenBack = 0;

  constructor(world: World, id: number, pieces: Bitfield) {
    this.world = world;
    this.id = id;
    this.pieces = pieces;
  }

  get now(): number {
    return this.world.now;
  }

  /** In how long it is expected to answer what it was asked. */
  owes(piece: number, block: number): number | undefined {
    const at = this.window.outstanding.findIndex((request) => request.piece === piece && request.block === block);
    return at < 0 ? undefined : this.window.expected(at, this.window.outstanding[at]?.sentAt ?? 0, this.now);
  }
}

type Step =
  | { readonly kind: "pick"; readonly peer: number; readonly limit: number }
  | { readonly kind: "answer" | "drop"; readonly peer: number; readonly which: number }
  | { readonly kind: "judge"; readonly which: number; readonly isRight: boolean }
  | { readonly kind: "wait"; readonly time: number; readonly rates: readonly number[] }
  | { readonly kind: "want"; readonly piece: number; readonly is: boolean }
  | { readonly kind: "suggest"; readonly peer: number; readonly piece: number }
  | { readonly kind: "parole" | "choke"; readonly peer: number; readonly is: boolean };

const peer = fc.nat(4);
const which = fc.nat(100);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("pick" as const), peer, limit: fc.nat(12) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("answer" as const), peer, which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("drop" as const), peer, which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("judge" as const), which, isRight: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      time: fc.integer({ min: 1, max: 8 * SECOND }),
      rates: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 5, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("suggest" as const), peer, piece: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("want" as const), piece: fc.nat(100), is: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("parole" as const, "choke" as const), peer, is: fc.boolean() }),
  },
);

/** A ledger, five peers and a disk; each step is what the swarm does with them. */
class World {
  readonly layout: PieceLayout;
  readonly ledger: PieceLedger;
  readonly rarest: RarestFirst;
  readonly disk: MemoryDisk;
  readonly peers: Asked[];
  readonly whole: PartialPiece[] = [];
  readonly surplus = 0;
  /** In how long what is just being taken back was expected. */
  readonly taken: number[] = [];
  now = 0;

  constructor(pieceCount: number, blocks: number, slabs: number, seed: number) {
    const random = seededRandom(seed);
    this.layout = new PieceLayout(
      (pieceCount - 1) * blocks * BLOCK_LENGTH + 1 + (seed & 0x7fff),
      blocks * BLOCK_LENGTH,
    );
    const count = this.layout.pieceCount;
    this.rarest = new RarestFirst(count, random);
    this.ledger = new PieceLedger(this.layout, new Bitfield(count), Bitfield.full(count), this.rarest);
    this.disk = new MemoryDisk(this.layout, slabs);
    this.peers = Array.from({ length: 5 }, (_, id) => {
      const pieces = new Bitfield(count);
      for (let piece = 0; piece < count; piece++) if (random.uint32() % 4 !== 0 || id === 0) pieces.set(piece);
      pieces.forEach((piece) => this.rarest.gained(piece));
      const one = new Asked(this, id, pieces);
      one.allowedFast.add(seed >>> 0 === 0 ? 0 : (seed >>> 0) % count);
      return one;
    });
  }

  /** A request is taken back from the end of a queue that another is much quicker with. */
  takeBack(holder: Asked, piece: number, block: number): void {
    expect(this.ledger.isEndgame).toBe(true);
    const { outstanding } = holder.window;
    expect(outstanding.findIndex((request) => request.piece === piece && request.block === block)).toBeGreaterThan(1);
    this.taken.push(holder.owes(piece, block) ?? 0);
    holder.window.remove(piece, block);
  }

  /** Requests outstanding for a block, counted from the peers' side. */
  asked(piece: number, block: number): number {
    return this.peers.filter((one) => one.window.has(piece, block)).length;
  }

  pick(one: Asked, limit: number): void {
    const wasEndgame = this.ledger.isEndgame;
    const wasBegun = new Set(this.ledger.partials.keys());
    const started: number[] = [];
    const picked = pick(this, one, limit, (partial, block) => {
      const { piece } = partial;
      expect(one.pieces.has(piece)).toBe(true);
      if (one.peerChokes) expect(one.allowedFast.has(piece)).toBe(true);
      expect(block).toBeLessThan(partial.blockCount);
      expect(partial.isReceived(block)).toBe(false);
      expect(one.window.has(piece, block)).toBe(false);
      const others = this.asked(piece, block);
      const expectations = this.taken.splice(0);
      if (others > 0 || expectations.length > 0) {
        expect(this.ledger.isEndgame).toBe(true);
        const ahead = one.window.outstanding.length;
        const ours = one.window.expected(ahead, this.now, this.now) ?? 2 * SECOND * (ahead + 1);
        for (const other of this.peers) {
          if (other.window.has(piece, block)) expectations.push(other.owes(piece, block) ?? 0);
        }
        for (const expected of expectations) expect(expected).toBeGreaterThan(2 * ours);
      }
      expect(others).toBeLessThan(MAX_ASKERS);
      // Only in the endgame may others help with a piece that is one's alone.
      if (expectations.length === 0 && partial.exclusiveTo !== undefined) expect(partial.exclusiveTo).toBe(one.id);
      if (one.isOnParole) expect(partial.exclusiveTo).toBe(one.id);
      if (!wasBegun.has(piece) && !started.includes(piece)) started.push(piece);
      one.window.sent({ piece, block, length: this.layout.blockLength(piece, block), sentAt: this.now });
    });
    expect(picked).toBeLessThanOrEqual(limit);
    // Suggested ones first, then the rarest.
    const rest = started.filter((piece) => !one.suggested.has(piece));
    expect(started.slice(started.length - rest.length)).toEqual(rest);
    for (let i = 1; i < rest.length; i++) {
      expect(this.rarest.availability(rest[i] as number)).toBeGreaterThanOrEqual(
        this.rarest.availability(rest[i - 1] as number),
      );
    }
    // Whoever got less than it could take found nothing more, or no memory.
    if (picked < limit && !wasEndgame && this.disk.held < this.disk.mostSlabs && !one.peerChokes) {
      for (const partial of this.ledger.open) {
        const isFor = one.isOnParole || partial.exclusiveTo !== undefined ? partial.exclusiveTo === one.id : true;
        expect(one.pieces.has(partial.piece) && isFor).toBe(false);
      }
      this.rarest.forEach((piece) => {
        expect(one.pieces.has(piece)).toBe(false);
        return true;
      });
    }
  }

  wait(time: number, rates: readonly number[]): void {
    this.now += time;
    for (const one of this.peers) one.window.adjust(rates[one.id] as number, rates[one.id] as number, this.now);
  }

  answer(one: Asked, request: OutRequest): void {
    const { piece, block } = request;
    const partial = this.ledger.partials.get(piece) as PartialPiece;
    for (const other of this.peers) other.window.remove(piece, block);
    one.window.answered(request, this.now);
    partial.receive(block, one.id);
    if (!partial.isWhole) return;
    this.ledger.beginWriting(partial);
    this.whole.push(partial);
  }

  drop(one: Asked, { piece, block }: OutRequest): void {
    one.window.remove(piece, block);
    const partial = this.ledger.partials.get(piece) as PartialPiece;
    expect(partial.unask(block)).toBe(this.asked(piece, block) === 0);
    if (partial.free === partial.blockCount) {
      partial.dispose(this.disk);
      this.ledger.drop(partial);
    } else this.ledger.reviewOpen(partial);
  }

  judge(partial: PartialPiece, isRight: boolean): void {
    this.whole.splice(this.whole.indexOf(partial), 1);
    partial.dispose(this.disk);
    if (isRight) this.ledger.verify(partial.piece);
    else this.ledger.fail(partial.piece);
  }

  /** What must hold between any two steps. */
  check(): void {
    const { ledger, layout } = this;
    let missingWanted = 0;
    let slabs = 0;
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      const partial = ledger.partials.get(piece);
      const states = [ledger.verified.has(piece), partial !== undefined, ledger.writing.has(piece)].filter(Boolean);
      expect(states.length).toBeLessThanOrEqual(1);
      const isMissing = states.length === 0;
      expect(this.rarest.isStartable(piece)).toBe(isMissing && ledger.wanted.has(piece));
      if (ledger.wanted.has(piece) && !ledger.verified.has(piece)) missingWanted++;
      if (partial === undefined) continue;
      let free = 0;
      let received = 0;
      let requested = 0;
      for (let block = 0; block < partial.blockCount; block++) {
        const asked = this.asked(piece, block);
        if (partial.isReceived(block)) received++;
        else if (partial.isRequested(block)) requested++;
        else free++;
        expect(partial.isRequested(block)).toBe(asked > 0);
        if (asked > 0) expect(partial.askers(block)).toBe(asked);
      }
      expect([partial.free, partial.received]).toEqual([free, received]);
      expect(free + received + requested).toBe(partial.blockCount);
      expect(free).toBeLessThan(partial.blockCount);
      expect(ledger.open.has(partial)).toBe(free > 0);
      slabs++;
    }
    for (const partial of ledger.open) expect(ledger.partials.get(partial.piece)).toBe(partial);
    expect(ledger.missingWanted).toBe(missingWanted);
    expect(ledger.isComplete).toBe(missingWanted === 0);
    expect(this.disk.held).toBe(slabs + this.whole.length);
  }
}

test("after any history blocks and pieces are in one state each, and nothing is asked twice before the endgame", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 0x7fff_ffff }),
      fc.array(step, { maxLength: 200 }),
      (pieces, blocks, slabs, seed, steps) => {
        const world = new World(pieces, blocks, slabs, seed);
        for (const one of steps) {
          if (one.kind === "judge") {
            const partial = world.whole[one.which % Math.max(1, world.whole.length)];
            if (partial !== undefined) world.judge(partial, one.isRight);
          } else if (one.kind === "wait") {
            world.wait(one.time, one.rates);
          } else if (one.kind === "want") {
            world.ledger.setWanted(one.piece % world.layout.pieceCount, one.is);
          } else {
            const asked = world.peers[one.peer] as Asked;
            if (one.kind === "suggest") asked.suggested.add(one.piece % world.layout.pieceCount);
            else if (one.kind === "pick") world.pick(asked, one.limit);
            else if (one.kind === "parole") asked.isOnParole = one.is;
            else if (one.kind === "choke") asked.peerChokes = one.is;
            else if (one.kind === "answer" || one.kind === "drop") {
              const { outstanding } = asked.window;
              const request = outstanding[one.which % Math.max(1, outstanding.length)];
              if (request === undefined) continue;
              if (one.kind === "answer") world.answer(asked, request);
              else world.drop(asked, request);
            }
          }
          world.check();
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("a ledger whose peers answer everything comes to its end, whatever memory there is", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 0x7fff_ffff }),
      (pieces, blocks, slabs, seed) => {
        const world = new World(pieces, blocks, slabs, seed);
        for (let turn = 0; !world.ledger.isComplete; turn++) {
          expect(turn).toBeLessThan(5000);
          const one = world.peers[turn % world.peers.length] as Asked;
          world.pick(one, 3);
          world.now += 100;
          const [request] = one.window.outstanding;
          if (request !== undefined) world.answer(one, request);
          for (const partial of [...world.whole]) world.judge(partial, true);
          world.check();
        }
        expect(world.disk.held).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
