import { expect, test } from "vitest";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { makeContent } from "../support/content.ts";
import { KIB, MIB, MINUTE, SECOND } from "../support/measures.ts";
import { ScriptedPeer } from "../support/scripted.ts";
import { World } from "../support/world.ts";

test("a peer that unchokes and never serves holds no block for 20 s, and is snubbed after a minute", () => {
  const world = new World(1);
  const content = makeContent([16 * MIB], 64 * KIB);
  const leecher = world.machine();
  const torrent = leecher.share(content);
  const { ledger } = torrent.swarm;
  const silent = new ScriptedPeer(leecher, 1);
  silent.say((writer) => {
    writer.bare(MESSAGE.haveAll);
    writer.bare(MESSAGE.unchoke);
  });
  expect(silent.peer.window.outstanding).toHaveLength(4);
  // Too slow to come to the endgame.
  const honest = world.machine({ up: 100 * KIB });
  honest.share(content, { isSeed: true });
  leecher.knows(torrent, honest);
  const end = world.clock.now + 2 * MINUTE;
  const held = new Map<string, { readonly piece: number; readonly block: number; readonly since: number }>();
  let snubbedAfter: number | undefined;
  let least = 4;
  world.runUntil(() => {
    const { outstanding } = silent.peer.window;
    for (const { piece, block, sentAt } of outstanding) {
      const name = `${piece} ${block}`;
      if (!held.has(name)) held.set(name, { piece, block, since: sentAt });
    }
    for (const [name, { piece, block, since }] of held) {
      const partial = ledger.partials.get(piece);
      const isThere = ledger.verified.has(piece) || ledger.writing.has(piece) || partial?.isReceived(block) === true;
      const isElsewhere = partial?.isRequested(block) === true && !silent.peer.window.has(piece, block);
      if (isThere || isElsewhere) held.delete(name);
      else expect(world.clock.now - since, `block ${block} of piece ${piece}`).toBeLessThanOrEqual(20 * SECOND);
    }
    if (silent.peer.isSnubbed) snubbedAfter ??= 2 * MINUTE - (end - world.clock.now);
    least = Math.min(least, outstanding.length);
    return world.clock.now >= end - SECOND;
  }, 2 * MINUTE);
  expect(ledger.isEndgame).toBe(false);
  expect(least).toBe(0);
  expect(snubbedAfter).toBeGreaterThanOrEqual(60 * SECOND);
  expect(snubbedAfter).toBeLessThan(64 * SECOND);
});
