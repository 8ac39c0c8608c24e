import { constants, createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { IpFilter } from "../model/ip-filter.ts";
import { type IpFilterList, IpFilterReader } from "../model/ip-filter-list.ts";
import { type Bytes, MIB } from "../model/units.ts";
import { CommandFault } from "./previews.ts";

/** Unpacked: ten times the largest lists there are. */
const MAX_LIST: Bytes = 256 * MIB;
/** Opening a pipe that nobody writes to would never end. No effect on files, and absent on Windows. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/**
 * Reads a list of blocked addresses from a file, which may be packed by gzip. Meanwhile the loop goes on.
 * @returns The filter, and in words what it has.
 * @throws CommandFault when there is no such file, or it is no such list.
 */
export async function readIpFilter(path: string): Promise<{ readonly filter: IpFilter; readonly words: string }> {
  try {
    const list = await readList(path);
    if (list.filter.size === 0 && list.firstBad !== undefined) {
      const { line, text } = list.firstBad;
      throw new CommandFault(`${path} is no list of addresses: line ${line} says ${JSON.stringify(text)}`);
    }
    return { filter: list.filter, words: wordsOf(list) };
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    throw new CommandFault(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readList(path: string): Promise<IpFilterList> {
  const file = await open(path, constants.O_RDONLY | NO_WAIT);
  try {
    const stats = await file.stat();
    // A device or a pipe may never end.
    if (!stats.isFile()) throw new CommandFault(`${path} is ${stats.isDirectory() ? "a folder" : "no regular file"}`);
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    const isPacked = buffer[0] === 0x1f && buffer[1] === 0x8b;
    const reader = new IpFilterReader();
    let length = 0;
    const read = async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        length += chunk.length;
        if (length > MAX_LIST) throw new CommandFault(`${path} has more than ${MAX_LIST / MIB} MiB`);
        reader.write(chunk);
      }
    };
    const source = createReadStream(path, { fd: file, start: 0, autoClose: false });
    if (isPacked) await pipeline(source, createGunzip(), read);
    else await pipeline(source, read);
    return reader.end();
  } finally {
    await file.close();
  }
}

function wordsOf({ filter, badLines, firstBad, isCut }: IpFilterList): string {
  const ranges = `${filter.size.toLocaleString("en")} ${filter.size === 1 ? "range" : "ranges"} of addresses blocked`;
  const bad =
    firstBad === undefined
      ? ""
      : `; ${badLines.toLocaleString("en")} ${badLines === 1 ? "line" : "lines"} not understood, the first is line ${firstBad.line}`;
  return `${ranges}${bad}${isCut ? "; the list is longer than what is kept of it" : ""}`;
}
