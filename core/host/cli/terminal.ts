import { displayText } from "../../metainfo/display-text.ts";

/** Where a command writes, so that it needs to know no stream. */
export interface Terminal {
  /** Whether somebody watches: lines may be drawn over. */
  readonly isInteractive: boolean;
  /** Columns of the terminal, as of now. */
  readonly columns: number;
  /** To standard output, as it is. */
  write(text: string): void;
  /** One line to standard error, the program's name before it. Words may come from strangers. */
  complain(words: string): void;
}

/** The streams of this process. A reader that went away ends the writing, not the program. */
export function processTerminal(): Terminal {
  let isBroken = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      isBroken = true;
    });
  }
  return {
    isInteractive: process.stdout.isTTY === true,
    get columns() {
      return process.stdout.columns ?? 80;
    },
    write(text) {
      if (!isBroken) process.stdout.write(text);
    },
    complain(words) {
      process.stderr.write(`peerscope: ${displayText(words)}\n`);
    },
  };
}
