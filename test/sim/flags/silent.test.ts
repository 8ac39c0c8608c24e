import { expect, test } from "vitest";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { makeContent } from "../support/content.ts";
import { KIB, MIB, SECOND } from "../support/measures.ts";
import { ScriptedPeer } from "../support/scripted.ts";
import { World } from "../support/world.ts";

test("a peer that unchokes and never serves holds one block back after 20 s, and the others are asked elsewhere", () => {
  const world = new World(1);
  const content = makeContent([16 * MIB], 64 * KIB);
  const leecher = world.machine();
  const torrent = leecher.share(content);
  const silent = new ScriptedPeer(leecher, 1);
  silent.say((writer) => {
    writer.bare(MESSAGE.haveAll);
    writer.bare(MESSAGE.unchoke);
  });
  const asked = [...silent.peer.window.outstanding];
  expect(asked).toHaveLength(4);
  // Too slow to come to the endgame.
  const honest = world.machine({ up: 100 * KIB });
  honest.share(content, { isSeed: true });
  leecher.knows(torrent, honest);
  world.run(20 * SECOND);
  expect(torrent.swarm.ledger.isEndgame).toBe(false);
  const { ledger } = torrent.swarm;
  const elsewhere = asked.filter(({ piece, block }) => {
    if (silent.peer.window.has(piece, block)) return false;
    const partial = ledger.partials.get(piece);
    return partial === undefined || partial.isReceived(block) || partial.isRequested(block);
  });
  expect(elsewhere).toHaveLength(3);
  expect(silent.peer.window.outstanding).toHaveLength(1);
  expect(silent.heard(MESSAGE.cancel)).toHaveLength(3);
});
