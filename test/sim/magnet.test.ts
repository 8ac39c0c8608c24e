import { describe, expect, test } from "vitest";
import { formatMagnet, type Magnet } from "../../core/metainfo/magnet.ts";
import { readTorrent } from "../../core/metainfo/read.ts";
import { Bitfield } from "../../core/model/bitfield.ts";
import { fromLatin1 } from "../../core/model/bytes.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import type { Torrent } from "../../core/session/torrent.ts";
import { torrentView } from "../../core/session/torrent-view.ts";
import { Replay } from "../../core/session/trace/replay.ts";
import { TextTape } from "../../core/session/trace/text-tape.ts";
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

  test("whose torrent is private keeps to its trackers from then on, and says why the others had to go", () => {
    const world = new World(6);
    const content = makeContent([8 * 16_384], 16_384, { isPrivate: true });
    const [named, found] = [world.machine(), world.machine()] as const;
    for (const seed of [named, found]) seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = shareLink(leecher, content, {}, { asksForFiles: true });
    torrent.found([found.endpoint, { host: "10.9.9.9", port: 9 }], { kind: "dht" }, leecher.now);
    torrent.found([found.endpoint], { kind: "lsd" }, leecher.now);
    torrent.swarm.learn(named.endpoint, { kind: "tracker", tracker: "http://t/announce" });
    torrent.found([named.endpoint], { kind: "dht" }, leecher.now);
    world.runUntil(() => torrent.hasMetadata, 20 * SECOND);
    expect([...torrent.swarm.book.peers()].map(({ endpoint }) => endpoint)).toEqual([named.endpoint]);
    const gone = torrent.gone.find(({ host }) => host === found.endpoint.host);
    expect(gone).toMatchObject({ reason: "local", by: "us" });
    expect(gone?.detail).toBe("the torrent is private, and we know of it from the DHT and the local network");
    expect(torrent.log.since(0).map(({ text }) => text)).toContain(
      "The torrent is private: its trackers alone name peers. Known otherwise, and dropped: 2.",
    );
  });

  test("takes its metadata from a .torrent, if that is of the same torrent, and goes on", () => {
    const world = new World(7);
    const content = makeContent([8 * 16_384], 16_384, { webSeeds: ["http://files.test/it"] });
    const other = makeContent([8 * 16_384], 16_384, { seed: 2 });
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    const leecher = world.machine();
    const torrent = shareLink(leecher, content, { webSeeds: ["http://mine.test/it"] });
    torrent.takeMetadata(other.file, leecher.now);
    torrent.takeMetadata(fromLatin1("magnet:?xt=urn:btih:00"), leecher.now);
    expect(torrent.hasMetadata).toBe(false);
    torrent.takeMetadata(content.file, leecher.now);
    expect(torrent.hasMetadata).toBe(true);
    expect(torrent.metainfo.webSeeds).toEqual(["http://mine.test/it", "http://files.test/it"]);
    torrent.found([seed.endpoint], { kind: "dht" }, leecher.now);
    world.runUntil(isComplete(leecher), 60 * SECOND);
    torrent.takeMetadata(content.file, leecher.now);
    expect(isComplete(leecher)()).toBe(true);
  });

  test("that is given its .torrent has that in its record, which replays", () => {
    const world = new World(8);
    const content = makeContent([8 * 16_384], 16_384);
    const seed = world.machine();
    seed.share(content, { isSeed: true });
    const texts: string[] = [];
    const tape = new TextTape((text) => texts.push(...text.trimEnd().split("\n")));
    const leecher = world.machine({ tape });
    const torrent = shareLink(leecher, content);
    torrent.takeMetadata(content.file, leecher.now);
    torrent.found([seed.endpoint], { kind: "dht" }, leecher.now);
    world.runUntil(isComplete(leecher), 60 * SECOND);
    leecher.session.stop(world.clock.now);
    tape.end("stopped", world.clock.now);
    const replay = new Replay(nodeDigest);
    expect(texts.every((text) => replay.take(text))).toBe(true);
    replay.finish();
    expect(replay.difference).toBeUndefined();
  });

  test("tells a tracker that something is left, though nobody knows how much", () => {
    const world = new World(5);
    const content = makeContent([8 * 16_384], 16_384);
    const torrent = shareLink(world.machine(), content, { trackerTiers: [["http://tracker/announce"]] });
    const [order] = torrent.announces(torrent.addedAt);
    expect(order?.url).toContain("&left=16384&");
  });
});
