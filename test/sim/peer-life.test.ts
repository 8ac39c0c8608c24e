import { expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "../../core/contract/codec.ts";
import type { Update } from "../../core/contract/messages.ts";
import type { SessionView } from "../../core/contract/views.ts";
import { MESSAGE, type WireMessage } from "../../core/model/wire-message.ts";
import { WATCHED_MESSAGES } from "../../core/peer/message-ring.ts";
import { Watcher } from "../../core/session/watcher.ts";
import { applyLife, LOGGED_MESSAGES, type PeerLife } from "../../renderer/store/peer-life.ts";
import { makeContent } from "./support/content.ts";
import { KIB, SECOND } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { type Machine, World } from "./support/world.ts";

const NO_SESSION = {} as SessionView;

/** An interface that shows one peer's page. */
class Reader {
  readonly machine: Machine;
  readonly peer: number;
  life: PeerLife | undefined;
  readonly #watcher: Watcher;

  constructor(machine: Machine, peer: number) {
    this.machine = machine;
    this.peer = peer;
    this.#watcher = new Watcher(machine.session);
    this.#watcher.watch([{ torrent: machine.torrent.id, parts: ["life"], peer }]);
  }

  read(): PeerLife | undefined {
    const update = this.#watcher.update(NO_SESSION, this.machine.world.clock.now);
    const carried = update === undefined ? undefined : (decodeMessage(encodeMessage(update)) as Update);
    const life = carried?.details?.[0]?.life;
    if (life !== undefined) this.life = applyLife(this.life, life);
    return this.life;
  }
}

test("a page that is told of changes shows what one shows that is told everything", () => {
  const world = new World(5);
  const content = makeContent([60 * 64 * KIB], 64 * KIB);
  const seed = world.machine({ up: 60_000 });
  seed.share(content, { isSeed: true });
  const friend = world.machine({ up: 40_000 });
  friend.share(content, { has: [1, 5, 9] });
  const machine = world.machine({ up: 30_000 });
  const torrent = machine.share(content, { has: [0, 2, 4] });
  for (const other of [seed, friend]) machine.knows(torrent, other);
  world.run(3 * SECOND);
  const readers = [...torrent.swarm.peers].map(({ id }) => new Reader(machine, id));
  expect(readers).toHaveLength(2);
  for (let i = 0; i < 200; i++) {
    world.run(250);
    for (const reader of readers) {
      const life = reader.read() as PeerLife;
      const peer = [...torrent.swarm.peers].find(({ id }) => id === reader.peer);
      if (peer === undefined || i % 4 > 0) continue;
      const fresh = new Reader(machine, reader.peer);
      const { messages, next, given, ...whole } = fresh.read() as PeerLife;
      expect(life).toMatchObject(whole);
      expect(life.messages.slice(-messages.length)).toEqual(messages);
      expect(life.messages.map(({ number }) => number)).toEqual(
        Array.from({ length: life.messages.length }, (_, at) => (life.messages[0]?.number ?? 0) + at),
      );
      expect(life.requests?.ourCount).toBe(peer.window.outstanding.length);
    }
  }
  const [life] = readers.map((reader) => reader.life as PeerLife) as [PeerLife];
  expect(life.given.length).toBeGreaterThan(3);
  for (const { piece, isRight, blocks, of, length } of life.given) {
    expect([isRight, of, length]).toEqual([true, 4, 64 * KIB]);
    expect(blocks).toBeGreaterThan(0);
    expect(torrent.swarm.ledger.verified.has(piece)).toBe(true);
  }
  expect(life.next.length).toBeGreaterThan(0);
  for (const piece of life.next) expect(torrent.swarm.ledger.needs(piece)).toBe(true);
});

test("the log's lines are the messages of both sides in their order", () => {
  const world = new World(6);
  const machine = world.machine();
  machine.share(makeContent([8 * 64 * KIB], 64 * KIB), { has: [0, 1] });
  const scripted = new ScriptedPeer(machine, 1);
  const reader = new Reader(machine, scripted.peer.id);
  const said = scripted.said.length;
  reader.read();
  const before = reader.life?.messages.length ?? 0;
  scripted.say((writer) => writer.piece(MESSAGE.have, 5));
  scripted.say((writer) => writer.bare(MESSAGE.interested));
  reader.read();
  scripted.say((writer) => writer.bare(MESSAGE.unchoke));
  world.run(SECOND);
  scripted.say((writer) => writer.block(MESSAGE.request, 1, 16_384, 16_384));
  scripted.say((writer) => writer.keepAlive());
  world.run(SECOND);
  const life = reader.read() as PeerLife;
  const fresh = life.messages.slice(before);
  const line = ({ id, a, b, c }: WireMessage) => [id, a, b, c];
  expect(fresh.filter(({ way }) => way === "in").map(line)).toEqual([
    [MESSAGE.have, 5, -1, -1],
    [MESSAGE.interested, -1, -1, -1],
    [MESSAGE.unchoke, -1, -1, -1],
    [MESSAGE.request, 1, 16_384, 16_384],
    [-1, -1, -1, -1],
  ]);
  const out = fresh.filter(({ way }) => way === "out");
  const told = scripted.said.slice(said);
  expect(out.map(({ id }) => id)).toEqual(told.map(({ id }) => id));
  // The disk answers between two inputs: a block that it gives is dated by the one before.
  for (const [i, { id, at }] of told.entries()) if (id !== MESSAGE.piece) expect(out[i]?.at).toBe(at);
  expect(out.map(({ id }) => id)).toContain(MESSAGE.request);
  expect(life.requests?.ours.slice(0, 7)).toEqual([5, 0, 16_384, expect.any(Number), 5, 16_384, 16_384]);
  expect(life.requests?.ourCount).toBe(4);
});

test("of a peer that says more than anybody can read, the log says how much it does not show", () => {
  const world = new World(7);
  const machine = world.machine();
  machine.share(makeContent([8 * 64 * KIB], 64 * KIB));
  const scripted = new ScriptedPeer(machine, 1);
  const reader = new Reader(machine, scripted.peer.id);
  reader.read();
  const last = reader.life?.messages.at(-1)?.number ?? -1;
  scripted.say((writer) => {
    for (let i = 0; i < 2000; i++) writer.piece(MESSAGE.have, i % 8);
  });
  const { messages } = reader.read() as PeerLife;
  const shown = messages.filter(({ number }) => number > last);
  expect(shown).toHaveLength(WATCHED_MESSAGES);
  expect(shown[0]?.number).toBeGreaterThan(last + 1400);
  expect(shown.at(-1)?.number).toBe(scripted.peer.messages.written - 1);
  for (let turn = 0; turn < 30; turn++) {
    scripted.say((writer) => {
      for (let i = 0; i < 500; i++) writer.piece(MESSAGE.have, i % 8);
    });
    reader.read();
  }
  expect(reader.life?.messages).toHaveLength(LOGGED_MESSAGES);
});
