import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { aria2 } from "../interop/clients/aria2.ts";
import type { Client, RunningClient } from "../interop/clients/client.ts";
import { libtorrent } from "../interop/clients/libtorrent.ts";
import { peerscope, requirePeerscope } from "../interop/clients/peerscope.ts";
import { transmission } from "../interop/clients/transmission.ts";
import { listens } from "../setup/listens.ts";
import { digests, MIB, type Payload, writePayload } from "../setup/payload.ts";
import { type Missing, requireCommand, requireLibtorrent } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import { CostWatch } from "./process-cost.ts";
import { median, printTable } from "./table.ts";

/**
 * Downloads the same torrent on loopback from one libtorrent seed with each client in turn, round by round, so that
 * what the machine does meanwhile meets all of them alike. Compare ratios within a run, not figures between runs.
 */

const usage = `npm run bench -- [options]
  --size MIB        payload in MiB (1024)
  --piece KIB       piece length in KiB (1024)
  --rounds N        (3)
  --clients A,B     of peerscope, libtorrent, aria2, transmission (all that are installed)
  --encrypted       every byte through RC4
  --folder PATH     where to download to (the system's folder for temporary files)`;

interface Contestant {
  readonly client: Client;
  readonly missing: Missing;
  /** It dials the seed; the others are dialled by it. */
  readonly dials: boolean;
}

const contestants: readonly Contestant[] = [
  { client: libtorrent, missing: requireLibtorrent(), dials: true },
  { client: peerscope, missing: requirePeerscope(), dials: true },
  { client: aria2, missing: requireCommand("aria2c"), dials: false },
  { client: transmission, missing: requireCommand("transmission-daemon"), dials: false },
];

interface Run {
  readonly wall: number;
  readonly cpuPerGib: number;
  readonly peakResident: number;
  readonly peakAnonymous: number;
}

const GIB = 1024 * MIB;

async function measure(contestant: Contestant, torrent: string, payload: Payload, seedFolder: string, folder: string) {
  const scratch = mkdtempSync(join(folder, "peerscope-bench-run-"));
  const manner = values.encrypted ? ({ torrent, encryption: "required" } as const) : { torrent };
  const job = { ...manner, folder: join(scratch, "data"), stateFolder: join(scratch, "state") };
  mkdirSync(job.folder);
  const seedJob = { ...manner, folder: seedFolder, stateFolder: join(scratch, "seed-state") };
  const running: RunningClient[] = [];
  const keep = async (starting: Promise<RunningClient>): Promise<RunningClient> => {
    const client = await starting;
    running.push(client);
    return client;
  };
  try {
    const seed = contestant.dials ? await keep(libtorrent.seed(seedJob)) : undefined;
    const started = performance.now();
    const leech = await keep(
      contestant.client.leech({ ...job, ...(seed === undefined ? {} : { peers: [seed.endpoint] }) }),
    );
    const watch = new CostWatch(leech.pid);
    if (seed === undefined) {
      await until(() => listens(leech.endpoint));
      await keep(libtorrent.seed({ ...seedJob, peers: [leech.endpoint] }));
    }
    await leech.completed();
    const wall = (performance.now() - started) / 1000;
    const cost = watch.finish();
    const expected = digests(join(seedFolder, payload.name));
    // The other client may still hold the last pieces in its cache.
    await leech.stop();
    running.splice(running.indexOf(leech), 1);
    const got = digests(join(job.folder, payload.name));
    if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`${contestant.client.name}: wrong SHA-256`);
    const size = payload.files.reduce((sum, file) => sum + file.length, 0);
    return {
      wall,
      cpuPerGib: (cost.cpuSeconds * GIB) / size,
      peakResident: cost.peakResident,
      peakAnonymous: cost.peakAnonymous,
    } satisfies Run;
  } finally {
    await Promise.all(running.map((client) => client.stop()));
    rmSync(scratch, { recursive: true, force: true });
  }
}

function report(runs: ReadonlyMap<string, readonly Run[]>): void {
  const medians = [...runs].map(([name, all]) => ({
    name,
    wall: median(all.map((run) => run.wall)),
    cpu: median(all.map((run) => run.cpuPerGib)),
    resident: median(all.map((run) => run.peakResident)) / MIB,
    anonymous: median(all.map((run) => run.peakAnonymous)) / MIB,
  }));
  const reference = medians.find(({ name }) => name === libtorrent.name);
  const ratio = (value: number, of: number | undefined): string => (of === undefined ? "" : (value / of).toFixed(2));
  printTable(
    ["leecher", "wall s", "×", "CPU-s/GiB", "×", "peak RSS MiB", "of it anonymous", "×"],
    medians.map((row) => [
      row.name,
      row.wall.toFixed(2),
      ratio(row.wall, reference?.wall),
      row.cpu.toFixed(2),
      ratio(row.cpu, reference?.cpu),
      row.resident.toFixed(0),
      row.anonymous.toFixed(0),
      ratio(row.anonymous, reference?.anonymous),
    ]),
  );
  if (reference !== undefined)
    console.log("× is the ratio to libtorrent, which maps files: its RSS counts their pages.");
}

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1024" },
    piece: { type: "string", default: "1024" },
    rounds: { type: "string", default: "3" },
    clients: { type: "string" },
    encrypted: { type: "boolean", default: false },
    folder: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else if (process.platform !== "linux") console.log("The benchmark reads processor time from /proc: Linux only.");
else if (requireLibtorrent() !== undefined)
  console.log(`No benchmark: its seed is libtorrent's. ${requireLibtorrent()}.`);
else {
  const wanted = values.clients?.split(",");
  const chosen = contestants.filter(({ client }) => wanted?.includes(client.name) ?? true);
  for (const { client, missing } of chosen)
    if (missing !== undefined) console.log(`${client.name} left out: ${missing}`);
  const present = chosen.filter(({ missing }) => missing === undefined);
  const seedFolder = mkdtempSync(join(values.folder, "peerscope-bench-seed-"));
  try {
    const size = Number(values.size) * MIB;
    const payload: Payload = { name: "payload", pieceLength: Number(values.piece) * 1024, files: [{ length: size }] };
    const torrent = writePayload(seedFolder, payload);
    const runs = new Map<string, Run[]>(present.map(({ client }) => [client.name, []]));
    for (let round = 1; round <= Number(values.rounds); round++) {
      for (const contestant of present) {
        const run = await measure(contestant, torrent, payload, seedFolder, values.folder);
        runs.get(contestant.client.name)?.push(run);
        const memory = `${(run.peakAnonymous / MIB).toFixed(0)} MiB anonymous`;
        const figures = `${run.wall.toFixed(2)} s, ${run.cpuPerGib.toFixed(2)} CPU-s/GiB, ${memory}`;
        console.log(`round ${round} ${contestant.client.name}: ${figures}`);
      }
    }
    report(runs);
  } finally {
    rmSync(seedFolder, { recursive: true, force: true });
  }
}
