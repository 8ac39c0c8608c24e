import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { MessagePortMain } from "electron";
import { decodeMessage, encodeMessage } from "../core/contract/codec.ts";
import type { FromEngine, ToEngine } from "../core/contract/messages.ts";
import type { Millis } from "../core/model/units.ts";
import type { FromThread, ThreadOptions, ToThread } from "./thread-messages.ts";

/** The engine stops within 5 s by its own promise; past it the process ends anyway. */
const STOP_LIMIT: Millis = 5_000;

/** The main process's end of the engine's thread. */
export class EngineLink {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;

  /** @param failed Told once when the engine can't start or breaks; not after {@link stop}. */
  constructor(thread: URL, options: ThreadOptions, failed: (error: Error) => void) {
    this.#worker = new Worker(thread, { workerData: options, name: "engine" });
    this.#worker.once("error", failed);
    this.#ended = new Promise((resolve) => {
      this.#worker.once("exit", () => resolve());
      this.#worker.on("message", (message: FromThread) => {
        if (message.kind === "stopped") resolve();
      });
    });
  }

  /** Ties a page's port to the engine: bytes pass through unread, and are validated in the engine's thread. */
  connectPage(page: MessagePortMain): void {
    const engine = this.#open();
    page.on("message", ({ data }) => {
      if (data instanceof Uint8Array) engine.postMessage(data);
      else engine.close();
    });
    page.on("close", () => engine.close());
    engine.on("message", (frame: Uint8Array) => page.postMessage(frame));
    engine.on("close", () => page.close());
    page.start();
  }

  /** The main process as an interface itself. */
  connect(deliver: (message: FromEngine) => void): (message: ToEngine) => void {
    const engine = this.#open();
    engine.on("message", (frame: Uint8Array) => deliver(decodeMessage(frame) as FromEngine));
    return (message) => engine.postMessage(encodeMessage(message));
  }

  /** Has the engine say goodbye to trackers, flush and keep its state. Within 5 s, whatever happens. */
  async stop(): Promise<void> {
    this.#tell({ kind: "stop" }, []);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_LIMIT);
    });
    await Promise.race([this.#ended, limit]);
    clearTimeout(timer);
    await this.#worker.terminate();
  }

  #open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#tell({ kind: "connect", port: port2 }, [port2]);
    return port1;
  }

  #tell(message: ToThread, transfer: MessagePort[]): void {
    this.#worker.postMessage(message, transfer);
  }
}
