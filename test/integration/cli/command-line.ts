import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Program } from "../../setup/program.ts";

/** The built command line, as everybody gets it. */
export const CLI = resolve("dist", "cli.js");

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end. */
export function peerscope(args: readonly string[], options: { cwd?: string } = {}): Promise<Outcome> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"], ...options });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status) => done({ status, stdout, stderr }));
  });
}

/** One line of `--json`. */
export interface Event {
  readonly event: string;
  readonly at: number;
  readonly [field: string]: unknown;
}

/** A `download … --json` that runs, and all it said. */
export class RunningDownload {
  readonly events: Event[] = [];
  readonly #program: Program;

  constructor(args: readonly string[]) {
    this.#program = new Program(process.execPath, [CLI, "download", ...args, "--bind", "127.0.0.1", "--json"]);
    this.#program.onLine((line) => this.events.push(JSON.parse(line)));
  }

  of(kind: string): Event[] {
    return this.events.filter(({ event }) => event === kind);
  }

  /** The first event of this kind that `matching` accepts, past or to come. */
  async seen(kind: string, matching: (event: Event) => boolean = () => true): Promise<Event> {
    const isIt = (event: Event) => event.event === kind && matching(event);
    const past = this.events.find(isIt);
    if (past !== undefined) return past;
    return this.#program.line((line) => {
      const event: Event = JSON.parse(line);
      return isIt(event) ? event : undefined;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#program.signal(name);
  }

  ended(): Promise<number | null> {
    return this.#program.ended();
  }

  stop(): Promise<void> {
    return this.#program.stop(6000);
  }
}

/** A folder that goes with the test. */
export class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "peerscope-cli-"));

  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
