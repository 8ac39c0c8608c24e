import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { PIECE_STATE } from "../../../core/contract/views.ts";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import type { GonePeer } from "../../../core/model/peer-face.ts";
import type { Content } from "../../sim/support/content.ts";
import { answerRequests, EngineFixture, freshContent, HonestSeed, newPeerId, sha256 } from "./engine-fixture.ts";
import { RawListener, RawPeer, uint32 } from "./raw-peer.ts";

const fixture = new EngineFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

const FAST = [0, 0, 0, 0, 0, 0, 0, 4];
const BOTH = [0, 0, 0, 0, 0, 0x10, 0, 4];
const PIECES = 16;

interface Stage {
  readonly context: TestContext;
  readonly content: Content;
  readonly torrent: TorrentId;
  readonly honest: HonestSeed;
  readonly infoHash: Buffer;
}

/** A torrent that downloads from an honest seed, which keeps the last piece back. */
async function stage(context: TestContext, withHonest = true): Promise<Stage> {
  const content = freshContent();
  const torrent = await fixture.add(content);
  const honest = await HonestSeed.open(content);
  context.onTestFinished(() => honest.listener.close());
  context.onTestFailed(() => console.error(fixture.picture(torrent)));
  if (withHonest) {
    await fixture.connect(torrent, honest.port);
    await fixture.seen((state) => (state.torrents.get(torrent)?.piecesVerified ?? 0) >= PIECES - 1 || undefined);
  }
  return { context, content, torrent, honest, infoHash: Buffer.from(torrent, "hex") };
}

/** The honest seed was never disturbed, and what it gave is what is on the disk. */
async function endsWell({ content, torrent, honest }: Stage): Promise<void> {
  honest.giveEverything();
  await fixture.complete(torrent);
  expect(honest.listener.peers).toHaveLength(1);
  expect(fixture.sha256(content)).toBe(sha256(content.bytes));
}

/** Dials the engine and gets through the handshake. */
async function caller({ context, infoHash }: Stage, reserved?: readonly number[]): Promise<RawPeer> {
  const peer = await RawPeer.dial(fixture.listenPort);
  context.onTestFinished(() => {
    peer.socket.destroy();
  });
  peer.shake(infoHash, newPeerId(), reserved);
  await peer.handshake;
  return peer;
}

const portOf = (peer: RawPeer) => peer.socket.localPort as number;

type Expected = Partial<GonePeer>;

describe.concurrent("a caller that gets through the handshake", () => {
  const full = Buffer.alloc(2, 0xff);
  const rows: readonly [
    what: string,
    act: (peer: RawPeer) => void | Promise<void>,
    expected: Expected,
    detail: RegExp,
  ][] = [
    [
      "sends a bitfield that is too short",
      (peer) => peer.say(5, Buffer.alloc(1)),
      bad(266),
      /bitfield of 2 bytes, 3 expected/,
    ],
    [
      "sends a bitfield that is too long",
      (peer) => peer.say(5, Buffer.alloc(3)),
      bad(266),
      /bitfield of 4 bytes, 3 expected/,
    ],
    [
      "announces a message of 4 GiB",
      (peer) => peer.raw(uint32(0xffff_ffff)),
      bad(261),
      /4294967295 bytes, at most 1048576/,
    ],
    [
      "has a piece that does not exist",
      (peer) => peer.say(4, uint32(PIECES)),
      bad(265),
      /have: piece 16, the torrent has 16/,
    ],
    ["has the last of all pieces", (peer) => peer.say(4, uint32(0xffff_ffff)), bad(265), /have: piece 4294967295/],
    ["sends a have of three bytes", (peer) => peer.say(4, Buffer.alloc(3)), bad(265), /have of 4 bytes, 5 expected/],
    ["sends a choke with a body", (peer) => peer.say(0, Buffer.alloc(1)), bad(267), /choke of 2 bytes, 1 expected/],
    [
      "sends a request without a length",
      (peer) => peer.say(6, uint32(0, 0)),
      bad(271),
      /request of 9 bytes, 13 expected/,
    ],
    [
      "sends a block larger than a block",
      (peer) => peer.raw(uint32(9 + 16385), Buffer.of(7)),
      bad(264),
      /block length 16385/,
    ],
    ["sends a block of nothing", (peer) => peer.say(7, uint32(0, 0)), bad(264), /block length 0/],
    ["allows a piece that does not exist", (peer) => peer.say(17, uint32(99)), bad(273), /allowed fast: piece 99/],
    ["suggests a piece that does not exist", (peer) => peer.say(13, uint32(99)), bad(277), /suggest: piece 99/],
    ["sends an extended message without an id", (peer) => peer.say(20), bad(274), /without an id/],
    [
      "sends an extended handshake that is no bencode",
      (peer) => peer.say(20, Buffer.of(0), Buffer.from("d1:m")),
      bad(274),
      /extended: handshake/,
    ],
    [
      "sends an extended handshake of 100 KiB",
      (peer) => peer.say(20, Buffer.of(0), Buffer.alloc(100_000, 0x69)),
      bad(274),
      /at most 65536/,
    ],
    [
      "sends an extended handshake nested a thousand deep",
      (peer) => peer.say(20, Buffer.of(0), Buffer.alloc(2000, 0x6c)),
      bad(274),
      /extended: handshake/,
    ],
    [
      "sends a hundred and one messages of no known kind",
      (peer) => {
        for (let i = 0; i < 101; i++) peer.say(99, Buffer.alloc(i));
      },
      bad(262),
      /101 messages of unknown kind/,
    ],
    [
      "sends blocks that nobody asked for, without end",
      (peer) => {
        for (let i = 0; i < 200; i++) peer.say(7, uint32(15, 0), Buffer.alloc(16384, 0xbd));
      },
      { reason: "unrequested-block", code: -26, by: "us" },
      /2113536 bytes that nobody asked for, at most 2097152/,
    ],
    [
      "requests a piece that does not exist",
      (peer) => peer.say(6, uint32(16, 0, 16384)),
      badRequest,
      /piece 16, 16384 bytes from 0; the torrent has 16/,
    ],
    ["requests more than is served", (peer) => peer.say(6, uint32(0, 0, 65536)), badRequest, /65536 bytes from 0/],
    ["requests nothing", (peer) => peer.say(6, uint32(0, 0, 0)), badRequest, /0 bytes from 0/],
    [
      "requests past the end of a piece",
      async (peer) => {
        peer.say(2);
        await peer.heard(1);
        peer.say(6, uint32(0, 65536 - 100, 16384));
      },
      badRequest,
      /16384 bytes from 65436 of piece 0, which has 65536/,
    ],
    [
      "requests past the end of the shorter last piece",
      async (peer) => {
        peer.say(2);
        await peer.heard(1);
        peer.say(6, uint32(15, 49152, 16384));
      },
      badRequest,
      /16384 bytes from 49152 of piece 15, which has 65436/,
    ],
    [
      "requests and requests though it is choked",
      (peer) => {
        for (let i = 0; i < 501; i++) peer.say(6, uint32(0, 0, 16384));
      },
      { ...badRequest, closeReason: 285 },
      /501 requests while choked/,
    ],
    [
      "hangs up in the middle of a message",
      (peer) => {
        peer.raw(uint32(3), Buffer.of(5), full.subarray(0, 1));
        peer.socket.end();
      },
      { reason: "closed-by-peer", code: 0, by: "peer" },
      /ended the connection/,
    ],
    [
      "resets the connection",
      (peer) => {
        peer.socket.resetAndDestroy();
      },
      { reason: "closed-by-peer", code: 0, by: "peer" },
      /reset the connection/,
    ],
  ];

  test.for(rows)(
    "and %s is gone for that reason, and nobody else is disturbed",
    async ([, act, expected, detail], context) => {
      const scene = await stage(context);
      const peer = await caller(scene, BOTH);
      const port = portOf(peer);
      await act(peer);
      await peer.closed;
      const gone = await fixture.gone(scene.torrent, port);
      expect(gone).toMatchObject({ ...expected, direction: "incoming", host: "127.0.0.1" });
      expect(gone.detail).toMatch(detail);
      await endsWell(scene);
    },
  );

  function bad(closeReason: number): Expected {
    return { reason: "bad-message", code: -22, by: "us", closeReason };
  }
});

const badRequest: Expected = { reason: "bad-request", code: -28, by: "us" };

describe.concurrent("a caller that doesn't get through the handshake", () => {
  test.for([
    ["HTTP", "GET / HTTP/1.1\r\n\r\n", "47 45 54 20 2f 20 48 54"],
    ["one much like ours", "\x13BitComrade protocol", "13 42 69 74 43 6f 6d 72"],
  ] as const)("because it speaks %s is refused with the bytes it began with", async ([, text, start], context) => {
    const scene = await stage(context);
    const peer = await RawPeer.dial(fixture.listenPort);
    const port = portOf(peer);
    peer.raw(Buffer.from(text, "latin1"));
    await peer.closed;
    expect(await fixture.refused(port)).toMatchObject({
      reason: "bad-handshake",
      code: -13,
      by: "us",
      detail: `it begins ${start}`,
    });
    await endsWell(scene);
  });

  test("because it sends chance is refused", async (context) => {
    const scene = await stage(context);
    for (let i = 0; i < 20; i++) {
      const peer = await RawPeer.dial(fixture.listenPort);
      const port = portOf(peer);
      const noise = randomBytes(1000);
      noise[0] = 20 + i;
      peer.raw(noise);
      await peer.closed;
      expect((await fixture.refused(port)).by).toBe("us");
    }
    await endsWell(scene);
  });

  test("because it names another torrent is refused with its info hash", async (context) => {
    const scene = await stage(context);
    const peer = await RawPeer.dial(fixture.listenPort);
    const port = portOf(peer);
    peer.shake(Buffer.alloc(20, 0xab), newPeerId());
    await peer.closed;
    expect(await fixture.refused(port)).toMatchObject({
      reason: "no-such-torrent",
      code: -11,
      by: "us",
      detail: `it asked for ${"ab".repeat(20)}`,
    });
    await endsWell(scene);
  });

  test("because it hangs up first is remembered, too", async () => {
    const peer = await RawPeer.dial(fixture.listenPort);
    const port = portOf(peer);
    peer.raw(Buffer.from("\x13BitTorr"));
    peer.socket.end();
    expect(await fixture.refused(port)).toMatchObject({ reason: "closed-by-peer", code: 0, by: "peer" });
  });
});

describe.concurrent("a peer that we dial", () => {
  const dialled = async (scene: Stage, accept: (peer: RawPeer) => void): Promise<GonePeer> => {
    const listener = await RawListener.open(accept);
    scene.context.onTestFinished(() => listener.close());
    await fixture.connect(scene.torrent, listener.port);
    return fixture.gone(scene.torrent, listener.port);
  };

  test("and that doesn't speak BitTorrent is gone for that", async (context) => {
    const scene = await stage(context);
    const gone = await dialled(scene, (peer) => peer.raw(Buffer.from("220 smtp.example ESMTP\r\n")));
    expect(gone).toMatchObject({ reason: "bad-handshake", code: -13, by: "us", direction: "outgoing" });
    await endsWell(scene);
  });

  test("and that answers for another torrent is gone for that", async (context) => {
    const scene = await stage(context);
    const gone = await dialled(scene, (peer) => peer.shake(Buffer.alloc(20, 1), newPeerId()));
    expect(gone).toMatchObject({ reason: "info-hash-mismatch", code: -12, by: "us" });
    await endsWell(scene);
  });

  test("and that is ourselves is gone for that, on both ends, and not dialled again", async (context) => {
    const scene = await stage(context);
    await fixture.connect(scene.torrent, fixture.listenPort);
    const gone = await fixture.gone(scene.torrent, fixture.listenPort);
    expect(gone).toMatchObject({ reason: "self", code: -10, by: "us" });
    await endsWell(scene);
    expect(
      fixture
        .details(scene.torrent)
        .gone?.filter(({ direction }) => direction === "outgoing" && gone.port === fixture.listenPort).length,
    ).toBeGreaterThan(0);
  });

  test("and that nobody is, is gone as unreachable", async (context) => {
    const scene = await stage(context);
    const listener = await RawListener.open(() => {});
    const { port } = listener;
    await listener.close();
    await fixture.connect(scene.torrent, port);
    const gone = await fixture.gone(scene.torrent, port);
    expect(gone).toMatchObject({ reason: "connect-failed", code: -200, by: "network" });
    expect(gone.detail).toContain("connection refused");
    await endsWell(scene);
  });
});

describe.concurrent("two connections of one peer id", () => {
  test("are one too many: the later of two callers goes", async (context) => {
    const scene = await stage(context);
    const peerId = newPeerId();
    const first = await RawPeer.dial(fixture.listenPort);
    scene.context.onTestFinished(() => {
      first.socket.destroy();
    });
    first.shake(scene.infoHash, peerId);
    await first.handshake;
    first.say(3);
    const second = await RawPeer.dial(fixture.listenPort);
    const port = portOf(second);
    second.shake(scene.infoHash, peerId);
    await second.closed;
    const gone = await fixture.gone(scene.torrent, port);
    expect(gone).toMatchObject({ reason: "already-connected", code: -16, by: "us" });
    expect(gone.detail).toContain("-XX0001-");
    expect(first.socket.destroyed).toBe(false);
    await endsWell(scene);
  });

  test.for([
    ["lower than ours stays as we dialled it", 0x00, "incoming"],
    ["higher than ours stays as it dialled us", 0xff, "outgoing"],
  ] as const)("%s", async ([, first, loser], context) => {
    const scene = await stage(context);
    const peerId = newPeerId();
    peerId[0] = first;
    const listener = await RawListener.open((peer) => {
      peer.shake(scene.infoHash, peerId, FAST);
      peer.say(15);
    });
    scene.context.onTestFinished(() => listener.close());
    await fixture.connect(scene.torrent, listener.port);
    await fixture.seen((state) => {
      const peers = [...(state.details.get(scene.torrent)?.peers?.values() ?? [])];
      return peers.find(({ port, phase }) => port === listener.port && phase === "open");
    });
    const call = await RawPeer.dial(fixture.listenPort);
    scene.context.onTestFinished(() => {
      call.socket.destroy();
    });
    const port = portOf(call);
    call.shake(scene.infoHash, peerId, FAST);
    const gone = await fixture.gone(scene.torrent, loser === "incoming" ? port : listener.port);
    expect(gone).toMatchObject({ reason: "already-connected", direction: loser, by: "us" });
    await endsWell(scene);
  });
});

describe.concurrent("a peer that lies in its blocks", () => {
  const liar = async (scene: Stage): Promise<RawListener> => {
    const listener = await RawListener.open((peer) => {
      void peer.handshake.then(() => {
        peer.shake(scene.infoHash, newPeerId(), FAST);
        peer.say(14);
        peer.say(1);
      });
      answerRequests(peer, (_piece, _begin, length) => Buffer.alloc(length, 0xbd));
    });
    scene.context.onTestFinished(() => listener.close());
    return listener;
  };

  test("alone is banned after its first piece, and nothing of it counts as verified", async (context) => {
    const scene = await stage(context, false);
    const listener = await liar(scene);
    await fixture.connect(scene.torrent, listener.port);
    const gone = await fixture.gone(scene.torrent, listener.port);
    expect(gone).toMatchObject({ reason: "banned", code: -201, by: "us" });
    expect(gone.detail).toMatch(/^piece \d+ failed its hash, every block came from it$/);
    expect(gone.flags).toContain("F");
    expect(fixture.state.torrents.get(scene.torrent)?.piecesVerified).toBe(0);
    expect(fixture.details(scene.torrent).log?.some(({ kind }) => kind === "piece-failed")).toBe(true);
    await fixture.connect(scene.torrent, scene.honest.port);
    await endsWell(scene);
  });

  test("among honest ones is the only one to be banned", async (context) => {
    const scene = await stage(context, false);
    const listener = await liar(scene);
    scene.honest.giveEverything();
    await Promise.all([
      fixture.connect(scene.torrent, listener.port),
      fixture.connect(scene.torrent, scene.honest.port),
    ]);
    await fixture.complete(scene.torrent);
    expect(fixture.sha256(scene.content)).toBe(sha256(scene.content.bytes));
    expect(scene.honest.listener.peers).toHaveLength(1);
    const banned = (fixture.details(scene.torrent).gone ?? []).filter(({ reason }) => reason === "banned");
    expect(banned.map(({ port }) => port)).not.toContain(scene.honest.port);
  });
});

describe.concurrent("a peer that is only odd", () => {
  test("and repeats its bitfield, comes late with it, or says have-all after haves, is kept", async (context) => {
    const scene = await stage(context);
    const peer = await caller(scene, FAST);
    peer.say(4, uint32(3));
    peer.say(5, Buffer.from([0xf0, 0x0f]));
    peer.say(5, Buffer.from([0x00, 0x01]));
    peer.say(4, uint32(0));
    peer.say(8, uint32(1, 2, 3));
    peer.say(16, uint32(1, 16384, 16384));
    peer.say(9, Buffer.from([0x1a, 0xe1]));
    peer.raw(uint32(0), uint32(0));
    const port = portOf(peer);
    const view = await fixture.seen((state) =>
      [...(state.details.get(scene.torrent)?.peers?.values() ?? [])].find(
        (one) => one.port === port && one.piecesCount === 2,
      ),
    );
    expect(view.pieces).toEqual(Uint8Array.of(0x80, 0x01));
    expect(peer.socket.destroyed).toBe(false);
    await endsWell(scene);
  });

  test("and asks for a block before it is interested gets what it is unchoked for", async (context) => {
    const scene = await stage(context);
    const peer = await caller(scene);
    peer.say(2);
    await peer.heard(1);
    const states = await fixture.seen((state) => state.details.get(scene.torrent)?.pieces?.states);
    const piece = states.indexOf(PIECE_STATE.verified);
    peer.say(6, uint32(piece, 16384, 16384));
    const { payload } = await peer.heard(7);
    const at = piece * 65536 + 16384;
    expect(payload.subarray(8).equals(scene.content.bytes.subarray(at, at + 16384))).toBe(true);
    await endsWell(scene);
  });
});
