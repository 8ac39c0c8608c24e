import { describe, expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { isComplete, isRight, KIB, MIB, MINUTE, SECOND } from "./support/measures.ts";
import { type Said, ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 64 * KIB);
const asked = ({ payload }: Said) => [0, 4, 8].map((at) => payload.readUInt32BE(at)) as [number, number, number];

function scene(number = 1) {
  const world = new World(number);
  const machine = world.machine();
  const torrent = machine.share(content);
  return { world, machine, torrent };
}

/** Answers requests with the content's bytes. */
function serveFrom(peer: ScriptedPeer, maySay: () => boolean = () => true): void {
  peer.onMessage = (said) => {
    if (said.id !== MESSAGE.request || !maySay()) return;
    const [piece, begin, length] = asked(said);
    const at = piece * 64 * KIB + begin;
    peer.say((writer) => {
      writer.blockHeader(piece, begin, length);
      writer.raw(content.bytes.subarray(at, at + length));
    });
  };
}

const unchokeAsSeed = (peer: ScriptedPeer) =>
  peer.say((writer) => {
    writer.bare(MESSAGE.haveAll);
    writer.bare(MESSAGE.unchoke);
  });

describe("a peer that rejects every request", () => {
  test("is asked fewer and fewer times, and everything comes from another", () => {
    const { world, machine, torrent } = scene();
    const mean = new ScriptedPeer(machine, 1);
    mean.onMessage = (said) => {
      if (said.id !== MESSAGE.request) return;
      const [piece, begin, length] = asked(said);
      mean.say((writer) => writer.block(MESSAGE.reject, piece, begin, length));
    };
    unchokeAsSeed(mean);
    world.run(20 * SECOND);
    expect(mean.heard(MESSAGE.request).length).toBeLessThanOrEqual(100);
    expect(mean.heard(MESSAGE.request).length).toBeGreaterThan(4);
    const good = new ScriptedPeer(machine, 2);
    serveFrom(good);
    unchokeAsSeed(good);
    world.runUntil(() => isComplete(machine), MINUTE);
    expect(isRight(machine, content)).toBe(true);
    expect(torrent.wasted).toBe(0);
  });

  test("because it chokes is asked at once when it unchokes", () => {
    const { world, machine } = scene(2);
    const peer = new ScriptedPeer(machine, 1);
    unchokeAsSeed(peer);
    world.run(100);
    const first = peer.heard(MESSAGE.request);
    expect(first.length).toBeGreaterThan(0);
    peer.say((writer) => {
      writer.bare(MESSAGE.choke);
      for (const said of first) writer.block(MESSAGE.reject, ...asked(said));
    });
    expect(peer.peer.window.outstanding).toHaveLength(0);
    peer.say((writer) => writer.bare(MESSAGE.unchoke));
    expect(peer.peer.window.outstanding.length).toBe(first.length);
  });
});

describe("a request taken back", () => {
  test("excuses the block that was under way, however many are", () => {
    const { world, machine, torrent } = scene(3);
    const slow = new ScriptedPeer(machine, 1);
    unchokeAsSeed(slow);
    // A window so wide that all of it is more than what a stranger may send unasked.
    slow.peer.window.target = 256;
    world.run(2 * SECOND);
    const requests = slow.heard(MESSAGE.request);
    expect(requests.length * 16 * KIB).toBe(4 * MIB);
    const fast = new ScriptedPeer(machine, 2);
    serveFrom(fast);
    unchokeAsSeed(fast);
    world.runUntil(() => torrent.swarm.ledger.verified.count >= 60, 2 * MINUTE);
    expect(slow.heard(MESSAGE.cancel).length).toBeGreaterThan(200);
    slow.peer.window.target = 0;
    for (const said of requests) {
      const [piece, begin, length] = asked(said);
      slow.say((writer) => {
        writer.blockHeader(piece, begin, length);
        writer.raw(content.bytes.subarray(piece * 64 * KIB + begin, piece * 64 * KIB + begin + length));
      });
      if (isComplete(machine)) break;
      expect(slow.peer.closing).toBeUndefined();
    }
  });

  test("excuses nothing more than once", () => {
    const { world, machine } = scene(4);
    const peer = new ScriptedPeer(machine, 1, [0, 0, 0, 0, 0, 0, 0, 0]);
    peer.say((writer) => {
      writer.payload(MESSAGE.bitfield, new Uint8Array(8).fill(0xff));
      writer.bare(MESSAGE.unchoke);
    });
    world.run(100);
    expect(peer.heard(MESSAGE.request)).toHaveLength(4);
    peer.say((writer) => writer.bare(MESSAGE.choke));
    // The first is welcome: nobody else was asked for it meanwhile.
    for (let i = 0; i < 1 + 128; i++) {
      expect(peer.peer.closing).toBeUndefined();
      peer.say((writer) => {
        writer.blockHeader(0, 0, 16 * KIB);
        writer.raw(new Uint8Array(16 * KIB));
      });
    }
    peer.say((writer) => {
      writer.blockHeader(0, 0, 16 * KIB);
      writer.raw(new Uint8Array(16 * KIB));
    });
    expect(peer.peer.closing).toMatchObject({ reason: "unrequested-block" });
  });
});

describe("two peers that answer one request in the endgame", () => {
  test("do not write over each other: who comes later takes the place, and the other is not believed", () => {
    const single = makeContent([64 * KIB], 64 * KIB, { seed: 8 });
    const world = new World(5);
    const machine = world.machine();
    const torrent = machine.share(single);
    const [first, second] = [new ScriptedPeer(machine, 1), new ScriptedPeer(machine, 2)];
    for (const peer of [first, second]) unchokeAsSeed(peer);
    // What nobody gave for two seconds is asked again.
    world.run(4 * SECOND);
    const shared = second.peer.window.outstanding[0];
    if (shared === undefined) throw new Error("no endgame");
    const begin = shared.block * 16 * KIB;
    const block = (bytes: Uint8Array) => {
      const header = Buffer.alloc(13);
      header.writeUInt32BE(9 + bytes.length, 0);
      header[4] = MESSAGE.piece;
      header.writeUInt32BE(begin, 9);
      return Buffer.concat([header, bytes]);
    };
    const right = block(single.bytes.subarray(begin, begin + 16 * KIB));
    const wrong = block(new Uint8Array(16 * KIB).fill(0xbd));
    // The liar begins, the honest one begins, the liar goes on, the honest one ends, the liar ends.
    first.hear(wrong.subarray(0, 5000));
    second.hear(right.subarray(0, 8000));
    first.hear(wrong.subarray(5000, 12_000));
    second.hear(right.subarray(8000));
    first.hear(wrong.subarray(12_000));
    const partial = torrent.swarm.ledger.partials.get(0);
    expect(partial?.isReceived(shared.block)).toBe(true);
    expect(partial?.giver(shared.block)).toBe(second.peer.id);
    const target = partial?.target(shared.block);
    expect(
      Buffer.compare(
        target?.bytes.subarray(begin, begin + 16 * KIB) as Uint8Array,
        single.bytes.subarray(begin, begin + 16 * KIB),
      ),
    ).toBe(0);
    expect(first.peer.wasted).toBe(16 * KIB);
  });

  test("and of which the later one hangs up leave the block to the earlier one", () => {
    const single = makeContent([64 * KIB], 64 * KIB, { seed: 9 });
    const world = new World(6);
    const machine = world.machine();
    machine.share(single);
    const [first, second] = [new ScriptedPeer(machine, 1), new ScriptedPeer(machine, 2)];
    for (const peer of [first, second]) unchokeAsSeed(peer);
    // What nobody gave for two seconds is asked again.
    world.run(4 * SECOND);
    const piece = (peer: ScriptedPeer, index: number) => {
      const request = peer.peer.window.outstanding[index];
      if (request === undefined) throw new Error("nothing is asked");
      const begin = request.block * 16 * KIB;
      return Buffer.concat([
        Buffer.from([0, 0, 0x40, 9, 7, 0, 0, 0, 0, 0, 0, (begin >> 8) & 255, begin & 255]),
        single.bytes.subarray(begin, begin + request.length),
      ]);
    };
    const early = piece(first, 0);
    const late = piece(second, 0);
    first.hear(early.subarray(0, 5000));
    second.hear(late.subarray(0, 5000));
    second.hangUp();
    first.hear(early.subarray(5000));
    // The place was taken from it: it is asked again, and gives it again.
    for (let turn = 0; turn < 12 && !isComplete(machine); turn++) {
      if (first.peer.window.outstanding.length > 0) first.hear(piece(first, 0));
      world.run(SECOND);
    }
    expect(isComplete(machine)).toBe(true);
    expect(isRight(machine, single)).toBe(true);
  });
});

describe("floods", () => {
  test("of requests beyond the queue end the connection, and the queue stays bounded", () => {
    const world = new World(7);
    const machine = world.machine();
    machine.share(content, { isSeed: true, disk: { withholds: () => true } });
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => writer.bare(MESSAGE.interested));
    world.runUntil(() => !peer.peer.weChoke, 20 * SECOND);
    for (let i = 0; i < 2000 && peer.peer.closing === undefined; i++) {
      peer.say((writer) => writer.block(MESSAGE.request, i % 64, 0, 16 * KIB));
      expect(peer.peer.requestsIn.length).toBeLessThanOrEqual(500);
    }
    expect(peer.peer.closing).toMatchObject({ reason: "bad-request" });
    expect(peer.peer.closing?.detail).toContain("beyond the 500 that may wait");
  });

  test("of interest and its loss unchoke nobody more often than a round lets them", () => {
    const { world, machine } = scene(8);
    const peer = new ScriptedPeer(machine, 1);
    for (let i = 0; i < 600; i++) {
      peer.say((writer) => writer.bare(i % 2 === 0 ? MESSAGE.interested : MESSAGE.notInterested));
      world.run(100);
    }
    expect(peer.heard(MESSAGE.unchoke).length).toBeLessThan(61);
    expect(peer.peer.closing).toBeUndefined();
  });
});

describe("silence", () => {
  test("before the handshake is complete ends after 30 s, dripping or not", () => {
    const { world, machine } = scene(9);
    const peer = new ScriptedPeer(machine, 1);
    const { session } = machine;
    const drip = session.accept({ host: "10.8.0.9", port: 1 }, "tcp", peer, machine.now);
    for (let i = 0; i < 29; i++) {
      drip.receive(Uint8Array.of("\x13BitTorrent protocol".charCodeAt(i % 20)), machine.now);
      world.run(SECOND);
      if (i < 20) expect(drip.closing).toBeUndefined();
    }
    world.run(3 * SECOND);
    expect(session.refused.at(-1)).toMatchObject({ reason: "handshake-timeout", code: -30, by: "us" });
  });

  test("after it ends after two minutes, and we break our own every minute", () => {
    const { world, machine, torrent } = scene(10);
    const peer = new ScriptedPeer(machine, 1);
    const start = world.clock.now;
    world.runUntil(() => peer.peer.closing !== undefined, 3 * MINUTE);
    expect(world.clock.now - start).toBeGreaterThanOrEqual(120 * SECOND);
    expect(world.clock.now - start).toBeLessThan(123 * SECOND);
    expect(torrent.gone.at(-1)).toMatchObject({ reason: "inactive", code: -40 });
    expect(peer.heard(-1).map(({ at }) => Math.round((at - start) / SECOND / 10))).toEqual([6]);
  });

  test("of a peer that keeps itself alive is suffered while there is room, and not when places are wanted", () => {
    const world = new World(11);
    const machine = world.machine({ settings: { maxConnectionsPerTorrent: 10 } });
    const torrent = machine.share(content);
    const lurkers = Array.from({ length: 8 }, (_, i) => new ScriptedPeer(machine, i + 1));
    const live = () => {
      for (const one of lurkers) if (one.peer.closing === undefined) one.say((writer) => writer.keepAlive());
    };
    for (let i = 0; i < 8; i++) {
      live();
      world.run(30 * SECOND);
    }
    expect(torrent.gone).toEqual([]);
    lurkers.push(new ScriptedPeer(machine, 20));
    live();
    world.run(10 * SECOND);
    // Enough of them go that the torrent is no longer crowded.
    const useless = torrent.gone.filter(({ reason }) => reason === "useless");
    expect(useless.length).toBeGreaterThan(0);
    expect(useless[0]).toMatchObject({ code: -41, by: "us" });
    expect(torrent.swarm.peers.size).toBeLessThan(9);
  });
});

describe("a connection too many", () => {
  test("is refused by the torrent's limit, and remembered", () => {
    const world = new World(12);
    const machine = world.machine({ settings: { maxConnectionsPerTorrent: 3 } });
    machine.share(content);
    for (let i = 1; i <= 3; i++) new ScriptedPeer(machine, i);
    const late = new ScriptedPeer(machine, 4);
    expect(late.isClosed).toBe(true);
    expect(machine.session.refused.at(-1)).toMatchObject({ reason: "too-many-peers", code: -17, by: "us" });
    expect(machine.torrent.swarm.peers.size).toBe(3);
  });
});

describe("upload only", () => {
  test("on both sides ends the connection at once, with the reason that says so", () => {
    const world = new World(13);
    const machine = world.machine();
    machine.share(content, { isSeed: true });
    const peer = new ScriptedPeer(machine, 1);
    peer.say((writer) => {
      writer.payload(MESSAGE.bitfield, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
      writer.payload(MESSAGE.extended, Uint8Array.of(0), Buffer.from("d11:upload_onlyi1ee"));
    });
    expect(peer.peer.closing).toMatchObject({ reason: "both-seeds", closeReason: 7, detail: "both sides only upload" });
  });
});
