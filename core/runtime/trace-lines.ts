import { createReadStream } from "node:fs";
import { TraceFault } from "../session/trace/line.ts";

/** Characters of one line: the largest has all of a torrent's metadata. */
const MOST_OF_A_LINE = 256 * 1024 * 1024;

/**
 * The lines of a record, one by one as they are asked for, and whether each has its end.
 * @throws TraceFault for a line that no record has, and what the system throws.
 */
export async function* traceLines(file: string): AsyncGenerator<{ readonly text: string; readonly isWhole: boolean }> {
  let held: string[] = [];
  let length = 0;
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 1024 * 1024 })) {
    const [first = "", ...others] = (chunk as string).split("\n");
    held.push(first);
    length += first.length;
    if (length > MOST_OF_A_LINE) throw new TraceFault(`a line of more than ${MOST_OF_A_LINE} characters`);
    for (const other of others) {
      yield { text: held.join(""), isWhole: true };
      held = [other];
      length = other.length;
    }
  }
  if (length > 0) yield { text: held.join(""), isWhole: false };
}
