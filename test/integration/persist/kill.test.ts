import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { beforeAll, describe, expect, test } from "vitest";
import { randomBelow, seededRandom } from "../../../core/model/random.ts";
import { trustworthy } from "../../../core/runtime/persist/trust.ts";
import { check, openDisk, WORKER_FILE } from "../disk/disk-fixture.ts";
import { AT_ONCE, killSample, SAMPLE_ID, SAVE_EVERY } from "./kill-sample.ts";
import { temporaryFolder, withStore } from "./state-fixture.ts";

let child: string;

beforeAll(async () => {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: fileURLToPath(new URL("./downloading-child.ts", import.meta.url)),
      write: false,
      target: "node20",
      rolldownOptions: { output: { format: "es" } },
    },
  });
  const output = Array.isArray(result) ? result[0] : result;
  if (!output || !("output" in output)) throw new Error("the child was not bundled");
  child = output.output[0].code;
});

/** Runs the child; kills it after `killAfter` more pieces. @returns Whether it came to its end before. */
async function run(folders: { state: string; data: string; base: string }, seed: number, killAfter: number) {
  const file = join(folders.base, "child.mjs");
  writeFileSync(file, child);
  const args = [file, fileURLToPath(WORKER_FILE), folders.state, folders.data, String(seed)];
  const running = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  running.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("stored ").length > killAfter) running.kill("SIGKILL");
  });
  running.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  await once(running, "close");
  expect(errors).toBe("");
  return output.endsWith("done\n");
}

/** What a new engine would make of it, and what is really there. */
async function takeUp({ state, data }: { state: string; data: string }) {
  const { layout, fileLayout, sample } = killSample();
  const kept = await withStore(state, (store) => store.load());
  expect(kept.notices).toEqual([]);
  const resume = kept.torrents.find(({ id }) => id === SAMPLE_ID)?.resume;
  const disk = openDisk();
  const storage = disk.openStorage(sample.spec(data));
  const stamps = await storage.stat();
  if (!resume || !Array.isArray(stamps)) throw new Error("nothing was kept");
  const trusted = trustworthy(resume, stamps, layout, fileLayout);
  const right = await check(storage, sample.allPieces);
  if (!Array.isArray(right)) throw new Error(right.cause);
  await disk.close();
  return { ...trusted, right: new Set(right) };
}

function folders() {
  const base = temporaryFolder();
  return { base, state: join(base, "state"), data: join(base, "data") };
}

describe("a download that is killed again and again", () => {
  test("never believes a wrong piece, loses at most what was under way, and ends right", async () => {
    const places = folders();
    const seed = 20_251;
    const random = seededRandom(seed);
    const { sample } = killSample();
    let kills = 0;
    let lostBefore: number[] = [];
    while (!(await run(places, seed + kills, randomBelow(random, 40)))) {
      kills++;
      const { verified, unchecked, right } = await takeUp(places);
      const wrong: number[] = [];
      verified.forEach((piece) => {
        if (!right.has(piece)) wrong.push(piece);
      });
      const lost = [...right].filter((piece) => !verified.has(piece) && !unchecked.has(piece));
      expect({ kills, wrong }).toEqual({ kills, wrong: [] });
      expect(unchecked.count).toBeLessThanOrEqual(SAVE_EVERY + AT_ONCE);
      // What was lost by an earlier kill may not have been fetched again yet.
      expect(lost.filter((piece) => !lostBefore.includes(piece)).length).toBeLessThanOrEqual(AT_ONCE);
      lostBefore = lost;
    }
    // How many there were depends on how late each landed.
    expect(kills).toBeGreaterThan(1);
    expect(sample.filesRightIn(places.data)).toEqual([0, 1, 2, 3]);
    expect((await takeUp(places)).verified.isFull).toBe(true);
  });

  test("hashes again a file that somebody changed after the kill", async () => {
    const places = folders();
    await run(places, 1, 100);
    const later = Date.now() / 1000 + 60;
    utimesSync(join(places.data, "album/a"), later, later);
    const { verified, unchecked, right } = await takeUp(places);
    const { fileLayout, layout } = killSample();
    const { first, last } = fileLayout.piecesOf(0, layout.pieceLength) ?? { first: 0, last: 0 };
    for (let piece = first; piece <= last; piece++) expect(unchecked.has(piece)).toBe(true);
    // Where the kill landed late, pieces of the next file were under way.
    expect(unchecked.count).toBeLessThanOrEqual(last - first + 1 + SAVE_EVERY + AT_ONCE);
    verified.forEach((piece) => expect(right.has(piece) && piece > last).toBe(true));
  });

  test("with state of an earlier day never believes a piece that is not there", async () => {
    const places = folders();
    await run(places, 1, 50);
    await takeUp(places);
    cpSync(places.state, join(places.base, "old"), { recursive: true });
    expect(await run(places, 2, Number.POSITIVE_INFINITY)).toBe(true);
    truncateSync(join(places.data, "album/d"), 1);
    rmSync(join(places.data, "album/b/c"));
    const { verified, right } = await takeUp({ ...places, state: join(places.base, "old") });
    verified.forEach((piece) => expect(right.has(piece)).toBe(true));
    const { fileLayout, layout } = killSample();
    expect(right.size).toBe(fileLayout.piecesOf(2, layout.pieceLength)?.first ?? 0);
  });
});
