import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { digests, MIB, type Payload, writePayload } from "../../setup/payload.ts";
import { type Event, peerscope, RunningDownload, Scratch } from "./command-line.ts";

const album: Payload = {
  name: "album",
  pieceLength: 65_536,
  files: [
    { path: "one.flac", length: 3 * MIB + 17 },
    { path: "art/cover.png", length: 100_001 },
    { path: "art/none", length: 0 },
  ],
};

/** Section 1 of the peer semantics: all of it, whenever a peer is told of. */
const FACE = [
  [
    "host",
    "port",
    "direction",
    "isLocalConnection",
    "transport",
    "encryption",
    "phase",
    "peerId",
    "client",
    "reserved",
  ],
  [
    "supports",
    "sources",
    "torrent",
    "pieces",
    "weChoke",
    "weAreInterested",
    "peerChokes",
    "peerIsInterested",
    "isSeed",
  ],
  ["isUploadOnly", "isSnubbed", "isOptimistic", "isOnParole", "isEndgame"],
].flat();

async function seeding(torrent: string, folder: string, extra: readonly string[] = []) {
  const seed = new RunningDownload([torrent, "--to", folder, "--seed", "--no-tracker", ...extra]);
  const { listenPort } = await seed.seen("added");
  await seed.seen("done");
  return { seed, address: `127.0.0.1:${listenPort}` };
}

describe("download", () => {
  test("gets a torrent from a peer, tells of it line by line and ends with 0", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const { seed, address } = await seeding(torrent, scratch.path);
    const leech = new RunningDownload([torrent, "--to", scratch.at("to"), "--peer", address, "--down-limit", "2M"]);
    try {
      expect(await leech.ended()).toBe(0);
      expect(digests(scratch.at("to", "album"))).toEqual(digests(scratch.at("album")));

      const added = await leech.seen("added");
      expect(added).toMatchObject({
        name: "album",
        bytesTotal: 3 * MIB + 100_018,
        pieceLength: 65_536,
        pieceCount: 50,
      });
      expect(leech.events.every(({ at }) => Math.abs(at - Date.now()) < 60_000)).toBe(true);
      expect(leech.of("checking").length).toBeGreaterThan(0);

      const peers = leech.of("peer");
      expect(peers.length).toBeGreaterThan(0);
      for (const peer of peers) expect(Object.keys(peer)).toEqual(expect.arrayContaining(FACE));
      const open = await leech.seen("peer", ({ phase }) => phase === "open");
      expect(open).toMatchObject({
        host: "127.0.0.1",
        direction: "outgoing",
        torrent: added.torrent,
        transport: "tcp",
      });
      expect(open.peerId).toMatch(/^2d5053[0-9a-f]{34}$/);
      expect(open.reserved).toMatch(/^[0-9a-f]{16}$/);
      const told = await leech.seen("peer", ({ pieces }) => pieces !== null);
      expect(told.pieces).toBe("ffffffffffffc0");

      const done = leech.of("progress").at(-1);
      expect(done).toMatchObject({ bytesDone: 3 * MIB + 100_018, bytesTotal: 3 * MIB + 100_018 });
      for (const field of ["downRate", "upRate", "peers"]) expect(done?.[field]).toBeTypeOf("number");
      expect(leech.of("done")).toEqual([expect.objectContaining({ torrent: added.torrent })]);
      const [closed] = leech.of("peer-closed");
      expect(closed).toMatchObject({ host: "127.0.0.1", code: expect.any(Number), by: expect.any(String) });
      for (const field of ["port", "reason", "code", "by", "detail"]) expect(closed).toHaveProperty(field);
      // The other side saw it come and go as well.
      expect((await seed.seen("peer-closed")).direction).toBe("incoming");
    } finally {
      await Promise.all([seed.stop(), leech.stop()]);
    }
  });

  test.each(["SIGINT", "SIGTERM"] as const)("stops on %s, and goes on from there", async (signal) => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const { seed, address } = await seeding(torrent, scratch.path);
    const args = [torrent, "--to", scratch.at("to"), "--state", scratch.at("state"), "--peer", address];
    const first = new RunningDownload([...args, "--down-limit", "400K"]);
    const second = async () => {
      const leech = new RunningDownload([...args, "--down-limit", "1M"]);
      try {
        return { status: await leech.ended(), leech };
      } finally {
        await leech.stop();
      }
    };
    try {
      const middle = await first.seen("progress", ({ piecesVerified }) => (piecesVerified as number) >= 5);
      first.signal(signal);
      expect(await first.ended()).toBe(1);
      expect(first.of("peer-closed").map(({ reason }) => reason)).toEqual(["shutdown"]);

      const { status, leech } = await second();
      expect(status).toBe(0);
      const [start] = leech.of("progress");
      const [done] = leech.of("done");
      expect(leech.of("checking")).toEqual([]);
      expect(start?.bytesDone).toBeGreaterThanOrEqual(middle.bytesDone as number);
      expect(start?.piecesVerified).toBeLessThan(50);
      // What was verified does not come again.
      const missing = 3 * MIB + 100_018 - (start?.bytesDone as number);
      expect((done?.downloaded as number) - (start?.downloaded as number)).toBeLessThanOrEqual(missing);
      expect(digests(scratch.at("to", "album"))).toEqual(digests(scratch.at("album")));
    } finally {
      await Promise.all([seed.stop(), first.stop()]);
    }
  });

  test("takes what is there already as its own, and with --seed ends with 0 when it is interrupted", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("peerscope-"));
    const { seed } = await seeding(torrent, scratch.path);
    try {
      seed.signal("SIGINT");
      expect(await seed.ended()).toBe(0);
      expect(seed.of("done")).toEqual([expect.objectContaining({ downloaded: 0 })]);
      // State that nobody asked to keep is gone.
      const after = readdirSync(tmpdir()).filter((name) => /^peerscope-[^-]+$/.test(name));
      expect(after.filter((name) => !before.includes(name))).toEqual([]);
    } finally {
      await seed.stop();
    }
  });

  test("gets again what is wrong in a file that is there", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const { seed, address } = await seeding(torrent, scratch.path);
    const data = readFileSync(scratch.at("album", "one.flac"));
    data[70_000] = (data[70_000] as number) ^ 1;
    mkdirSync(scratch.at("to", "album"), { recursive: true });
    writeFileSync(scratch.at("to", "album", "one.flac"), data);
    const leech = new RunningDownload([torrent, "--to", scratch.at("to"), "--peer", address]);
    try {
      expect(await leech.ended()).toBe(0);
      expect(leech.of("done")[0]?.downloaded).toBeLessThan(6 * 65_536);
      expect(digests(scratch.at("to", "album"))).toEqual(digests(scratch.at("album")));
    } finally {
      await Promise.all([seed.stop(), leech.stop()]);
    }
  });

  test("ends with 1 when one of several torrents is none, after the others are complete", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    writeFileSync(scratch.at("bad.torrent"), "nonsense");
    const args = [scratch.at("bad.torrent"), torrent, "--to", scratch.path, "--no-tracker", "--bind", "127.0.0.1"];
    const { status, stdout, stderr } = await peerscope(["download", ...args, "--json"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^peerscope: [^\n]*bad\.torrent: not a torrent[^\n]*\n$/);
    const events: Event[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: "error", source: scratch.at("bad.torrent") });
    expect(events.map(({ event }) => event)).toContain("done");
  });

  test("says plainly what happens when nobody asked for JSON", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const args = ["download", torrent, "--to", scratch.path, "--no-tracker", "--bind", "127.0.0.1"];
    const { status, stdout } = await peerscope(args);
    expect(status).toBe(0);
    expect(stdout).toContain("album: complete, 3.1 MiB in ");
    expect(stdout).not.toContain("\x1b");
  });

  test("refuses a port that is taken and a folder that is a file", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const { seed, address } = await seeding(torrent, scratch.path);
    try {
      const port = address.slice(address.indexOf(":") + 1);
      const taken = await peerscope([
        "download",
        torrent,
        "--to",
        scratch.at("to"),
        "--bind",
        "127.0.0.1",
        "--port",
        port,
      ]);
      expect(taken.status).toBe(1);
      expect(taken.stderr).toContain("EADDRINUSE");
      expect(existsSync(scratch.at("to"))).toBe(false);
      for (const folder of [torrent, `${torrent}/below`]) {
        const { status, stderr } = await peerscope(["download", torrent, "--to", folder, "--bind", "127.0.0.1"]);
        expect(status).toBe(1);
        expect(stderr).toMatch(/^peerscope: [^\n]+\n$/);
      }
    } finally {
      await seed.stop();
    }
  });

  test("refuses in one line an address that is not ours, and a state folder in use", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const args = ["download", torrent, "--to", scratch.path, "--no-tracker"];
    // For documentation only (RFC 5737): nobody has it.
    const foreign = await peerscope([...args, "--bind", "192.0.2.1"]);
    expect(foreign.status).toBe(1);
    expect(foreign.stderr).toMatch(/^peerscope: [^\n]*EADDRNOTAVAIL[^\n]*\n$/);
    const { seed } = await seeding(torrent, scratch.path, ["--state", scratch.at("state")]);
    try {
      const taken = await peerscope([...args, "--bind", "127.0.0.1", "--state", scratch.at("state")]);
      expect(taken.status).toBe(1);
      expect(taken.stderr).toMatch(/^peerscope: another Peerscope [^\n]+\n$/);
    } finally {
      await seed.stop();
    }
  });

  test("refuses in one line a list of blocked addresses that can't be read", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const args = ["download", torrent, "--to", scratch.path, "--no-tracker", "--bind", "127.0.0.1"];
    const { status, stderr } = await peerscope([...args, "--ip-filter", scratch.at("absent")]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^peerscope: --ip-filter: [^\n]*ENOENT[^\n]*\n$/);
  });

  test("takes an address of ours with a proxy, though nothing listens there then", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const args = ["--to", scratch.path, "--no-tracker", "--bind", "127.0.0.1", "--proxy", "socks5://127.0.0.1:1"];
    expect((await peerscope(["download", torrent, ...args])).status).toBe(0);
  });

  test("does not save one torrent in two folders", async () => {
    using scratch = new Scratch();
    const torrent = writePayload(scratch.path, album);
    const args = ["download", torrent, "--no-tracker", "--bind", "127.0.0.1", "--state", scratch.at("state")];
    expect((await peerscope([...args, "--to", scratch.path])).status).toBe(0);
    const { status, stderr } = await peerscope([...args, "--to", scratch.at("elsewhere")]);
    expect(status).toBe(1);
    expect(stderr).toContain(`is saved in ${scratch.path} already`);
  });
});
