import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SettingsChange } from "../../../core/contract/messages.ts";
import type { ClosedBy, CloseReason } from "../../../core/model/close-reason.ts";
import type { GonePeer } from "../../../core/model/peer-face.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { METHOD, MseInitiator } from "../../../core/mse/handshake.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { packet, read } from "../../unit/utp/packets.ts";
import { answerRequests, newPeerId } from "./engine-fixture.ts";
import { RawListener, uint32 } from "./raw-peer.ts";
import { type AnyPeer, BOTH, type Scene } from "./scene.ts";
import { UtpStream } from "./utp-stream.ts";

/** Lets the engine's clock jump. */
export type Pass = (milliseconds: number) => void;

/** What a peer does, and how the engine must remember that it went. */
interface Provocation {
  readonly reason: CloseReason;
  readonly what: string;
  readonly by: ClosedBy;
  readonly detail: RegExp;
  /** Libtorrent's number: over uTP it reaches the other side. 0: none is told. */
  readonly told?: number;
  readonly settings?: SettingsChange;
  /** Nothing but its info hash is known of the torrent. */
  readonly isMagnet?: boolean;
  provoke(scene: Scene, pass: Pass): Promise<{ readonly gone: GonePeer; readonly peer?: AnyPeer }>;
}

const SECOND = 1000;
const { sha1 } = nodeDigest;
/** As long as a key of the encrypted handshake, and none that another protocol begins with. */
const KEY_LIKE = Buffer.alloc(96, 0x77);
const HANDSHAKE_START = Buffer.from("\x13BitTorr", "latin1");

/** A caller that is through the handshake does something, and is gone for it. */
const entered =
  (act: (peer: AnyPeer, scene: Scene, pass: Pass) => unknown, reserved?: readonly number[]) =>
  async (scene: Scene, pass: Pass) => {
    const peer = await scene.enter(reserved);
    await scene.seen(peer, ({ phase }) => phase === "open");
    await act(peer, scene, pass);
    return { gone: await scene.gone(peer), peer };
  };

/** A caller does something before it belongs to a torrent, and is turned away for it. */
const called = (act: (peer: AnyPeer, scene: Scene, pass: Pass) => unknown) => async (scene: Scene, pass: Pass) => {
  const peer = await scene.call();
  await act(peer, scene, pass);
  return { gone: await scene.refused(peer), peer };
};

/** A peer that the engine dials does something, and is gone for it. */
const hosted = (act: (peer: AnyPeer, scene: Scene) => void) => async (scene: Scene) => {
  const port = await scene.host((peer) => act(peer, scene));
  return { gone: await scene.gone(port), peer: scene.hosted };
};

/** Speaks the encrypted handshake for `infoHash`. */
function encrypt(peer: AnyPeer, infoHash: Uint8Array, methods: number): void {
  const mse = new MseInitiator({ sha1, random: seededRandom(7), methods }, infoHash, new Uint8Array(0));
  peer.socket.on("data", (chunk: Buffer) => {
    const progress = mse.receive(Uint8Array.from(chunk));
    if (progress.kind !== "fault" && progress.send !== undefined) peer.raw(progress.send);
  });
  peer.raw(mse.begin());
}

/** A port that answers every uTP packet with a reset. */
async function refusingUdpPort(): Promise<{ readonly port: number; close(): void }> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.on("message", (datagram, from) => {
    const { connectionId, sequence } = read(datagram);
    socket.send(packet({ type: "reset", connectionId, acknowledged: sequence }), from.port, from.address);
  });
  return { port: socket.address().port, close: () => socket.close() };
}

/** Everybody on this machine is in the address filter. */
async function blockEverybody({ fixture }: Scene): Promise<void> {
  const list = join(fixture.folder, "blocked.p2p");
  writeFileSync(list, "everybody here:127.0.0.0-127.0.0.255\n");
  await fixture.command({ kind: "change-settings", settings: { ipFilter: list } });
}

export const PROVOCATIONS: readonly Provocation[] = [
  {
    reason: "closed-by-peer",
    what: "ends the connection and says why",
    by: "peer",
    detail: /^it ended the connection$/,
    provoke: async (scene) => {
      const result = await entered(({ socket }) => {
        if (socket instanceof UtpStream) socket.hangUp(9);
        else socket.end();
      })(scene, () => undefined);
      if (scene.transport === "utp" && result.gone.closeReason !== 9) throw new Error("its number was not read");
      return { gone: result.gone };
    },
  },
  {
    reason: "self",
    what: "answers with our own peer id",
    by: "us",
    told: 258,
    detail: /our own peer id/,
    provoke: hosted((peer, { infoHash }) => {
      void peer.handshake.then(({ peerId }) => peer.shake(infoHash, peerId, BOTH));
    }),
  },
  {
    reason: "blocked",
    what: "calls from an address that is in the filter",
    by: "us",
    told: 5,
    detail: /^127\.0\.0\.1 is in the address filter$/,
    provoke: async (scene) => {
      await blockEverybody(scene);
      // Over uTP nobody has called who has not said anything.
      return called((peer) => peer.shake(scene.infoHash, newPeerId()))(scene, () => undefined);
    },
  },
  {
    reason: "blocked",
    what: "is there when its address comes into the filter",
    by: "us",
    told: 5,
    detail: /^127\.0\.0\.1 is in the address filter$/,
    provoke: entered((_, scene) => blockEverybody(scene)),
  },
  {
    reason: "no-such-torrent",
    what: "asks for a torrent that nobody added",
    by: "us",
    told: 257,
    detail: /^it asked for (ab){20}$/,
    provoke: called((peer) => peer.shake(Buffer.alloc(20, 0xab), newPeerId())),
  },
  {
    reason: "no-such-torrent",
    what: "asks for a torrent that is paused",
    by: "us",
    told: 2,
    detail: /^[0-9a-f]{40} is stopped here$/,
    provoke: called(async (peer, { fixture, torrent, infoHash }) => {
      await fixture.command({ kind: "pause", torrent });
      peer.shake(infoHash, newPeerId());
    }),
  },
  {
    reason: "info-hash-mismatch",
    what: "answers for another torrent than we dialled it for",
    by: "us",
    told: 257,
    detail: /names another torrent/,
    provoke: hosted((peer) => peer.shake(Buffer.alloc(20, 1), newPeerId())),
  },
  {
    reason: "bad-handshake",
    what: "answers as a mail server",
    by: "us",
    told: 256,
    detail: /^it begins 32 32 30 20 73 6d 74 70$/,
    provoke: hosted((peer) => peer.raw(Buffer.from("220 smtp.example ESMTP\r\n"))),
  },
  {
    reason: "bad-handshake",
    what: "encrypts where that is off",
    by: "us",
    told: 13,
    detail: /if it is encrypted, that is off here/,
    settings: { encryptionIncoming: "off" },
    provoke: called((peer) => peer.raw(KEY_LIKE)),
  },
  {
    reason: "already-connected",
    what: "comes twice",
    by: "us",
    told: 1,
    detail: /^peer id -XX0001- is connected as 127\.0\.0\.1:\d+$/,
    provoke: async (scene) => {
      const peerId = newPeerId();
      const first = await scene.enter(BOTH, peerId);
      await scene.seen(first, ({ phase }) => phase === "open");
      const second = await scene.enter(BOTH, peerId);
      return { gone: await scene.gone(second), peer: second };
    },
  },
  {
    reason: "too-many-peers",
    what: "comes when there is no place for it",
    by: "us",
    told: 15,
    detail: /^1 peers connected, at most 1$/,
    settings: { maxConnectionsPerTorrent: 1 },
    provoke: async (scene) => {
      await scene.enter();
      const late = await scene.call();
      late.shake(scene.infoHash, newPeerId());
      return { gone: await scene.refused(late), peer: late };
    },
  },
  {
    reason: "checking",
    what: "is there when the torrent is checked again",
    by: "us",
    told: 2,
    detail: /^the torrent is checked again$/,
    provoke: entered((_peer, { fixture, torrent }) => fixture.command({ kind: "recheck", torrent })),
  },
  {
    reason: "bad-message",
    what: "has a piece that does not exist",
    by: "us",
    told: 265,
    detail: /^have: piece 99, the torrent has 16$/,
    provoke: entered((peer) => peer.say(4, uint32(99))),
  },
  {
    reason: "both-seeds",
    what: "has everything when we want nothing",
    by: "us",
    told: 6,
    detail: /^it has everything, and we want nothing more$/,
    provoke: entered(async (peer, { fixture, torrent }) => {
      await fixture.command({ kind: "want-files", torrent, files: [0], wanted: false });
      peer.say(14);
    }),
  },
  {
    reason: "both-seeds",
    what: "only uploads when we want nothing",
    by: "us",
    told: 7,
    detail: /^both sides only upload$/,
    provoke: entered(async (peer, { fixture, torrent }) => {
      await fixture.command({ kind: "want-files", torrent, files: [0], wanted: false });
      peer.say(20, Buffer.from("\0d11:upload_onlyi1ee"));
    }),
  },
  {
    reason: "unrequested-block",
    what: "sends blocks that nobody asked for",
    by: "us",
    told: 264,
    detail: /^2113536 bytes that nobody asked for, at most 2097152$/,
    provoke: entered((peer) => {
      for (let i = 0; i < 129; i++) peer.say(7, uint32(15, 0), Buffer.alloc(16384, 0xbd));
    }),
  },
  {
    reason: "bad-request",
    what: "asks for a piece that does not exist",
    by: "us",
    told: 271,
    detail: /piece 16, 16384 bytes from 0; the torrent has 16 pieces/,
    provoke: entered((peer) => peer.say(6, uint32(16, 0, 16384))),
  },
  {
    reason: "bad-request",
    what: "asks and asks while choked",
    by: "us",
    told: 285,
    detail: /^501 requests while choked$/,
    provoke: entered((peer) => {
      for (let i = 0; i < 501; i++) peer.say(6, uint32(0, 0, 16384));
    }),
  },
  {
    reason: "bad-reject",
    what: "rejects and rejects what was not asked",
    by: "us",
    told: 272,
    detail: /^101 rejects of what was not asked$/,
    provoke: entered((peer) => {
      for (let i = 0; i < 101; i++) peer.say(16, uint32(1, 0, 16384));
    }),
  },
  {
    reason: "bad-reject",
    what: "rejects without the fast extension",
    by: "us",
    told: 272,
    detail: /^a reject of piece 1 without the fast extension$/,
    provoke: entered((peer) => peer.say(16, uint32(1, 0, 16384)), [0, 0, 0, 0, 0, 0, 0, 0]),
  },
  {
    reason: "handshake-timeout",
    what: "drips its handshake",
    by: "us",
    told: 11,
    detail: /^no complete handshake in 3\d s$/,
    provoke: called(async (peer, { fixture }, pass) => {
      for (const byte of HANDSHAKE_START) peer.raw(Buffer.of(byte));
      await fixture.seen(({ session }) => session?.connections === 1 || undefined);
      pass(29 * SECOND);
      peer.raw(Buffer.from("e"));
      pass(2 * SECOND);
    }),
  },
  {
    reason: "inactive",
    what: "falls silent",
    by: "us",
    told: 10,
    detail: /^no byte in 12\d s$/,
    provoke: entered((_peer, _scene, pass) => pass(121 * SECOND)),
  },
  {
    reason: "useless",
    what: "wants nothing and has nothing, while places are few",
    by: "us",
    told: 9,
    detail: /^no interest either way for (18|19|20)\d s, and places are short$/,
    settings: { maxConnectionsPerTorrent: 1 },
    provoke: entered(async (peer, scene, pass) => {
      pass(100 * SECOND);
      const before = Date.now();
      peer.raw(uint32(0));
      await scene.seen(peer, ({ lastSeenAt }) => (lastSeenAt ?? 0) >= before);
      pass(100 * SECOND);
    }),
  },
  {
    reason: "replaced",
    what: "is of no use to anybody when another comes and all places are taken",
    by: "us",
    told: 14,
    detail: /^it made room for 127\.0\.0\.1:\d+; 1 peers connected, at most 1$/,
    settings: { maxConnectionsPerTorrent: 1 },
    provoke: entered(async (_peer, scene, pass) => {
      pass(31 * SECOND);
      await scene.enter();
    }),
  },
  {
    reason: "encryption-sync",
    what: "calls and encrypts, and its proof is nowhere",
    by: "us",
    told: 256,
    detail: /^the hash of the secret not found in \d+ bytes$/,
    provoke: called((peer) => peer.raw(KEY_LIKE, Buffer.alloc(532))),
  },
  {
    reason: "encryption-sync",
    what: "is dialled encrypted, and its answer is nowhere",
    by: "us",
    told: 256,
    detail: /^the verification constant not found in \d+ bytes$/,
    settings: { encryptionOutgoing: "require" },
    provoke: hosted((peer) => peer.raw(KEY_LIKE, Buffer.alloc(520))),
  },
  {
    reason: "encryption-unknown-key",
    what: "encrypts for a torrent that nobody added",
    by: "us",
    told: 257,
    detail: /^none of our torrents is its key$/,
    provoke: called((peer) => encrypt(peer, Buffer.alloc(20, 0xcd), METHOD.rc4)),
  },
  {
    reason: "encryption-no-common-method",
    what: "does not encrypt where that is required",
    by: "us",
    told: 13,
    detail: /^it does not encrypt, and we require it$/,
    settings: { encryptionIncoming: "require" },
    provoke: called((peer, { infoHash }) => peer.shake(infoHash, newPeerId())),
  },
  {
    reason: "encryption-no-common-method",
    what: "wants to encrypt its handshake alone where all of it is required",
    by: "us",
    told: 13,
    detail: /^it offers methods 1, we take 2$/,
    settings: { encryptionIncoming: "require" },
    provoke: called((peer, { infoHash }) => encrypt(peer, infoHash, METHOD.plain)),
  },
  {
    reason: "connect-failed",
    what: "is not there",
    by: "network",
    detail: /^127\.0\.0\.1:\d+: connection refused/,
    provoke: async (scene) => {
      const { fixture, torrent, transport } = scene;
      await fixture.command({ kind: "change-settings", settings: { transport } });
      const closed = transport === "utp" ? await refusingUdpPort() : await RawListener.open(() => undefined);
      if (transport === "tcp") await closed.close();
      await fixture.connect(torrent, closed.port);
      const gone = await scene.gone(closed.port);
      if (transport === "utp") await closed.close();
      return { gone };
    },
  },
  {
    reason: "banned",
    what: "lies in every block of a piece",
    by: "us",
    told: 286,
    detail: /^piece \d+ failed its hash, every block came from it$/,
    provoke: entered((peer) => {
      answerRequests(peer, (_piece, _begin, length) => Buffer.alloc(length, 0xbd));
      peer.say(14);
      peer.say(1);
    }),
  },
  {
    reason: "no-metadata-progress",
    what: "announces metadata and never gives any",
    by: "us",
    told: 8,
    detail: /^it announced metadata, and let every request for it lie$/,
    isMagnet: true,
    provoke: entered(async (peer, scene, pass) => {
      peer.say(20, Buffer.from("\0d1:md11:ut_metadatai3ee13:metadata_sizei1000ee"));
      let isGone = false;
      const gone = scene.gone(peer).then(() => {
        isGone = true;
      });
      // Each time it is late, or may be asked again.
      while (!isGone) {
        pass(11 * SECOND);
        const before = Date.now();
        peer.raw(uint32(0));
        await Promise.race([gone, scene.seen(peer, ({ lastSeenAt }) => (lastSeenAt ?? 0) >= before)]);
        await scene.fixture.command({ kind: "announce", torrent: scene.torrent });
      }
    }),
  },
  {
    reason: "pex-abuse",
    what: "tells of more peers than anybody has",
    by: "us",
    told: 287,
    detail: /^201 peers in one message, at most 200$/,
    provoke: entered((peer) => peer.say(20, Buffer.from("\x01d5:added1206:"), Buffer.alloc(1206, 1), Buffer.from("e"))),
  },
  {
    reason: "pex-abuse",
    what: "tells of peers again and again",
    by: "us",
    told: 288,
    detail: /^more than 4 messages of peers within a minute$/,
    provoke: entered((peer) => {
      for (let i = 0; i < 5; i++) peer.say(20, Buffer.from("\x01de"));
    }),
  },
  {
    reason: "local",
    what: "is there when the torrent is paused",
    by: "user",
    told: 2,
    detail: /^the torrent was paused$/,
    provoke: entered((_peer, { fixture, torrent }) => fixture.command({ kind: "pause", torrent })),
  },
  {
    reason: "local",
    what: "is disconnected",
    by: "user",
    told: 2,
    detail: /^disconnected by hand$/,
    provoke: entered(async (peer, scene) => {
      const id = await scene.seen(peer, ({ phase }) => phase === "open");
      await scene.fixture.command({ kind: "disconnect", torrent: scene.torrent, peer: id });
    }),
  },
];
