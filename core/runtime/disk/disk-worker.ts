import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../model/invariant.ts";
import { DiskProblem, faultOf } from "./disk-fault.ts";
import type { Answer, Order, StorageOpening, ToWorker, WorkerMemory } from "./disk-orders.ts";
import { FileHandles } from "./file-handles.ts";
import { WorkerStorage } from "./worker-storage.ts";

/**
 * A thread that hashes, writes and reads: one order, one answer, each carried out to its end.
 *
 * Synchronous calls on purpose: `writeSync` of a piece costs half of what the asynchronous one does, and there
 * is nobody else on this thread to wait for. Only flushing, which may take seconds, lets other orders pass.
 */
invariant(parentPort !== null, "the disk worker runs as a worker thread");
const port = parentPort;
const memory = workerData as WorkerMemory;
const storages = new Map<number, WorkerStorage>();
const files = new FileHandles((storage, folder) => storages.get(storage)?.folderChanged(folder));

type Outcome = Omit<Answer, "id">;

port.on("message", (message: ToWorker) => {
  if (message.kind === "open") open(message.opening);
  else if (message.kind === "stop") stop();
  else carryOut(message);
});

function open(opening: StorageOpening): void {
  storages.set(opening.storage, new WorkerStorage(opening, files));
}

function stop(): void {
  files.closeAll();
  port.close();
}

function carryOut(order: Order): void {
  try {
    const outcome = obey(order);
    if (outcome instanceof Promise) {
      outcome.then(
        (later) => answer(order.id, later),
        (error) => answerFault(order.id, error),
      );
    } else answer(order.id, outcome);
  } catch (error) {
    answerFault(order.id, error);
  }
}

function obey(order: Order): Outcome | Promise<Outcome> {
  const storage = storageOf(order.storage);
  switch (order.kind) {
    case "store":
      return storage.store(order.piece, memory.pieces, order.at, order.hash) ? {} : { isWrong: true };
    case "write":
      storage.write(order.offset, new Uint8Array(memory.pieces, order.at, order.length));
      return {};
    case "read":
      storage.read(order.offset, new Uint8Array(memory.reads, order.at, order.length));
      return {};
    case "verify":
      return { right: storage.verify(order.first, order.hashes, order.mustExist) };
    case "leaves":
      return { leaves: storage.leaves(order.piece, order.length) };
    case "make-empty":
      storage.makeEmpty();
      return {};
    case "stat":
      return { stamps: storage.stat() };
    case "flush":
      return storage.flush(order.everything).then(() => ({}));
    case "remove":
      storage.removeData();
      return {};
    case "close":
      storage.close();
      storages.delete(order.storage);
      return {};
  }
}

function answer(id: number, outcome: Outcome): void {
  port.postMessage({ ...outcome, id } satisfies Answer);
}

/** A fault of the disk is an answer; anything else is a bug and ends the worker, which its owner reports. */
function answerFault(id: number, error: unknown): void {
  if (!(error instanceof DiskProblem)) throw error;
  answer(id, { fault: faultOf(error) });
}

function storageOf(id: number): WorkerStorage {
  const storage = storages.get(id);
  invariant(storage !== undefined, `an order for storage ${id}, which was never opened`);
  return storage;
}
