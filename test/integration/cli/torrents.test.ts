import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { pseudoRandomBytes, writePayload } from "../../setup/payload.ts";
import { needs, requireLinux } from "../../setup/requirements.ts";
import { v2Torrent } from "../../setup/v2-torrent.ts";
import { multiFile, singleFile } from "../../unit/metainfo/torrents.ts";
import { peerscope, Scratch } from "./command-line.ts";

const inspected = async (path: string) => {
  const { status, stdout, stderr } = await peerscope(["inspect", path, "--json"]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
};

describe("inspect", () => {
  test("says what the file says", async () => {
    using scratch = new Scratch();
    writeFileSync(scratch.at("a.torrent"), multiFile([{ path: ["x"] }, { path: [".pad", "6"], attr: "p", length: 6 }]));
    const report = await inspected(scratch.at("a.torrent"));
    expect(report).toMatchObject({
      name: "show",
      kind: "v1",
      bytesTotal: 10,
      pieceLength: 2 ** 20,
      pieceCount: 1,
      isPrivate: false,
      trackers: [],
      warnings: [],
    });
    expect(report.files.map((file: { path: string }) => file.path)).toEqual(["show/x", "show/.pad/6"]);
    const { stdout } = await peerscope(["inspect", scratch.at("a.torrent")]);
    expect(stdout).toContain(report.infoHash);
    expect(stdout).toContain("show/x");
    expect(stdout).not.toContain(".pad");
  });

  test("reads a torrent from an http address", async () => {
    const server = createServer((_request, response) => response.end(singleFile()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const report = await inspected(`http://127.0.0.1:${(server.address() as AddressInfo).port}/film.torrent`);
      expect(report.name).toBe("film.mkv");
    } finally {
      server.close();
    }
  });

  test("reads 500,000 piece hashes, 10 MB", async () => {
    using scratch = new Scratch();
    const pieces = new Uint8Array(10_000_000);
    writeFileSync(scratch.at("big.torrent"), singleFile({ length: 500_000 * 16384, pieces }));
    expect((await inspected(scratch.at("big.torrent"))).pieceCount).toBe(500_000);
  });

  test.each([
    ["a folder", "/", "/ is a folder"],
    ["a device without end", "/dev/zero", "/dev/zero is no regular file"],
    ["a pipe that nobody writes to", "pipe", "pipe is no regular file"],
  ])("names %s as no torrent, and does not wait for it", needs(requireLinux()), async (_, named, words) => {
    using scratch = new Scratch();
    if (named === "pipe") execFileSync("mkfifo", [scratch.at("pipe")]);
    const { status, stderr } = await peerscope(["inspect", named === "pipe" ? scratch.at("pipe") : named]);
    expect(status).toBe(1);
    expect(stderr).toContain(words);
  });

  test.each([
    ["is truncated", singleFile().subarray(0, 90), "not a torrent: "],
    ["nests too deep", new TextEncoder().encode(`d1:a${"l".repeat(5000)}`), "more than 100 levels deep"],
    [
      "has a ragged hash list",
      singleFile({ pieces: new Uint8Array(41) }),
      "piece hashes: 41 bytes, not a multiple of 20",
    ],
    ["leaves its folder", multiFile([{ path: ["..", "..", "evil"] }]), "leads out of its folder"],
    [
      "is v2 without its layers",
      v2Torrent("v2", 16384, [{ bytes: new Uint8Array(40_000) }], { withLayers: false }),
      "piece layers: none for the root ",
    ],
  ])("names in one line what is wrong with a torrent that %s", async (_, bytes, words) => {
    using scratch = new Scratch();
    writeFileSync(scratch.at("bad.torrent"), bytes);
    for (const args of [["inspect"], ["inspect", "--json"], ["download", "--to", scratch.at("to")]]) {
      const { status, stdout, stderr } = await peerscope([...args, scratch.at("bad.torrent")]);
      expect(status).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^peerscope: [^\n]+\n$/);
      expect(stderr).toContain(scratch.at("bad.torrent"));
      expect(stderr).toContain(words);
    }
    expect(readdirSync(scratch.path)).toEqual(["bad.torrent"]);
  });

  test("says of a magnet link what the link says, and that the rest comes from peers", async () => {
    const link = `magnet:?xt=urn:btih:${"ab".repeat(20)}&dn=film&tr=http%3A%2F%2Ft%2Fa`;
    const { status, stdout } = await peerscope(["inspect", link]);
    expect(status).toBe(0);
    expect(stdout).toBe(
      `Name       film\nInfo hash  ${"ab".repeat(20)}\nMetadata   comes from peers: its files and sizes are not known yet\n` +
        "Tracker    http://t/a\n",
    );
    expect(await inspected(link)).toMatchObject({ name: "film", pieceCount: null, bytesTotal: null, files: null });
  });

  test("names a file that can't be read", async () => {
    using scratch = new Scratch();
    for (const path of [scratch.at("none.torrent"), scratch.path]) {
      const { status, stderr } = await peerscope(["inspect", path]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^peerscope: [^\n]+\n$/);
      expect(stderr).toContain(path);
    }
    const missing = scratch.at("none.torrent");
    expect((await peerscope(["inspect", missing])).stderr).toBe(`peerscope: ${missing}: no such file or directory\n`);
  });
});

describe("create", () => {
  test("describes a folder as its bytes are, in the order of its names", async () => {
    using scratch = new Scratch();
    const files = [
      { path: "a", length: 100_000 },
      { path: "b/empty", length: 0 },
      { path: "b/z", length: 50_000 },
      { path: "é", length: 20_000 },
    ];
    // The expected torrent comes from an encoder of the tests' own.
    const expected = await inspected(writePayload(scratch.path, { name: "data", pieceLength: 32768, files }));
    const args = ["create", scratch.at("data"), "-o", scratch.at("ours.torrent"), "--piece-length", "32768"];
    const more = [
      "--tracker",
      "http://t/announce",
      "--tracker",
      "udp://u:1",
      "--web-seed",
      "https://w/",
      "--comment",
      "hé",
    ];
    const { status, stdout, stderr } = await peerscope([...args, ...more]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(expected.infoHash);
    const ours = await inspected(scratch.at("ours.torrent"));
    expect(ours).toMatchObject({
      infoHash: expected.infoHash,
      trackers: [["http://t/announce"], ["udp://u:1"]],
      webSeeds: ["https://w/"],
      comment: "hé",
      createdBy: expect.stringContaining("Peerscope"),
      warnings: [],
    });
    expect(ours.files.map((file: { path: string }) => file.path)).toEqual([
      "data/a",
      "data/b/empty",
      "data/b/z",
      "data/é",
    ]);
  });

  test.each([
    ["2", false],
    ["hybrid", true],
  ])("makes a torrent of version %s as others would", async (version, isHybrid) => {
    using scratch = new Scratch();
    const files = [
      { path: "a", bytes: pseudoRandomBytes(100_000, 1) },
      { path: "b/empty", bytes: Buffer.alloc(0) },
      { path: "b/z", bytes: pseudoRandomBytes(50_000, 2) },
      { path: "é", bytes: pseudoRandomBytes(2_200_000, 3) },
      { path: "ü", bytes: pseudoRandomBytes(32_768, 4) },
    ];
    mkdirSync(scratch.at("data", "b"), { recursive: true });
    for (const { path, bytes } of files) writeFileSync(scratch.at("data", path), bytes);
    writeFileSync(scratch.at("expected.torrent"), v2Torrent("data", 32_768, files, { isHybrid }));
    const expected = await inspected(scratch.at("expected.torrent"));
    const args = ["create", scratch.at("data"), "--version", version, "-o", scratch.at("ours.torrent")];
    const { status, stderr } = await peerscope([...args, "--piece-length", "32768"]);
    expect([status, stderr]).toEqual([0, ""]);
    const ours = await inspected(scratch.at("ours.torrent"));
    expect(ours.warnings).toEqual([]);
    expect({ ...ours, createdAt: null, createdBy: null }).toEqual(expected);
  });

  test("describes a file in the working folder and does not write over what is there", async () => {
    using scratch = new Scratch();
    const bytes = pseudoRandomBytes(40_000, 1);
    writeFileSync(scratch.at("film.mkv"), bytes);
    expect((await peerscope(["create", "film.mkv", "--private"], { cwd: scratch.path })).status).toBe(0);
    const report = await inspected(scratch.at("film.mkv.torrent"));
    expect(report).toMatchObject({ name: "film.mkv", bytesTotal: 40_000, pieceCount: 3, isPrivate: true });
    const hashes = [0, 16384, 32768].map((at) =>
      createHash("sha1")
        .update(bytes.subarray(at, at + 16384))
        .digest(),
    );
    expect(readFileSync(scratch.at("film.mkv.torrent")).includes(Buffer.concat(hashes))).toBe(true);
    const again = await peerscope(["create", "film.mkv"], { cwd: scratch.path });
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("film.mkv.torrent is there already");
  });

  test("leaves links out and refuses what has no bytes or is not there", async () => {
    using scratch = new Scratch();
    mkdirSync(scratch.at("empty"));
    symlinkSync("/etc/passwd", scratch.at("empty", "link"));
    const { status, stderr } = await peerscope(["create", scratch.at("empty"), "-o", scratch.at("o.torrent")]);
    expect(status).toBe(1);
    expect(stderr).toContain("link: neither a file nor a folder");
    expect(stderr).toContain("no bytes to share");
    const missing = await peerscope(["create", scratch.at("none"), "-o", scratch.at("o.torrent")]);
    expect(missing).toMatchObject({
      status: 1,
      stderr: `peerscope: ${scratch.at("none")}: no such file or directory\n`,
    });
    expect(existsSync(scratch.at("o.torrent"))).toBe(false);
  });
});
