import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { demoBytes, makeDemoTorrent } from "../../../core/host/demo/demo-torrent.ts";
import type { SeenAnnounce } from "../../../core/host/demo/demo-tracker.ts";
import { type DemoSwarm, startDemoSwarm } from "../../../core/host/demo/swarm.ts";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { Program } from "../../setup/program.ts";

const MIB = 1024 * 1024;
const CLI = join(import.meta.dirname, "../../../dist/cli.js");

describe("the demo's torrent", () => {
  test("is valid, and the same for the same size", async () => {
    const one = await makeDemoTorrent(3 * MIB, "http://127.0.0.1:1/announce");
    const parsed = parseTorrent(one.torrentBytes, nodeDigest);
    expect(parsed).toMatchObject({ ok: true });
    expect((await makeDemoTorrent(3 * MIB, "http://127.0.0.1:2/announce")).infoHash).toEqual(one.infoHash);
    expect((await makeDemoTorrent(4 * MIB, "http://127.0.0.1:1/announce")).infoHash).not.toEqual(one.infoHash);
    expect(one.files.reduce((sum, { length }) => sum + length, 0)).toBe(3 * MIB);
  });

  test.each([0, 1, 300_001, 5 * MIB + 7])("of %d bytes has files and a few hundred pieces at most", async (size) => {
    const { layout, files } = await makeDemoTorrent(size, "http://127.0.0.1:1/announce");
    expect(layout.totalLength).toBe(Math.max(size, 256 * 1024));
    expect(layout.pieceCount).toBeLessThanOrEqual(256);
    expect(files.every(({ length }) => length > 0)).toBe(true);
  });

  test("has the same bytes wherever they are read from", () => {
    const whole = demoBytes(0, 4096);
    expect(demoBytes(1024, 2048)).toEqual(whole.subarray(1024, 3072));
    expect(demoBytes(4, 7)).toEqual(whole.subarray(4, 11));
  });
});

describe("the demo", () => {
  let folder: string;
  let swarm: DemoSwarm | undefined;
  let program: Program | undefined;
  beforeEach(() => {
    if (!existsSync(CLI)) throw new Error("dist/cli.js is not built: npm run build");
    folder = mkdtempSync(join(tmpdir(), "peerscope-demo-test-"));
  });
  afterEach(async () => {
    await program?.stop();
    await swarm?.close();
    swarm = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  test("downloads without a page, tells its progress, and ends with status 0", async () => {
    const lines: string[] = [];
    program = new Program(process.execPath, [CLI, "demo", "--headless", "--size", `${4 * MIB}`]);
    program.onLine((line) => lines.push(line));
    expect(await program.ended()).toBe(0);
    expect(lines[0]).toBe("Field Recordings of a Small Planet, 4.0 MiB in 128 pieces");
    expect(lines.at(-1)).toBe("Complete.");
  });

  test("ends with status 1 when it is interrupted before it is complete", async () => {
    program = new Program(process.execPath, [CLI, "demo", "--headless", "--size", `${512 * MIB}`]);
    const begun = program.line((line) => (line.startsWith("Field Recordings") ? line : undefined));
    await begun;
    program.signal("SIGTERM");
    expect(await program.ended()).toBe(1);
  });

  test.each([1, 14, 20])("with %d scripted peers gives a client the right bytes", async (peers) => {
    const announces: SeenAnnounce[] = [];
    swarm = await startDemoSwarm({
      size: 2 * MIB,
      peers,
      isHurried: true,
      onAnnounce: (announce) => announces.push(announce),
    });
    const torrent = join(folder, "demo.torrent");
    writeFileSync(torrent, swarm.torrentBytes);
    const folders = ["--to", folder, "--state", join(folder, "state")];
    program = new Program(process.execPath, [CLI, "download", torrent, ...folders, "--bind", "127.0.0.1"]);
    expect(await program.ended(), program.tail).toBe(0);
    let offset = 0;
    const got = createHash("sha256");
    for (const { path, length } of swarm.torrent.files) {
      const bytes = readFileSync(join(folder, swarm.name, ...path));
      expect(bytes.length).toBe(length);
      got.update(bytes);
      offset += length;
    }
    expect(got.digest("hex")).toBe(createHash("sha256").update(demoBytes(0, offset)).digest("hex"));
    expect(announces).toMatchObject([
      { event: "started", left: offset, downloaded: 0 },
      { event: "completed", left: 0 },
      { event: "stopped", left: 0 },
    ]);
    expect(announces[1]?.downloaded).toBeGreaterThanOrEqual(offset);
  });
});
