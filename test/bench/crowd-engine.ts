import { resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { EngineClient } from "../../core/host/cli/engine-client.ts";
import { startEngine } from "../../core/runtime/engine.ts";

/** What a process of a crowd's benchmark seeds, and how many may connect to it. */
export interface CrowdJob {
  readonly torrent: string;
  readonly folder: string;
  readonly connections: number;
}

/** Milliseconds; the loop is woken as often while it is watched. */
const RESOLUTION = 10;

/**
 * Our engine as a process of its own: tells `listening` and `seeding` as JSON lines. To the line `watch` it begins to
 * watch its loop, to `report` it tells the longest time that the loop stood still, in milliseconds.
 */
export async function runEngine({ torrent, folder, connections }: CrowdJob): Promise<void> {
  const say = (event: object): boolean => process.stdout.write(`${JSON.stringify(event)}\n`);
  const engine = await startEngine({
    diskWorker: pathToFileURL(resolve("dist/disk-worker.js")),
    announces: false,
    overrides: {
      bindHost: "127.0.0.1",
      downloadFolder: folder,
      maxConnections: connections,
      maxConnectionsPerTorrent: connections,
    },
  });
  const client = new EngineClient(engine);
  let said = false;
  client.onUpdate = () => {
    const [view] = client.torrents.values();
    const port = client.session?.listenPort;
    if (said || view?.state !== "seeding" || port === undefined) return;
    said = true;
    say({ event: "seeding", port });
  };
  const { token } = await client.command({ kind: "preview", source: { from: "path", path: torrent } });
  await client.command({ kind: "add", token, folder });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (line === "watch") delay.enable();
    else say({ event: "stall", longest: Math.max(0, delay.max / 1e6 - RESOLUTION) });
  });
}
