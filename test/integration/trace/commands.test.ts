import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Command } from "../../../core/contract/messages.ts";
import { openRecording, Recording } from "../../../core/contract/recording/recording.ts";
import { EngineClient, PeerMirror } from "../../../core/host/cli/engine-client.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { type Engine, type EngineOptions, startEngine } from "../../../core/runtime/engine.ts";
import { Replay } from "../../../core/session/trace/replay.ts";
import { MIB, writePayload } from "../../setup/payload.ts";
import { until } from "../../setup/until.ts";

let folder: string;
const engines: Engine[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-trace-"));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function started(name: string, options: Partial<EngineOptions> = {}) {
  const engine = await startEngine({
    stateFolder: join(folder, `${name}-state`),
    diskWorker: pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js")),
    announces: false,
    overrides: { bindHost: "127.0.0.1" },
    ...options,
  });
  engines.push(engine);
  return { engine, client: new EngineClient(engine) };
}

async function seeding(name: string, torrent: string): Promise<number> {
  const { client } = await started(name);
  const preview = await client.command({ kind: "preview", source: { from: "path", path: torrent } });
  await client.command({ kind: "add", token: preview.token, folder });
  await until(() => client.torrents.get(preview.id)?.state === "seeding");
  return client.session?.listenPort as number;
}

test("whatever a user may command, its record replays without a difference", async () => {
  const path = writePayload(folder, {
    name: "film",
    pieceLength: 65_536,
    files: [{ path: "film.mkv", length: 2 * MIB }],
  });
  const ports = [await seeding("one", path), await seeding("other", path)];
  const file = join(folder, "it.trace");
  const { engine, client } = await started("it", { trace: { file, failed: (words) => expect(words).toBe("") } });
  const mirror = new PeerMirror();
  client.onUpdate = ({ details }) => {
    for (const { peers } of details ?? []) if (peers !== undefined) mirror.apply(peers);
  };
  let token = "";
  let torrent = "";
  const openPeer = async (): Promise<number> => {
    const found = () =>
      [...mirror.peers.values()].find(({ phase, payloadDown }) => phase === "open" && payloadDown > 0);
    await until(() => found() !== undefined);
    return found()?.id as number;
  };
  const isIn = (state: string) => until(() => client.torrents.get(torrent)?.state === state);

  // In this order. A command that is new to the contract is missed here.
  const steps: Record<Command["kind"], () => Promise<unknown>> = {
    "look-at-folder": () => client.command({ kind: "look-at-folder", path: folder }),
    "change-settings": async () => {
      const turtle = { alternativeLimits: true, alternativeDownLimit: 200_000, alternativeUpLimit: 0 };
      await client.command({ kind: "change-settings", settings: turtle });
    },
    preview: async () => {
      const preview = await client.command({ kind: "preview", source: { from: "path", path } });
      token = preview.token;
      torrent = preview.id;
    },
    add: async () => {
      await client.command({ kind: "add", token, folder: join(folder, "to") });
      client.watch([{ torrent, parts: ["peers"] }]);
      await isIn("downloading");
    },
    "add-peer": async () => {
      for (const port of ports) await client.command({ kind: "add-peer", torrent, host: "127.0.0.1", port });
    },
    limit: async () => {
      await client.command({ kind: "limit", torrent, peer: await openPeer(), downLimit: 90_000, upLimit: 1 });
      await client.command({ kind: "limit", torrent, downLimit: 150_000, upLimit: 0 });
    },
    "start-recording": async () => {
      await client.command({ kind: "start-recording", torrent, peer: await openPeer(), folder });
      await expect(client.command({ kind: "start-recording", torrent })).rejects.toThrow("being recorded already");
    },
    "prioritise-files": () => client.command({ kind: "prioritise-files", torrent, files: [0], priority: "high" }),
    "change-torrent": () =>
      client.command({
        kind: "change-torrent",
        torrent,
        change: { isSequential: true, maxConnections: 40, unchokeSlots: 3 },
      }),
    disconnect: async () => {
      const peer = await openPeer();
      await client.command({ kind: "disconnect", torrent, peer });
      await until(() => !mirror.peers.has(peer));
    },
    ban: async () => client.command({ kind: "ban", torrent, peer: await openPeer() }),
    "stop-recording": async () => {
      const { path: recording } = await client.command({ kind: "stop-recording", torrent });
      const { bytes } = await client.command({ kind: "read-recording", path: recording, offset: 0 });
      expect(openRecording(bytes)).toBeInstanceOf(Recording);
    },
    "read-recording": async () => {
      const elsewhere = client.command({ kind: "read-recording", path: file, offset: 0 });
      await expect(elsewhere).rejects.toThrow("is no recording");
    },
    "look-at-dht": async () => expect(await client.command({ kind: "look-at-dht" })).toBeDefined(),
    "look-at-history": async () => {
      const look = () => client.command({ kind: "look-at-history", span: "5m" });
      await until(async () => (await look()).times.length > 1);
      expect((await client.command({ kind: "look-at-history", torrent, span: "24h" })).times).toEqual([]);
    },
    "list-bans": async () => expect(await client.command({ kind: "list-bans" })).toHaveLength(1),
    "lift-ban": async () => {
      const [ban] = await client.command({ kind: "list-bans" });
      await client.command({ kind: "lift-ban", party: ban?.party ?? "" });
    },
    export: async () => {
      const { magnet, file } = await client.command({ kind: "export", torrent });
      expect(magnet).toContain(`btih:${torrent}`);
      expect(file).toBeDefined();
    },
    pause: () => client.command({ kind: "pause", torrent }),
    resume: async () => {
      await client.command({ kind: "resume", torrent });
      await isIn("downloading");
    },
    recheck: async () => {
      await client.command({ kind: "recheck", torrent });
      await isIn("downloading");
    },
    announce: () => client.command({ kind: "announce", torrent }),
    "edit-trackers": async () => {
      const [one, other] = ["udp://127.0.0.1:9/announce", "http://127.0.0.1:9/announce"] as const;
      const edit = (change: Extract<Command, { kind: "edit-trackers" }>["edit"]) =>
        client.command({ kind: "edit-trackers", torrent, edit: change });
      await edit({ kind: "add", urls: [one] });
      await expect(edit({ kind: "add", urls: [one] })).rejects.toThrow("has it already");
      await expect(edit({ kind: "add", urls: ["wss://x.test/"] })).rejects.toThrow("wss trackers are not supported");
      await edit({ kind: "replace", url: one, by: other });
      await client.command({ kind: "announce", torrent, tracker: other });
      await edit({ kind: "remove", url: other });
      await expect(edit({ kind: "remove", url: other })).rejects.toThrow("gone already");
    },
    "want-files": () => client.command({ kind: "want-files", torrent, files: [0], wanted: false }),
    "super-seed": () => client.command({ kind: "super-seed", torrent, on: true }),
    remove: () => client.command({ kind: "remove", torrent, withData: true }),
  };
  for (const step of Object.values(steps)) await step();
  client.close();
  await engine.stop();

  const replay = new Replay(nodeDigest);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.filter((line) => line.includes("isStray"))).toEqual([]);
  if (lines.every((line) => replay.take(line))) replay.finish();
  expect(replay.difference).toBeUndefined();
  expect(replay.ending).toBe("stopped");
});
