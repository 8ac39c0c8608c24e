import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { errorCode } from "../disk/disk-fault.ts";

const UP_SINCE = /^up since minute (\d+)$/;
/** The wall clock is set now and then; a restart of the system takes longer than it is set by. */
const MOST_MINUTES_APART = 2;

/** Names this run of the system: what was written before it may have been lost with the power. */
export function bootName(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return `up since minute ${Math.round((Date.now() / 1000 - uptime()) / 60)}`;
  }
}

export function isSameBoot(a: string, b: string): boolean {
  const [first, second] = [UP_SINCE.exec(a), UP_SINCE.exec(b)];
  if (!first || !second) return a === b;
  return Math.abs(Number(first[1]) - Number(second[1])) <= MOST_MINUTES_APART;
}
