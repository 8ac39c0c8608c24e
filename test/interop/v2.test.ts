import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { KIB } from "../../core/model/units.ts";
import { MIB, type Payload } from "../setup/payload.ts";
import { Program } from "../setup/program.ts";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import { v2Torrent } from "../setup/v2-torrent.ts";
import { libtorrent } from "./clients/libtorrent.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { type Lab, test } from "./lab.ts";

/** Files that end anywhere in their last piece; the layer of the longest comes in two parts. */
const payload: Payload = {
  name: "album",
  pieceLength: 16 * KIB,
  files: [
    { path: "a/long.bin", length: 9 * MIB + 4321 },
    { path: "b.txt", length: 77 },
    { path: "empty.txt", length: 0 },
    { path: "whole.bin", length: 64 * KIB },
    { path: "ü.bin", length: 100 * KIB + 1 },
  ],
};
const missing = [requirePeerscope(), requireLibtorrent()] as const;

interface Torrent {
  readonly path: string;
  /** By the v2 hash alone. */
  readonly link: string;
}

function writeTorrent(lab: Lab, isHybrid: boolean): Torrent {
  const { name, pieceLength, files } = lab.payload;
  const given = files.map(({ path = "" }) => ({ path, bytes: readFileSync(join(lab.sourceFolder, name, path)) }));
  const torrent = v2Torrent(name, pieceLength, given, { isHybrid });
  const path = join(lab.freshFolder("torrent"), "album.torrent");
  writeFileSync(path, torrent);
  const info = torrent.subarray(torrent.indexOf("4:info") + 6, torrent.indexOf("12:piece layers"));
  return { path, link: `magnet:?xt=urn:btmh:1220${createHash("sha256").update(info).digest("hex")}` };
}

describe.concurrent.for([
  { words: "a v2 torrent", isHybrid: false },
  { words: "a hybrid torrent", isHybrid: true },
])("$words and libtorrent", ({ isHybrid }) => {
  for (const how of ["path", "link"] as const) {
    const words = how === "path" ? "by its .torrent" : "by a link with its v2 hash";
    test(`is downloaded ${words}`, needs(...missing), async ({ openLab }) => {
      const lab = openLab(payload);
      const torrent = writeTorrent(lab, isHybrid);
      const seed = await lab.start(libtorrent.seed({ ...lab.seedJob(), torrent: torrent.path }));
      const job = { ...lab.leechJob([seed.endpoint]), torrent: torrent[how] };
      const ours = await lab.start(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
      expect(ours.events.filter(({ event }) => event === "error" || event === "piece-failed")).toEqual([]);
    });

    test(`is seeded to who has it ${words}`, needs(...missing), async ({ openLab }) => {
      const lab = openLab(payload);
      const torrent = writeTorrent(lab, isHybrid);
      const ours = await lab.start(startPeerscope({ ...lab.seedJob(), torrent: torrent.path }));
      await ours.completed();
      const job = { ...lab.leechJob([ours.endpoint]), torrent: torrent[how] };
      const leech = await lab.start(libtorrent.leech(job));
      await leech.completed();
      await leech.stop();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });
  }
});

test(
  "libtorrent learns from us which block of a piece was wrong that another gave",
  needs(...missing),
  async ({ openLab }) => {
    const lab = openLab({ ...payload, pieceLength: 64 * KIB });
    const { path: torrent } = writeTorrent(lab, false);
    const spoilt = lab.freshFolder("spoilt");
    cpSync(lab.sourceFolder, spoilt, { recursive: true });
    const trace = join(lab.freshFolder("trace"), "trace");
    const good = await lab.start(startPeerscope({ ...lab.seedJob(), torrent }, ["--trace", trace, "--up-limit", "4M"]));
    const liar = await lab.start(startPeerscope({ ...lab.seedJob(), folder: spoilt, torrent }));
    await Promise.all([good.completed(), liar.completed()]);
    // What it has checked is believed: it gives what is wrong by now.
    const film = join(spoilt, payload.name, "a/long.bin");
    writeFileSync(
      film,
      new Uint8Array(readFileSync(film)).map((byte, at) => (at % (64 * KIB) === 20_000 ? byte ^ 1 : byte)),
    );
    const job = { ...lab.leechJob([liar.endpoint, good.endpoint]), torrent };
    const leech = await lab.start(libtorrent.leech(job));
    await leech.completed();
    await leech.stop();
    expect(lab.downloaded(job)).toEqual(lab.expected());
    await good.interrupt();
    expect(readFileSync(trace, "latin1")).toMatch(/"kind":"hashes","way":"out".*"nodes":4,"height":0/);
  },
);

// Transmission 3 refuses every hybrid torrent, and aria2 1.36 gives it a wrong hash: whoever made it.
describe.concurrent("a torrent that we made", () => {
  const made = async (lab: Lab, version: string): Promise<string> => {
    const path = join(lab.freshFolder("made"), "album.torrent");
    const source = join(lab.sourceFolder, payload.name);
    const program = new Program(process.execPath, ["dist/cli.js", "create", source, "--version", version, "-o", path]);
    expect(await program.ended()).toBe(0);
    return path;
  };
  test.for(["2", "hybrid"])(
    "of version %s is what libtorrent takes",
    needs(...missing),
    async (version, { openLab }) => {
      const lab = openLab(payload);
      const job = { ...lab.leechJob(), torrent: await made(lab, version) };
      const ours = await lab.start(startPeerscope({ ...lab.seedJob(), torrent: job.torrent }));
      const leech = await lab.start(libtorrent.leech({ ...job, peers: [ours.endpoint] }));
      await leech.completed();
      await leech.stop();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    },
  );
});
