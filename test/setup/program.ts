import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Output kept for the message of a test that fails. */
const TAIL_LINES = 40;

/** Another program under test: its lines, its end, and a sure way to be rid of it. */
export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #tail: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  /** Undefined while it runs; null when a signal ended it. */
  status: number | null | undefined;

  constructor(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    this.name = command.slice(command.lastIndexOf("/") + 1);
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#keep(error.message);
        this.status ??= null;
        resolve();
      });
      this.#child.once("close", (code) => {
        this.status = code;
        resolve();
      });
    });
    const { stdout, stderr } = this.#child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on("line", (line) => {
        this.#keep(line);
        for (const listener of this.#listeners) listener(line);
      });
    }
    if (stderr !== null) createInterface({ input: stderr }).on("line", (line) => this.#keep(line));
    // A program that is gone can't be written to; that it is gone is told by `ended`.
    this.#child.stdin?.on("error", () => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The last it said on either stream. */
  get tail(): string {
    return this.#tail.join("\n");
  }

  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** @returns Its exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.status ?? null;
  }

  /**
   * Waits for a line of standard output, from now on.
   * @throws When the program ends first, with what it said last.
   */
  line<T>(matching: (line: string) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const listener = (line: string): void => {
        const value = matching(line);
        if (value === undefined) return;
        this.#listeners.delete(listener);
        resolve(value);
      };
      this.#listeners.add(listener);
      void this.#ended.then(() => reject(new Error(`${this.name} ended with status ${this.status}:\n${this.tail}`)));
    });
  }

  /** Calls `listener` with every line of standard output from now on. */
  onLine(listener: (line: string) => void): void {
    this.#listeners.add(listener);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it, politely for `grace` milliseconds. */
  async stop(grace = 3000): Promise<void> {
    if (this.status !== undefined) return;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), grace);
    await this.#ended;
    clearTimeout(timer);
  }

  #keep(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
  }
}
