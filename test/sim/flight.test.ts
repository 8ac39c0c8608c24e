import { describe, expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "../../core/contract/codec.ts";
import type { DetailUpdate } from "../../core/contract/messages.ts";
import { BLOCK_STATE, type BlocksView } from "../../core/contract/views.ts";
import type { Torrent } from "../../core/session/torrent.ts";
import { ToldBlocks } from "../../core/session/watch/blocks.ts";
import { ToldFlight } from "../../core/session/watch/flight.ts";
import { pieceDetail } from "../../core/session/watch/piece.ts";
import type { PartialPiece } from "../../core/swarm/partial-piece.ts";
import { PieceHistory } from "../../core/swarm/piece-history.ts";
import { applyBlocks } from "../../renderer/store/block-state.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE } from "./support/measures.ts";
import { type Machine, World } from "./support/world.ts";

const content = makeContent([4 * MIB], 256 * KIB);
const BLOCKS = 16;

function download(seed: number, givers: number, up = 400 * KIB): { world: World; leecher: Machine } {
  const world = new World(seed);
  // One so slow that in the end others are asked for its blocks, too.
  const seeds = Array.from({ length: givers }, (_, i) => world.machine({ up: i === 0 ? up / 100 : up }));
  for (const machine of seeds) machine.share(content, { isSeed: true });
  const leecher = world.machine();
  const torrent = leecher.share(content);
  leecher.knows(torrent, ...seeds);
  world.checkEvery = 100;
  return { world, leecher };
}

type Blocks = NonNullable<DetailUpdate["blocks"]>;
const carried = (update: Blocks): Blocks => decodeMessage(encodeMessage({ update } as never) as never) as Blocks;

/** Every block in flight and every one received, straight from the swarm: `piece/block: peer …`. */
function truth({ torrent }: Machine): { asked: Map<string, number[]>; received: Map<string, number> } {
  const { peers, ledger } = torrent.swarm;
  const asked = new Map<string, number[]>();
  const received = new Map<string, number>();
  for (const partial of [...ledger.partials.values(), ...ledger.writing.values()]) {
    for (let block = 0; block < partial.blockCount; block++)
      if (partial.isReceived(block)) received.set(`${partial.piece}/${block}`, partial.giver(block));
  }
  for (const peer of peers) {
    for (const { piece, block } of peer.window.outstanding) {
      const key = `${piece}/${block}`;
      if (ledger.partials.has(piece) && !received.has(key)) asked.set(key, [...(asked.get(key) ?? []), peer.id]);
    }
  }
  return { asked, received };
}

function seen({ pieces, shared }: BlocksView): ReturnType<typeof truth> {
  const asked = new Map<string, number[]>();
  const received = new Map<string, number>();
  for (const [piece, { states, peers }] of pieces) {
    states.forEach((state, block) => {
      if (state === BLOCK_STATE.asked) asked.set(`${piece}/${block}`, [peers[block] as number]);
      if (state === BLOCK_STATE.received) received.set(`${piece}/${block}`, peers[block] as number);
    });
  }
  for (let i = 0; i < shared.length; i += 3) asked.get(`${shared[i]}/${shared[i + 1]}`)?.push(shared[i + 2] as number);
  return { asked, received };
}

describe("blocks in flight", () => {
  test("are told as they are, from the first request to the endgame and its end", () => {
    const { world, leecher } = download(3, 4);
    const told = new ToldBlocks();
    let view: BlocksView | undefined;
    let mostAsked = 0;
    let wasShared = false;
    while (!isComplete(leecher)) {
      world.run(50);
      const update = told.update(leecher.torrent);
      if (update !== undefined) view = applyBlocks(view, (carried(update) as unknown as { update: Blocks }).update);
      const expected = truth(leecher);
      expect(seen(view as BlocksView)).toEqual(expected);
      mostAsked = Math.max(mostAsked, expected.asked.size);
      wasShared ||= (view?.shared.length ?? 0) > 0;
    }
    expect(mostAsked).toBeGreaterThan(20);
    expect(view?.pieces.size).toBe(0);
    expect(wasShared).toBe(true);
  });

  test("are told in parts when many change at once, and all in the end", () => {
    const partial = (piece: number) => ({ piece, blockCount: BLOCKS, isReceived: () => true, giver: () => 7 });
    const partials = new Map(Array.from({ length: 400 }, (_, piece) => [piece, partial(piece)]));
    const torrent = { swarm: { ledger: { partials, writing: new Map() }, peers: [] } } as unknown as Torrent;
    const told = new ToldBlocks();
    let view = applyBlocks(undefined, told.update(torrent) as Blocks);
    expect(view.pieces.size).toBeLessThan(200);
    for (let update = told.update(torrent); update !== undefined; update = told.update(torrent)) {
      expect(update.changed.length).toBeLessThanOrEqual(4 * (3000 + BLOCKS));
      view = applyBlocks(view, update);
    }
    expect(view.pieces.size).toBe(400);
    expect([...view.pieces.values()].every(({ peers }) => peers.every((peer) => peer === 7))).toBe(true);
  });
});

describe("a piece that is looked at", () => {
  test("says when it was begun, whole and verified, and who gave which block", () => {
    const { world, leecher } = download(5, 3);
    const { torrent } = leecher;
    world.runUntil(() => torrent.swarm.ledger.partials.size > 0, MINUTE);
    const [piece] = torrent.swarm.ledger.partials.keys();
    const watched = new ToldFlight({ parts: [], piece }, undefined);
    expect(watched.update(torrent)?.piece?.attempts).toMatchObject([{ begunAt: world.clock.now }]);
    expect(watched.update(torrent)).toBeUndefined();
    world.runUntil(() => isComplete(leecher), MINUTE);
    const detail = watched.update(torrent)?.piece;
    expect(detail?.hash).toEqual(
      content.metainfo.pieceHashes.slice(20 * (piece as number), 20 * (piece as number) + 20),
    );
    expect(detail?.length).toBe(256 * KIB);
    expect(detail?.attempts).toHaveLength(1);
    const [{ begunAt, wholeAt = 0, endedAt = 0, isRight, givers } = {} as never] = detail?.attempts ?? [];
    expect(isRight).toBe(true);
    expect(begunAt <= wholeAt && wholeAt <= endedAt && begunAt < endedAt).toBe(true);
    expect(givers.filter((_, i) => i % 2 === 1).reduce((sum, count) => sum + count, 0)).toBe(BLOCKS);
    const peers = new Set(
      [...torrent.swarm.peers, ...torrent.gone].map((peer) => ("peer" in peer ? peer.peer : peer.id)),
    );
    expect(givers.filter((_, i) => i % 2 === 0).every((giver) => peers.has(giver))).toBe(true);
  });

  test("keeps the time that it failed its hash beside the time that it was right", () => {
    const world = new World(6);
    const [honest, liar, leecher] = [world.machine({ up: 300 * KIB }), world.machine(), world.machine()];
    honest.share(content, { isSeed: true });
    liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
    const torrent = leecher.share(content);
    leecher.knows(torrent, honest, liar);
    world.checkEvery = 100;
    world.runUntil(() => isComplete(leecher), 2 * MINUTE);
    const failed = torrent.log.since(0).find(({ kind }) => kind === "piece-failed")?.piece as number;
    const attempts = pieceDetail(torrent, failed)?.attempts ?? [];
    expect(attempts.at(0)?.isRight).toBe(false);
    expect(attempts.at(-1)?.isRight).toBe(true);
    expect(attempts.length).toBeGreaterThan(1);
  });

  test("that is none is not told of", () => {
    const { leecher } = download(7, 1);
    expect(pieceDetail(leecher.torrent, 16)).toBeUndefined();
    expect(new ToldFlight({ parts: [], piece: 99 }, undefined).update(leecher.torrent)).toBeUndefined();
  });
});

test("the history of pieces forgets the oldest when its memory is used up", () => {
  const history = new PieceHistory();
  const blockCount = 1024;
  const partial = (piece: number) =>
    ({ piece, blockCount, isReceived: () => true, giver: (block: number) => block }) as unknown as PartialPiece;
  for (let piece = 0; piece < 40; piece++) history.note(partial(piece), true, piece);
  expect(history.of(7)).toEqual([]);
  expect(history.of(8)).toHaveLength(1);
  expect(history.of(39)[0]?.givers).toHaveLength(2 * blockCount);
});
