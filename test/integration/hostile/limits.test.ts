import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { defaultSettings } from "../../../core/session/settings.ts";
import { MESSAGE, messageName, messageRule } from "../../../core/wire/message-id.ts";
import { answerRequests, EngineFixture, HonestSeed, newPeerId, sha256 } from "./engine-fixture.ts";
import { RawPeer, uint32 } from "./raw-peer.ts";
import { type AnyPeer, BOTH, Scene } from "./scene.ts";

const SECOND = 1000;
const BLOCK = 16 * 1024;
const PIECE = 65_536;
/** Those that may wait, and those being read from the disk. */
const MOST_REQUESTS = 500 + 32;

const realNow = Date.now;
let ahead = 0;
vi.spyOn(Date, "now").mockImplementation(() => realNow() + ahead);

const fixture = new EngineFixture();
beforeAll(() => fixture.start());
afterAll(async () => {
  await fixture.stop();
  vi.restoreAllMocks();
});

async function open(transport: "tcp" | "utp" = "tcp"): Promise<Scene> {
  const scene = await Scene.open(fixture, transport);
  onTestFinished(async () => {
    await scene.close();
  });
  return scene;
}

/** A seed that answers every request from the content. */
async function honestSeed(scene: Scene, isGenerous = true): Promise<HonestSeed> {
  const honest = await HonestSeed.open(scene.content);
  onTestFinished(() => honest.listener.close());
  if (isGenerous) honest.giveEverything();
  await fixture.connect(scene.torrent, honest.port);
  return honest;
}

/** The engine has all of it. */
async function seeding(transport: "tcp" | "utp"): Promise<Scene> {
  const scene = await open(transport);
  await honestSeed(scene);
  await fixture.complete(scene.torrent);
  return scene;
}

/** Downloads everything from the engine. */
async function leech(scene: Scene): Promise<Buffer> {
  const leecher = await scene.enter();
  const whole = Buffer.alloc(scene.content.bytes.length);
  let arrived = 0;
  await new Promise<void>((resolve) => {
    leecher.onMessage = ({ id, payload }) => {
      if (id === MESSAGE.unchoke) {
        for (let at = 0; at < whole.length; at += BLOCK) {
          const length = Math.min(BLOCK, whole.length - at);
          leecher.say(MESSAGE.request, uint32(Math.floor(at / PIECE), at % PIECE, length));
        }
      }
      if (id !== MESSAGE.piece) return;
      payload.copy(whole, payload.readUInt32BE(0) * PIECE + payload.readUInt32BE(4), 8);
      arrived += payload.length - 8;
      if (arrived === whole.length) resolve();
    };
    leecher.say(MESSAGE.interested);
  });
  return whole;
}

/** The most requests that the engine's view ever shows for anybody, from now on. */
function watchRequests(scene: Scene): { most: number } {
  const seen = { most: 0 };
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  void fixture.seen(() => {
    for (const peer of fixture.details(scene.torrent).peers?.values() ?? []) {
      seen.most = Math.max(seen.most, peer.requestsIn);
    }
    return isOver || undefined;
  });
  return seen;
}

const message = (id: number, ...parts: Buffer[]) => {
  const payload = Buffer.concat(parts);
  return Buffer.concat([uint32(1 + payload.length), Buffer.of(id), payload]);
};
const times = (count: number, ...messages: Buffer[]) => Buffer.concat(Array(count).fill(Buffer.concat(messages)));

describe.each(["tcp", "utp"] as const)("another leecher completes from us, over %s, beside a flood of", (transport) => {
  const request = message(MESSAGE.request, uint32(0, 0, BLOCK));
  test.for([
    ["requests while choked", times(20_000, request)],
    ["requests when unchoked", times(20_000, request), MESSAGE.unchoke],
    [
      "requests and their cancels",
      times(20_000, request, message(MESSAGE.cancel, uint32(0, 0, BLOCK))),
      MESSAGE.unchoke,
    ],
    ["haves", times(50_000, message(MESSAGE.have, uint32(3)))],
    ["bitfields, each taking back the last", times(20_000, message(5, Buffer.of(0, 1)), message(5, Buffer.of(1, 0)))],
    ["chokes and unchokes", times(50_000, message(MESSAGE.choke), message(MESSAGE.unchoke))],
    ["interest and its loss", times(50_000, message(MESSAGE.interested), message(MESSAGE.notInterested))],
    ["cancels of what was not asked", times(50_000, message(MESSAGE.cancel, uint32(1, 0, BLOCK)))],
    ["keep-alives", times(200_000, uint32(0))],
    ["extension handshakes", times(20_000, message(MESSAGE.extended, Buffer.from("\0d1:v3:abce")))],
  ] as const)("%s", async ([, flood, after], context) => {
    const scene = await seeding(transport);
    context.onTestFailed(() => console.error(fixture.picture(scene.torrent)));
    const requests = watchRequests(scene);
    const flooder = await scene.enter();
    if (after !== undefined) {
      flooder.say(MESSAGE.interested);
      await flooder.heard(after);
    }
    flooder.raw(flood);
    expect(sha256(await leech(scene))).toBe(sha256(scene.content.bytes));
    expect(requests.most).toBeLessThanOrEqual(MOST_REQUESTS);
    const gone = fixture.details(scene.torrent).gone?.filter(({ by }) => by === "us") ?? [];
    for (const { reason } of gone) expect(["bad-request", "both-seeds"]).toContain(reason);
  });
});

describe("connections without end", () => {
  test("take so many places and no more, and one that speaks is heard among them", async () => {
    const scene = await open();
    const { maxConnections } = defaultSettings("");
    await fixture.command({ kind: "change-settings", settings: { maxConnections: 20 } });
    onTestFinished(async () => {
      await fixture.command({ kind: "change-settings", settings: { maxConnections } });
    });
    let most = 0;
    const isOver = { yes: false };
    void fixture.seen(({ session }) => {
      most = Math.max(most, session?.connections ?? 0);
      return isOver.yes || undefined;
    });
    const crowd = await Promise.all(Array.from({ length: 200 }, () => RawPeer.dial(fixture.listenPort)));
    await honestSeed(scene);
    await fixture.complete(scene.torrent);
    const speaker = await scene.call();
    speaker.shake(scene.infoHash, newPeerId(), BOTH);
    await speaker.heard(MESSAGE.extended);
    isOver.yes = true;
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThanOrEqual(20 + 10);
    for (const { socket } of crowd) socket.destroy();
  });
});

describe.each(["tcp", "utp"] as const)("among six over %s", (transport) => {
  test("five lie in every block: each is banned after at most two pieces of its own, and the honest one is not", async (context) => {
    const scene = await open(transport);
    context.onTestFailed(() => console.error(fixture.picture(scene.torrent)));
    const honest = await honestSeed(scene, false);
    const ports: number[] = [];
    for (let i = 0; i < 5; i++) {
      const peerId = newPeerId();
      const accept = (peer: AnyPeer) => {
        answerRequests(peer, (_piece, _begin, length) => Buffer.alloc(length, 0xb0 + i));
        void peer.handshake.then(() => {
          peer.shake(scene.infoHash, peerId, BOTH);
          peer.say(MESSAGE.haveAll);
          peer.say(MESSAGE.unchoke);
        });
      };
      ports.push(await scene.host(accept));
    }
    for (const port of ports) expect(await scene.gone(port)).toMatchObject({ reason: "banned", by: "us" });
    honest.giveEverything();
    await fixture.complete(scene.torrent);
    expect(fixture.sha256(scene.content)).toBe(sha256(scene.content.bytes));
    const { gone = [], log = [] } = fixture.details(scene.torrent);
    expect(gone.filter(({ port }) => port === honest.port).map(({ reason }) => reason)).not.toContain("banned");
    for (const port of ports) {
      const alone = log.filter(({ text }) => text.endsWith(` failed its hash; it came from 127.0.0.1:${port}.`));
      expect(alone.length).toBeLessThanOrEqual(2);
    }
  });

  test("one gives every block twice, which does no harm but to itself", async () => {
    const scene = await open(transport);
    const { bytes } = scene.content;
    const peer = await scene.enter();
    peer.onMessage = ({ id, payload }) => {
      if (id !== MESSAGE.request) return;
      const [piece, begin, length] = [0, 4, 8].map((at) => payload.readUInt32BE(at)) as [number, number, number];
      const at = piece * PIECE + begin;
      for (let i = 0; i < 2; i++) peer.say(MESSAGE.piece, uint32(piece, begin), bytes.subarray(at, at + length));
    };
    peer.say(MESSAGE.haveAll);
    peer.say(MESSAGE.unchoke);
    await fixture.complete(scene.torrent);
    expect(fixture.sha256(scene.content)).toBe(sha256(bytes));
    const { wasted = 0, downloaded } = fixture.state.torrents.get(scene.torrent) ?? {};
    expect(downloaded).toBe(bytes.length);
    expect(wasted).toBeGreaterThan(PIECE);
    expect(wasted).toBeLessThanOrEqual(bytes.length);
  });
});

test("a seed that breaks off in the middle of a block, twenty times, loses us nothing that was whole", async (context) => {
  const scene = await open();
  context.onTestFailed(() => console.error(fixture.picture(scene.torrent)));
  const { bytes } = scene.content;
  const peerId = newPeerId();
  let met = 0;
  const port = await scene.host((peer) => {
    const isLast = ++met > 20;
    let given = 0;
    answerRequests(peer, (piece, begin, length) => {
      const at = piece * PIECE + begin;
      return bytes.subarray(at, at + length);
    });
    const whole = peer.onMessage;
    peer.onMessage = (said) => {
      if (said.id !== MESSAGE.request || given > 2) return;
      if (++given <= 2 || isLast) return whole(said);
      // Half a block, and its line breaks.
      peer.raw(uint32(9 + BLOCK), Buffer.of(MESSAGE.piece), said.payload.subarray(0, 8), Buffer.alloc(BLOCK / 2));
      peer.socket.end();
    };
    void peer.handshake.then(() => {
      peer.shake(scene.infoHash, peerId, BOTH);
      peer.say(MESSAGE.haveAll);
      peer.say(MESSAGE.unchoke);
    });
    if (isLast) given = Number.NEGATIVE_INFINITY;
  });
  for (let drop = 1; drop <= 20; drop++) {
    await fixture.seen(() => {
      const gone = fixture.details(scene.torrent).gone?.filter((peer) => peer.port === port) ?? [];
      return gone.length === drop || undefined;
    });
    // It is dialled again after 20 s, not before: three times a minute.
    expect(met).toBe(drop);
    ahead += 20 * SECOND;
  }
  await fixture.complete(scene.torrent);
  expect(fixture.sha256(scene.content)).toBe(sha256(bytes));
  expect(fixture.state.torrents.get(scene.torrent)?.downloaded).toBe(bytes.length);
});

describe("a message of the wrong length", () => {
  const fixed = Object.entries(MESSAGE).filter(([, id]) => messageRule(id)?.length !== undefined);
  test.for(fixed)("ends the connection: %s", async ([, id]) => {
    const scene = await open();
    const rule = messageRule(id);
    const peer = await scene.enter();
    peer.say(id, Buffer.alloc(rule?.length ?? 0));
    const gone = await scene.gone(peer);
    expect(gone).toMatchObject({ reason: "bad-message", by: "us", closeReason: rule?.closeReason });
    expect(gone.detail).toBe(
      `${messageName(id)}: ${messageName(id)} of ${(rule?.length ?? 0) + 1} bytes, ${rule?.length} expected`,
    );
  });

  test.for([
    ["have all", MESSAGE.haveAll, 0],
    ["have none", MESSAGE.haveNone, 0],
    ["suggest", MESSAGE.suggest, 4],
    ["allowed fast", MESSAGE.allowedFast, 4],
  ] as const)("or of an extension that was not agreed on: %s", async ([name, id, length]) => {
    const scene = await open();
    const peer = await scene.enter([0, 0, 0, 0, 0, 0, 0, 0]);
    peer.say(id, Buffer.alloc(length));
    const gone = await scene.gone(peer);
    const { closeReason } = messageRule(id) ?? {};
    expect(gone).toMatchObject({
      reason: "bad-message",
      closeReason,
      detail: `${name}: sent without the fast extension`,
    });
  });
});
