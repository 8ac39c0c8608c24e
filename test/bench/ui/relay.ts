import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { MessageChannel, Worker } from "node:worker_threads";

/** Posts frames of one size to its port, so many a second; and one that only takes what comes. */
const SENDER = `
const { workerData: { port, bytes, every } } = require("node:worker_threads");
setInterval(() => port.postMessage(new Uint8Array(bytes)), every);
`;
const TAKER = `
const { workerData: { port } } = require("node:worker_threads");
port.on("message", () => {});
`;

/**
 * What it costs the desktop's main thread to hand frames on from the engine's thread to the page's port.
 * @param bytes - Of a frame. @param every - Milliseconds between two.
 * @returns The share of a core, 0 … 1.
 */
export async function relayCost(bytes: number, every: number): Promise<number> {
  const [engine, page] = [new MessageChannel(), new MessageChannel()];
  const work = (script: string, port: typeof engine.port1, more: object) =>
    new Worker(script, { eval: true, workerData: { port, ...more }, transferList: [port] });
  const workers = [work(SENDER, engine.port2, { bytes, every }), work(TAKER, page.port2, {})];
  engine.port1.on("message", (frame: Uint8Array) => page.port1.postMessage(frame));
  await pause(1000);
  const before = performance.eventLoopUtilization();
  await pause(4000);
  const { utilization } = performance.eventLoopUtilization(before);
  await Promise.all(workers.map((worker) => worker.terminate()));
  engine.port1.close();
  page.port1.close();
  return utilization;
}
