import { lookup } from "node:dns/promises";
import { mkdir, stat } from "node:fs/promises";
import { isIP } from "node:net";
import { dirname, resolve } from "node:path";
import type { AddedReply } from "../../contract/messages.ts";
import type { TorrentPreview } from "../../contract/views.ts";
import { plainWords } from "../../runtime/disk/disk-fault.ts";
import { type Engine, type EngineOptions, startEngine } from "../../runtime/engine.ts";
import { lookAtFolder } from "../../runtime/folder.ts";
import { readIpFilter } from "../../runtime/ip-filter-file.ts";
import { dhtRouters } from "../dht-routers.ts";
import { asksLocalNetwork } from "../local-network.ts";
import type { DownloadOptions } from "./arguments.ts";
import { Downloads } from "./downloads.ts";
import { EngineClient } from "./engine-client.ts";
import { Failure, wordsOf } from "./faults.ts";
import { faultOf, torrentSource } from "./inspect.ts";
import { JsonReporter } from "./json-reporter.ts";
import { PlainReporter } from "./plain-reporter.ts";
import type { Reporter } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** What a command that runs for a while is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** The folder of the built programs. */
  readonly dist: URL;
  /** Aborted when the user or the system wants an end. */
  readonly interrupted: AbortSignal;
}

/** Downloads until every torrent is complete or failed; with `seed` until it is interrupted. */
export async function download(options: DownloadOptions, context: CommandContext): Promise<number> {
  const folder = resolve(options.to);
  const bindHost = options.bind === undefined ? undefined : await addressOf(options.bind);
  const ipFilter = options.ipFilter === undefined ? undefined : await readableFilter(options.ipFilter);
  const engine = await startEngine({
    // Without it nothing is kept: existing files are checked when the torrent is added, so nothing is lost either.
    ...(options.state === undefined ? {} : { stateFolder: options.state }),
    diskWorker: new URL("disk-worker.js", context.dist),
    overrides: {
      downloadFolder: folder,
      listenPort: options.port,
      downLimit: options.downLimit,
      upLimit: options.upLimit,
      encryptionIncoming: options.encryption,
      encryptionOutgoing: options.encryption,
      transport: options.transport,
      dht: options.dht,
      pex: options.pex,
      lsd: options.lsd,
      portMapping: options.portMapping,
      unchokeSlots: options.slots,
      ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
      ...(ipFilter === undefined ? {} : { ipFilter }),
      ...(bindHost === undefined ? {} : { bindHost }),
    },
    announces: options.tracker,
    dhtNodes: options.dhtNodes,
    dhtRouters: dhtRouters(),
    asksLocalNetwork: asksLocalNetwork(),
    ...traceTo(options.trace, context.terminal),
  });
  return run(engine, folder, options, context);
}

/** A record that ends early is said once; what is recorded goes on. */
export function traceTo(file: string | undefined, terminal: Terminal): Pick<EngineOptions, "trace"> {
  return file === undefined ? {} : { trace: { file, failed: (words) => terminal.complain(words) } };
}

async function run(
  engine: Engine,
  folder: string,
  options: DownloadOptions,
  { terminal, interrupted }: CommandContext,
): Promise<number> {
  const reporter: Reporter = options.json
    ? new JsonReporter(terminal, Date.now)
    : new PlainReporter(terminal, Date.now);
  const client = new EngineClient(engine);
  const downloads = new Downloads(client, reporter);
  try {
    requirePort(client, options);
    for (const notice of client.session?.notices ?? []) reporter.note(notice);
    await Promise.race([addAll(client, downloads, folder, options, reporter), aborted(interrupted)]);
    downloads.begin();
    await Promise.race([options.seed ? downloads.allFailed : downloads.allSettled, aborted(interrupted)]);
  } finally {
    // What stopping closes and completes is told as well.
    await engine.stop();
    downloads.end();
    client.close();
  }
  return downloads.areComplete ? 0 : 1;
}

async function addAll(
  client: EngineClient,
  downloads: Downloads,
  folder: string,
  options: DownloadOptions,
  reporter: Reporter,
): Promise<void> {
  for (const source of options.sources) {
    try {
      const preview = await client.command({ kind: "preview", source: torrentSource(source) });
      await prepareFolder(folder);
      const { torrent } = await addOrGoOn(client, preview, folder);
      downloads.add(torrent, preview, source);
      if (options.superSeed) await client.command({ kind: "super-seed", torrent, on: true });
      for (const { host, port } of options.peers) {
        // One peer that can't be found is no reason to give the torrent up.
        await client
          .command({ kind: "add-peer", torrent, host, port })
          .catch((error: unknown) => reporter.note(wordsOf(error)));
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      downloads.refuse(source, faultOf(source, error));
    }
  }
}

/** Adds the torrent, or takes up what the state folder has of it. */
async function addOrGoOn(client: EngineClient, preview: TorrentPreview, folder: string): Promise<AddedReply> {
  const kept = client.torrents.get(preview.id);
  if (kept !== undefined && resolve(kept.folder) !== folder) {
    throw new Failure(
      `${preview.name} is saved in ${kept.folder} already: use --to ${kept.folder}, or another --state`,
    );
  }
  const added = await client.command({ kind: "add", token: preview.token, folder });
  if (kept?.state === "paused" || kept?.state === "stopped-by-fault") {
    await client.command({ kind: "resume", torrent: added.torrent });
  }
  return added;
}

/** What is wrong with the place is said before anything is fetched for it. */
async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw new Failure(`${folder}: ${plainWords(error)}`, { cause: error });
  }
  const { problem } = await lookAtFolder(folder);
  if (problem !== undefined) throw new Failure(`${folder}: ${problem}`);
}

/** Node's own recursive `mkdir` never returns where a folder is there and takes none, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => undefined);
  if (stats?.isDirectory()) return;
  if (stats === undefined && dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder);
}

/** A list that is asked for and can't be read would leave everybody in. @returns Its whole path. */
export async function readableFilter(path: string): Promise<string> {
  try {
    await readIpFilter(resolve(path));
  } catch (error) {
    throw new Failure(`--ip-filter: ${wordsOf(error)}`, { cause: error });
  }
  return resolve(path);
}

async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new Failure(`--bind ${host}: ${wordsOf(error)}`, { cause: error });
  }
}

/** A port and an address that were asked for are wanted; any will do when none was. */
function requirePort(client: EngineClient, { port, bind, proxy }: DownloadOptions): void {
  const listenPort = client.session?.listenPort;
  // Behind a proxy nothing is listened on.
  const isAnyFine = port === 0 && (bind === undefined || proxy !== undefined || listenPort !== undefined);
  if (isAnyFine || (port !== 0 && listenPort === port)) return;
  throw new Failure(client.session?.notices.join(" ") || `port ${port} can't be listened on`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
