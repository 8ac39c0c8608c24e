import { type FileHandle, open, rm } from "node:fs/promises";
import { readUint32, writeUint32 } from "../../model/bytes.ts";
import type { PieceIndex, Timestamp } from "../../model/units.ts";
import { type DiskFault, errorCode, faultOf, problemOf } from "../disk/disk-fault.ts";

/** A number and the same number mixed with its place and the generation: what is torn or foreign does not match. */
const ENTRY = 8;
/** 16 MiB: an entry for each of the most pieces a torrent may have. */
const LONGEST = 2 ** 21 * ENTRY + ENTRY;

export interface JournalRead {
  /** Of the record that the journal continues. */
  readonly generation: number;
  readonly pieces: readonly PieceIndex[];
  /** When the last entry was written: the last sign of life of its engine. */
  readonly writtenAt: Timestamp;
}

/**
 * The pieces that were written after a resume record, an entry each, so that a killed engine loses none.
 *
 * Not flushed: it need outlive the process only. After a loss of power what it says is hashed like anything else.
 * Entries gather while a write is under way: one write at a time, however fast pieces come.
 */
export class PieceJournal {
  readonly path: string;
  /** Noted since the record, and as the how manieth. */
  readonly #pieces = new Map<PieceIndex, number>();
  #noted = 0;
  #queued: PieceIndex[] = [];
  #file: FileHandle | undefined;
  #generation = 0;
  #length = 0;
  #mayExist = true;
  /** Everything that touches the file, one after the other. */
  #last: Promise<DiskFault | undefined> = Promise.resolve(undefined);

  constructor(path: string) {
    this.path = path;
  }

  /** @returns Undefined when there is none, or nothing in it can be believed. */
  async read(): Promise<JournalRead | undefined> {
    let file: FileHandle;
    try {
      file = await open(this.path, "r");
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      this.#mayExist = errorCode(error) !== "ENOENT";
      return undefined;
    }
    try {
      const { mtimeMs, size } = await file.stat();
      return size > LONGEST ? undefined : parse(await file.readFile(), mtimeMs);
    } catch (error) {
      // Unreadable is as good as lost: the pieces are fetched again.
      if (errorCode(error) === undefined) throw error;
      return undefined;
    } finally {
      await file.close();
    }
  }

  /** A piece was written. Resolves when the entry is, or with what kept it from being. */
  note(piece: PieceIndex): Promise<DiskFault | undefined> {
    this.#noted++;
    this.#pieces.set(piece, this.#noted);
    this.#queued.push(piece);
    return this.#queued.length > 1 ? this.#last : this.#then(() => this.#append());
  }

  /** Stands for everything noted so far. */
  get mark(): number {
    return this.#noted;
  }

  /**
   * A record of `generation` was saved: goes on with the pieces noted after it was made.
   * @param mark - As it was then.
   * @param isAtRest - None are to come soon: keeps no file open.
   */
  continueFrom(generation: number, mark: number, isAtRest: boolean): Promise<DiskFault | undefined> {
    return this.#then(async () => {
      this.#generation = generation;
      for (const [piece, noted] of [...this.#pieces]) if (noted <= mark) this.#pieces.delete(piece);
      this.#queued = [...this.#pieces.keys()];
      this.#length = 0;
      if (this.#queued.length > 0) await this.#append();
      else if (isAtRest) await this.#delete();
      else await this.#file?.truncate(0);
    });
  }

  /** Deletes it. */
  remove(): Promise<DiskFault | undefined> {
    return this.#then(async () => {
      this.#pieces.clear();
      this.#queued = [];
      await this.#delete();
    });
  }

  /** Waits for what is under way. What is in it stays. */
  async close(): Promise<void> {
    await this.#then(async () => {
      await this.#file?.close();
      this.#file = undefined;
    });
  }

  #then(act: () => Promise<void>): Promise<DiskFault | undefined> {
    this.#last = this.#last.then(async () => {
      try {
        await act();
        return undefined;
      } catch (error) {
        return faultOf(problemOf(error, this.path));
      }
    });
    return this.#last;
  }

  async #append(): Promise<void> {
    const pieces = this.#queued;
    // Written already, by what came before.
    if (pieces.length === 0) return;
    this.#queued = [];
    if (!this.#file) {
      this.#file = await open(this.path, "w", 0o600);
      this.#mayExist = true;
      this.#length = 0;
    }
    const isNew = this.#length === 0;
    const numbers = isNew ? [this.#generation, ...pieces] : pieces;
    const bytes = new Uint8Array(numbers.length * ENTRY);
    numbers.forEach((value, index) => {
      writeUint32(bytes, index * ENTRY, value);
      writeUint32(bytes, index * ENTRY + 4, mixed(value, this.#length / ENTRY + index, this.#generation));
    });
    await this.#file.write(bytes, 0, bytes.length, this.#length);
    this.#length += bytes.length;
    // Not before: killed in between, it has what it had; entries of the record before don't match any more.
    if (isNew) await this.#file.truncate(this.#length);
  }

  async #delete(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    if (this.#mayExist) await rm(this.path, { force: true });
    this.#mayExist = false;
  }
}

function parse(bytes: Uint8Array, writtenAt: Timestamp): JournalRead | undefined {
  if (bytes.length < ENTRY) return undefined;
  const generation = readUint32(bytes, 0);
  const pieces: PieceIndex[] = [];
  for (let at = 0; at + ENTRY <= bytes.length; at += ENTRY) {
    const value = readUint32(bytes, at);
    const isWhole = readUint32(bytes, at + 4) === mixed(value, at / ENTRY, generation);
    if (!isWhole && at === 0) return undefined;
    if (isWhole && at > 0) pieces.push(value);
  }
  return { generation, pieces, writtenAt };
}

/** Not a checksum against an enemy; nothing in a journal is believed without the record and the files' stamps. */
function mixed(value: number, place: number, generation: number): number {
  let mix = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(place + 1, 0xc2b2ae35);
  mix = Math.imul(mix ^ (mix >>> 15), 0x27d4eb2f) ^ generation;
  return (mix ^ (mix >>> 13)) >>> 0;
}
