import { join } from "node:path";
import { Program } from "../../setup/program.ts";
import { findLibtorrentPython } from "../../setup/requirements.ts";
import type { Client, Job, RunningClient } from "./client.ts";

const script = join("test", "interop", "clients", "libtorrent-client.py");

/** A peer as libtorrent sees it: its `peer_info`. */
interface PeerInfo {
  readonly client: string;
  /** As on the wire, in hexadecimal. */
  readonly pieces: string;
  /** It dialled. */
  readonly local: boolean;
  /** It chokes the peer. */
  readonly choked: boolean;
  /** The peer has something for it. */
  readonly interesting: boolean;
  readonly remoteChoked: boolean;
  readonly remoteInterested: boolean;
  readonly supportsExtensions: boolean;
  readonly seed: boolean;
  readonly uploadOnly: boolean;
  readonly snubbed: boolean;
  readonly onParole: boolean;
  readonly rc4: boolean;
  readonly plaintext: boolean;
  readonly utp: boolean;
  /** Where it is, as dialled or accepted. */
  readonly port: number;
  /** How it was found. */
  readonly fromPex: boolean;
  readonly fromLsd: boolean;
}

/** What it has, and its open connections. */
export interface LibtorrentReport {
  /** Its own name and version. */
  readonly client: string;
  readonly pieces: string;
  readonly isSeeding: boolean;
  readonly peers: readonly PeerInfo[];
}

export interface RunningLibtorrent extends RunningClient {
  report(): Promise<LibtorrentReport>;
}

export interface LibtorrentManner {
  /** The data is complete: it is not checked. */
  readonly trusted?: boolean;
  /** It never unchokes anybody. */
  readonly chokes?: boolean;
}

export async function startLibtorrent(
  job: Job,
  { trusted = false, chokes = false }: LibtorrentManner = {},
): Promise<RunningLibtorrent> {
  const python = findLibtorrentPython();
  if (python === undefined) throw new Error("no Python with libtorrent");
  const peers = (job.peers ?? []).map(({ host, port }) => [host, port]);
  const { torrent, folder, transport = "tcp", encryption = "none", pex = false, network } = job;
  const host = network?.host ?? "127.0.0.1";
  const lsd = network !== undefined;
  const argument = JSON.stringify({ torrent, folder, peers, trusted, encryption, transport, chokes, pex, lsd, host });
  const command = [python, [script, argument]] as const;
  const program = new Program(...(network?.inside(...command) ?? command));
  const seeding = program.line((line) => (eventOf(line).event === "seeding" ? true : undefined));
  // Only some tests wait for it; that it ended first is told to those who do.
  seeding.catch(() => undefined);
  const port = await program.line((line) => {
    const event = eventOf(line);
    return event.event === "listening" ? event.port : undefined;
  });
  return {
    endpoint: { host, port },
    pid: program.pid,
    completed: async () => void (await seeding),
    report: () => {
      const answer = program.line((line) => (eventOf(line).event === "peers" ? JSON.parse(line) : undefined));
      program.write("peers");
      return answer;
    },
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
    const running = await startLibtorrent(job, { trusted: true });
    await running.completed();
    return running;
  },
  leech: (job) => startLibtorrent(job),
};
