import { describe, expect, test } from "vitest";
import { decodeExtensionHandshake } from "../../core/wire/extension-handshake.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([MIB, MIB], 64 * KIB);

function told(peer: ScriptedPeer): (boolean | undefined)[] {
  return peer.heard(MESSAGE.extended).map(({ payload }) => {
    const handshake = decodeExtensionHandshake(payload.subarray(1));
    return "fault" in handshake ? undefined : handshake.uploadOnly;
  });
}

describe("upload only (BEP 21)", () => {
  test("is told when the last wanted piece is there, and taken back when more is wanted", () => {
    const world = new World(1);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    torrent.wantFiles([1], false, world.clock.now);
    const watcher = new ScriptedPeer(leecher, 1);
    watcher.say((writer) => writer.bare(MESSAGE.haveNone));
    world.run(SECOND);
    expect(told(watcher)).toEqual([false]);
    leecher.knows(torrent, seed);
    world.runUntil(() => torrent.swarm.isSeeding, MINUTE);
    world.run(2 * SECOND);
    expect(told(watcher)).toEqual([false, true]);
    torrent.wantFiles([1], true, world.clock.now);
    world.run(2 * SECOND);
    expect(told(watcher)).toEqual([false, true, false]);
  });

  test("makes a partial seed known as such, not as a seed", () => {
    const world = new World(2);
    const partial = world.machine();
    const torrent = partial.share(content, { has: [...Array(16).keys()] });
    torrent.wantFiles([1], false, world.clock.now);
    const leecher = world.machine();
    leecher.share(content);
    leecher.knows(leecher.torrent, partial);
    world.run(3 * SECOND);
    expect(isComplete(leecher)).toBe(false);
    expect(peerAt(leecher, partial)).toMatchObject({ isUploadOnly: true, isSeed: false });
  });

  test("is told to the trackers of a partial seed with every announce", () => {
    const tracked = makeContent([MIB, MIB], 64 * KIB, { trackers: ["http://tracker.test/announce"] });
    const world = new World(3);
    const torrent = world.machine().share(tracked, { has: [...Array(16).keys()], unwantedFiles: [1] });
    world.run(SECOND);
    expect(torrent.announces(world.clock.now + 10 * MINUTE).map(({ event }) => event)).toEqual(["paused"]);
    const seed = world.machine().share(tracked, { isSeed: true });
    world.run(SECOND);
    expect(seed.announces(world.clock.now + 10 * MINUTE).map(({ event }) => event)).toEqual([undefined]);
  });
});
