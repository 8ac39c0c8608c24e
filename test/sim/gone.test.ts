import { describe, expect, test } from "vitest";
import { toHex } from "../../core/model/bytes.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const LIAR = "203.0.113.7";

describe("who is gone", () => {
  test("is remembered with who named it, and a liar with the piece, the block and the hash that proved it", () => {
    const content = makeContent([512 * KIB], 128 * KIB);
    const world = new World(2);
    const liar = world.machine({ host: LIAR, up: 100 * KIB });
    liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
    const honest = [world.machine({ up: 100 * KIB }), world.machine({ up: 100 * KIB })];
    for (const seed of honest) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, liar, ...honest);
    world.runUntil(() => torrent.swarm.isSeeding, 10 * MINUTE);
    const gone = torrent.gone.find(({ reason }) => reason === "banned");
    expect(gone).toMatchObject({ host: LIAR, by: "us", sources: ["user"] });
    const proof = gone?.proof;
    if (proof === undefined) throw new Error("there is no proof");
    const { pieceHashes } = content.metainfo;
    expect(proof.hash).toBe(toHex(pieceHashes.subarray(proof.piece * 20, (proof.piece + 1) * 20)));
    if (proof.block !== undefined) expect(proof.block.gave).not.toBe(proof.block.right);
    expect(torrent.gone.filter(({ reason }) => reason !== "banned").every((peer) => peer.proof === undefined)).toBe(
      true,
    );
  });

  test("is banned by the user's word as well as who is here, and may come again when the ban is lifted", () => {
    const content = makeContent([4096 * KIB], 128 * KIB);
    const world = new World(3);
    const seed = world.machine({ host: LIAR, up: 50 * KIB });
    seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = leecher.share(content);
    leecher.knows(torrent, seed);
    world.runUntil(() => torrent.swarm.downloaded > 0, MINUTE);
    const [peer] = [...torrent.swarm.peers];
    torrent.disconnect(peer?.id ?? -1, world.clock.now);
    const [gone] = torrent.gone;
    expect(leecher.session.banPeer(torrent, gone?.peer ?? -1, world.clock.now)).toBe(true);
    expect(leecher.session.bans.list()).toMatchObject([{ party: LIAR, by: "user", torrent: torrent.id }]);
    expect(leecher.session.banPeer(torrent, 4711, world.clock.now)).toBe(false);
    expect(leecher.session.addPeer(torrent, seed.endpoint)).toBeDefined();
    expect(leecher.session.liftBan(LIAR)).toBe(true);
    expect(leecher.session.addPeer(torrent, seed.endpoint)).toBeUndefined();
    world.run(10 * SECOND);
    expect([...torrent.swarm.peers].some(({ phase, host }) => phase === "open" && host === LIAR)).toBe(true);
  });
});
