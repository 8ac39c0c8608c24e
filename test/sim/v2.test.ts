import { describe, expect, test } from "vitest";
import { formatMagnet } from "../../core/metainfo/magnet.ts";
import { layeredFiles } from "../../core/metainfo/piece-layers.ts";
import { readTorrent } from "../../core/metainfo/read.ts";
import { Bitfield } from "../../core/model/bitfield.ts";
import { fromLatin1, toHex } from "../../core/model/bytes.ts";
import { wireHash } from "../../core/model/info-hash.ts";
import { climb, nodeOver } from "../../core/model/merkle.ts";
import { giveHashes, refuseHashes } from "../../core/peer/hashes.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import type { Torrent } from "../../core/session/torrent.ts";
import { exportTorrent } from "../../core/session/torrent-export.ts";
import { torrentView } from "../../core/session/torrent-view.ts";
import { Replay } from "../../core/session/trace/replay.ts";
import { TextTape } from "../../core/session/trace/text-tape.ts";
import { HashService } from "../../core/swarm/hash-service.ts";
import { decodeHashes, encodeHashRequest, type Hashes, type HashRequest } from "../../core/wire/hash-message.ts";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { type Content, makeV2Content } from "./support/content.ts";
import { goneAt, isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { type Machine, type MachineOptions, World } from "./support/world.ts";

const content = makeV2Content([MIB + 5, 0, 77, 300 * KIB], 64 * KIB);
/** The layer of its one file comes in three parts. */
const long = makeV2Content([1100 * 16 * KIB - 5], 16 * KIB);

/** The machine knows of the torrent by a magnet link alone. */
function shareLink(machine: Machine, { metainfo, ...rest }: Content, seeds: readonly Machine[]): Torrent {
  const peers = seeds.map(({ endpoint }) => endpoint);
  const link = formatMagnet({ infoHash: metainfo.infoHash, trackerTiers: [], webSeeds: [], peers });
  const parsed = readTorrent(fromLatin1(link), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  return machine.share(
    { ...rest, metainfo: parsed.torrent, bytes: new Uint8Array(0) },
    { record: { verified: new Bitfield(0), unchecked: new Bitfield(0) } },
  );
}

/** The machine answers requests for hashes as `answer` does, which is given the right ones. */
function answersHashes(
  { torrent }: Machine,
  { metainfo }: Content,
  answer: (right: Hashes) => Hashes | undefined,
): HashRequest[] {
  const asked: HashRequest[] = [];
  const honest = new HashService(metainfo, nodeDigest.sha256);
  torrent.swarm.hashesAsked = (peer, request) => {
    const kept = { ...request, root: request.root.slice() };
    asked.push(kept);
    const given = answer(honest.answer(kept) as Hashes);
    if (given === undefined) refuseHashes(peer, kept);
    else giveHashes(peer, given);
  };
  return asked;
}

const isThere = (machine: Machine) => () => machine.torrent.hasMetadata && isComplete(machine);

describe("a v2 torrent", () => {
  test.each([1, 2, 3])("spreads from one seed to all, also where one gives what is wrong (seed %i)", (number) => {
    const world = new World(number);
    const seed = world.machine({ up: MIB });
    seed.share(content, { isSeed: true });
    const liar = world.machine();
    liar.share(content, { isSeed: true, disk: { corrupts: (piece) => piece % 2 === 0 } });
    const leechers = Array.from({ length: 4 }, () => world.machine());
    for (const leecher of leechers) leecher.knows(leecher.share(content), seed, liar, ...leechers);
    world.runUntil(() => leechers.every(isComplete), 5 * MINUTE);
    for (const leecher of leechers) {
      expect(isRight(leecher, content)).toBe(true);
      expect(goneAt(leecher, seed).map(({ reason }) => reason)).not.toContain("banned");
    }
    const banned = leechers.filter((leecher) => goneAt(leecher, liar).some(({ reason }) => reason === "banned"));
    expect(banned.length).toBeGreaterThan(0);
  });

  test("asks for no byte behind the end of a file, and is done without them", () => {
    const world = new World(4);
    const [seed, leecher] = [world.machine(), world.machine()] as const;
    seed.share(content, { isSeed: true });
    const torrent = leecher.share(content);
    leecher.knows(torrent, seed);
    world.runUntil(() => isComplete(leecher), MINUTE);
    const length = MIB + 5 + 77 + 300 * KIB;
    expect(torrent.swarm.downloaded).toBe(length);
    expect(torrentView(torrent)).toMatchObject({ bytesDone: length, bytesTotal: length, fileCount: 4 });
  });

  test("gives zeros to those who ask behind the end of a file, and closes who asks behind the piece", () => {
    const machine = new World(5).machine();
    machine.share(content, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    const last = 16;
    peer.peer.setChoke(false);
    peer.say((writer) => writer.block(MESSAGE.request, last, 0, 16 * KIB));
    expect(peer.isClosed).toBe(false);
    peer.say((writer) => writer.block(MESSAGE.request, last, 49 * KIB, 16 * KIB));
    expect(peer.peer.closing).toMatchObject({ reason: "bad-request" });
  });
});

describe("a magnet link by the v2 hash", () => {
  test("is enough: the layers come from peers, and are given on", () => {
    const world = new World(6);
    const [seed, first, second] = [world.machine(), world.machine(), world.machine()] as const;
    seed.share(long, { isSeed: true });
    const torrents = [shareLink(first, long, [seed]), shareLink(second, long, [first])];
    world.runUntil(() => torrents.every(({ hasMetadata }) => hasMetadata), MINUTE);
    for (const torrent of torrents) {
      expect(torrent.metainfo.pieceLayers).toEqual(long.metainfo.pieceLayers);
      expect(torrentView(torrent).infoHash).toEqual(long.metainfo.infoHash);
    }
  });

  test("is given on as the same link, and as a .torrent with its layers", () => {
    const world = new World(7);
    const [seed, leecher] = [world.machine(), world.machine()] as const;
    seed.share(content, { isSeed: true });
    const torrent = shareLink(leecher, content, [seed]);
    world.runUntil(isThere(leecher), MINUTE);
    const { magnet, file } = exportTorrent(torrent);
    expect(magnet).toContain("xt=urn:btmh:1220");
    expect(magnet).not.toContain("btih");
    const parsed = readTorrent(file as Uint8Array, nodeDigest);
    if (!parsed.ok) throw new Error(parsed.fault.words);
    expect(parsed.torrent.pieceHashes).toEqual(content.metainfo.pieceHashes);
  });

  test("names the v2 half of a hybrid torrent, when it names that alone", () => {
    const hybrid = makeV2Content([100 * KIB + 5, 300 * KIB], 64 * KIB, { isHybrid: true });
    const alone = makeV2Half(hybrid);
    const world = new World(8);
    // The seed has all of it, and others of its swarm come by the v1 hash.
    const [seed, leecher, other] = [world.machine(), world.machine(), world.machine()] as const;
    seed.share(hybrid, { isSeed: true });
    const torrent = shareLink(leecher, alone, [seed]);
    other.knows(other.share(hybrid), seed);
    world.runUntil(() => isThere(leecher)() && isComplete(other), MINUTE);
    expect(isRight(leecher, alone)).toBe(true);
    expect(isRight(other, hybrid)).toBe(true);
    expect(torrent.metainfo.infoHash.kind).toBe("v2");
  });

  test.each<[string, (right: Hashes) => Hashes]>([
    ["a wrong hash", (right) => ({ ...right, nodes: right.nodes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) })],
    ["a wrong uncle", (right) => ({ ...right, uncles: right.uncles.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) })],
  ])("bans who gives %s, and takes the layers of another", (_, spoil) => {
    const world = new World(9);
    const [liar, seed, leecher] = [world.machine(), world.machine(), world.machine({ latency: 40 })] as const;
    for (const machine of [liar, seed]) machine.share(long, { isSeed: true });
    answersHashes(liar, long, spoil);
    const torrent = shareLink(leecher, long, [liar, seed]);
    world.runUntil(() => torrent.hasMetadata, MINUTE);
    expect(torrent.metainfo.pieceHashes).toEqual(long.metainfo.pieceHashes);
    expect(goneAt(leecher, liar)[0]).toMatchObject({ reason: "banned", by: "us" });
    expect(goneAt(leecher, liar)[0]?.detail).toMatch(/^512 hashes of pieces from \d+ on do not lead to the root/);
    expect(goneAt(leecher, seed).map(({ reason }) => reason)).not.toContain("banned");
  });

  test("takes from others what one refuses, and asks it again later", () => {
    const world = new World(10);
    const [shy, leecher] = [world.machine(), world.machine()] as const;
    shy.share(long, { isSeed: true });
    let isShy = true;
    const asked = answersHashes(shy, long, (right) => (isShy ? undefined : right));
    const torrent = shareLink(leecher, long, [shy]);
    world.run(5 * SECOND);
    expect(asked.map(({ index }) => index)).toEqual([0, 512, 1024]);
    expect(torrent.hasMetadata).toBe(false);
    expect(torrentView(torrent)).toMatchObject({ state: "fetching-metadata" });
    isShy = false;
    world.runUntil(() => torrent.hasMetadata, 30 * SECOND);
    expect(asked.map(({ index }) => index)).toEqual([0, 512, 1024, 0, 512, 1024]);
  });
});

describe("a hybrid torrent", () => {
  const hybrid = makeV2Content([100 * KIB + 5, 300 * KIB], 64 * KIB, { isHybrid: true });
  const { infoHash } = hybrid.metainfo;
  const v2Hash = infoHash.kind === "hybrid" ? infoHash.v2.subarray(0, 20) : new Uint8Array(0);

  test("is called by either hash, answers by the same, and says that it has both", () => {
    const machine = new World(13).machine();
    machine.share(hybrid, { isSeed: true });
    const peers = [wireHash(infoHash), v2Hash].map(
      (name, at) => new ScriptedPeer(machine, at, undefined, undefined, name),
    );
    for (const [at, peer] of peers.entries()) {
      expect(peer.peer.phase).toBe("open");
      expect(toHex(peer.handshake.subarray(28, 48))).toBe(toHex(at === 0 ? wireHash(infoHash) : v2Hash));
      expect((peer.handshake[27] as number) & 0x10).toBe(0x10);
    }
  });

  test("gives its layers to those who ask", () => {
    const machine = new World(14).machine();
    machine.share(hybrid, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    const [file] = layeredFiles(hybrid.metainfo.files, 64 * KIB);
    const request = { root: file?.root as Uint8Array, base: 2, index: 0, length: 2, proofLayers: 0 };
    peer.say((writer) => writer.payload(MESSAGE.hashRequest, encodeHashRequest(request)));
    expect(peer.heard(MESSAGE.hashes)).toHaveLength(1);
  });

  test("proves the blocks of files without the zeros behind them, which its pieces have", () => {
    const small = makeV2Content([20 * KIB, 100 * KIB + 5], 64 * KIB, { isHybrid: true });
    const world = new World(16);
    const machine = world.machine();
    machine.share(small, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    const [one, , two] = small.metainfo.files.map(({ piecesRoot }) => piecesRoot as Uint8Array);
    const requests = [
      { root: one as Uint8Array, base: 0, index: 0, length: 2, proofLayers: 0 },
      { root: two as Uint8Array, base: 0, index: 4, length: 4, proofLayers: 2 },
    ];
    for (const asked of requests) {
      peer.say((writer) => writer.payload(MESSAGE.hashRequest, encodeHashRequest(asked)));
      world.run(SECOND);
    }
    const given = peer.heard(MESSAGE.hashes).map(({ payload }) => decodeHashes(payload) as Hashes);
    expect(given).toHaveLength(2);
    for (const { root, nodes, uncles, index, length } of given) {
      const over = nodeOver(nodes, Math.log2(length), new Uint8Array(32), nodeDigest.sha256);
      expect(toHex(climb(over, index / length, uncles, nodeDigest.sha256))).toBe(toHex(root));
    }
  });
});

describe("messages about hashes", () => {
  const request = (change: Partial<HashRequest> = {}): HashRequest => {
    const root = content.metainfo.files[0]?.piecesRoot as Uint8Array;
    return { root, base: 2, index: 0, length: 2, proofLayers: 4, ...change };
  };
  const seeding = () => {
    const machine = new World(11).machine();
    machine.share(content, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    const ask = (change: Partial<HashRequest>) => {
      peer.say((writer) => writer.payload(MESSAGE.hashRequest, encodeHashRequest(request(change))));
    };
    return { peer, ask };
  };

  test("are answered by hashes, their uncles and those of nothing, or refused", () => {
    const { peer, ask } = seeding();
    ask({});
    ask({ index: 16, length: 16, proofLayers: 4 });
    ask({ index: 0, length: 32, proofLayers: 0 });
    expect(peer.heard(MESSAGE.hashes).map(({ payload }) => (payload.length - 48) / 32)).toEqual([2 + 4, 16 + 1, 32]);
    const refused: Partial<HashRequest>[] = [
      { root: new Uint8Array(32) },
      { base: 1 },
      { base: 3 },
      { length: 3 },
      { length: 1 },
      { index: 1 },
      { index: 32 },
      { length: 1024 },
      { proofLayers: 5 },
      { proofLayers: 0xffff_ffff },
    ];
    for (const change of refused) ask(change);
    expect(peer.heard(MESSAGE.hashReject)).toHaveLength(refused.length);
    expect(peer.isClosed).toBe(false);
  });

  test("about the blocks of a piece are answered from the disk, with what proves them", () => {
    const world = new World(15);
    const machine = world.machine();
    machine.share(content, { has: [0, 1, 16, 17] });
    const peer = new ScriptedPeer(machine, 1);
    const roots = content.metainfo.files.flatMap(({ piecesRoot }) => (piecesRoot === undefined ? [] : [piecesRoot]));
    const [long, , last] = roots as [Uint8Array, Uint8Array, Uint8Array];
    const leaves = (change: Partial<HashRequest>) => {
      const wanted = { root: long, base: 0, index: 4, length: 4, proofLayers: 6, ...change };
      peer.say((writer) => writer.payload(MESSAGE.hashRequest, encodeHashRequest(wanted)));
      world.run(SECOND);
    };
    leaves({});
    // The last piece of its file has one block of five bytes; the leaves beside it are of nothing.
    leaves({ index: 64 });
    leaves({ root: last, index: 0, proofLayers: 4 });
    const given = peer.heard(MESSAGE.hashes).map(({ payload }) => decodeHashes(payload) as Hashes);
    expect(given.map(({ nodes, uncles }) => [nodes.length / 32, uncles.length / 32])).toEqual([
      [4, 5],
      [4, 5],
    ]);
    for (const { nodes, uncles, index } of given) {
      const over = nodeOver(nodes, 2, new Uint8Array(32), nodeDigest.sha256);
      expect(toHex(climb(over, index / 4, uncles, nodeDigest.sha256))).toBe(toHex(long));
    }
    // Of a piece that we lack, of parts of one, and of more than one.
    expect(peer.heard(MESSAGE.hashReject)).toHaveLength(1);
    leaves({ index: 12 });
    leaves({ index: 2, length: 2 });
    leaves({ index: 0, length: 8 });
    expect(peer.heard(MESSAGE.hashReject)).toHaveLength(4);
    expect(peer.isClosed).toBe(false);
  });

  test("that flood us with what is refused end the connection", () => {
    const { peer, ask } = seeding();
    for (let at = 0; at < 70; at++) ask({ base: 1 });
    expect(peer.heard(MESSAGE.hashReject).length).toBeLessThanOrEqual(64);
    expect(peer.peer.closing).toMatchObject({ reason: "bad-request", detail: expect.stringContaining("at most 64") });
  });

  test("are given three times over, and no more", () => {
    const { peer, ask } = seeding();
    for (let at = 0; at < 1000 && !peer.isClosed; at++) ask({ length: 32, proofLayers: 0 });
    const bytes = peer.heard(MESSAGE.hashes).reduce((sum, { payload }) => sum + payload.length, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(300 * KIB);
  });

  test.each([
    ["hashes", MESSAGE.hashes, 48 + 64],
    ["a refusal", MESSAGE.hashReject, 48],
  ])("bring no %s that nobody asked for", (_, id, length) => {
    const { peer } = seeding();
    peer.say((writer) => writer.payload(id, new Uint8Array(length)));
    expect(peer.peer.closing).toMatchObject({ reason: "bad-message", closeReason: 263 });
    expect(peer.peer.closing?.detail).toContain("that it was not asked for");
  });
});

test("a record of a v2 magnet link is replayed to the same end", () => {
  const texts: string[] = [];
  const tape = new TextTape((text) => texts.push(...text.trimEnd().split("\n")));
  const world = new World(12);
  const options: MachineOptions = { tape };
  const [seed, liar, leecher] = [world.machine(), world.machine(), world.machine(options)] as const;
  for (const machine of [seed, liar]) machine.share(content, { isSeed: true });
  answersHashes(liar, content, (right) => ({ ...right, nodes: new Uint8Array(right.nodes.length) }));
  const friend = world.machine();
  const torrent = shareLink(leecher, content, [seed, liar]);
  shareLink(friend, content, [leecher]);
  world.runUntil(() => isThere(leecher)() && isThere(friend)(), 5 * MINUTE);
  const asker = new ScriptedPeer(leecher, 1);
  const request = { root: content.metainfo.files[0]?.piecesRoot as Uint8Array, base: 0, index: 4, length: 4 };
  asker.say((writer) => writer.payload(MESSAGE.hashRequest, encodeHashRequest({ ...request, proofLayers: 6 })));
  world.run(SECOND);
  expect(asker.heard(MESSAGE.hashes)).toHaveLength(1);
  leecher.session.remove(torrent, world.clock.now);
  world.run(SECOND);
  leecher.session.stop(world.clock.now);
  tape.end("stopped", world.clock.now);
  const replay = new Replay(nodeDigest);
  if (texts.every((text) => replay.take(text))) replay.finish();
  expect(replay.difference).toBeUndefined();
});

/** The hybrid torrent as those know it who were told its v2 hash alone. */
function makeV2Half({ file, metainfo: whole }: Content): Content {
  const parsed = readTorrent(file, nodeDigest, true);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  const metainfo = parsed.torrent;
  const bytes = new Uint8Array(metainfo.totalLength);
  bytes.set(makeV2Content([100 * KIB + 5, 300 * KIB], 64 * KIB).bytes.subarray(0, whole.totalLength));
  return { metainfo, bytes, file };
}
