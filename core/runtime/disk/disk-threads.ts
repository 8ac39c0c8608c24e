import { Worker } from "node:worker_threads";
import { invariant } from "../../model/invariant.ts";
import type { DiskFault } from "./disk-fault.ts";
import type { Answer, Order, OrderBody, StorageOpening, ToWorker, WorkerMemory } from "./disk-orders.ts";

/** What of a storage the threads need: who it is, and what to tell a worker that meets it for the first time. */
export interface ThreadClient {
  readonly id: number;
  readonly folder: string;
  opening(): StorageOpening;
  /** A worker that may have written for it is gone, and with it what it knew to be not yet durable. */
  workerDied(): void;
}

type Answered = (answer: Answer) => void;

interface Pending {
  readonly client: ThreadClient;
  readonly answered: Answered;
}

interface DiskThread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  /** Storages it has been told of. */
  readonly told: Map<number, ThreadClient>;
}

/**
 * Orders a worker may have before another gets some: a worker with a little to do stays awake and warm, and costs
 * less than two that are woken in turn. It is through with them in some 3 ms.
 */
const BACKLOG = 4;

/** The young generation holds orders and answers only; the default of 48 MiB would be touched all the same. */
const YOUNG_GENERATION_MIB = 4;

/**
 * The disk's workers. An order goes to the first that has only a little to do; another worker is started only when
 * all have their fill, so an idle engine keeps none and a quiet one keeps one.
 *
 * A worker that dies is a fault for every order it had; the next order starts another.
 */
export class DiskThreads {
  readonly #file: URL;
  readonly #most: number;
  readonly #memory: WorkerMemory;
  readonly #threads: DiskThread[] = [];
  #lastId = 0;
  #queueLength = 0;

  constructor(file: URL, most: number, memory: WorkerMemory) {
    this.#file = file;
    this.#most = most;
    this.#memory = memory;
  }

  /** Orders without an answer yet. */
  get queueLength(): number {
    return this.#queueLength;
  }

  get most(): number {
    return this.#most;
  }

  send(client: ThreadClient, body: OrderBody, answered: Answered): void {
    const isLong = body.kind === "verify";
    this.#post(this.#threadFor(isLong ? 1 : BACKLOG), client, body, answered);
  }

  /** To every worker that knows the storage. `answered` once, with the first fault if there was one. */
  sendToAll(client: ThreadClient, body: OrderBody, answered: (fault: DiskFault | undefined) => void): void {
    const threads = this.#threads.filter((thread) => thread.told.has(client.id));
    let waiting = threads.length;
    let fault: DiskFault | undefined;
    if (waiting === 0) {
      queueMicrotask(() => answered(undefined));
      return;
    }
    for (const thread of threads) {
      this.#post(thread, client, body, (answer) => {
        fault ??= answer.fault;
        waiting--;
        if (waiting === 0) answered(fault);
      });
      if (body.kind === "close") thread.told.delete(client.id);
    }
  }

  /** Ends the workers after the orders they have. */
  async close(): Promise<void> {
    const threads = this.#threads.splice(0);
    await Promise.all(
      threads.map(
        (thread) =>
          new Promise<void>((resolve) => {
            thread.worker.once("exit", () => resolve());
            thread.worker.postMessage({ kind: "stop" } satisfies ToWorker);
          }),
      ),
    );
  }

  #post(thread: DiskThread, client: ThreadClient, body: OrderBody, answered: Answered): void {
    if (!thread.told.has(client.id)) {
      thread.told.set(client.id, client);
      thread.worker.postMessage({ kind: "open", opening: client.opening() } satisfies ToWorker);
    }
    const id = ++this.#lastId;
    thread.pending.set(id, { client, answered });
    this.#queueLength++;
    thread.worker.postMessage({ ...body, id, storage: client.id } satisfies Order);
  }

  #threadFor(backlog: number): DiskThread {
    let leastBusy: DiskThread | undefined;
    for (const thread of this.#threads) {
      if (thread.pending.size < backlog) return thread;
      if (!leastBusy || thread.pending.size < leastBusy.pending.size) leastBusy = thread;
    }
    return leastBusy && this.#threads.length >= this.#most ? leastBusy : this.#start();
  }

  #start(): DiskThread {
    const worker = new Worker(this.#file, {
      name: "disk",
      workerData: this.#memory,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    const thread: DiskThread = { worker, pending: new Map(), told: new Map() };
    let death = "";
    worker.on("message", (answer: Answer) => {
      const pending = thread.pending.get(answer.id);
      invariant(pending !== undefined, `the disk worker answered order ${answer.id}, which nobody gave`);
      thread.pending.delete(answer.id);
      this.#queueLength--;
      pending.answered(answer);
    });
    worker.on("error", (error) => {
      death = `: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on("exit", (code) => {
      const at = this.#threads.indexOf(thread);
      if (at >= 0) this.#threads.splice(at, 1);
      this.#failAll(thread, `the disk worker ended with status ${code}${death}`);
    });
    this.#threads.push(thread);
    return thread;
  }

  #failAll(thread: DiskThread, cause: string): void {
    for (const client of thread.told.values()) client.workerDied();
    const orders = [...thread.pending];
    thread.pending.clear();
    this.#queueLength -= orders.length;
    for (const [id, { client, answered }] of orders) {
      const advice = "Resume the torrent. If it happens again, please report it with this text.";
      answered({ id, fault: { kind: "io", path: client.folder, cause, advice } });
    }
  }
}
