import { EngineClient } from "../core/host/cli/engine-client.ts";
import { type DemoSwarm, startDemoSwarm } from "../core/host/demo/swarm.ts";
import type { Engine } from "../core/runtime/engine.ts";

/** Starts a swarm on loopback and adds its torrent. The swarm ends after the engine, which says goodbye to it. */
export async function startDemo(engine: Engine, folder: string): Promise<DemoSwarm> {
  const swarm = await startDemoSwarm();
  const client = new EngineClient(engine);
  try {
    const { token } = await client.command({
      kind: "preview",
      source: { from: "bytes", bytes: new Uint8Array(swarm.torrentBytes) },
    });
    await client.command({ kind: "add", token, folder });
    return swarm;
  } catch (error) {
    await swarm.close();
    throw error;
  } finally {
    client.close();
  }
}
