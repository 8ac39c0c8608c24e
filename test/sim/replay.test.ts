import { describe, expect, test } from "vitest";
import { formatMagnet } from "../../core/metainfo/magnet.ts";
import { readTorrent } from "../../core/metainfo/read.ts";
import { Bitfield } from "../../core/model/bitfield.ts";
import { fromLatin1 } from "../../core/model/bytes.ts";
import type { Transport } from "../../core/model/peer-face.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { Replay } from "../../core/session/trace/replay.ts";
import { TextTape } from "../../core/session/trace/text-tape.ts";
import { makeContent } from "./support/content.ts";
import { goneAt, isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([3 * MIB, 1, 200_000], 64 * KIB, { trackers: ["http://tracker.test/announce"] });

type Line = { readonly line: string; readonly kind: string; readonly [field: string]: unknown };

/** A record in memory. */
class TestRecord {
  readonly texts: string[] = [];
  readonly tape = new TextTape((text) => this.texts.push(...text.trimEnd().split("\n")));

  lines(kind: string): Line[] {
    return this.texts.map((text) => JSON.parse(text) as Line).filter((line) => line.kind === kind);
  }
}

function replayed(texts: readonly string[]): Replay {
  const replay = new Replay(nodeDigest);
  if (texts.every((text) => replay.take(text))) replay.finish();
  return replay;
}

/** A download from honest seeds of every kind and one liar, and a while of seeding to a friend. */
function recordedSwarm(seed: number, transport: Transport = "tcp"): TestRecord {
  const world = new World(seed);
  world.checkEvery = 50;
  const record = new TestRecord();
  const seeds = [world.machine(), world.machine({ settings: { encryptionIncoming: "require" } })];
  for (const machine of seeds) machine.share(content, { isSeed: true });
  const liar = world.machine();
  liar.share(content, { isSeed: true, disk: { corrupts: (piece) => piece % 3 === 0 } });
  const friend = world.machine({ down: 150 * KIB, settings: { encryptionOutgoing: "require" } });
  friend.share(content);
  const recorded = world.machine({ tape: record.tape, transport, settings: { upLimit: 400 * KIB } });
  const torrent = recorded.share(content);
  recorded.knows(torrent, ...seeds, liar);
  world.runUntil(() => isComplete(recorded) && isComplete(friend), 5 * MINUTE);
  expect(isRight(recorded, content)).toBe(true);
  expect(goneAt(recorded, liar).map(({ reason }) => reason)).toContain("banned");
  torrent.recheck(world.clock.now);
  torrent.wantFiles([1], false, world.clock.now);
  world.run(20 * SECOND);
  recorded.session.remove(torrent, world.clock.now);
  world.run(SECOND);
  recorded.session.stop(world.clock.now);
  record.tape.end("stopped", world.clock.now);
  return record;
}

describe("the record of a session", () => {
  test("with a peer that was met through a rendezvous, replays alike", () => {
    const world = new World(7);
    const record = new TestRecord();
    const relay = world.machine({ settings: { pex: true } });
    relay.share(content, { has: [0] });
    const hidden = { isBehindNat: true, settings: { pex: true } };
    const [recorded, other] = [world.machine({ ...hidden, tape: record.tape }), world.machine(hidden)] as const;
    for (const machine of [recorded, other]) machine.knows(machine.share(content), relay);
    world.runUntil(() => [...recorded.torrent.swarm.peers].some((peer) => peer.isHolepunched), 3 * MINUTE);
    world.run(20 * SECOND);
    recorded.session.stop(world.clock.now);
    record.tape.end("stopped", world.clock.now);
    const replay = replayed(record.texts);
    expect(replay.difference).toBeUndefined();
  });

  test.each([
    [1, "tcp"],
    [2, "utp"],
    [3, "tcp"],
    [4, "utp"],
  ] as const)("with a liar, some peers encrypted, replays alike (seed %i, %s)", (seed, transport) => {
    const record = recordedSwarm(seed, transport);
    const told = record.lines("peer");
    expect(told.some(({ encryption }) => encryption === "rc4")).toBe(true);
    expect(told.some((peer) => peer.transport === transport)).toBe(true);
    expect(record.lines("stored").some(({ result }) => result === "wrong-hash")).toBe(true);
    for (const kind of ["unchoke", "interested", "have", "request", "piece", "extended", "closed", "verified"]) {
      expect({ kind, isThere: record.lines(kind).length > 0 }).toEqual({ kind, isThere: true });
    }
    for (const kind of ["request", "piece"]) {
      const [first] = record.lines(kind);
      const fields = { piece: expect.any(Number), begin: expect.any(Number), length: 16_384 };
      expect(first).toMatchObject({ line: "message", peer: expect.any(Number), ...fields });
    }
    const replay = replayed(record.texts);
    expect(replay.difference).toBeUndefined();
    expect(replay.ending).toBe("stopped");
    const { inputs, orders, messages, decisions } = replay.counts;
    expect(2 + inputs + orders + messages + decisions).toBe(record.texts.length);
  });

  test("of a magnet link replays alike", () => {
    const world = new World(5);
    const record = new TestRecord();
    const seeds = [world.machine(), world.machine()];
    for (const seed of seeds) seed.share(content, { isSeed: true });
    const { infoHash } = content.metainfo;
    const peers = seeds.map(({ endpoint }) => endpoint);
    const link = readTorrent(fromLatin1(formatMagnet({ infoHash, trackerTiers: [], webSeeds: [], peers })), nodeDigest);
    if (!link.ok) throw new Error(link.fault.words);
    const machine = world.machine({ tape: record.tape });
    machine.share(
      { ...content, metainfo: link.torrent, bytes: new Uint8Array(0) },
      { record: { verified: new Bitfield(0), unchecked: new Bitfield(0) } },
    );
    world.runUntil(() => machine.torrent.hasMetadata && isComplete(machine), MINUTE);
    expect(replayed(record.texts).difference).toBeUndefined();
  });

  test("holds no payload", () => {
    const record = recordedSwarm(1);
    const chunks = record.lines("receive").flatMap(({ bytes }) => bytes as (string | number)[]);
    const payload = chunks.reduce<number>((sum, part) => sum + (typeof part === "number" ? part : 0), 0);
    expect(payload).toBeGreaterThanOrEqual(content.bytes.length);
    // A block's bytes would be among 16 KiB of digits; handshakes and what follows them are far below.
    for (const part of chunks) if (typeof part === "string") expect(part.length).toBeLessThan(2 * 2048);
  });

  test("differs where a line was changed, and says which", () => {
    const { texts } = recordedSwarm(1);
    const at = texts.findIndex((text) => text.includes('"kind":"unchoke","way":"out"'));
    const changed = texts.with(at, (texts[at] as string).replace('"unchoke"', '"choke"'));
    const { difference } = replayed(changed);
    expect(difference).toMatchObject({ number: at + 1, expected: changed[at], got: texts[at] });
  });

  test("differs where a line was taken out, be it what came or what was done", () => {
    const { texts } = recordedSwarm(1);
    const order = texts.findIndex((text) => text.includes('"kind":"send-block"'));
    expect(replayed(texts.toSpliced(order, 1)).difference).toMatchObject({ number: order + 1, got: texts[order] });
    const input = texts.findIndex((text) => text.includes('"kind":"unchoke","way":"in"')) - 1;
    const { difference } = replayed(texts.toSpliced(input, 1));
    expect(difference?.number).toBeGreaterThanOrEqual(input);
  });

  test("differs where the heart does otherwise than it did", () => {
    const { texts } = recordedSwarm(1);
    const head = texts[0] as string;
    const { difference } = replayed(
      texts.with(0, head.replace('"encryptionOutgoing":"allow"', '"encryptionOutgoing":"require"')),
    );
    expect(difference).toBeDefined();
    const number = difference?.number as number;
    expect(texts[number - 1]).toContain(difference?.expected ?? "nothing more");
  });

  test("that breaks off anywhere replays as far as it goes", () => {
    const { texts } = recordedSwarm(1);
    for (let length = 1; length < texts.length; length += 97) {
      const replay = replayed(texts.slice(0, length));
      expect({ length, ...replay.difference }).toEqual({ length });
      expect(replay.ending).toBeUndefined();
    }
  });
});
