import { expect, test } from "vitest";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { makeContent } from "../support/content.ts";
import { KIB, MIB, SECOND } from "../support/measures.ts";
import { ScriptedPeer } from "../support/scripted.ts";
import { World } from "../support/world.ts";

test("a peer that provokes answers and reads none is closed before they are many", () => {
  const world = new World(1);
  const machine = world.machine();
  const torrent = machine.share(makeContent([MIB], 64 * KIB), { isSeed: true, disk: { withholds: () => true } });
  const deaf = new ScriptedPeer(machine, 1);
  const send = deaf.send.bind(deaf);
  deaf.send = (bytes) => {
    deaf.backlog += bytes.length;
    send(bytes);
  };
  deaf.say((writer) => writer.bare(MESSAGE.interested));
  world.runUntil(() => !deaf.peer.weChoke, 20 * SECOND);
  const pairs = (count: number) =>
    deaf.say((writer) => {
      for (let i = 0; i < count; i++) {
        writer.block(MESSAGE.request, 3, 0, 16 * KIB);
        writer.block(MESSAGE.cancel, 3, 0, 16 * KIB);
      }
    });
  // What is read for it fills up first; then each pair is answered by a reject of 17 bytes.
  for (let i = 0; i < 60 && deaf.peer.closing === undefined; i++) {
    pairs(20_000);
    world.run(SECOND);
  }
  expect(deaf.backlog).toBeLessThan(5 * MIB);
  expect(torrent.gone.at(-1)).toMatchObject({ reason: "resource", by: "us" });
  expect(torrent.gone.at(-1)?.detail).toMatch(/^\d+ bytes wait for it to read them, at most 4194304$/);
});
