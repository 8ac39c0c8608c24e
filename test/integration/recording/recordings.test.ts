import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RECORDING_MAGIC } from "../../../core/contract/recording/frames.ts";
import { openRecording, Recording } from "../../../core/contract/recording/recording.ts";
import { EngineClient } from "../../../core/host/cli/engine-client.ts";
import { type Engine, startEngine } from "../../../core/runtime/engine.ts";
import { RecordingFile } from "../../../core/runtime/recording-file.ts";
import { MIB, writePayload } from "../../setup/payload.ts";
import { until } from "../../setup/until.ts";

let folder: string;
const engines: Engine[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-recordings-"));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function started(name: string) {
  const engine = await startEngine({
    stateFolder: join(folder, `${name}-state`),
    diskWorker: pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js")),
    announces: false,
    overrides: { bindHost: "127.0.0.1", downloadFolder: join(folder, `${name}-downloads`) },
  });
  engines.push(engine);
  return { engine, client: new EngineClient(engine) };
}

function opened(path: string): Recording {
  const recording = openRecording(readFileSync(path));
  if (typeof recording === "string") throw new Error(recording);
  return recording;
}

test("a running torrent is recorded from any moment on: to a file of its own that nobody else may read", async () => {
  const path = writePayload(folder, {
    name: "film",
    pieceLength: 65_536,
    files: [{ path: "film.mkv", length: 2 * MIB }],
  });
  const { client: seed } = await started("seed");
  const preview = await seed.command({ kind: "preview", source: { from: "path", path } });
  await seed.command({ kind: "add", token: preview.token, folder });
  await until(() => seed.torrents.get(preview.id)?.state === "seeding");
  const { client } = await started("leecher");
  const { token, id: torrent } = await client.command({ kind: "preview", source: { from: "path", path } });
  await client.command({ kind: "add", token, folder: join(folder, "to") });
  await until(() => client.torrents.get(torrent)?.state === "downloading");
  const { path: file } = await client.command({ kind: "start-recording", torrent });
  expect(file.startsWith(join(folder, "leecher-downloads", "film "))).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await until(() => client.torrents.get(torrent)?.recording?.path === file);
  const port = seed.session?.listenPort as number;
  await client.command({ kind: "add-peer", torrent, host: "127.0.0.1", port });
  await until(() => client.torrents.get(torrent)?.state === "seeding");
  await client.command({ kind: "stop-recording", torrent });
  await until(() => client.torrents.get(torrent)?.recording === undefined);
  const recording = opened(file);
  expect(recording.isWhole).toBe(true);
  expect(recording.endWords).toBeUndefined();
  let payload = 0;
  for (const [, way, , , left] of recording.wire()) if (way === 0) payload += left;
  expect(payload).toBe(2 * MIB);
  expect(recording.marks.some(({ kind }) => kind === "done")).toBe(true);
  await expect(client.command({ kind: "stop-recording", torrent })).rejects.toThrow("is not being recorded");
  await expect(client.command({ kind: "start-recording", torrent, peer: 4711 })).rejects.toThrow("gone already");
  for (const one of [seed, client]) one.close();
});

test("what is no file, or no recording, is not read, whatever it is called", async () => {
  const { client } = await started("reader");
  const pipe = join(folder, "pipe.peerscope");
  execFileSync("mkfifo", [pipe]);
  writeFileSync(join(folder, "letter.peerscope"), "Dear Ada, this is no recording at all.");
  const read = (path: string) => client.command({ kind: "read-recording", path, offset: 0 });
  await expect(read(pipe)).rejects.toThrow("it is no file");
  await expect(read(join(folder, "letter.peerscope"))).rejects.toThrow("it is no recording");
  await expect(read("/etc/passwd")).rejects.toThrow("is no recording");
  client.close();
});

test("of two recordings of a torrent that begin at once, one goes on, and the other leaves no file", async () => {
  const path = writePayload(folder, { name: "film", pieceLength: 65_536, files: [{ path: "film.mkv", length: MIB }] });
  const { client } = await started("one");
  const { token, id: torrent } = await client.command({ kind: "preview", source: { from: "path", path } });
  await client.command({ kind: "add", token, folder: join(folder, "empty") });
  const places = ["here", "there"].map((name) => join(folder, name));
  const starts = places.map((place) => client.command({ kind: "start-recording", torrent, folder: place }));
  const outcomes = await Promise.allSettled(starts);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(places.flatMap((place) => (existsSync(place) ? readdirSync(place) : []))).toHaveLength(1);
  client.close();
});

test("a recording ends with the torrent that is removed, and with the engine", async () => {
  const path = writePayload(folder, { name: "film", pieceLength: 65_536, files: [{ path: "film.mkv", length: MIB }] });
  const { engine, client } = await started("one");
  const add = async () => {
    const preview = await client.command({ kind: "preview", source: { from: "path", path } });
    await client.command({ kind: "add", token: preview.token, folder: join(folder, "empty") });
    return preview.id;
  };
  const torrent = await add();
  const first = await client.command({ kind: "start-recording", torrent, folder: join(folder, "here") });
  await client.command({ kind: "remove", torrent, withData: false });
  await until(() => openRecording(readFileSync(first.path)) instanceof Recording && opened(first.path).isWhole);
  expect(opened(first.path).endWords).toBe("the torrent was removed");
  await add();
  const second = await client.command({ kind: "start-recording", torrent, folder: join(folder, "there") });
  client.close();
  await engine.stop();
  expect(opened(second.path).isWhole).toBe(true);
});

const head = { version: "0", torrent: "ab".repeat(20), name: "x", infoHash: new Uint8Array(20) };

test("there is an end to a recording: it says so once, takes no more but its last words, and opens", async () => {
  const words: string[] = [];
  const path = join(folder, "small.peerscope");
  const file = await RecordingFile.create(path, (text) => words.push(text), 2000);
  file.take("head", 1, head);
  file.take("state", 1, { update: { kind: "update", at: 1 }, lives: [], details: [] });
  const mark = { kind: "came", at: 2, text: "x".repeat(300) } as const;
  for (let more = 0; more < 50; more++) file.take("marks", 2, [mark]);
  await until(() => words.length > 0);
  file.take("end", 3, { words: words[0] as string });
  await file.close();
  expect(words).toEqual([expect.stringMatching(/^it reached .* MiB, the most that can be opened$/)]);
  expect(statSync(path).size).toBeLessThan(3000);
  expect(opened(path).endWords).toBe(words[0]);
});

test("a file that is there is not written over", async () => {
  const path = join(folder, "twice.peerscope");
  await (await RecordingFile.create(path, () => {})).close();
  await expect(RecordingFile.create(path, () => {})).rejects.toThrow("EEXIST");
  expect(readFileSync(path)).toEqual(Buffer.from(RECORDING_MAGIC));
});

test.runIf(existsSync("/dev/full"))("where the disk is full, it ends with the system's words", async () => {
  const words: string[] = [];
  const file = new RecordingFile(await open("/dev/full", "w"), (text) => words.push(text), MIB);
  file.take("head", 1, head);
  await until(() => words.length > 0);
  expect(words).toEqual([expect.stringMatching(/ENOSPC/)]);
  // What comes now would have a hole before it: it is dropped.
  const { bytes } = file;
  file.take("end", 2, {});
  expect(file.bytes).toBe(bytes);
  await file.close();
});
