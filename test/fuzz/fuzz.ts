import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { BATCH, inputsOf, type Target } from "./target.ts";
import { targets } from "./targets.ts";

/**
 * `npm run fuzz [-- --seed N] [--inputs N] [--only TARGET,…] [--threads N]`: ten million inputs, each thread a batch at a
 * time. The seed alone decides which inputs there are. One that breaks something is made shorter, and kept for `npm test`.
 */

const USAGE = "fuzz: --seed N, --inputs N, --only TARGET,… and --threads N are understood";
const INPUTS = 10_000_000;
/** An input that takes longer has no end. */
const PATIENCE = 20_000;
/** A target that breaks so often is not tried on: its faults have to be mended first. */
const MOST_FAILURES = 5;
/** Tries to make a failing input shorter. */
const SHRINKS = 3000;
/** The longest input that a thread that has to be ended leaves behind. */
const LONGEST = 1 << 20;

interface Order {
  readonly target: string;
  readonly seed: number;
  readonly batch: number;
  readonly count: number;
}

interface Failure {
  readonly input: Uint8Array;
  readonly words: string;
}

interface Report {
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
  /** Milliseconds. */
  readonly took: number;
}

/** Of a thread: how many inputs it began, the length of the one it is at; then that input. */
class Desk {
  readonly shared: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(shared = new SharedArrayBuffer(8 + LONGEST)) {
    this.shared = shared;
    this.#numbers = new Int32Array(shared, 0, 2);
    this.#bytes = new Uint8Array(shared, 8);
  }

  put(input: Uint8Array): void {
    const kept = input.subarray(0, LONGEST);
    this.#bytes.set(kept);
    Atomics.store(this.#numbers, 1, kept.length);
    Atomics.add(this.#numbers, 0, 1);
  }

  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  get input(): Uint8Array {
    return this.#bytes.slice(0, Atomics.load(this.#numbers, 1));
  }
}

function targetNamed(name: string): Target {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no target ${name}: ${targets.map((one) => one.name).join(", ")}`);
  return target;
}

/** @returns Why the input breaks the target, or what came of it. */
async function judged(target: Target, input: Uint8Array) {
  try {
    return { outcomes: [await target.judge(input)].flat() };
  } catch (error) {
    return { words: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Leaves out what can be left out of an input that still breaks the target in some way. */
async function shrunk(target: Target, input: Uint8Array): Promise<Uint8Array> {
  let shortest = input;
  let tries = 0;
  for (let size = shortest.length >> 1; size > 0 && tries < SHRINKS; size >>= 1) {
    for (let at = 0; at < shortest.length && tries < SHRINKS; tries++) {
      const shorter = new Uint8Array(Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + size)]));
      if ("words" in (await judged(target, shorter))) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
}

async function runBatch(desk: Desk, { target: name, seed, batch, count }: Order): Promise<Report> {
  const target = targetNamed(name);
  const outcomes = new Map<string, number>();
  const failures: Failure[] = [];
  const began = performance.now();
  let left = count;
  for (const input of inputsOf(target, seed, batch)) {
    if (left-- === 0) break;
    desk.put(input);
    const found = await judged(target, input);
    for (const outcome of found.outcomes ?? ["FAILED"]) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (found.words !== undefined && failures.length < MOST_FAILURES) {
      failures.push({ input: await shrunk(target, input), words: found.words });
    }
  }
  return { outcomes, failures, took: performance.now() - began };
}

function work(): void {
  const desk = new Desk(workerData as SharedArrayBuffer);
  parentPort?.on("message", async (order: Order) => parentPort?.postMessage(await runBatch(desk, order)));
}

class Score {
  readonly outcomes = new Map<string, number>();
  inputs = 0;
  failures = 0;
  took = 0;

  add({ outcomes, took }: Report, count: number): void {
    for (const [outcome, times] of outcomes) this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + times);
    this.inputs += count;
    this.took += took;
  }

  line(name: string): string {
    const rate = Math.round((1000 * this.inputs) / Math.max(1, this.took));
    const outcomes = [...this.outcomes].sort(([, a], [, b]) => b - a).map(([outcome, times]) => `${outcome} ${times}`);
    return `${name.padEnd(20)}${String(this.inputs).padStart(9)}${String(rate).padStart(9)}/s  ${outcomes.slice(0, 8).join(", ")}`;
  }
}

/** Gives batches out to threads, and keeps what breaks. */
class Run {
  readonly scores = new Map<string, Score>();
  readonly #orders: Iterator<Order>;
  readonly #began = performance.now();
  #inputs = 0;
  #toldAt = performance.now();

  constructor(seed: number, inputs: number, chosen: readonly Target[]) {
    for (const { name } of chosen) this.scores.set(name, new Score());
    this.#orders = ordersOf(seed, inputs, chosen);
  }

  /** Works until no batch is left. A thread that dies or hangs is replaced. */
  async employ(): Promise<void> {
    let thread = new Thread();
    for (let next = this.#orders.next(); !next.done; next = this.#orders.next()) {
      const order = next.value;
      const score = this.scores.get(order.target) as Score;
      if (score.failures >= MOST_FAILURES) continue;
      const report = await thread.run(order);
      if ("words" in report) {
        this.#keep(order.target, report);
        thread = new Thread();
      } else {
        score.add(report, order.count);
        for (const failure of report.failures) this.#keep(order.target, failure);
      }
      this.#inputs += order.count;
      this.#tell();
    }
    await thread.end();
  }

  get summary(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    const failures = [...this.scores.values()].reduce((sum, score) => sum + score.failures, 0);
    const rate = Math.round(this.#inputs / seconds);
    return `${this.#inputs} inputs in ${seconds.toFixed(0)} s, ${rate} a second, ${failures} failures`;
  }

  #keep(target: string, { input, words }: Failure): void {
    (this.scores.get(target) as Score).failures++;
    const folder = join(process.cwd(), "test", "fuzz", "regressions", target);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16));
    writeFileSync(file, input);
    console.log(`fuzz: ${target} FAILED: ${words}\n  kept as ${file}`);
  }

  #tell(): void {
    if (performance.now() - this.#toldAt < 10_000) return;
    this.#toldAt = performance.now();
    console.log(`fuzz: ${this.summary}`);
  }
}

/** Batches of all targets by turns, so that a run that is interrupted has tried everything. */
function* ordersOf(seed: number, inputs: number, chosen: readonly Target[]): Generator<Order> {
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const rest = new Map(chosen.map((target) => [target, Math.ceil((inputs * target.share) / shares)]));
  const rounds = Math.ceil(Math.max(...rest.values()) / BATCH);
  for (let round = 0; round < rounds; round++) {
    for (const [target, left] of rest) {
      const batches = Math.ceil((inputs * target.share) / shares / BATCH);
      // Evenly over the rounds: this one's turn comes when its part of them is due.
      const batch = Math.floor((round * batches) / rounds);
      if (left === 0 || (round > 0 && batch === Math.floor(((round - 1) * batches) / rounds))) continue;
      const count = Math.min(BATCH, left);
      rest.set(target, left - count);
      yield { target: target.name, seed, batch, count };
    }
  }
}

class Thread {
  readonly #desk = new Desk();
  readonly #worker = new Worker(new URL(import.meta.url), { workerData: this.#desk.shared });

  /** @returns What it found; or, when it had to be ended or ended itself, the input it was at. */
  run(order: Order): Promise<Report | Failure> {
    return new Promise((resolve) => {
      let count = this.#desk.count;
      const watch = setInterval(() => {
        if (this.#desk.count === count) lost(`no end within ${PATIENCE / 1000} s`);
        count = this.#desk.count;
      }, PATIENCE);
      const lost = (words: string): void => {
        clearInterval(watch);
        resolve({ input: this.#desk.input, words });
        void this.#worker.terminate();
      };
      this.#worker.removeAllListeners();
      this.#worker.on("error", (error) => lost(error.message));
      this.#worker.on("message", (report: Report) => {
        clearInterval(watch);
        resolve(report);
      });
      this.#worker.postMessage(order);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function count(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(USAGE);
  return value;
}

async function main(): Promise<number> {
  const options = { seed: { type: "string" }, inputs: { type: "string" }, only: { type: "string" } } as const;
  const { values } = parseArgs({ options: { ...options, threads: { type: "string" } } });
  const seed = count(values.seed, 1 + (Date.now() % 0xffff_fffe));
  const inputs = count(values.inputs, INPUTS);
  const chosen = values.only === undefined ? targets : values.only.split(",").map(targetNamed);
  console.log(`fuzz: ${inputs} inputs, seed ${seed}`);
  const run = new Run(seed, inputs, chosen);
  await Promise.all(Array.from({ length: count(values.threads, availableParallelism()) }, () => run.employ()));
  for (const [name, score] of run.scores) console.log(score.line(name));
  console.log(`fuzz: ${run.summary}, seed ${seed}`);
  return [...run.scores.values()].some(({ failures }) => failures > 0) ? 1 : 0;
}

if (isMainThread) process.exitCode = await main();
else work();
