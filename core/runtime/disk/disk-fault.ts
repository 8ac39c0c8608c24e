import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { DiskFaultView } from "../../contract/views.ts";
import type { Bytes } from "../../model/units.ts";

/** Something of the disk that kept an order from being carried out. Never a peer's doing. */
export type DiskFault = DiskFaultView;

type FaultKind = DiskFault["kind"];

const KIND_OF_CODE: Readonly<Record<string, FaultKind>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EFBIG: "disk-full",
  EROFS: "read-only",
  EACCES: "no-permission",
  EPERM: "no-permission",
  ELOOP: "no-permission",
  ENOENT: "missing-file",
};

const ADVICE: Readonly<Record<FaultKind, string>> = {
  "disk-full": "Free some space on this volume, then resume.",
  "read-only": "Make the volume writable, then resume.",
  "no-permission": "Give Peerscope the right to read and write here, then resume.",
  "missing-file": "Put the file back, or resume: what is left will be checked and the rest fetched again.",
  io: "Check the volume and its connection, then resume.",
};

/** Thrown where a fault is found out, so that it arrives with the path it is about. */
export class DiskProblem extends Error {
  override name = "DiskProblem";
  readonly kind: FaultKind;
  readonly path: string;

  constructor(kind: FaultKind, path: string, words: string) {
    super(words);
    this.kind = kind;
    this.path = path;
  }
}

/** @returns The problem with its path; anything that the system did not report is a bug and is thrown on. */
export function problemOf(error: unknown, path: string): DiskProblem {
  if (error instanceof DiskProblem) return error;
  const code = errorCode(error);
  if (code === undefined) throw error;
  return new DiskProblem(KIND_OF_CODE[code] ?? "io", path, `${code}: ${plainWords(error)}`);
}

export function faultOf(problem: DiskProblem): DiskFault {
  const free = freeSpace(problem.path);
  return {
    kind: problem.kind,
    path: problem.path,
    cause: problem.message,
    advice: ADVICE[problem.kind],
    ...(free === undefined ? {} : { free }),
  };
}

/** The system's name of an error, e.g. `ENOSPC`; undefined when it did not come from the system. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What the system says, for behind a path: of `ENOENT: no such file, open 'x'` what is between code and call. */
export function plainWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (errorCode(error) === undefined) return message;
  return message.replace(/^[A-Z0-9]+: /, "").replace(/, \w+( '.*')?( -> '.*')?$/s, "");
}

/** Free bytes for us on the volume that holds, or would hold, `path`; undefined when the system does not say. */
export function freeSpace(path: string): Bytes | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = statfsSync(at);
      return bavail * bsize;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      // Only what is not there yet is asked of its parent.
      if (errorCode(error) !== "ENOENT" || dirname(at) === at) return undefined;
    }
  }
}
