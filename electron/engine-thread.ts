import { join } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { encodeMessage } from "../core/contract/codec.ts";
import { dhtRouters } from "../core/host/dht-routers.ts";
import { readFrame } from "../core/host/engine-frames.ts";
import { asksLocalNetwork } from "../core/host/local-network.ts";
import { type Engine, startEngine } from "../core/runtime/engine.ts";
import { startDemo } from "./demo.ts";
import type { FromThread, ThreadOptions, ToThread } from "./thread-messages.ts";

/** The engine, on a thread of its own: the window can't stall the swarm, nor the swarm the window. */

const main = parentPort;
if (main === null) throw new Error("the engine's thread is started by the main process");
const options = workerData as ThreadOptions;

const demoDownloads = options.isDemo ? join(options.stateFolder, "downloads") : undefined;
const engine = await startEngine({
  stateFolder: options.stateFolder,
  diskWorker: new URL("../disk-worker.js", import.meta.url),
  dhtRouters: dhtRouters(),
  asksLocalNetwork: asksLocalNetwork(),
  ...(demoDownloads === undefined
    ? {}
    : { overrides: { downloadFolder: demoDownloads, listenPort: 0, dht: false, lsd: false, portMapping: false } }),
});
const demo = demoDownloads === undefined ? undefined : await startDemo(engine, demoDownloads);
// What was asked meanwhile waits in the port until there is a listener.
main.on("message", (message: ToThread) => {
  if (message.kind === "connect") serve(engine, message.port);
  else void stop(main);
});
tell(main, { kind: "ready" });

/** Ties one interface to the engine. What it sends is validated here. */
function serve(served: Engine, port: MessagePort): void {
  const enginePort = served.connect((message) => {
    const bytes = encodeMessage(message);
    port.postMessage(bytes, bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer as ArrayBuffer] : []);
  });
  port.on("message", (frame: unknown) => {
    const checked = frame instanceof Uint8Array ? readFrame(frame) : { ok: false as const, fault: "a frame is bytes" };
    if (checked.ok) return enginePort.send(checked.message);
    console.error(`an interface was disconnected: ${checked.fault}`);
    port.close();
  });
  port.on("close", () => enginePort.close());
}

async function stop(to: MessagePort): Promise<void> {
  await engine.stop();
  await demo?.close();
  tell(to, { kind: "stopped" });
}

function tell(to: MessagePort, message: FromThread): void {
  to.postMessage(message);
}
