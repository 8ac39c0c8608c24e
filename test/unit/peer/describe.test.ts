import { expect, describe as group, test } from "vitest";
import { messageText } from "../../../core/model/wire-message.ts";
import { describe } from "../../../core/peer/describe.ts";
import { peerFace } from "../../../core/peer/face.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { makeContent } from "../../sim/support/content.ts";
import { ScriptedPeer } from "../../sim/support/scripted.ts";
import { World } from "../../sim/support/world.ts";

const KIB = 1024;
const SECOND = 1000;

/** A peer that says little, met by a machine that has nothing. */
function meet(pieces: number, reserved?: readonly number[]) {
  const world = new World(1);
  const machine = world.machine();
  machine.share(makeContent([pieces * 16 * KIB], 16 * KIB, { seed: pieces }));
  const scripted = new ScriptedPeer(machine, 1, reserved);
  return { world, machine, scripted, peer: scripted.peer };
}

const drawing = (dump: string) => /pieces \[(.*)\]/.exec(dump)?.[1];

group("the dump of a peer", () => {
  test("has one mark a piece up to 120 pieces", () => {
    const { scripted, peer } = meet(10);
    scripted.say((writer) => writer.payload(MESSAGE.bitfield, Uint8Array.of(0b1010_0000, 0b0100_0000)));
    expect(drawing(describe(peer, true))).toBe("#.#......#");
    scripted.say((writer) => writer.piece(MESSAGE.have, 1));
    expect(drawing(describe(peer, true))).toBe("###......#");
  });

  test("draws more pieces in shades, one a share", () => {
    const { scripted, peer } = meet(1200);
    const field = new Uint8Array(150);
    field.fill(0xff, 0, 75);
    field.fill(0xaa, 75, 100);
    scripted.say((writer) => writer.payload(MESSAGE.bitfield, field));
    const marks = drawing(describe(peer, true)) as string;
    expect(marks).toHaveLength(120);
    expect(marks.slice(0, 60)).toBe("#".repeat(60));
    expect(marks.slice(60, 80)).toBe("-".repeat(20));
    expect(marks.slice(80)).toBe(" ".repeat(40));
  });

  test("verbose has reserved bits, extension handshake, both queues; short has none of it", () => {
    const { scripted, peer } = meet(4, [0, 0, 0, 0x20, 0, 0x10, 0, 4]);
    scripted.say((writer) => {
      writer.payload(MESSAGE.extended, Uint8Array.of(0), Buffer.from("d1:v10:Somewhat 1e"));
      writer.bare(MESSAGE.haveAll);
      writer.bare(MESSAGE.unchoke);
    });
    const dump = describe(peer, true);
    expect(dump).toContain("10.8.0.1:5001 Somewhat 1 (incoming tcp, open)");
    expect(dump).toContain("reserved 0000002000100004: extensionProtocol, fast, unknown 3:0x20");
    expect(dump).toContain('extension handshake {v: "Somewhat 1"}');
    expect(dump).toContain("sources: incoming");
    expect(dump).toContain("we choke it and are interested; it unchokes us and is not interested");
    expect(dump).toMatch(/requests out 4 of 4, round trip unknown\n {4}piece \d @ 0/);
    expect(dump).toContain(`peer id ${Buffer.from(peer.peerId as Uint8Array).toString("hex")}`);
    const short = describe(peer);
    expect(short.split("\n")).toHaveLength(4);
    expect(short).toContain("flags DI=; has 100.0%; encryption none");
    expect(dump.startsWith(short)).toBe(true);
  });

  test("of a peer that said nothing yet says so", () => {
    const { peer } = meet(4);
    expect(describe(peer, true)).toContain("has ?");
    expect(describe(peer, true)).not.toContain("pieces [");
  });
});

group("the face of a peer", () => {
  test("has every property of the reference from the handshake on", () => {
    const { world, machine, scripted, peer } = meet(4);
    expect(peerFace(peer)).toMatchObject({
      host: "10.8.0.1",
      port: 5001,
      direction: "incoming",
      isLocalConnection: false,
      transport: "tcp",
      encryption: "none",
      phase: "open",
      client: "Xtorrent 0.0.0.1",
      supports: { extensionProtocol: true, fast: true, dht: false, v2: false, azureus: false, unknown: [] },
      sources: [{ kind: "incoming" }],
      torrent: machine.torrent.id,
      weChoke: true,
      weAreInterested: false,
      peerChokes: true,
      peerIsInterested: false,
      isSeed: false,
      isUploadOnly: false,
      isSnubbed: false,
      isOptimistic: false,
      isOnParole: false,
      isEndgame: false,
      isHolepunched: false,
      piecesCount: 0,
      connectedAt: world.clock.now,
      lastSeenAt: world.clock.now,
      payloadDown: 0,
      payloadUp: 0,
      timesChoked: 0,
      timesUnchoked: 0,
      hashFailures: 0,
      wasted: 0,
    });
    expect(peerFace(peer)).not.toHaveProperty("pieces");
    scripted.say((writer) => {
      writer.payload(MESSAGE.extended, Uint8Array.of(0), Buffer.from("d1:pi6881e4:reqqi2e1:v3:abce"));
      writer.bare(MESSAGE.haveAll);
      writer.bare(MESSAGE.unchoke);
      writer.bare(MESSAGE.choke);
      writer.bare(MESSAGE.unchoke);
      writer.bare(MESSAGE.interested);
    });
    expect(peerFace(peer)).toMatchObject({
      // Its listen port now that it told it.
      port: 6881,
      client: "abc",
      isSeed: true,
      isUploadOnly: true,
      piecesCount: 4,
      pieces: Uint8Array.of(0xf0),
      weAreInterested: true,
      peerChokes: false,
      peerIsInterested: true,
      timesChoked: 1,
      timesUnchoked: 2,
      requestsOut: 2,
    });
  });

  test("counts payload apart from the protocol around it", () => {
    const content = makeContent([64 * KIB], 16 * KIB, { seed: 99 });
    const world = new World(2);
    const machine = world.machine();
    machine.share(content);
    const scripted = new ScriptedPeer(machine, 1);
    const before = scripted.peer.rawDown;
    scripted.say((writer) => {
      writer.bare(MESSAGE.haveAll);
      writer.bare(MESSAGE.unchoke);
    });
    const { piece, block } = scripted.peer.window.outstanding[0] ?? { piece: 0, block: 0 };
    scripted.say((writer) => {
      writer.blockHeader(piece, block * 16 * KIB, 16 * KIB);
      writer.raw(content.bytes.subarray(piece * 16 * KIB, (piece + 1) * 16 * KIB));
    });
    const face = peerFace(scripted.peer);
    expect(face.payloadDown).toBe(16 * KIB);
    expect(face.protocolDown).toBe(before + 5 + 5 + 13);
    expect(face.protocolUp).toBeGreaterThan(68);
    for (let second = 0; second < 3; second++) {
      scripted.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(99), new Uint8Array(994)));
      world.run(SECOND);
    }
    expect(peerFace(scripted.peer).protocolDownRate).toBeGreaterThan(900);
    world.run(10 * SECOND);
    expect(peerFace(scripted.peer)).toMatchObject({ protocolDownRate: 0, protocolUpRate: 0 });
  });

  test("keeps the last messages in words, oldest first", () => {
    const { scripted, peer } = meet(4);
    for (let i = 0; i < 40; i++) scripted.say((writer) => writer.piece(MESSAGE.have, i % 4));
    scripted.say((writer) => writer.keepAlive());
    const messages = peer.messages.since(0);
    expect(messages).toHaveLength(24);
    expect(messages.at(-1)).toMatchObject({ way: "in", id: -1 });
    expect(messages.map(messageText)).toContain("have 3");
  });
});
