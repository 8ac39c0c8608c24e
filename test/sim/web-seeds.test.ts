import { describe, expect, test } from "vitest";
import { formatMagnet } from "../../core/metainfo/magnet.ts";
import { readTorrent } from "../../core/metainfo/read.ts";
import { fromLatin1 } from "../../core/model/bytes.ts";
import { flagLetters } from "../../core/model/peer-flags.ts";
import { messageText } from "../../core/model/wire-message.ts";
import { describe as dump } from "../../core/peer/describe.ts";
import { peerFace } from "../../core/peer/face.ts";
import type { Peer } from "../../core/peer/peer.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { Replay } from "../../core/session/trace/replay.ts";
import { TextTape } from "../../core/session/trace/text-tape.ts";
import type { RangeOrder } from "../../core/swarm/web-seed-urls.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { type Machine, World } from "./support/world.ts";

const FILE = "http://web.test/file";
const FOLDER = "http://web.test/";

const single = makeContent([3 * MIB + 77], 64 * KIB, { webSeeds: [FILE] });
const several = makeContent([300_000, 0, 1, 2 * MIB, 70_001], 64 * KIB, { webSeeds: [FOLDER] });

const webSeedsOf = (machine: Machine): Peer[] =>
  [...machine.torrent.swarm.peers].filter(({ transport }) => transport === "web");
const textsOf = (machine: Machine): string[] => machine.torrent.log.since(0).map(({ text }) => text);
const length = (orders: readonly { readonly order: RangeOrder }[]): number =>
  orders.reduce((sum, { order }) => sum + order.length, 0);

describe("a torrent with a web seed alone", () => {
  test.each([
    ["of one file", single, FILE],
    ["of several files", several, FOLDER],
  ] as const)("%s completes, each byte asked for once", (_, content, url) => {
    const world = new World(1);
    const server = world.web.serve(url, content);
    const machine = world.machine();
    machine.share(content);
    world.runUntil(() => isComplete(machine), 30 * SECOND);
    expect(isRight(machine, content)).toBe(true);
    expect(length(server.orders)).toBe(content.bytes.length);
    expect(server.busiest).toBe(2);
    expect(machine.torrent.swarm.downloaded).toBe(content.bytes.length);
    world.run(3 * SECOND);
    expect(machine.torrent.gone.map(({ reason, flags }) => ({ reason, flags }))).toEqual([
      { reason: "both-seeds", flags: "KW=" },
    ]);
  });

  test("asks for runs of pieces in their order", () => {
    const world = new World(2);
    const server = world.web.serve(FILE, single);
    const machine = world.machine();
    machine.share(single);
    world.runUntil(() => isComplete(machine), 30 * SECOND);
    const offsets = server.orders.map(({ order }) => order.range?.offset ?? 0);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(server.orders.length).toBeLessThan(single.bytes.length / (64 * KIB));
  });

  test("shows it as a peer with its own flag, its pieces and its bytes", () => {
    const world = new World(3);
    world.web.serve(FILE, single, { rate: 100_000 });
    const machine = world.machine();
    const torrent = machine.share(single);
    world.run(10 * SECOND);
    const [seed] = webSeedsOf(machine) as [Peer];
    const face = peerFace(seed);
    expect(flagLetters(face)).toBe("DW=");
    expect(face).toMatchObject({ host: "web.test", port: 80, transport: "web", phase: "open", client: "Web seed" });
    expect(face.sources).toEqual([{ kind: "web-seed", url: FILE }]);
    expect(face.payloadDown).toBe(torrent.swarm.downloaded);
    expect(face.payloadDown).toBeGreaterThan(500_000);
    expect(dump(seed, true)).toContain("web.test:80 Web seed (outgoing web, open)");
    expect(torrent.swarm.rarest.availability(0)).toBe(1);
    expect(
      seed.messages
        .since(0)
        .map(messageText)
        .every((text) => /^(request|piece|cancel) /.test(text)),
    ).toBe(true);
  });

  test("asks for a piece of BEP 17 at a time", () => {
    const world = new World(4);
    const httpSeeds = ["http://seed.test/script"];
    const content = { ...single, metainfo: { ...single.metainfo, webSeeds: [], httpSeeds } };
    const server = world.web.serve("http://seed.test/script", content);
    const machine = world.machine();
    machine.share(content);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, content)).toBe(true);
    expect(length(server.orders)).toBe(content.bytes.length);
    for (const { order } of server.orders) expect(order.length).toBeLessThanOrEqual(64 * KIB);
  });

  test("keeps to the torrent's limit", () => {
    const world = new World(5);
    world.web.serve(FILE, single);
    const machine = world.machine();
    const torrent = machine.share(single);
    torrent.limit(100_000, 0);
    world.run(20 * SECOND);
    expect(torrent.swarm.downloaded).toBeGreaterThan(1_500_000);
    expect(torrent.swarm.downloaded).toBeLessThan(2_300_000);
  });

  test("asks it no more while paused, and goes on", () => {
    const world = new World(6);
    const server = world.web.serve(FILE, single, { rate: 200_000 });
    const machine = world.machine();
    const torrent = machine.share(single);
    world.run(5 * SECOND);
    torrent.pause(world.clock.now);
    expect({ busy: server.busy, peers: torrent.swarm.peers.size }).toEqual({ busy: 0, peers: 0 });
    const asked = server.orders.length;
    world.run(MINUTE);
    expect(server.orders.length).toBe(asked);
    torrent.resume(world.clock.now);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, single)).toBe(true);
  });
});

describe("a web seed that fails", () => {
  test("is asked again after a wait that doubles, at most six times a minute", () => {
    const world = new World(10);
    const fault = { words: "HTTP status 404", by: "peer" } as const;
    const server = world.web.serve(FILE, single, { refuses: () => fault });
    const machine = world.machine();
    machine.share(single);
    world.run(20 * MINUTE);
    const times = server.orders.map(({ at }) => at);
    const waits = times.slice(1).map((at, i) => Math.round((at - (times[i] as number)) / SECOND));
    waits.slice(0, 6).forEach((wait, i) => expect(Math.abs(wait - 10 * 2 ** i)).toBeLessThanOrEqual(2));
    expect(machine.torrent.gone[0]).toMatchObject({ reason: "web-seed-failed", code: -209, detail: "HTTP status 404" });
    expect(textsOf(machine)).toContain(`Web seed ${FILE}: HTTP status 404.`);
    const [view] = machine.torrent.swarm.dialling.webSeeds.views();
    expect(view).toMatchObject({ url: FILE, trouble: "HTTP status 404" });
    expect(view?.nextTry).toBeGreaterThan(world.clock.now);
  });

  test("is left alone for as long as it says", () => {
    const world = new World(11);
    let isBusy = true;
    const server = world.web.serve(FILE, single, {
      refuses: () => (isBusy ? { words: "HTTP status 503", by: "peer", retryAfter: 5 * MINUTE } : undefined),
    });
    const machine = world.machine();
    machine.share(single);
    world.run(4 * MINUTE + 50 * SECOND);
    expect(server.orders).toHaveLength(1);
    isBusy = false;
    world.runUntil(() => isComplete(machine), MINUTE);
  });

  test("does not keep another from being asked", () => {
    const world = new World(12);
    const content = makeContent([MIB], 64 * KIB, { webSeeds: ["http://dead.test/x", FILE] });
    world.web.serve(FILE, content);
    const machine = world.machine();
    machine.share(content);
    world.runUntil(() => isComplete(machine), 30 * SECOND);
    expect(textsOf(machine)).toContain("Web seed http://dead.test/x: its name is not known.");
  });

  test("in the middle of a piece is asked for the rest of it only", () => {
    const world = new World(13);
    let answers = 0;
    const server = world.web.serve(FILE, single, {
      refuses: () => (++answers === 8 ? { words: "connection reset", by: "network" } : undefined),
    });
    const machine = world.machine();
    machine.share(single);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, single)).toBe(true);
    expect(machine.torrent.gone[0]).toMatchObject({ reason: "web-seed-failed", by: "network" });
    expect(machine.torrent.swarm.downloaded).toBe(single.bytes.length);
    expect(server.busy).toBe(0);
  });

  test("by dripping loses what it was asked for to a peer", () => {
    const world = new World(15);
    world.web.serve(FILE, single, { rate: 300 });
    const machine = world.machine();
    const friend = world.machine({ up: 500 * KIB });
    friend.share(single, { isSeed: true });
    const torrent = machine.share(single);
    world.run(10 * SECOND);
    machine.knows(torrent, friend);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, single)).toBe(true);
  });

  test("by silence loses what it was asked for to a peer", () => {
    const world = new World(14);
    const server = world.web.serve(FILE, single, { isSilent: () => true });
    const machine = world.machine();
    const friend = world.machine();
    friend.share(single, { isSeed: true });
    const torrent = machine.share(single);
    machine.knows(torrent, friend);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, single)).toBe(true);
    expect(server.orders.length).toBeLessThan(5);
  });
});

describe("a web seed that lies", () => {
  const lie = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1);

  test("is banned with the evidence of its first piece, and asked no more", () => {
    const world = new World(20);
    const server = world.web.serve(FILE, single, { gives: lie });
    const machine = world.machine();
    machine.share(single);
    world.run(10 * MINUTE);
    const { swarm, gone } = machine.torrent;
    expect(gone.map(({ reason }) => reason)).toEqual(["banned"]);
    expect(gone[0]?.detail).toMatch(/^piece \d+ failed its hash, every block came from it$/);
    expect(swarm.ledger.verified.count).toBe(0);
    expect(server.orders.at(-1)?.at).toBeLessThan(world.clock.now - 9 * MINUTE);
    expect(textsOf(machine)).toContainEqual(expect.stringMatching(/^Web seed http:\/\/web\.test\/file: piece /));
    expect(machine.session.bans.size).toBe(0);
    expect(swarm.dialling.webSeeds.views()).toEqual([{ url: FILE, trouble: gone[0]?.detail, nextTry: undefined }]);
  });

  test("in a piece shared with peers is the one that is banned", () => {
    const world = new World(21);
    world.web.serve(FILE, single, { gives: lie, rate: 60_000 });
    const machine = world.machine();
    const friends = [world.machine({ up: 300 * KIB }), world.machine({ up: 300 * KIB })];
    for (const friend of friends) friend.share(single, { isSeed: true });
    const torrent = machine.share(single);
    machine.knows(torrent, ...friends);
    world.runUntil(() => isComplete(machine), 2 * MINUTE);
    expect(isRight(machine, single)).toBe(true);
    const banned = torrent.gone.filter(({ reason }) => reason === "banned");
    expect(banned.map(({ transport }) => transport)).toEqual(["web"]);
    expect(machine.session.bans.size).toBe(0);
  });
});

describe("a web seed among peers", () => {
  test("gives the gap, and takes next to nothing twice", () => {
    const world = new World(30);
    const server = world.web.serve(FILE, single, { rate: 300_000 });
    const machine = world.machine();
    const friend = world.machine({ up: 300 * KIB });
    friend.share(single, { isSeed: true });
    const torrent = machine.share(single);
    machine.knows(torrent, friend);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, single)).toBe(true);
    expect(length(server.orders)).toBeGreaterThan(0.25 * single.bytes.length);
    expect(length(server.orders)).toBeLessThan(0.85 * single.bytes.length);
    expect(torrent.wasted).toBeLessThan(0.05 * single.bytes.length);
    const [web] = torrent.gone.filter(({ transport }) => transport === "web");
    expect(web?.payloadUp).toBe(0);
  });

  test("shares the work with another, each with long runs of its own", () => {
    const world = new World(33);
    const urls = [FILE, "http://other.test/file"] as const;
    const content = makeContent([8 * MIB], 64 * KIB, { webSeeds: urls });
    const servers = urls.map((url) => world.web.serve(url, content));
    const machine = world.machine();
    machine.share(content);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, content)).toBe(true);
    for (const { orders } of servers) {
      expect(length(orders)).toBeGreaterThan(0.4 * content.bytes.length);
      expect(length(orders) / orders.length).toBeGreaterThan(64 * KIB);
    }
    expect(machine.torrent.wasted).toBe(0);
  });

  test("is dialled once the metadata of a magnet link is there, and its address is kept", () => {
    const world = new World(31);
    const { infoHash } = single.metainfo;
    const link = formatMagnet({ infoHash, trackerTiers: [], webSeeds: [FILE], peers: [] });
    const parsed = readTorrent(fromLatin1(link), nodeDigest);
    if (!parsed.ok) throw new Error(parsed.fault.words);
    const server = world.web.serve(FILE, single);
    // It has the metadata and no piece.
    const friend = world.machine();
    friend.share(single, { unwantedFiles: [0] });
    const machine = world.machine();
    const torrent = machine.share({ ...single, metainfo: parsed.torrent, bytes: new Uint8Array(0) });
    machine.knows(torrent, friend);
    expect(webSeedsOf(machine)).toEqual([]);
    world.runUntil(() => torrent.hasMetadata && isComplete(machine), MINUTE);
    expect(isRight(machine, single)).toBe(true);
    expect(length(server.orders)).toBe(single.bytes.length);
  });
});

test("the record of a download from web seeds, one of which lies, replays alike", () => {
  const texts: string[] = [];
  const tape = new TextTape((text) => texts.push(...text.trimEnd().split("\n")));
  const world = new World(40);
  const urls = [FILE, "http://liar.test/", "http://dead.test/"];
  const content = makeContent([2 * MIB + 5], 64 * KIB, { webSeeds: urls });
  world.web.serve(FILE, content, { rate: 200_000 });
  world.web.serve("http://liar.test/", content, { gives: (bytes) => bytes.fill(7), rate: 200_000 });
  const machine = world.machine({ tape });
  machine.share(content);
  world.runUntil(() => isComplete(machine), 2 * MINUTE);
  expect(isRight(machine, content)).toBe(true);
  world.run(5 * SECOND);
  machine.session.stop(world.clock.now);
  tape.end("stopped", world.clock.now);
  const replay = new Replay(nodeDigest);
  if (texts.every((text) => replay.take(text))) replay.finish();
  expect(replay.difference).toBeUndefined();
  expect(replay.ending).toBe("stopped");
  expect(texts.some((text) => text.includes("web-seed-failed"))).toBe(true);
  expect(texts.some((text) => text.includes('"reason":"banned"'))).toBe(true);
});
