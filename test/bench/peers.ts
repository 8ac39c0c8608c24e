import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseTorrent } from "../../core/metainfo/parse.ts";
import { wireHash } from "../../core/model/info-hash.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { MIB, writePayload } from "../setup/payload.ts";
import { Program } from "../setup/program.ts";
import { findLibtorrentPython } from "../setup/requirements.ts";
import { flood, idlePeer, Probe } from "./crowd.ts";
import { type CrowdJob, runEngine } from "./crowd-engine.ts";
import { readCost } from "./process-cost.ts";
import { printTable } from "./table.ts";

/**
 * What peers cost a seed that is connected to many who want nothing, and how long it stands still while many more call
 * who are turned away. Ourselves and libtorrent, one after the other.
 */

const usage = `npm run bench:peers -- [options]
  --peers N         connected and idle (500)
  --seconds N       how long they are watched (20)
  --calls N         connections beyond the limit (10000)`;

interface Crowd {
  readonly name: string;
  /** Of a core, while all are idle. */
  readonly idleCpu: number;
  readonly bytesPerPeer: number;
  /** Seconds for all calls, and of processor time. */
  readonly floodWall: number;
  readonly floodCpu: number;
  /** The slowest answer to a peer that was there before, in milliseconds. */
  readonly slowest: number;
  /** How long the loop stood still at most; only we can tell. */
  readonly stall: number | undefined;
}

/** Longer than a collection of garbage waits for idleness. */
const SETTLE = 3000;

const { values } = parseArgs({
  options: {
    peers: { type: "string", default: "500" },
    seconds: { type: "string", default: "20" },
    calls: { type: "string", default: "10000" },
    engine: { type: "string" },
    flood: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const self = fileURLToPath(import.meta.url);
const peers = Number(values.peers);
const calls = Number(values.calls);

async function measure(name: string, program: Program, infoHash: Uint8Array): Promise<Crowd> {
  const { port } = await program.line((line) => eventOf(line, "seeding"));
  await pause(SETTLE);
  const before = readCost(program.pid).anonymous;
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const sockets: Socket[] = [];
  while (sockets.length < peers - 1) sockets.push(await idlePeer(port, infoHash));
  await pause(SETTLE);
  const then = readCost(program.pid);
  await pause(1000 * Number(values.seconds));
  const idle = readCost(program.pid);
  const probe = new Probe(port, infoHash, isReady);
  await ready;
  probe.slowest = 0;
  program.write("watch");
  const started = performance.now();
  // Its own process: what keeps the callers busy must not make the probe late.
  const caller = new Program(process.execPath, [self, "--flood", String(port), "--calls", String(calls)]);
  const status = await caller.ended();
  if (status !== 0) throw new Error(caller.tail);
  const floodWall = (performance.now() - started) / 1000;
  const floodCpu = readCost(program.pid).cpuSeconds - idle.cpuSeconds;
  const report = name === "peerscope" ? program.line((line) => eventOf(line, "stall")) : undefined;
  program.write("report");
  const stall = (await report)?.longest;
  const { slowest } = probe;
  probe.close();
  for (const socket of sockets) socket.destroy();
  return {
    name,
    idleCpu: (idle.cpuSeconds - then.cpuSeconds) / Number(values.seconds),
    bytesPerPeer: (idle.anonymous - before) / peers,
    floodWall,
    floodCpu,
    slowest,
    stall,
  };
}

function eventOf(line: string, kind: string): { port: number; longest: number } | undefined {
  const event = JSON.parse(line);
  return event.event === kind ? event : undefined;
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-bench-"));
  try {
    const torrent = writePayload(folder, { name: "payload", pieceLength: MIB, files: [{ length: 4 * MIB }] });
    const parsed = parseTorrent(readFileSync(torrent), nodeDigest);
    if (!parsed.ok) throw new Error(parsed.fault.words);
    const job = JSON.stringify({ torrent, folder, connections: peers } satisfies CrowdJob);
    const python = findLibtorrentPython();
    const contestants: [string, string, string[]][] = [["peerscope", process.execPath, [self, "--engine", job]]];
    if (python === undefined) console.log("libtorrent left out: no Python with libtorrent");
    else contestants.unshift(["libtorrent", python, [join("test", "bench", "libtorrent-crowd.py"), job]]);
    const crowds: Crowd[] = [];
    for (const [name, command, args] of contestants) {
      const program = new Program(command, args);
      try {
        crowds.push(await measure(name, program, wireHash(parsed.torrent.infoHash)));
      } finally {
        await program.stop();
      }
    }
    printTable(
      ["seed", "idle, % of a core", "KiB a peer", `${calls} calls, s`, "CPU-s", "slowest answer ms", "stall ms"],
      crowds.map((crowd) => [
        crowd.name,
        (100 * crowd.idleCpu).toFixed(2),
        (crowd.bytesPerPeer / 1024).toFixed(1),
        crowd.floodWall.toFixed(1),
        crowd.floodCpu.toFixed(2),
        crowd.slowest.toFixed(1),
        crowd.stall?.toFixed(1) ?? "",
      ]),
    );
    console.log(`${peers} peers connected and idle. Goals: under 1 % of a core, 40 KiB a peer, no stall over 50 ms.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) console.log(usage);
else if (values.engine !== undefined) await runEngine(JSON.parse(values.engine) as CrowdJob);
else if (values.flood !== undefined) await flood(Number(values.flood), calls);
else if (process.platform !== "linux") console.log("The benchmark reads processor time from /proc: Linux only.");
else await run();
