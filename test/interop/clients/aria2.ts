import { freePort } from "../../setup/free-port.ts";
import { Program } from "../../setup/program.ts";
import { until } from "../../setup/until.ts";
import type { Client, Job, RunningClient } from "./client.ts";

interface Download {
  readonly status: string;
  readonly seeder?: string;
  readonly totalLength: string;
  readonly completedLength: string;
  readonly errorMessage?: string;
  readonly bittorrent?: { readonly info?: object };
}

async function start(job: Job, extra: readonly string[]): Promise<RunningClient> {
  const [port, rpcPort] = await Promise.all([freePort(), freePort()]);
  const program = new Program("aria2c", [
    "--no-conf",
    `--dir=${job.folder}`,
    `--listen-port=${port}`,
    "--interface=127.0.0.1",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--enable-peer-exchange=false",
    "--file-allocation=none",
    "--seed-ratio=0.0",
    "--bt-request-peer-speed-limit=0",
    "--enable-rpc",
    `--rpc-listen-port=${rpcPort}`,
    "--console-log-level=warn",
    "--summary-interval=0",
    ...(job.encryption === "required" ? ["--bt-force-encryption=true"] : []),
    ...(job.encryption === "handshake" ? ["--bt-require-crypto=true", "--bt-min-crypto-level=plain"] : []),
    ...extra,
    job.torrent,
  ]);
  const completed = async (): Promise<void> => {
    await until(async () => {
      if (program.status !== undefined) throw new Error(`aria2c ended with status ${program.status}:\n${program.tail}`);
      const [download] = await tellActive(rpcPort);
      // Of a magnet link the metadata is a download of its own, and comes first.
      if (download?.bittorrent?.info === undefined || download.totalLength === "0") return false;
      return download.completedLength === download.totalLength;
    });
  };
  return { endpoint: { host: "127.0.0.1", port }, pid: program.pid, completed, stop: () => program.stop() };
}

/** @returns Nothing while its RPC is not up yet. */
async function tellActive(rpcPort: number): Promise<Download[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${rpcPort}/jsonrpc`, {
      method: "POST",
      body: JSON.stringify({ jsonrpc: "2.0", id: "1", method: "aria2.tellActive" }),
    });
    const answer = (await response.json()) as { result?: Download[] };
    return answer.result ?? [];
  } catch {
    return [];
  }
}

/** aria2 takes peers from trackers only. */
export const aria2: Client = {
  name: "aria2",
  async seed(job) {
    const running = await start(job, ["--check-integrity=true"]);
    await running.completed();
    return running;
  },
  leech: (job) => start(job, []),
};
