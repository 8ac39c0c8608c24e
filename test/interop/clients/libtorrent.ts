import { join } from "node:path";
import { Program } from "../../setup/program.ts";
import { findLibtorrentPython } from "../../setup/requirements.ts";
import type { Client, Job, RunningClient } from "./client.ts";

const script = join("test", "interop", "clients", "libtorrent-client.py");

async function start(job: Job, trusted: boolean): Promise<RunningClient> {
  const python = findLibtorrentPython();
  if (python === undefined) throw new Error("no Python with libtorrent");
  const peers = (job.peers ?? []).map(({ host, port }) => [host, port]);
  const { torrent, folder, transport = "tcp", encryption = "none" } = job;
  const argument = JSON.stringify({ torrent, folder, peers, trusted, encryption, transport });
  const program = new Program(python, [script, argument]);
  const seeding = program.line((line) => (eventOf(line).event === "seeding" ? true : undefined));
  // Only some tests wait for it; that it ended first is told to those who do.
  seeding.catch(() => undefined);
  const port = await program.line((line) => {
    const event = eventOf(line);
    return event.event === "listening" ? event.port : undefined;
  });
  return {
    endpoint: { host: "127.0.0.1", port },
    pid: program.pid,
    completed: async () => void (await seeding),
    stop: () => program.stop(),
  };
}

function eventOf(line: string): { event: string; port: number } {
  return JSON.parse(line);
}

/** libtorrent 2, of which qBittorrent and Deluge are made, in Debian's Python. */
export const libtorrent: Client = {
  name: "libtorrent",
  async seed(job) {
    const running = await start(job, true);
    await running.completed();
    return running;
  },
  leech: (job) => start(job, false),
};
