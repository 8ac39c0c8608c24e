import { writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Bytes } from "../model/units.ts";
import { TextTape } from "../session/trace/text-tape.ts";

/** Text that waits for the disk, at most: seconds of a busy swarm. */
const MOST_WAITING: Bytes = 64 * 1024 * 1024;

/** A record that is wanted. */
export interface TraceOrder {
  readonly file: string;
  /** It ended before the engine did; why, in words. */
  readonly failed: (words: string) => void;
}

/**
 * The file of a record. The heart can't wait for a disk: what it writes queues up to {@link MOST_WAITING}, and beyond
 * that, or when the disk refuses, the record ends and says so. Nothing is left out of the middle.
 */
export class TraceFile {
  readonly tape = new TextTape((text) => this.#take(text));
  readonly #order: TraceOrder;
  readonly #handle: FileHandle;
  /** A pipe or a terminal takes bytes one after the other only. */
  readonly #isFile: boolean;
  #waiting: string[] = [];
  #waitingLength = 0;
  #underWay: Uint8Array = new Uint8Array(0);
  /** Bytes on the disk. */
  #written: Bytes = 0;
  #draining: Promise<void> | undefined;
  /** The last words of a process that ends with the record open, or by an error. */
  readonly #atExit = () => this.#writeNow();

  private constructor(order: TraceOrder, handle: FileHandle, isFile: boolean) {
    this.#order = order;
    this.#handle = handle;
    this.#isFile = isFile;
    process.once("exit", this.#atExit);
  }

  /** Begins a record where there may be another. @throws As the system says. */
  static async open(order: TraceOrder): Promise<TraceFile> {
    // Addresses of peers and keys of trackers are nobody else's business.
    const handle = await open(order.file, "w", 0o600);
    return new TraceFile(order, handle, (await handle.stat()).isFile());
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    this.tape.end("stopped", Date.now());
    await this.#draining;
    process.off("exit", this.#atExit);
    await this.#handle.close().catch((error: Error) => this.#order.failed(this.#words(error.message)));
  }

  #take(text: string): void {
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    if (this.#waitingLength > MOST_WAITING && !this.tape.isOver) {
      const words = this.#words(`the disk does not keep up, ${this.#waitingLength} bytes wait for it`);
      this.tape.end("failed", Date.now(), { words });
      this.#order.failed(words);
    }
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      // One write for what comes in one turn of the loop.
      await Promise.resolve();
      while (this.#waitingLength > 0) {
        this.#underWay = Buffer.from(this.#waiting.join(""));
        this.#waiting = [];
        this.#waitingLength = 0;
        while (this.#underWay.length > 0) {
          const at = this.#isFile ? this.#written : null;
          const { bytesWritten } = await this.#handle.write(this.#underWay, 0, this.#underWay.length, at);
          this.#written += bytesWritten;
          this.#underWay = this.#underWay.subarray(bytesWritten);
        }
      }
      this.#draining = undefined;
    } catch (error) {
      // It stays as it is: what comes now would have a hole before it.
      this.tape.isOver = true;
      this.#waiting = [];
      this.#underWay = new Uint8Array(0);
      this.#order.failed(this.#words(error instanceof Error ? error.message : String(error)));
    }
  }

  #writeNow(): void {
    const rest = Buffer.from(this.#waiting.join(""));
    try {
      // What is under way may be there already: it is the same, at the same place.
      if (this.#isFile) writeSync(this.#handle.fd, Buffer.concat([this.#underWay, rest]), 0, null, this.#written);
      else writeSync(this.#handle.fd, rest);
    } catch {
      // There is nobody left to tell.
    }
  }

  #words(cause: string): string {
    return `The record ${this.#order.file} ends here: ${cause}.`;
  }
}
