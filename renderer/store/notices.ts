import { say } from "../words/say.ts";

/** Says something in passing; `error` stays longer. */
export type Notify = (kind: "done" | "error", title: string, detail?: string) => void;

/** Words for what was thrown: ours and the platform's errors speak for themselves. */
export function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What adding a torrent that is there already did. */
export function mergedWords(count: number): string {
  return count === 0 ? say.adding.mergedNone : say.adding.merged(count);
}
