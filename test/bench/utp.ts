import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import type { Client, RunningClient } from "../interop/clients/client.ts";
import { libtorrent } from "../interop/clients/libtorrent.ts";
import { peerscope, requirePeerscope } from "../interop/clients/peerscope.ts";
import { digests, MIB, type Payload, writePayload } from "../setup/payload.ts";
import { requireLibtorrent } from "../setup/requirements.ts";
import { CostWatch } from "./process-cost.ts";
import { median, printTable } from "./table.ts";

/**
 * Transfers the same torrent over uTP on loopback between libtorrent and ourselves, each as seed and as leecher, round
 * by round. libtorrent is as it comes, with the system's small socket buffers. Compare ratios within a run.
 */

const usage = `npm run bench:utp -- [options]
  --size MIB        payload in MiB (256)
  --rounds N        (3)
  --folder PATH     where to download to (the system's folder for temporary files)`;

const GIB = 1024 * MIB;
const PIECE_LENGTH = MIB;

interface Pair {
  readonly seed: Client;
  readonly leech: Client;
}

interface Run {
  readonly rate: number;
  readonly seedCpu: number;
  readonly leechCpu: number;
}

const pairs: readonly Pair[] = [libtorrent, peerscope].flatMap((seed) =>
  [libtorrent, peerscope].map((leech) => ({ seed, leech })),
);

async function measure(
  pair: Pair,
  torrent: string,
  payload: Payload,
  seedFolder: string,
  folder: string,
): Promise<Run> {
  const scratch = mkdtempSync(join(folder, "peerscope-bench-run-"));
  const job = {
    torrent,
    folder: join(scratch, "data"),
    stateFolder: join(scratch, "state"),
    transport: "utp",
  } as const;
  mkdirSync(job.folder);
  const running: RunningClient[] = [];
  const keep = async (starting: Promise<RunningClient>): Promise<RunningClient> => {
    const client = await starting;
    running.push(client);
    return client;
  };
  try {
    const seed = await keep(pair.seed.seed({ ...job, folder: seedFolder, stateFolder: join(scratch, "seed-state") }));
    const seedWatch = new CostWatch(seed.pid);
    const before = seedWatch.finish().cpuSeconds;
    const started = performance.now();
    const leech = await keep(pair.leech.leech({ ...job, peers: [seed.endpoint] }));
    const leechWatch = new CostWatch(leech.pid);
    await leech.completed();
    const seconds = (performance.now() - started) / 1000;
    const leechCpu = leechWatch.finish().cpuSeconds;
    const seedCpu = seedWatch.finish().cpuSeconds - before;
    await leech.stop();
    const [expected, got] = [seedFolder, job.folder].map((each) => JSON.stringify(digests(join(each, payload.name))));
    if (got !== expected) throw new Error(`${pair.leech.name} from ${pair.seed.name}: wrong SHA-256`);
    const size = payload.files.reduce((sum, file) => sum + file.length, 0);
    return { rate: size / MIB / seconds, seedCpu: (seedCpu * GIB) / size, leechCpu: (leechCpu * GIB) / size };
  } finally {
    await Promise.all(running.map((client) => client.stop()));
    rmSync(scratch, { recursive: true, force: true });
  }
}

function report(runs: ReadonlyMap<Pair, readonly Run[]>): void {
  const of = (all: readonly Run[], what: keyof Run): number => median(all.map((run) => run[what]));
  const reference = of([...runs.values()][0] ?? [], "rate");
  printTable(
    ["seed → leecher", "MiB/s", "×", "seed CPU-s/GiB", "leecher CPU-s/GiB"],
    [...runs].map(([{ seed, leech }, all]) => [
      `${seed.name} → ${leech.name}`,
      of(all, "rate").toFixed(1),
      (of(all, "rate") / reference).toFixed(2),
      of(all, "seedCpu").toFixed(2),
      of(all, "leechCpu").toFixed(2),
    ]),
  );
}

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "256" },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});

const missing = requireLibtorrent() ?? requirePeerscope();
if (values.help) console.log(usage);
else if (process.platform !== "linux") console.log("The benchmark reads processor time from /proc: Linux only.");
else if (missing !== undefined) console.log(`No benchmark: ${missing}.`);
else {
  const seedFolder = mkdtempSync(join(values.folder, "peerscope-bench-seed-"));
  try {
    const size = Number(values.size) * MIB;
    const payload: Payload = { name: "payload", pieceLength: PIECE_LENGTH, files: [{ length: size }] };
    const torrent = writePayload(seedFolder, payload);
    const runs = new Map<Pair, Run[]>(pairs.map((pair) => [pair, []]));
    for (let round = 1; round <= Number(values.rounds); round++) {
      for (const [pair, all] of runs) {
        const run = await measure(pair, torrent, payload, seedFolder, values.folder);
        all.push(run);
        const figures = `${run.rate.toFixed(1)} MiB/s, CPU-s/GiB ${run.seedCpu.toFixed(2)} and ${run.leechCpu.toFixed(2)}`;
        console.log(`round ${round} ${pair.seed.name} → ${pair.leech.name}: ${figures}`);
      }
    }
    report(runs);
  } finally {
    rmSync(seedFolder, { recursive: true, force: true });
  }
}
