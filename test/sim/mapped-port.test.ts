import { expect, test } from "vitest";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { Replay } from "../../core/session/trace/replay.ts";
import { TextTape } from "../../core/session/trace/text-tape.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, KIB, MINUTE } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([200_000], 64 * KIB, { trackers: ["http://tracker.test/announce"] });

test("the port that the router opened is the one that trackers and peers are told, and the record replays", () => {
  const world = new World(1);
  const texts: string[] = [];
  const tape = new TextTape((text) => texts.push(...text.trimEnd().split("\n")));
  const seed = world.machine();
  seed.share(content, { isSeed: true });
  const mapped = world.machine({ tape });
  const { session } = mapped;
  const listenPort = session.announcedPort;
  session.mapped(60_000, 60_001, undefined);
  expect(session.limits.ownAddress.priorityOf({ host: "198.51.100.7", port: 1 })).toBeUndefined();
  session.learntAddress("203.0.113.9");
  const torrent = mapped.share(content);
  mapped.knows(torrent, seed);
  world.runUntil(() => isComplete(mapped), MINUTE);

  expect(session.announcedPort).toBe(60_000);
  expect(session.limits.dhtPort()).toBe(60_001);
  expect(session.limits.ownAddress.priorityOf({ host: "198.51.100.7", port: 1 })).toBeDefined();
  expect([...seed.torrent.swarm.peers].map((peer) => peer.listenPort)).toEqual([60_000]);
  const announced = texts.filter((text) => JSON.parse(text).order?.kind === "announce");
  expect(announced.length).toBeGreaterThan(0);
  for (const text of announced) expect(text).toContain("&port=60000&");

  session.mapped(undefined, undefined, undefined);
  expect(session.announcedPort).toBe(listenPort);
  expect(session.limits.dhtPort()).toBe(listenPort);

  session.stop(world.clock.now);
  tape.end("stopped", world.clock.now);
  const replay = new Replay(nodeDigest);
  expect(texts.every((text) => replay.take(text))).toBe(true);
  replay.finish();
  expect(replay.difference).toBeUndefined();
});
