import { type FileHandle, open } from "node:fs/promises";
import {
  encodeFrame,
  type FrameBodies,
  type FrameKind,
  MAX_RECORDING,
  RECORDING_MAGIC,
} from "../contract/recording/frames.ts";
import type { Bytes, Timestamp } from "../model/units.ts";
import type { RecordingSink } from "../session/recording.ts";

/** Frames that wait for the disk, at most: seconds of a busy swarm. */
const MOST_WAITING: Bytes = 32 * 1024 * 1024;

/**
 * The file of a recording, appended to frame by frame. The heart can't wait for a disk: what does not get there in time,
 * or goes past {@link MAX_RECORDING}, ends the recording, never the download.
 */
export class RecordingFile implements RecordingSink {
  bytes: Bytes = 0;
  readonly #handle: FileHandle;
  readonly #failed: (words: string) => void;
  readonly #most: Bytes;
  #waiting: Uint8Array[] = [];
  #waitingLength: Bytes = 0;
  #draining: Promise<void> | undefined;
  /** The disk refused, or there is enough: nothing is taken any more, but for the last words. */
  #isOver = false;
  #isBroken = false;

  /** @param handle - Of an empty file. */
  constructor(handle: FileHandle, failed: (words: string) => void, most: Bytes) {
    this.#handle = handle;
    this.#failed = failed;
    this.#most = most;
    this.#append(RECORDING_MAGIC);
  }

  /**
   * @param failed - Called once, when it can't go on: with the reason in words.
   * @param most - Bytes after which there is enough.
   * @throws As the system says; also when the file is there.
   */
  static async create(path: string, failed: (words: string) => void, most = MAX_RECORDING): Promise<RecordingFile> {
    // Addresses of peers and keys of trackers are nobody else's business.
    return new RecordingFile(await open(path, "wx", 0o600), failed, most);
  }

  take<K extends FrameKind>(kind: K, at: Timestamp, content: FrameBodies[K]): void {
    if (this.#isBroken || (this.#isOver && kind !== "end")) return;
    this.#append(encodeFrame(kind, at, content));
    if (this.#isOver) return;
    if (this.bytes > this.#most) this.#over(`it reached ${this.#most / 1024 / 1024} MiB, the most that can be opened`);
    else if (this.#waitingLength > MOST_WAITING) this.#over("the disk does not keep up");
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    await this.#draining;
    this.#isBroken = true;
    await this.#handle.close().catch(() => {});
  }

  #over(words: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Not in the middle of what hands frames over.
    queueMicrotask(() => this.#failed(words));
  }

  #append(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#waiting.push(bytes);
    this.#waitingLength += bytes.length;
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      // One write for what comes in one turn of the loop.
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        const bytes = Buffer.concat(this.#waiting);
        this.#waiting = [];
        this.#waitingLength = 0;
        for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at)).bytesWritten;
      }
    } catch (error) {
      // What comes now would have a hole before it.
      this.#isBroken = true;
      this.#waiting = [];
      this.#over(error instanceof Error ? error.message : String(error));
    } finally {
      this.#draining = undefined;
    }
  }
}
