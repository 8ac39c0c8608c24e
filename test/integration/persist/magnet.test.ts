import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AddedReply, ExportReply } from "../../../core/contract/messages.ts";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { toHex } from "../../../core/model/bytes.ts";
import { type TorrentId, torrentId, wireHash } from "../../../core/model/info-hash.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { HashService } from "../../../core/swarm/hash-service.ts";
import { EXTENDED } from "../../../core/wire/extended-id.ts";
import { decodeHashRequest, encodeHashes } from "../../../core/wire/hash-message.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { type Content, makeContent, makeV2Content } from "../../sim/support/content.ts";
import { EngineFixture, freshContent, newPeerId } from "../hostile/engine-fixture.ts";
import { RawListener } from "../hostile/raw-peer.ts";

const TRACKER = "http://127.0.0.1:9/announce";
const PATIENCE = 20_000;
const BOTH = [0, 0, 0, 0, 0, 0x10, 0, 4];
const REQUEST = "d8:msg_typei0e";

async function startedEngine(): Promise<EngineFixture> {
  const engine = new EngineFixture();
  onTestFinished(() => engine.stop());
  await engine.start();
  return engine;
}

async function add(engine: EngineFixture, content: Content, tracker: string, asksForFiles = false, more = "") {
  const id = torrentId(content.metainfo.infoHash);
  const { infoHash } = content.metainfo;
  const topic = infoHash.kind === "v2" ? `btmh:1220${toHex(infoHash.v2)}` : `btih:${id}`;
  const link = `magnet:?xt=urn:${topic}&dn=linked&tr=${encodeURIComponent(tracker)}${more}`;
  const preview = await engine.command<{ token: string }>({ kind: "preview", source: { from: "magnet", link } });
  const folder = join(engine.folder, "chosen");
  return engine.command<AddedReply>({ kind: "add", token: preview.token, folder, asksForFiles });
}

/** A port where a peer has the metadata, and no piece. */
async function giver({ metainfo }: Content): Promise<RawListener> {
  const { infoBytes, infoHash } = metainfo;
  const hashes = new HashService(metainfo, nodeDigest.sha256);
  const listener = await RawListener.open((peer) => {
    void peer.handshake.then(() => {
      peer.shake(Buffer.from(wireHash(infoHash)), newPeerId(), BOTH);
      peer.say(20, Buffer.from(`\0d1:md11:ut_metadatai3ee13:metadata_sizei${infoBytes.length}ee`));
      peer.say(15);
    });
    peer.onMessage = ({ id, payload }) => {
      const given = id === MESSAGE.hashRequest ? hashes.answer(decodeHashRequest(payload)) : undefined;
      if (given !== undefined) peer.say(MESSAGE.hashes, ...encodeHashes(given).map((part) => Buffer.from(part)));
      if (id !== 20 || !payload.toString("latin1", 1).startsWith(REQUEST)) return;
      peer.say(
        20,
        Buffer.of(EXTENDED.ut_metadata),
        Buffer.from(`d8:msg_typei1e5:piecei0e10:total_sizei${infoBytes.length}ee`),
        infoBytes,
      );
    };
  });
  onTestFinished(() => listener.close());
  return listener;
}

/** As those know it who were told its v2 hash alone. */
function v2HalfOf(content: Content): Content {
  const half = parseTorrent(content.file, nodeDigest, true);
  if (!half.ok) throw new Error(half.fault.words);
  return { ...content, metainfo: half.torrent };
}

const askedOf = (listener: RawListener): number =>
  listener.peers.flatMap(({ messages }) => messages).filter(({ payload }) => payload.includes(REQUEST)).length;

const known = (engine: EngineFixture, id: TorrentId) =>
  engine.seen((state) => {
    const view = state.torrents.get(id);
    return (view?.pieceCount ?? 0) > 0 ? view : undefined;
  });

/** Copies what is kept in files of this kind: what a run that was killed would have left. */
function take(from: string, to: string, kinds: RegExp): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) if (kinds.test(name)) cpSync(join(from, name), join(to, name));
}

/** The record of the torrent, once it has so many pieces. */
async function kept(engine: EngineFixture, pieces: number): Promise<void> {
  const state = join(engine.folder, "state");
  const record = () => {
    const name = readdirSync(state).find((file) => file.endsWith(".resume"));
    return name === undefined ? "" : readFileSync(join(state, name), "latin1");
  };
  await expect.poll(record, { timeout: PATIENCE }).toContain(`"pieceCount":${pieces},`);
}

describe("a magnet link", () => {
  test("that has no metadata yet looks for it again after a restart", async () => {
    const content = freshContent();
    const engine = await startedEngine();
    const { torrent } = await add(engine, content, TRACKER);
    await engine.restart();
    await engine.seen((state) => state.torrents.get(torrent)?.state === "fetching-metadata" || undefined);
    expect(engine.state.torrents.get(torrent)).toMatchObject({ name: "linked", folder: join(engine.folder, "chosen") });
    const peer = await giver(content);
    await engine.connect(torrent, peer.port);
    expect(await known(engine, torrent)).toMatchObject({ name: content.metainfo.name, pieceCount: 16 });
  });

  test("that has its metadata needs none after a restart, and knows its trackers", async () => {
    const content = freshContent();
    const engine = await startedEngine();
    const { torrent } = await add(engine, content, TRACKER);
    const first = await giver(content);
    await engine.connect(torrent, first.port);
    await known(engine, torrent);
    await engine.restart();
    const folder = join(engine.folder, "chosen");
    expect(await known(engine, torrent)).toMatchObject({ name: content.metainfo.name, state: "downloading", folder });
    const { magnet } = await engine.command<{ magnet: string }>({ kind: "export", torrent });
    expect(magnet).toContain(encodeURIComponent(TRACKER));
    const second = await giver(content);
    await engine.connect(torrent, second.port);
    await engine.seen((state) => (state.torrents.get(torrent)?.peersConnected ?? 0) > 0 || undefined);
    expect([askedOf(first), askedOf(second)]).toEqual([1, 0]);
  });

  test.each([
    ["a v2 torrent", makeV2Content([300_000, 77], 16_384)],
    ["the v2 half of a hybrid one", v2HalfOf(makeV2Content([300_000, 77], 16_384, { isHybrid: true }))],
  ])("by the v2 hash, of %s, is the same after a restart, with its layers", async (_, content) => {
    const engine = await startedEngine();
    const { torrent } = await add(engine, content, TRACKER);
    const peer = await giver(content);
    await engine.connect(torrent, peer.port);
    await known(engine, torrent);
    await engine.restart();
    const { infoHash, pieceCount } = content.metainfo;
    expect(await known(engine, torrent)).toMatchObject({ state: "downloading", infoHash, pieceCount });
    const { magnet, file } = await engine.command<ExportReply>({ kind: "export", torrent });
    expect(magnet).toContain("xt=urn:btmh:1220");
    expect(magnet).not.toContain("btih");
    const saved = parseTorrent(file as Uint8Array, nodeDigest, true);
    expect(saved.ok && saved.torrent.pieceLayers).toEqual(content.metainfo.pieceLayers);
  });

  test("that is added again gains the trackers that are new", async () => {
    const content = freshContent();
    const engine = await startedEngine();
    const { torrent } = await add(engine, content, TRACKER);
    expect(await add(engine, content, TRACKER)).toEqual({ torrent, mergedTrackers: 0 });
    expect(await add(engine, content, "udp://127.0.0.1:9")).toEqual({ torrent, mergedTrackers: 1 });
    await engine.restart();
    const { magnet } = await engine.command<{ magnet: string }>({ kind: "export", torrent });
    expect(magnet).toContain(encodeURIComponent(TRACKER));
    expect(magnet).toContain(encodeURIComponent("udp://127.0.0.1:9"));
  });
});

describe("a magnet link of a run that was killed", () => {
  const metainfo = /\.metainfo/;
  const record = /\.resume/;

  /** What the folder held before and after the metadata came. */
  async function lived(content: Content, asksForFiles = true, more = "") {
    const engine = await startedEngine();
    const { torrent } = await add(engine, content, TRACKER, asksForFiles, more);
    const state = join(engine.folder, "state");
    await kept(engine, 0);
    const before = join(engine.folder, "before");
    take(state, before, /./);
    const peer = await giver(content);
    await engine.connect(torrent, peer.port);
    await kept(engine, content.metainfo.pieceCount);
    const after = join(engine.folder, "after");
    take(state, after, /./);
    return { torrent, before, after, folder: join(engine.folder, "chosen") };
  }

  test("goes on wherever it was killed: in its folder, with the metadata if it was kept, and still to be asked for files", async () => {
    const content = freshContent();
    const { torrent, before, after, folder } = await lived(content);
    for (const [torrentOf, recordOf, state] of [
      [before, before, "fetching-metadata"],
      [after, before, "paused"],
      [before, after, "fetching-metadata"],
      [after, after, "paused"],
    ] as const) {
      const engine = new EngineFixture();
      onTestFinished(() => engine.stop());
      take(torrentOf, join(engine.folder, "state"), metainfo);
      take(recordOf, join(engine.folder, "state"), record);
      await engine.start();
      const view = await engine.seen((all) => all.torrents.get(torrent));
      expect({ ...view, notices: engine.state.session?.notices }).toMatchObject({ folder, notices: [] });
      if (state === "fetching-metadata") {
        const peer = await giver(content);
        await engine.connect(torrent, peer.port);
      }
      const met = await known(engine, torrent);
      expect(met).toMatchObject({ name: content.metainfo.name, state: "paused", asksForFiles: true });
    }
  });

  test("chooses the files that it names, wherever it was killed", async () => {
    const content = makeContent([4 * 65536, 4 * 65536, 4 * 65536], 65536, { seed: 77 });
    const { torrent, before, after } = await lived(content, false, "&so=1");
    for (const [torrentOf, recordOf] of [
      [after, before],
      [before, after],
      [after, after],
    ] as const) {
      const engine = new EngineFixture();
      onTestFinished(() => engine.stop());
      take(torrentOf, join(engine.folder, "state"), metainfo);
      take(recordOf, join(engine.folder, "state"), record);
      await engine.start();
      if (torrentOf === before) await engine.connect(torrent, (await giver(content)).port);
      expect(await known(engine, torrent)).toMatchObject({ bytesWanted: 4 * 65536 });
    }
  });
});

describe("a magnet link", () => {
  test("takes its metadata from a .torrent that is added", async () => {
    const content = freshContent();
    const engine = await startedEngine();
    const { torrent } = await add(engine, content, TRACKER);
    const preview = await engine.command<{ token: string; isAdded: boolean }>({
      kind: "preview",
      source: { from: "bytes", bytes: content.file },
    });
    expect(preview.isAdded).toBe(true);
    await engine.command({ kind: "add", token: preview.token, folder: engine.folder });
    const folder = join(engine.folder, "chosen");
    expect(await known(engine, torrent)).toMatchObject({ name: content.metainfo.name, folder });
    const peer = await giver(content);
    await engine.connect(torrent, peer.port);
    await engine.seen((state) => (state.torrents.get(torrent)?.peersConnected ?? 0) > 0 || undefined);
    expect(askedOf(peer)).toBe(0);
  });

  test("may name peers by names, which are looked up", async () => {
    const content = freshContent();
    const engine = await startedEngine();
    const peer = await giver(content);
    const { torrent } = await add(engine, content, TRACKER, false, `&x.pe=localhost:${peer.port}`);
    expect(await known(engine, torrent)).toMatchObject({ name: content.metainfo.name });
    await add(engine, content, TRACKER, false, "&x.pe=nobody.invalid:9");
    // After a restart it is looked up again, of a link that has no metadata yet.
    const other = freshContent();
    const second = await giver(other);
    const { torrent: later } = await add(engine, other, TRACKER, false, "&x.pe=nobody.invalid:9");
    await engine.restart();
    await add(engine, other, TRACKER, false, `&x.pe=localhost:${second.port}`);
    expect(await known(engine, later)).toMatchObject({ name: other.metainfo.name });
  });
});
