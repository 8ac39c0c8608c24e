import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TorrentView } from "../../contract/views.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import { type Bytes, KIB, MIB, type Millis } from "../../model/units.ts";
import { type Engine, startEngine } from "../../runtime/engine.ts";
import { EngineClient } from "../cli/engine-client.ts";
import { startWebHost } from "../web-host.ts";
import { type DemoSwarm, startDemoSwarm } from "./swarm.ts";

export interface DemoOptions {
  /** Scripted peers; 14 when absent. */
  readonly peers?: number | undefined;
  /** Of the torrent; 48 MiB when absent. */
  readonly size?: Bytes | undefined;
  /** No page: downloads as fast as it goes, tells its progress and ends. */
  readonly headless: boolean;
  /** Of the page; chosen by the system when absent. */
  readonly port?: number | undefined;
  /** The built disk worker. */
  readonly diskWorker: URL;
  /** The built interface. */
  readonly rendererFolder: URL;
  /** Where the download goes, and stays; a temporary folder, removed at the end, when absent. */
  readonly downloadFolder?: string | undefined;
  /** Ends the demo. */
  readonly signal: AbortSignal;
  /** Takes one line of progress. */
  readonly print: (line: string) => void;
}

const PROGRESS_EVERY: Millis = 1000;

/**
 * Runs a swarm on loopback and an engine that downloads from it; nothing of it is kept.
 *
 * @returns The exit status: 0 when the download completed or the watcher ended the demo, 1 when it can't complete.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "peerscope-demo-"));
  const closing: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const { peers, size, headless } = options;
    const swarm = await startDemoSwarm({ peers, size, isHurried: headless });
    closing.push(() => swarm.close());
    const downloads = options.downloadFolder ?? join(folder, "downloads");
    const engine = await startEngine({
      stateFolder: join(folder, "state"),
      diskWorker: options.diskWorker,
      // Nothing but this machine takes part.
      overrides: {
        downloadFolder: downloads,
        listenPort: 0,
        bindHost: "127.0.0.1",
        dht: false,
        lsd: false,
        portMapping: false,
      },
    });
    closing.push(() => engine.stop());
    if (!headless) {
      const { port = 0, rendererFolder } = options;
      const host = await startWebHost({ engine, port, rendererFolder });
      closing.push(() => host.close());
      options.print(`The demo is at ${host.address}`);
    }
    return await play(engine, swarm, downloads, options);
  } finally {
    // The engine says `stopped` to the tracker, so what was begun last ends first.
    for (const close of closing.reverse()) await close();
  }
}

async function play(engine: Engine, swarm: DemoSwarm, folder: string, options: DemoOptions): Promise<number> {
  const client = new EngineClient(engine);
  try {
    const preview = await client.command({
      kind: "preview",
      source: { from: "bytes", bytes: new Uint8Array(swarm.torrentBytes) },
    });
    const added = await client.command({ kind: "add", token: preview.token, folder });
    options.print(`${swarm.name}, ${inMib(preview.bytesTotal)} MiB in ${preview.pieceCount} pieces`);
    return await watch(client, added.torrent, options);
  } finally {
    client.close();
  }
}

/** Tells of the download until it ends; with a page, until the watcher ends the demo. */
function watch(client: EngineClient, id: TorrentId, { signal, print, headless }: DemoOptions): Promise<number> {
  let lastPrintedAt = 0;
  let lastFault: string | undefined;
  let isDone = false;
  return new Promise((resolve) => {
    const look = () => {
      const torrent = client.torrents.get(id);
      if (torrent === undefined || isDone) return;
      isDone = torrent.bytesDone === torrent.bytesWanted;
      if (isDone || Date.now() - lastPrintedAt >= PROGRESS_EVERY) {
        lastPrintedAt = Date.now();
        print(progressLine(torrent));
      }
      const { fault } = torrent;
      if (fault !== undefined && fault.cause !== lastFault) {
        print(`${fault.path}: ${fault.cause}. ${fault.advice}`);
        if (headless) resolve(1);
      }
      lastFault = fault?.cause;
      if (!isDone) return;
      print("Complete.");
      if (headless) resolve(0);
    };
    const end = () => resolve(headless && !isDone ? 1 : 0);
    client.onUpdate = look;
    look();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}

function progressLine({ bytesDone, bytesWanted, downRate, upRate, peersConnected }: TorrentView): string {
  const percent = ((100 * bytesDone) / bytesWanted).toFixed(1);
  const rates = `${Math.round(downRate / KIB)} KiB/s down, ${Math.round(upRate / KIB)} KiB/s up`;
  return `${percent} %  ${inMib(bytesDone)} of ${inMib(bytesWanted)} MiB  ${rates}  ${peersConnected} peers`;
}

function inMib(bytes: Bytes): string {
  return (bytes / MIB).toFixed(1);
}
