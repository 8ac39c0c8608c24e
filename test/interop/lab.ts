import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { listens } from "../setup/listens.ts";
import { digests, type Payload, writePayload } from "../setup/payload.ts";
import { type Missing, requireCommand, requireLibtorrent } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import { aria2 } from "./clients/aria2.ts";
import type { Client, Endpoint, Job, RunningClient } from "./clients/client.ts";
import { libtorrent } from "./clients/libtorrent.ts";
import { transmission } from "./clients/transmission.ts";

/** The clients of others, and what each needs. */
export const others: readonly { readonly client: Client; readonly missing: Missing; readonly dials: boolean }[] = [
  { client: libtorrent, missing: requireLibtorrent(), dials: true },
  { client: transmission, missing: requireCommand("transmission-daemon"), dials: false },
  { client: aria2, missing: requireCommand("aria2c"), dials: false },
];

/** One torrent, its data, and every client that a test starts; all gone after `close`. */
export class Lab {
  readonly payload: Payload;
  readonly torrent: string;
  readonly #root: string;
  readonly #running: { stop(): Promise<void> }[] = [];
  #folders = 0;

  constructor(payload: Payload, trackers: readonly string[] = []) {
    this.payload = payload;
    this.#root = mkdtempSync(join(tmpdir(), "peerscope-interop-"));
    this.torrent = writePayload(this.sourceFolder, payload, trackers);
  }

  /** Holds the whole data. */
  get sourceFolder(): string {
    return join(this.#root, "source");
  }

  /** A job that seeds the source. */
  seedJob(peers: readonly Endpoint[] = []): Job {
    return { torrent: this.torrent, folder: this.sourceFolder, stateFolder: this.freshFolder("state"), peers };
  }

  /** A job that downloads into a folder of its own. */
  leechJob(peers: readonly Endpoint[] = []): Job {
    return { ...this.seedJob(peers), folder: this.freshFolder("data") };
  }

  freshFolder(name: string): string {
    const folder = join(this.#root, `${name}-${this.#folders++}`);
    mkdirSync(folder);
    return folder;
  }

  /** Starts a client that is stopped with the lab, and waits until it can be dialled. */
  async start<T extends RunningClient>(starting: Promise<T>): Promise<T> {
    const running = await starting;
    this.#running.push(running);
    await until(() => listens(running.endpoint));
    return running;
  }

  /** SHA-256 of every file that a job's folder should hold in the end. */
  get expected(): Record<string, string> {
    return digests(join(this.sourceFolder, this.payload.name));
  }

  downloaded(job: Job): Record<string, string> {
    return digests(join(job.folder, this.payload.name));
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.stop()));
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** @returns Opens labs that are closed after each test of the file. */
export function labOpener(): (payload: Payload, trackers?: readonly string[]) => Lab {
  const open: Lab[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((lab) => lab.close()));
  });
  return (payload, trackers) => {
    const lab = new Lab(payload, trackers);
    open.push(lab);
    return lab;
  };
}
