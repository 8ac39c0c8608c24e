/** The command was written wrongly: one line, exit status 2. */
export class UsageFault extends Error {
  override name = "UsageFault";
}

/** The command could not be done: one line, exit status 1. */
export class Failure extends Error {
  override name = "Failure";
}

/** The words of whatever was thrown, as one line. */
export function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
}
