import type { Millis } from "../model/units.ts";
import { StateFolderTaken } from "../runtime/persist/state-store.ts";
import { VERSION } from "../runtime/version.ts";
import { type Invocation, parseCommandLine } from "./cli/arguments.ts";
import { create } from "./cli/create.ts";
import { type CommandContext, download } from "./cli/download.ts";
import { Failure, UsageFault, wordsOf } from "./cli/faults.ts";
import { inspect } from "./cli/inspect.ts";
import { pcap } from "./cli/pcap.ts";
import { replay } from "./cli/replay.ts";
import { processTerminal } from "./cli/terminal.ts";
import { USAGE } from "./cli/usage.ts";

/** The `peerscope` program: words in, exit status out. */

/** Whoever asked for an end gets it within 5 s, whatever hangs. */
const LAST_PATIENCE: Millis = 4_800;

const terminal = processTerminal();
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // Asked twice: at once.
    if (interruption.signal.aborted) process.exit(1);
    interruption.abort();
    setTimeout(() => process.exit(1), LAST_PATIENCE).unref();
  });
}

async function perform(invocation: Invocation, context: CommandContext): Promise<number> {
  switch (invocation.command) {
    case "help":
      terminal.write(USAGE);
      return 0;
    case "version":
      terminal.write(`${VERSION}\n`);
      return 0;
    case "download":
      return download(invocation, context);
    case "inspect":
      return inspect(invocation.source, invocation.json, terminal);
    case "create":
      return create(invocation, terminal);
    case "serve":
      return (await import("./cli/serve.ts")).serve(invocation, context);
    case "replay":
      return replay(invocation.file, terminal);
    case "pcap":
      return pcap(invocation, terminal);
    case "demo":
      return (await import("./demo/demo.ts")).runDemo({
        ...invocation,
        diskWorker: new URL("disk-worker.js", context.dist),
        rendererFolder: new URL("renderer/", context.dist),
        signal: context.interrupted,
        print: (line) => terminal.write(`${line}\n`),
      });
  }
}

/** A folder that can't be made or is in use, a port that is taken: the machine's trouble, not a bug. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof StateFolderTaken || (error instanceof Error && "syscall" in error);
}

try {
  const dist = new URL(".", import.meta.url);
  const context = { terminal, dist, interrupted: interruption.signal };
  process.exitCode = await perform(parseCommandLine(process.argv.slice(2)), context);
} catch (error) {
  if (error instanceof UsageFault) {
    terminal.complain(`${wordsOf(error)} (peerscope --help tells more)`);
    process.exitCode = 2;
  } else if (error instanceof Failure || isOfTheSystem(error)) {
    terminal.complain(wordsOf(error));
    process.exitCode = 1;
  } else {
    throw error;
  }
}
