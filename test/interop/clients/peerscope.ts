import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../setup/free-port.ts";
import { Program } from "../../setup/program.ts";
import type { Missing } from "../../setup/requirements.ts";
import type { Client, Job, RunningClient } from "./client.ts";

/** One line of `--json`. */
export interface PeerscopeEvent {
  readonly event: string;
  readonly at: number;
  readonly [field: string]: unknown;
}

export interface RunningPeerscope extends RunningClient {
  /** All it said so far, oldest first. */
  readonly events: readonly PeerscopeEvent[];
  /** The first event of this kind that `matching` accepts, past or to come. */
  seen(kind: string, matching?: (event: PeerscopeEvent) => boolean): Promise<PeerscopeEvent>;
  /** Interrupts it. @returns Its exit status. */
  interrupt(): Promise<number | null>;
}

const cli = join("dist", "cli.js");

export function requirePeerscope(): Missing {
  return existsSync(cli) ? undefined : "dist/cli.js is not built";
}

/**
 * Runs `peerscope download … --seed`: it downloads what is missing, then serves until it is stopped.
 * @param extra - More arguments.
 */
export async function startPeerscope(job: Job, extra: readonly string[] = []): Promise<RunningPeerscope> {
  const port = await freePort();
  const peers = (job.peers ?? []).flatMap(({ host, port: peerPort }) => ["--peer", `${host}:${peerPort}`]);
  const local = ["--bind", "127.0.0.1", "--port", String(port), "--no-dht", "--no-lsd", "--no-pex"];
  const manner = [
    "--transport",
    job.transport === undefined ? "tcp" : "utp",
    "--encryption",
    job.encryption === "required" ? "require" : "off",
  ];
  const folders = ["--to", job.folder, "--state", job.stateFolder];
  const args = ["download", job.torrent, ...folders, ...peers, ...local, ...manner, "--seed", "--json", ...extra];
  const program = new Program(process.execPath, [cli, ...args]);
  const events: PeerscopeEvent[] = [];
  program.onLine((line) => events.push(JSON.parse(line)));
  const seen = async (kind: string, matching: (event: PeerscopeEvent) => boolean = () => true) => {
    const isIt = (event: PeerscopeEvent): boolean => event.event === kind && matching(event);
    return (
      events.find(isIt) ??
      program.line((line) => {
        const event: PeerscopeEvent = JSON.parse(line);
        return isIt(event) ? event : undefined;
      })
    );
  };
  await seen("added");
  return {
    endpoint: { host: "127.0.0.1", port },
    pid: program.pid,
    events,
    seen,
    completed: async () => void (await seen("done")),
    interrupt: async () => {
      program.signal("SIGINT");
      return program.ended();
    },
    stop: () => program.stop(6000),
  };
}

/** Ourselves, as everybody gets us: the built command line. */
export const peerscope: Client = {
  name: "peerscope",
  async seed(job) {
    const running = await startPeerscope(job);
    await running.completed();
    return running;
  },
  leech: (job) => startPeerscope(job),
};
