import { createHash } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { concatBytes, fromLatin1, toLatin1 } from "../../model/bytes.ts";
import { type DiskFault, errorCode, faultOf, problemOf } from "../disk/disk-fault.ts";

/** Of the frame around the content; the content has its own. */
const FORMAT = 1;
/** `peerscope-state`, format, generation, content length, SHA-256 of the content in hexadecimal. */
const HEADER = /^peerscope-state (\d{1,4}) (\d{1,15}) (\d{1,15}) ([0-9a-f]{64})\n/;
const LONGEST_HEADER = 128;

export type AtomicRead =
  | { readonly kind: "absent" }
  | {
      readonly kind: "good";
      readonly content: Uint8Array;
      /** Counts the writes of this file. */
      readonly generation: number;
      /** When this was not the newest, in words why the newest was passed over. */
      readonly damage?: string;
    }
  /** There was something, and neither it nor the generation before it can be believed. */
  | { readonly kind: "lost"; readonly damage: string };

type Copy =
  | { readonly kind: "absent" }
  | { readonly kind: "good"; readonly content: Uint8Array; readonly generation: number }
  | { readonly kind: "damaged"; readonly damage: string };

/**
 * A small file that is either as it was or as it was to become, whatever happens in between: written beside,
 * made durable, renamed, its folder made durable. The generation before is kept as `<name>.previous`; the first
 * write makes both, so from the beginning one damaged file is never the only one.
 *
 * Writes of one file follow each other; of those that wait only the newest is done.
 */
export class AtomicFile {
  readonly path: string;
  #generation = 0;
  /** Which of the two files may be believed; undefined before the first read. */
  #good: { main: boolean; previous: boolean } | undefined;
  #running: Promise<DiskFault | undefined> | undefined;
  #waiting: { content: Uint8Array; written: Promise<DiskFault | undefined> } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  get previousPath(): string {
    return `${this.path}.previous`;
  }

  /** What can't be read is as damaged as what was read and is wrong. */
  async read(): Promise<AtomicRead> {
    let main = readCopy(this.path);
    if (main.kind === "absent") main = this.#finishInterrupted();
    if (main.kind === "good") {
      this.#good = { main: true, previous: this.#good?.previous ?? true };
      this.#generation = main.generation;
      return main;
    }
    const previous = readCopy(this.previousPath);
    this.#good = { main: false, previous: previous.kind === "good" };
    if (previous.kind === "good") {
      this.#generation = previous.generation;
      return { ...previous, damage: main.kind === "damaged" ? main.damage : `${this.path} is missing` };
    }
    if (main.kind === "absent" && previous.kind === "absent") return { kind: "absent" };
    const damages = [main, previous].flatMap((copy) => (copy.kind === "damaged" ? [copy.damage] : []));
    return { kind: "lost", damage: damages.join("; ") };
  }

  /** @returns When it is durable, or what kept it from being written; then the old generation stands. */
  write(content: Uint8Array): Promise<DiskFault | undefined> {
    if (this.#waiting) {
      this.#waiting.content = content;
      return this.#waiting.written;
    }
    if (!this.#running) return this.#start(content);
    const written = this.#running.then(() => {
      const newest = this.#waiting?.content ?? content;
      this.#waiting = undefined;
      return this.#start(newest);
    });
    this.#waiting = { content, written };
    return written;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Deletes both generations, after the writes under way. */
  async remove(): Promise<DiskFault | undefined> {
    await (this.#waiting?.written ?? this.#running);
    try {
      for (const path of [this.path, this.previousPath, temporary(this.path)]) await rm(path, { force: true });
      this.#good = { main: false, previous: false };
      return undefined;
    } catch (error) {
      return faultOf(problemOf(error, this.path));
    }
  }

  /** Between the two renames of a write the new one is whole, durable and only without its name. */
  #finishInterrupted(): Copy {
    const next = readCopy(temporary(this.path));
    if (next.kind !== "good") return { kind: "absent" };
    renameSync(temporary(this.path), this.path);
    return next;
  }

  #start(content: Uint8Array): Promise<DiskFault | undefined> {
    const run = this.#write(content).finally(() => {
      this.#running = undefined;
    });
    this.#running = run;
    return run;
  }

  async #write(content: Uint8Array): Promise<DiskFault | undefined> {
    try {
      if (!this.#good) await this.read();
      const good = this.#good ?? { main: false, previous: false };
      const framed = frame(content, this.#generation + 1);
      await mkdir(dirname(this.path), { recursive: true });
      await writeDurably(temporary(this.path), framed);
      if (good.main) await rename(this.path, this.previousPath);
      else if (!good.previous) {
        const second = temporary(this.previousPath);
        await writeDurably(second, framed);
        await rename(second, this.previousPath);
      }
      await rename(temporary(this.path), this.path);
      this.#good = { main: true, previous: true };
      this.#generation++;
      await flushFolder(dirname(this.path));
      return undefined;
    } catch (error) {
      const problem = problemOf(error, this.path);
      // What is there now is looked at again before the next write.
      this.#good = undefined;
      return faultOf(problem);
    }
  }
}

function temporary(path: string): string {
  return `${path}.new`;
}

function frame(content: Uint8Array, generation: number): Uint8Array {
  const digest = createHash("sha256").update(content).digest("hex");
  return concatBytes(fromLatin1(`peerscope-state ${FORMAT} ${generation} ${content.length} ${digest}\n`), content);
}

/**
 * Synchronous: 20 µs for what costs 150 in promises, and a thousand torrents are two thousand such files, read
 * before anybody waits for the engine.
 */
function readCopy(path: string): Copy {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { kind: "absent" };
    // A folder in its place, a bad sector: nothing can be read here, and that is all that can be said.
    return { kind: "damaged", damage: `${path} can't be read: ${problemOf(error, path).message}` };
  }
  if (bytes.length === 0) return { kind: "damaged", damage: `${path} is empty` };
  const header = HEADER.exec(toLatin1(bytes.subarray(0, LONGEST_HEADER)));
  if (!header) return { kind: "damaged", damage: `${path} does not begin as a state file` };
  const [line, format, generation, length, digest] = header;
  if (Number(format) !== FORMAT) {
    return { kind: "damaged", damage: `${path} has format ${format}, this Peerscope reads ${FORMAT}` };
  }
  const content = bytes.subarray(line.length);
  if (content.length !== Number(length)) {
    return { kind: "damaged", damage: `${path} has ${content.length} bytes of content, ${length} were written` };
  }
  if (createHash("sha256").update(content).digest("hex") !== digest) {
    return { kind: "damaged", damage: `${path} does not match its checksum` };
  }
  return { kind: "good", content, generation: Number(generation) };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  // State says what somebody downloads: it is nobody else's to read.
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is its folder's content. Windows has no such call and needs none. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
