import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
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
/** Preferring it, we begin encrypted; the other side, which prefers plain, has its way after the handshake. */
const ENCRYPTION = { none: "off", handshake: "prefer", required: "require" } as const;

export function requirePeerscope(): Missing {
  return existsSync(cli) ? undefined : "dist/cli.js is not built";
}

/**
 * Runs `peerscope download … --seed`: it downloads what is missing, then serves until it is stopped.
 * @param extra - More arguments.
 * @param program - The command line to run, when it is not the one that ships.
 */
export async function startPeerscope(
  job: Job,
  extra: readonly string[] = [],
  program: string = cli,
): Promise<RunningPeerscope> {
  const port = await freePort();
  const peers = (job.peers ?? []).flatMap(({ host, port: peerPort }) => ["--peer", `${host}:${peerPort}`]);
  const { network } = job;
  const host = network?.host ?? "127.0.0.1";
  const local = ["--bind", host, "--port", String(port)];
  if (network === undefined) local.push("--no-lsd");
  if (job.pex !== true) local.push("--no-pex");
  const dht = extra.includes("--dht-node") ? [] : ["--no-dht"];
  const manner = [
    "--transport",
    job.transport === undefined ? "tcp" : "utp",
    "--encryption",
    ENCRYPTION[job.encryption ?? "none"],
  ];
  const folders = ["--to", job.folder, "--state", job.stateFolder];
  const args = [
    "download",
    job.torrent,
    ...folders,
    ...peers,
    ...local,
    ...dht,
    ...manner,
    "--seed",
    "--json",
    ...extra,
  ];
  const command = [process.execPath, [program, ...args]] as const;
  const { PEERSCOPE_NO_LSD, ...env } = process.env;
  const running = network === undefined ? new Program(...command) : new Program(...network.inside(...command), { env });
  const events: PeerscopeEvent[] = [];
  running.onLine((line) => events.push(JSON.parse(line)));
  const seen = async (kind: string, matching: (event: PeerscopeEvent) => boolean = () => true) => {
    const isIt = (event: PeerscopeEvent): boolean => event.event === kind && matching(event);
    return (
      events.find(isIt) ??
      running.line((line) => {
        const event: PeerscopeEvent = JSON.parse(line);
        return isIt(event) ? event : undefined;
      })
    );
  };
  await seen("added");
  return {
    endpoint: { host, port },
    pid: running.pid,
    events,
    seen,
    completed: async () => void (await seen("done")),
    interrupt: async () => {
      running.signal("SIGINT");
      return running.ended();
    },
    stop: () => running.stop(6000),
  };
}

/**
 * Makes a command line that has never heard of the fast extension (BEP 6): it neither says it nor sees it. No client here
 * can be told to do without, and the product has no use for a switch: two bits of what ships are put out.
 * @param folder - Where to.
 * @returns Its path.
 */
export function makePeerscopeWithoutFast(folder: string): string {
  const said = /(OUR_RESERVED = Uint8Array\.of\(0, 0, 0, 0, 0, 16, 0, )4\)/;
  const seen = /(7,\s*)4(,\s*"fast")/;
  const shipped = readFileSync(cli, "utf8");
  if (!said.test(shipped) || !seen.test(shipped)) throw new Error(`${cli} says the fast extension in another way`);
  const path = join(folder, "cli.js");
  writeFileSync(path, shipped.replace(said, "$10)").replace(seen, "$10$2"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  copyFileSync(join("dist", "disk-worker.js"), join(folder, "disk-worker.js"));
  return path;
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
