import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SettingsChange } from "../../../core/contract/messages.ts";
import { EngineClient } from "../../../core/host/cli/engine-client.ts";
import { createTorrent } from "../../../core/metainfo/create.ts";
import { wireHash } from "../../../core/model/info-hash.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { type Engine, startEngine } from "../../../core/runtime/engine.ts";
import { until } from "../../setup/until.ts";
import { RawPeer } from "../hostile/raw-peer.ts";
import { DhtNode } from "./dht-node.ts";

const PORT = 9;
const SPEAKS_DHT = [0, 0, 0, 0, 0, 0, 0, 0x01];

let folder: string;
let node: DhtNode;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-dht-"));
  node = await DhtNode.open();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await node.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param nodes - Ports at which it is told to begin. */
async function started(nodes: readonly number[], overrides: SettingsChange = {}): Promise<[EngineClient, Engine]> {
  const engine = await startEngine({
    stateFolder: join(folder, "state"),
    diskWorker: pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js")),
    announces: false,
    // Nobody is to be asked that was not named here.
    dhtRouters: [{ host: "router.invalid", port: 1 }],
    dhtNodes: nodes.map((port) => ({ host: "127.0.0.1", port })),
    overrides: { bindHost: "127.0.0.1", ...overrides },
  });
  closing.push(() => engine.stop());
  return [new EngineClient(engine), engine];
}

/** Adds a torrent of which nobody has anything. @returns Its info hash. */
async function add(client: EngineClient, name: string, isPrivate: boolean): Promise<Uint8Array> {
  const path = join(folder, `${name}.torrent`);
  const file = createTorrent({
    name,
    files: [{ path: [], length: 100 }],
    pieceLength: 16_384,
    pieceHashes: nodeDigest.sha1(new TextEncoder().encode(name)),
    trackers: [],
    webSeeds: [],
    isPrivate,
  });
  writeFileSync(path, file);
  const preview = await client.command({ kind: "preview", source: { from: "path", path } });
  await client.command({ kind: "add", token: preview.token, folder: join(folder, "data") });
  await until(() => client.torrents.get(preview.id)?.state === "downloading");
  return wireHash(client.torrents.get(preview.id)?.infoHash as Parameters<typeof wireHash>[0]);
}

describe("the DHT of a running engine", () => {
  test("is told of a torrent, and never of a private one", async () => {
    const [client] = await started([node.port]);
    const secret = await add(client, "private", true);
    const open = await add(client, "open", false);
    await until(() => node.stored === 1);
    expect(node.hasHeardOf(open)).toBe(true);
    expect(node.hasHeardOf(secret)).toBe(false);
    const { families, traffic } = (await client.command({ kind: "look-at-dht" })) ?? {};
    expect(families).toMatchObject([{ family: "ipv4", nodes: 1 }]);
    expect(traffic?.answersIn).toBeGreaterThan(0);
  });

  test("gives a torrent the peers that others announced", async () => {
    const [client] = await started([node.port]);
    const infoHash = await add(client, "wanted", false);
    const other = await DhtNode.open();
    closing.push(() => other.close());
    other.dht.addStart({ host: "127.0.0.1", port: node.port }, true);
    other.dht.lookup(infoHash, { announce: { port: PORT, impliedPort: false }, isSeed: true, found: () => undefined });
    const id = Buffer.from(infoHash).toString("hex");
    client.watch([{ torrent: id, parts: ["peers"] }]);
    await until(() => node.stored === 2);
    await until(() => (client.torrents.get(id)?.peersKnown ?? 0) > 0);
  });

  test("begins the next run with the nodes it knew, and nobody has to tell it", async () => {
    const [client, engine] = await started([node.port]);
    await until(async () => ((await client.command({ kind: "look-at-dht" }))?.families[0]?.nodes ?? 0) === 1);
    await engine.stop();
    node.received.length = 0;
    await started([]);
    await until(() => node.received.length > 0);
  });

  test("says nothing while it is off, and begins when it is switched on", async () => {
    const [client] = await started([node.port], { dht: false });
    await add(client, "open", false);
    expect(await client.command({ kind: "look-at-dht" })).toBeUndefined();
    expect(node.received).toEqual([]);
    await client.command({ kind: "change-settings", settings: { dht: true } });
    await until(() => node.stored === 1);
    await client.command({ kind: "change-settings", settings: { dht: false } });
    expect(await client.command({ kind: "look-at-dht" })).toBeUndefined();
  });

  test("is named to peers that speak it, and gets to know their nodes (BEP 5)", async () => {
    const [client] = await started([]);
    const infoHash = await add(client, "open", false);
    const { listenPort = 0 } = client.session ?? {};
    const peer = await RawPeer.dial(listenPort);
    peer.shake(infoHash, Buffer.alloc(20, 0x41), SPEAKS_DHT);
    expect((await peer.handshake).reserved[7]).toBe(0x05);
    expect((await peer.heard(9)).payload.readUInt16BE()).toBe(listenPort);
    const told = Buffer.alloc(2);
    told.writeUInt16BE(node.port);
    peer.say(9, told);
    await until(() => node.received.length > 0);
    peer.socket.destroy();
  });

  test("is not spoken of in a private torrent", async () => {
    const [client] = await started([node.port]);
    const infoHash = await add(client, "private", true);
    const peer = await RawPeer.dial(client.session?.listenPort ?? 0);
    peer.shake(infoHash, Buffer.alloc(20, 0x41), [0, 0, 0, 0, 0, 0, 0, 0x05]);
    expect((await peer.handshake).reserved[7]).toBe(0x04);
    // Have none, which is said before anything of the DHT would be.
    await peer.heard(15);
    expect(peer.messages.map(({ id }) => id)).not.toContain(9);
    peer.socket.destroy();
  });
});
