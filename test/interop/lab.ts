import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";
import { listens } from "../setup/listens.ts";
import { digests, type Payload, writePayload } from "../setup/payload.ts";
import { type Missing, requireCommand, requireLibtorrent } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import { aria2 } from "./clients/aria2.ts";
import type { Client, Endpoint, Job, RunningClient } from "./clients/client.ts";
import { libtorrent } from "./clients/libtorrent.ts";
import { type RunningPeerscope, startPeerscope } from "./clients/peerscope.ts";
import { transmission } from "./clients/transmission.ts";

interface Other {
  readonly client: Client;
  /** Why it can't take part. */
  readonly missing: Missing;
  /** It can be told whom to dial; the rest are dialled. */
  readonly dials: boolean;
  /** Files without a byte are there in the end. */
  readonly makesEmptyFiles: boolean;
}

/** The clients of others. */
export const others: readonly Other[] = [
  { client: libtorrent, missing: requireLibtorrent(), dials: true, makesEmptyFiles: true },
  { client: transmission, missing: requireCommand("transmission-daemon"), dials: false, makesEmptyFiles: false },
  { client: aria2, missing: requireCommand("aria2c"), dials: false, makesEmptyFiles: true },
];

const DIGEST_OF_NOTHING = createHash("sha256").digest("hex");

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
  expected({ withEmptyFiles = true } = {}): Record<string, string> {
    const all = Object.entries(digests(join(this.sourceFolder, this.payload.name)));
    return Object.fromEntries(all.filter(([, digest]) => withEmptyFiles || digest !== DIGEST_OF_NOTHING));
  }

  downloaded(job: Job): Record<string, string> {
    return digests(join(job.folder, this.payload.name));
  }

  /**
   * Runs a client on `job` against a Peerscope that seeds in the same manner, whichever of the two can dial.
   * @param ownWay - Starts the Peerscope.
   * @returns The Peerscope, still running; the client has ended.
   */
  async serve(
    { client, dials }: Pick<Other, "client" | "dials">,
    job: Job,
    ownWay: (job: Job) => Promise<RunningPeerscope> = startPeerscope,
  ): Promise<RunningPeerscope> {
    const dialled = dials ? undefined : await this.start(client.leech(job));
    const seedJob = { ...job, ...this.seedJob(dialled === undefined ? [] : [dialled.endpoint]) };
    const ours = await this.start(ownWay(seedJob));
    const leech = dialled ?? (await this.start(client.leech({ ...job, peers: [ours.endpoint] })));
    await leech.completed();
    // It may hold the last pieces in its cache until it ends.
    await leech.stop();
    return ours;
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.stop()));
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** `test` with a way to open labs that are closed after it, so that tests may run side by side. */
export const test = base.extend<{ openLab: (payload: Payload, trackers?: readonly string[]) => Lab }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures this one needs.
  openLab: async ({}, use) => {
    const open: Lab[] = [];
    await use((payload, trackers) => {
      const lab = new Lab(payload, trackers);
      open.push(lab);
      return lab;
    });
    await Promise.all(open.map((lab) => lab.close()));
  },
});
