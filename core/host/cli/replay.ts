import { createReadStream } from "node:fs";
import { displayText } from "../../metainfo/display-text.ts";
import { nodeDigest } from "../../runtime/digest.ts";
import { VERSION } from "../../runtime/version.ts";
import { parseLine, TraceFault } from "../../session/trace/line.ts";
import { Replay } from "../../session/trace/replay.ts";
import { Failure } from "./faults.ts";
import type { Terminal } from "./terminal.ts";

/** Characters of one line: the largest has all of a torrent's metadata. */
const MOST_OF_A_LINE = 256 * 1024 * 1024;

/** Replays a record and says whether the same came of it. @returns 1 when something else did. */
export async function replay(file: string, terminal: Terminal): Promise<number> {
  const it = new Replay(nodeDigest.sha1);
  let isCut = false;
  try {
    for await (const { text, isWhole } of linesOf(file)) {
      isCut = !isWhole && !isLine(text);
      if (isCut || !it.take(text)) break;
    }
    it.finish();
  } catch (error) {
    if (!(error instanceof TraceFault)) throw error;
    throw new Failure(`${file}, line ${error.line ?? it.lines}: ${error.message}`, { cause: error });
  }
  if (it.lines === 0) throw new Failure(`${file}: there is no line in it`);
  const print = (words: string) => terminal.write(`${displayText(words)}\n`);
  if (it.difference !== undefined) {
    const { number, at, expected, got } = it.difference;
    print(`${file}, line ${number}, ${seconds(at - it.startedAt)} after the start: the first difference`);
    print(`recorded: ${expected ?? "nothing more"}`);
    print(`replayed: ${got ?? "nothing more"}`);
    if (it.version !== VERSION) print(`It was recorded by version ${it.version}; this is ${VERSION}.`);
    return 1;
  }
  const { inputs, orders, messages, decisions } = it.counts;
  print(
    `No difference in ${it.lines} lines over ${seconds(it.endedAt - it.startedAt)}: ` +
      `${inputs} inputs, ${orders} orders, ${messages} messages, ${decisions} decisions`,
  );
  if (isCut) print(`Line ${it.lines + 1} is incomplete: the record breaks off there.`);
  else if (it.ending === undefined) print("The record breaks off: it was not ended.");
  else if (it.ending !== "stopped") print(`The record was ended early (${it.ending}).`);
  return 0;
}

function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(3)} s`;
}

function isLine(text: string): boolean {
  try {
    parseLine(text);
    return true;
  } catch {
    return false;
  }
}

/** The lines of a file, and whether each has its end. */
async function* linesOf(file: string): AsyncGenerator<{ readonly text: string; readonly isWhole: boolean }> {
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
