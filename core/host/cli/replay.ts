import { displayText } from "../../metainfo/display-text.ts";
import { nodeDigest } from "../../runtime/digest.ts";
import { traceLines } from "../../runtime/trace-lines.ts";
import { VERSION } from "../../runtime/version.ts";
import { parseLine, TraceFault } from "../../session/trace/line.ts";
import { Replay } from "../../session/trace/replay.ts";
import { Failure } from "./faults.ts";
import type { Terminal } from "./terminal.ts";

/** Replays a record and says whether the same came of it. @returns 1 when something else did. */
export async function replay(file: string, terminal: Terminal): Promise<number> {
  const it = new Replay(nodeDigest);
  let isCut = false;
  try {
    for await (const { text, isWhole } of traceLines(file)) {
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
