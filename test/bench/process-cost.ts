import { readFileSync } from "node:fs";

/** What a process has cost so far, its threads included. */
export interface ProcessCost {
  /** User and system. */
  readonly cpuSeconds: number;
  /** The most that was ever resident, in bytes; counts file pages that it maps. */
  readonly peakResident: number;
  /** Resident and not backed by a file, now, in bytes. */
  readonly anonymous: number;
}

/** `USER_HZ`, fixed by the kernel's interface on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Linux only. */
export function readCost(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command's name is in parentheses and may hold anything; the state is the field after it, user time the 12th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakResident: kibibytes(status, "VmHWM"),
    anonymous: kibibytes(status, "RssAnon") + kibibytes(status, "RssShmem"),
  };
}

function kibibytes(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
}

/** Often enough for a peak that lasts. */
const SAMPLE_PERIOD = 100;

/** Watches a process until it is asked to stop. */
export class CostWatch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peakAnonymous = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_PERIOD);
  }

  /** The process must still be there. */
  finish(): ProcessCost & { peakAnonymous: number } {
    clearInterval(this.#timer);
    const cost = readCost(this.#pid);
    return { ...cost, peakAnonymous: Math.max(this.#peakAnonymous, cost.anonymous) };
  }

  #sample(): void {
    this.#peakAnonymous = Math.max(this.#peakAnonymous, readCost(this.#pid).anonymous);
  }
}
