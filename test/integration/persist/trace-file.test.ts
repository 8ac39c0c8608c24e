import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TraceFile } from "../../../core/runtime/trace-file.ts";
import { parseLine } from "../../../core/session/trace/line.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-trace-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LONG = "x".repeat(1024 * 1024);

test("a record whose disk does not keep up ends with the reason, and lacks nothing before it", async () => {
  const failures: string[] = [];
  const file = join(folder, "a.trace");
  const trace = await TraceFile.open({ file, failed: (words) => failures.push(words) });
  // Without a turn of the loop between them, nothing can be written.
  for (let number = 0; number < 100; number++) {
    trace.tape.output({ at: number, line: "decision", kind: "long", fields: { number, text: LONG } });
    trace.tape.rest();
  }
  await trace.close();
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").map(parseLine);
  const end = lines.pop();
  expect(lines.map(({ fields }) => fields.number)).toEqual(lines.map((_, number) => number));
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.length).toBeLessThan(70);
  expect(end).toMatchObject({ line: "end", kind: "failed", fields: { words: failures[0] } });
  expect(failures).toHaveLength(1);
  expect(failures[0]).toContain("does not keep up");
});

test("a record takes the place of the one before it", async () => {
  const file = join(folder, "b.trace");
  for (const at of [1, 2]) {
    const trace = await TraceFile.open({ file, failed: () => {} });
    trace.tape.output({ at, line: "decision", kind: "any", fields: {} });
    trace.tape.rest();
    await trace.close();
  }
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").map(parseLine);
  expect(lines.map(({ line, at }) => (line === "end" ? line : at))).toEqual([2, "end"]);
});

test("a process that ends at once writes what waits", async () => {
  const file = join(folder, "c.trace");
  const trace = await TraceFile.open({ file, failed: () => {} });
  for (const at of [1, 2, 3]) {
    trace.tape.output({ at, line: "decision", kind: "any", fields: { text: LONG } });
    trace.tape.rest();
    // Some of it is under way to the disk already.
    await Promise.resolve();
  }
  process.listeners("exit").at(-1)?.(1);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").map(parseLine);
  expect(lines.map(({ at }) => at)).toEqual([1, 2, 3]);
  await trace.close();
  expect(readFileSync(file, "utf8").trimEnd().split("\n").map(parseLine)).toHaveLength(4);
});
