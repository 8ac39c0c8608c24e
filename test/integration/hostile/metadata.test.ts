import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { Ban } from "../../../core/contract/views.ts";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import { MIB } from "../../../core/model/units.ts";
import { EXTENDED } from "../../../core/wire/extended-id.ts";
import { type Content, makeContent } from "../../sim/support/content.ts";
import { EngineFixture, freshContent, newPeerId } from "./engine-fixture.ts";
import { RawListener, type RawMessage, RawPeer, uint32 } from "./raw-peer.ts";

const PART = 16_384;
const BOTH = [0, 0, 0, 0, 0, 0x10, 0, 4];
/** By which number the scripted peers want to be told of metadata. */
const THEIR_ID = 3;

const fixture = new EngineFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

let seeds = 9000;
/** Its metadata has two parts. */
const longContent = (): Content => makeContent([1000 * PART], PART, { seed: ++seeds });

const offer = (size: number): Buffer => Buffer.from(`\0d1:md11:ut_metadatai${THEIR_ID}ee13:metadata_sizei${size}ee`);
const dataHead = (part: number, size: number): Buffer =>
  Buffer.from(`d8:msg_typei1e5:piecei${part}e10:total_sizei${size}ee`);
const request = (part: number): Buffer => Buffer.from(`d8:msg_typei0e5:piecei${part}ee`);
const ours = Buffer.of(EXTENDED.ut_metadata);

/** Its kind (0 request, 1 data, 2 reject) and part, when it is one of metadata. */
function metadataOf({ id, payload }: RawMessage): { readonly kind: number; readonly part: number } | undefined {
  const found = /^d8:msg_typei(\d)e5:piecei(\d+)e/.exec(payload.toString("latin1", 1, 60));
  if (id !== 20 || payload[0] !== THEIR_ID || found === null) return undefined;
  return { kind: Number(found[1]), part: Number(found[2]) };
}

/** A port where a peer has everything, and gives `info` for the metadata: all of its parts, or those alone. */
async function giver(
  context: TestContext,
  { metainfo, bytes }: Content,
  info: Uint8Array,
  parts: readonly number[] = [0, 1, 2],
): Promise<RawListener> {
  const infoHash = Buffer.from("v1" in metainfo.infoHash ? metainfo.infoHash.v1 : []);
  const listener = await RawListener.open((peer) => {
    void peer.handshake.then(() => {
      peer.shake(infoHash, newPeerId(), BOTH);
      peer.say(20, offer(info.length));
      peer.say(14);
    });
    peer.onMessage = (message) => {
      const asked = metadataOf(message);
      if (asked?.kind === 0 && parts.includes(asked.part)) {
        const { part } = asked;
        const given = info.subarray(part * PART, (part + 1) * PART);
        peer.say(20, ours, dataHead(part, info.length), given);
      }
      if (message.id === 2) peer.say(1);
      if (message.id !== 6) return;
      const [piece, begin, length] = [0, 4, 8].map((at) => message.payload.readUInt32BE(at)) as [
        number,
        number,
        number,
      ];
      const at = piece * metainfo.pieceLength + begin;
      peer.say(7, uint32(piece, begin), bytes.subarray(at, at + length));
    };
  });
  context.onTestFinished(() => listener.close());
  return listener;
}

async function magnetOf(context: TestContext, content: Content): Promise<TorrentId> {
  const torrent = await fixture.add(content, true);
  context.onTestFailed(() => console.error(fixture.picture(torrent)));
  return torrent;
}

/** A peer that dials the engine and is through the handshake. */
async function caller(context: TestContext, torrent: TorrentId): Promise<RawPeer> {
  const peer = await RawPeer.dial(fixture.listenPort);
  context.onTestFinished(() => void peer.socket.destroy());
  peer.shake(Buffer.from(torrent, "hex"), newPeerId(), BOTH);
  await peer.handshake;
  return peer;
}

const portOf = (peer: RawPeer): number => peer.socket.localPort as number;
const wrong = (info: Uint8Array): Uint8Array => Uint8Array.from(info, (byte) => byte ^ 1);
const bans = () => fixture.command<readonly Ban[]>({ kind: "list-bans" });

describe("metadata that peers lie about", () => {
  test("comes from the honest one of two, though the other gave part of the first copy", async (context) => {
    const content = longContent();
    const { infoBytes } = content.metainfo;
    const torrent = await magnetOf(context, content);
    // It keeps back one part, for which the honest one is asked: then nobody knows which of them lied.
    const liar = await giver(context, content, wrong(infoBytes), [0]);
    await fixture.connect(torrent, liar.port);
    await fixture.seen((state) => (state.torrents.get(torrent)?.metadata?.received ?? 0) > 0 || undefined);
    const honest = await giver(context, content, infoBytes);
    await fixture.connect(torrent, honest.port);
    await fixture.complete(torrent);
    expect((fixture.details(torrent).log ?? []).map(({ text }) => text)).toContain(
      "The metadata failed its hash: some peer lies. It is fetched again.",
    );
    expect((await bans()).map(({ torrent }) => torrent)).not.toContain(torrent);
  });

  test("is refused by its hash, and who gave all of it is banned by name", async (context) => {
    const content = freshContent();
    const { infoBytes } = content.metainfo;
    const torrent = await magnetOf(context, content);
    const liar = await giver(context, content, wrong(infoBytes));
    await fixture.connect(torrent, liar.port);
    const gone = await fixture.gone(torrent, liar.port);
    const detail = `metadata of ${infoBytes.length} bytes failed its hash, all of it came from it`;
    expect(gone).toMatchObject({ reason: "banned", by: "us", detail });
    expect(await bans()).toContainEqual(
      expect.objectContaining({ party: `127.0.0.1:${liar.port}`, evidence: detail, torrent }),
    );
    await expect(fixture.connect(torrent, liar.port)).rejects.toThrow(/is banned: metadata of/);
    const honest = await giver(context, content, infoBytes);
    await fixture.connect(torrent, honest.port);
    await fixture.complete(torrent);
  });

  test("comes beside twenty that each name a size of their own and give nothing", async (context) => {
    const content = freshContent();
    const { infoBytes } = content.metainfo;
    const torrent = await magnetOf(context, content);
    const liars = Array.from({ length: 20 }, async (_, more) => {
      const peer = await caller(context, torrent);
      peer.say(20, offer(infoBytes.length + 1 + more));
      await peer.heard(20);
    });
    await Promise.all(liars);
    const honest = await giver(context, content, infoBytes);
    await fixture.connect(torrent, honest.port);
    await fixture.complete(torrent);
  });

  test.for([30 * MIB + 1, 9 * MIB, 2 ** 40, 0, -1])(
    "of %i bytes is not asked for on the word of one peer alone",
    async (size, context) => {
      const content = freshContent();
      const torrent = await magnetOf(context, content);
      const peer = await caller(context, torrent);
      peer.say(20, offer(size));
      const honest = await giver(context, content, content.metainfo.infoBytes);
      await fixture.connect(torrent, honest.port);
      await fixture.complete(torrent);
      expect(peer.messages.map(metadataOf).filter((message) => message?.kind === 0)).toEqual([]);
    },
  );

  test.for<[string, Buffer, RegExp]>([
    ["is no bencode", Buffer.from("x"), /ut_metadata: /],
    ["has no type", Buffer.from("d5:piecei0ee"), /ut_metadata without msg_type/],
    ["has no part", Buffer.from("d8:msg_typei1ee"), /ut_metadata data of part nothing/],
    ["is of a part before the first", Buffer.from("d8:msg_typei1e5:piecei-1ee"), /ut_metadata data of part -1/],
    ["is of a size beyond all", dataHead(0, 30 * MIB + 1), /data of 31457281 bytes in all, at most 31457280/],
    ["is shorter than its place", Buffer.concat([dataHead(0, 1000), Buffer.alloc(999)]), /999 bytes, 1000 expected/],
    ["is longer than its place", Buffer.concat([dataHead(0, 1000), Buffer.alloc(1001)]), /1001 bytes, 1000 expected/],
    ["lies past its own end", Buffer.concat([dataHead(1, 1000), Buffer.alloc(10)]), /part 1 with 10 bytes/],
  ])("that %s ends the connection", async ([, payload, words], context) => {
    const torrent = await magnetOf(context, freshContent());
    const peer = await caller(context, torrent);
    peer.say(20, offer(1000));
    peer.say(20, ours, payload);
    const gone = await fixture.gone(torrent, portOf(peer));
    expect(gone).toMatchObject({ reason: "bad-message", by: "us" });
    expect(gone.detail).toMatch(words);
  });

  test("that nobody asked for is not taken, and past 2 MiB it ends the connection", async (context) => {
    for (const isMagnet of [true, false]) {
      const torrent = await fixture.add(freshContent(), isMagnet);
      const peer = await caller(context, torrent);
      const message = Buffer.concat([ours, dataHead(0, 5 * PART), Buffer.alloc(PART)]);
      for (let i = 0; i <= 128; i++) peer.say(20, message);
      const gone = await fixture.gone(torrent, portOf(peer));
      expect(gone).toMatchObject({ reason: "unrequested-block", by: "us" });
      expect(gone.detail).toBe("2113536 bytes that nobody asked for, at most 2097152");
      expect(fixture.state.torrents.get(torrent)?.metadata?.received ?? 0).toBe(0);
    }
  });
});

describe("metadata that peers ask us for", () => {
  test("is given, and what is not there is refused by name", async (context) => {
    const content = longContent();
    const { infoBytes } = content.metainfo;
    const torrent = await fixture.add(content);
    const peer = await caller(context, torrent);
    peer.say(20, offer(0));
    for (const part of [0, 1, 2, 1919]) peer.say(20, ours, request(part));
    const parts: Buffer[] = [];
    const refused: number[] = [];
    await new Promise<void>((resolve) => {
      const take = (message: RawMessage): void => {
        const heard = metadataOf(message);
        if (heard?.kind === 1) parts[heard.part] = message.payload.subarray(message.payload.indexOf("ee") + 2);
        if (heard?.kind === 2) refused.push(heard.part);
        if (refused.length === 2) resolve();
      };
      peer.messages.forEach(take);
      peer.onMessage = take;
    });
    expect(refused).toEqual([2, 1919]);
    expect(Buffer.concat(parts).equals(Buffer.from(infoBytes))).toBe(true);
  });

  test("is given to nobody without end: 64 refusals within a second are the last", async (context) => {
    for (const isMagnet of [true, false]) {
      const content = freshContent();
      const torrent = await fixture.add(content, isMagnet);
      const peer = await caller(context, torrent);
      peer.say(20, offer(0));
      const flood = Buffer.concat([uint32(2 + request(0).length), Buffer.of(20), ours, request(0)]);
      peer.raw(Buffer.concat(Array.from({ length: 5000 }, () => flood)));
      const gone = await fixture.gone(torrent, portOf(peer));
      expect(gone).toMatchObject({ reason: "bad-request", by: "us" });
      expect(gone.detail).toBe("65 requests within a second for metadata that it is not given, at most 64");
      await peer.closed;
      const given = peer.messages.filter((message) => metadataOf(message)?.kind === 1).length;
      expect(given).toBeLessThanOrEqual(isMagnet ? 0 : 3);
    }
  });

  test("of a part that nobody has ends the connection when it is beyond all metadata", async (context) => {
    const torrent = await fixture.add(freshContent());
    const peer = await caller(context, torrent);
    peer.say(20, offer(0));
    peer.say(20, ours, request(1920));
    const gone = await fixture.gone(torrent, portOf(peer));
    expect(gone).toMatchObject({ reason: "bad-message", by: "us" });
    expect(gone.detail).toMatch(/ut_metadata request of part 1920/);
  });
});
