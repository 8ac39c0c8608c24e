import { describe, expect, test } from "vitest";
import { formatMagnet, type Magnet } from "../../core/metainfo/magnet.ts";
import { readTorrent } from "../../core/metainfo/read.ts";
import { Bitfield } from "../../core/model/bitfield.ts";
import { fromLatin1 } from "../../core/model/bytes.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import type { Torrent } from "../../core/session/torrent.ts";
import { torrentView } from "../../core/session/torrent-view.ts";
import { type Content, makeContent } from "./support/content.ts";
import { type Machine, type SharingOptions, World } from "./support/world.ts";

const SECOND = 1000;

/** The machine knows of the torrent by a magnet link alone. */
function shareLink(
  machine: Machine,
  content: Content,
  link: Partial<Magnet> = {},
  record: SharingOptions["record"] = {},
): Torrent {
  const { infoHash } = content.metainfo;
  const { selected, ...said } = { infoHash, trackerTiers: [], webSeeds: [], peers: [], ...link };
  const selection = selected === undefined ? "" : `&so=${selected.map((range) => range.join("-")).join(",")}`;
  const parsed = readTorrent(fromLatin1(formatMagnet(said) + selection), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  return machine.share(
    { ...content, metainfo: parsed.torrent, bytes: new Uint8Array(0) },
    { record: { verified: new Bitfield(0), unchecked: new Bitfield(0), ...record } },
  );
}

const isComplete = (machine: Machine) => () => machine.torrent.hasMetadata && machine.torrent.swarm.isSeeding;

describe("a magnet link", () => {
  test("is enough: the metadata comes from peers, and then the pieces, over the same connections", () => {
    const world = new World(1);
    const content = makeContent([3000 * 16_384], 16_384);
    expect(content.metainfo.infoBytes.length).toBeGreaterThan(3 * 16_384);
    const seeds = [world.machine(), world.machine()];
    for (const seed of seeds) seed.share(content, { isSeed: true });
    const leecher = world.machine({ down: 64 * 1024 * 1024 });
    const torrent = shareLink(leecher, content, { peers: seeds.map(({ endpoint }) => endpoint) });
    expect(torrentView(torrent)).toMatchObject({ state: "fetching-metadata", pieceCount: 0, bytesTotal: 0 });
    world.runUntil(() => torrent.hasMetadata, 10 * SECOND);
    const met = [...torrent.swarm.peers].map(({ id }) => id);
    expect(torrentView(torrent)).toMatchObject({ pieceCount: 3000, name: content.metainfo.name });
    world.runUntil(() => torrent.swarm.ledger.verified.count > 100, 20 * SECOND);
    expect([...torrent.swarm.peers].map(({ id }) => id)).toEqual(met);
    expect([...torrent.swarm.peers].every((peer) => peer.isSeed && peer.sources[0]?.kind === "magnet")).toBe(true);
  });

  test("is passed on: who has the metadata alone gives it to the next", () => {
    const world = new World(2);
    const content = makeContent([64 * 16_384], 16_384);
    const [seed, first, second] = [world.machine(), world.machine(), world.machine()] as const;
    seed.share(content, { isSeed: true });
    shareLink(first, content, { peers: [seed.endpoint] });
    shareLink(second, content, { peers: [first.endpoint] });
    world.runUntil(() => isComplete(first)() && isComplete(second)(), 60 * SECOND);
    for (const leecher of [first, second]) {
      expect(leecher.storageOf(leecher.torrent).bytes).toEqual(content.bytes);
    }
  });

  test("chooses the files that it names", () => {
    const world = new World(3);
    const content = makeContent([40_000, 50_000, 60_000], 16_384);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = shareLink(leecher, content, { peers: [seed.endpoint], selected: [[1, 1]] });
    world.runUntil(isComplete(leecher), 60 * SECOND);
    expect([...torrent.unwantedFiles]).toEqual([0, 2]);
    expect(torrent.swarm.ledger.verified.isFull).toBe(false);
  });

  test("waits for the choice of files when it is to", () => {
    const world = new World(4);
    const content = makeContent([8 * 16_384], 16_384);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = shareLink(leecher, content, { peers: [seed.endpoint] }, { asksForFiles: true });
    world.runUntil(() => torrent.hasMetadata, 10 * SECOND);
    expect(torrentView(torrent)).toMatchObject({ state: "paused", asksForFiles: true, pieceCount: 8 });
    torrent.resume(leecher.now);
    expect(torrentView(torrent).asksForFiles).toBe(false);
    world.runUntil(isComplete(leecher), 60 * SECOND);
  });

  test("tells a tracker that something is left, though nobody knows how much", () => {
    const world = new World(5);
    const content = makeContent([8 * 16_384], 16_384);
    const torrent = shareLink(world.machine(), content, { trackerTiers: [["http://tracker/announce"]] });
    const [order] = torrent.announces(torrent.addedAt);
    expect(order?.url).toContain("&left=16384&");
  });
});
