import { startEngine } from "../../runtime/engine.ts";
import { dhtRouters } from "../dht-routers.ts";
import { asksLocalNetwork } from "../local-network.ts";
import { stateFolder } from "../state-folder.ts";
import { startWebHost } from "../web-host.ts";
import type { ServeOptions } from "./arguments.ts";
import { type CommandContext, readableFilter, traceTo } from "./download.ts";
import { Failure, wordsOf } from "./faults.ts";

/** Serves the interface to a browser on this machine until it is interrupted. */
export async function serve(options: ServeOptions, context: CommandContext): Promise<number> {
  const { port, state, trace, dht, dhtNodes, proxy } = options;
  const { terminal, dist, interrupted } = context;
  const ipFilter = options.ipFilter === undefined ? undefined : await readableFilter(options.ipFilter);
  const engine = await startEngine({
    stateFolder: state ?? stateFolder(),
    diskWorker: new URL("disk-worker.js", dist),
    overrides: {
      ...(dht ? {} : { dht }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(ipFilter === undefined ? {} : { ipFilter }),
    },
    dhtNodes,
    dhtRouters: dhtRouters(),
    asksLocalNetwork: asksLocalNetwork(),
    ...traceTo(trace, terminal),
  });
  try {
    const host = await startWebHost({ engine, port, rendererFolder: new URL("renderer/", dist) }).catch(
      (error: unknown) => {
        throw new Failure(`the interface can't be served: ${wordsOf(error)}`, { cause: error });
      },
    );
    terminal.write(`Peerscope is at ${host.address}\n`);
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve();
      else interrupted.addEventListener("abort", () => resolve(), { once: true });
    });
    await host.close();
  } finally {
    await engine.stop();
  }
  return 0;
}
