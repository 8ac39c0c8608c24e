import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIB, type Payload, writePayload } from "../../setup/payload.ts";
import { Program } from "../../setup/program.ts";
import { CLI, peerscope, RunningDownload, Scratch } from "./command-line.ts";

const film: Payload = { name: "film", pieceLength: 65_536, files: [{ path: "film.mkv", length: 6 * MIB + 17 }] };

let scratch: Scratch;
let torrent: string;
let runs = 0;
beforeAll(() => {
  scratch = new Scratch();
  torrent = writePayload(scratch.path, film);
});
afterAll(() => scratch[Symbol.dispose]());

/** A seed and a download between them, both recorded. @returns Their records. */
async function recorded(...options: readonly string[]) {
  const name = `run-${++runs}`;
  const records = { seed: scratch.at(`${name}-seed.trace`), leech: scratch.at(`${name}-leech.trace`) };
  const both = ["--no-tracker", ...options];
  const seed = new RunningDownload([torrent, "--to", scratch.path, "--seed", "--trace", records.seed, ...both]);
  try {
    const { listenPort } = await seed.seen("added");
    await seed.seen("done");
    const to = scratch.at(`${name}-to`);
    const peer = `127.0.0.1:${listenPort}`;
    const leech = new RunningDownload([torrent, "--to", to, "--peer", peer, "--trace", records.leech, ...both]);
    expect(await leech.ended()).toBe(0);
    seed.signal("SIGINT");
    expect(await seed.ended()).toBe(0);
  } finally {
    await seed.stop();
  }
  return records;
}

const SAME = /^No difference in \d+ lines over [\d.]+ s: \d+ inputs, \d+ orders, \d+ messages, \d+ decisions\n$/;

describe("a record of --trace", () => {
  test.each([
    ["plain", ["--encryption", "off", "--transport", "tcp"]],
    ["encrypted", ["--encryption", "require", "--transport", "tcp"]],
    ["over-utp", ["--encryption", "prefer", "--transport", "utp"]],
  ])("of a download and of its seed replays without a difference (%s)", async (_, options) => {
    const { seed, leech } = await recorded(...options);
    for (const file of [seed, leech]) {
      const { status, stdout, stderr } = await peerscope(["replay", file]);
      expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(SAME), stderr: "" });
      expect(status).toBe(0);
    }
    expect(statSync(leech).mode & 0o077).toBe(0);
    const lines = readFileSync(leech, "utf8").trimEnd().split("\n");
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ at: expect.any(Number), line: expect.any(String) });
    }
    expect(lines[0]).toMatch(/"line":"head","kind":"peerscope","format":1,"version":"\d+\.\d+\.\d+"/);
    expect(lines.at(-1)).toContain('"line":"end","kind":"stopped"');
    // All but the payload of six megabytes.
    expect(statSync(leech).size).toBeLessThan(MIB);
  });

  test("of a download that goes on from where it was interrupted replays, too", async () => {
    const seed = new RunningDownload([torrent, "--to", scratch.path, "--seed", "--no-tracker"]);
    const file = scratch.at("state.trace");
    try {
      const { listenPort } = await seed.seen("added");
      await seed.seen("done");
      const args = [torrent, "--to", scratch.at("state-to"), "--state", scratch.at("state-of-it"), "--no-tracker"];
      const from = ["--peer", `127.0.0.1:${listenPort}`];
      const first = new RunningDownload([...args, ...from, "--down-limit", "500K"]);
      await first.seen("progress", ({ piecesVerified }) => Number(piecesVerified) > 3);
      first.signal("SIGINT");
      await first.ended();
      const second = new RunningDownload([...args, ...from, "--trace", file]);
      expect(await second.ended()).toBe(0);
    } finally {
      await seed.stop();
    }
    const { status, stdout } = await peerscope(["replay", file]);
    expect(stdout).toMatch(SAME);
    expect(status).toBe(0);
  });

  test("that was cut in the middle of a line replays up to there, and is said to be", async () => {
    const { leech } = await recorded();
    const size = statSync(leech).size;
    const text = readFileSync(leech, "utf8");
    truncateSync(leech, text.lastIndexOf("\n", Math.floor(size / 2)) + 20);
    const { status, stdout } = await peerscope(["replay", leech]);
    expect(stdout).toMatch(
      /^No difference in \d+ lines[^\n]*\nLine \d+ is incomplete: the record breaks off there\.\n$/,
    );
    expect(status).toBe(0);
  });

  test("that was changed differs at that line", async () => {
    const { leech } = await recorded();
    const lines = readFileSync(leech, "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes('"kind":"interested","way":"out"'));
    lines[at] = (lines[at] as string).replace("interested", "not interested");
    writeFileSync(leech, lines.join("\n"));
    const { status, stdout } = await peerscope(["replay", leech]);
    expect(stdout).toMatch(new RegExp(`, line ${at + 1}, [\\d.]+ s after the start: the first difference\\n`));
    expect(stdout).toMatch(/^recorded: .*"kind":"not interested"/m);
    expect(stdout).toMatch(/^replayed: .*"kind":"interested"/m);
    expect(status).toBe(1);
  });

  test("of a program that was killed is there up to that moment", async () => {
    const file = scratch.at("killed.trace");
    const run = new RunningDownload([torrent, "--to", scratch.path, "--seed", "--no-tracker", "--trace", file]);
    await run.seen("done");
    run.signal("SIGKILL");
    await run.ended();
    const { status, stdout } = await peerscope(["replay", file]);
    expect(stdout).toMatch(/^No difference in \d+ lines[^\n]*\n[^\n]*the record breaks off[^\n]*\n$/i);
    expect(status).toBe(0);
  });

  test.runIf(existsSync("/dev/full"))("ends where the disk is full, and says so; the download goes on", async () => {
    const args = ["download", torrent, "--to", scratch.path, "--no-tracker", "--bind", "127.0.0.1"];
    const { status, stderr } = await peerscope([...args, "--trace", "/dev/full"]);
    expect(stderr).toMatch(/^peerscope: The record \/dev\/full ends here: ENOSPC[^\n]*$/m);
    expect(status).toBe(0);
  });

  test("of the web host replays, too", async () => {
    const file = scratch.at("serve.trace");
    const program = new Program(process.execPath, [CLI, "serve", "--state", scratch.at("state"), "--trace", file]);
    try {
      await program.line((line) => (line.startsWith("Peerscope is at") ? line : undefined));
      program.signal("SIGINT");
      expect(await program.ended()).toBe(0);
    } finally {
      await program.stop();
    }
    const { status, stdout } = await peerscope(["replay", file]);
    expect(stdout).toMatch(SAME);
    expect(status).toBe(0);
  });

  test("that can't be written is refused before anything begins", async () => {
    const { status, stderr } = await peerscope([
      "serve",
      "--state",
      scratch.at("s2"),
      "--trace",
      scratch.at("no", "t"),
    ]);
    expect(stderr).toMatch(/^peerscope: ENOENT[^\n]*\n$/);
    expect(status).toBe(1);
  });
});

describe("replay", () => {
  test.each([
    ["empty", "", "there is no line in it"],
    ["text", "hello\nworld\n", "line 1: it is not JSON"],
    ["json", '{"a":1}\n', "line 1: it lacks the time"],
    ["later", '{"at":1,"line":"head","kind":"peerscope","format":2,"options":{}}\n', "its format is 2"],
  ])("refuses what is no record (%s)", async (name, text, words) => {
    const file = scratch.at(`${name}.trace`);
    writeFileSync(file, text);
    const { status, stdout, stderr } = await peerscope(["replay", file]);
    expect(stderr).toMatch(/^peerscope: [^\n]+\n$/);
    expect(stderr).toContain(words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  test("says which line makes no sense", async () => {
    const { leech } = await recorded();
    const lines = readFileSync(leech, "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes('"kind":"receive"'));
    lines[at] = (lines[at] as string).replace('"peer":1', '"peer":99');
    writeFileSync(leech, lines.join("\n"));
    const { status, stderr } = await peerscope(["replay", leech]);
    expect(stderr).toContain(`line ${at + 1}: there is no peer 99`);
    expect(status).toBe(1);
  });
});
