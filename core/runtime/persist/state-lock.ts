import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "../../model/units.ts";
import { errorCode } from "../disk/disk-fault.ts";
import { bootName, isSameBoot } from "./boot.ts";

const NAME = "lock";
const GUARD_AGE: Millis = 5000;
const GUARD_WAIT: Millis = 10;

/** Another engine that lives keeps its state in this folder. */
export class StateFolderTaken extends Error {
  override name = "StateFolderTaken";
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(`another Peerscope (process ${pid}) is using the state in ${folder}; quit it, or choose another folder`);
    this.folder = folder;
    this.pid = pid;
  }
}

interface Owner {
  readonly pid: number;
  /** Of the system's start: a number of a process means something until the next only. */
  readonly boot: string;
  /** Of the process, where the system tells: numbers are used again. */
  readonly started: string | undefined;
  readonly token: string;
}

/**
 * Takes the folder for this process until the returned function is called.
 * A lock whose process is gone, killed or from before a restart of the system, is taken over.
 * @throws StateFolderTaken
 */
export async function lockStateFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, NAME);
  const ours: Owner = { pid: process.pid, boot: bootName(), started: startOf(process.pid), token: randomUUID() };
  const mine = `${path}.${ours.token}`;
  await writeFile(mine, JSON.stringify(ours), { mode: 0o600 });
  try {
    for (;;) {
      if (await take(mine, path)) break;
      const text = await readOrAbsent(path);
      if (text === undefined) continue;
      const owner = parseOwner(text);
      if (owner && isAlive(owner)) throw new StateFolderTaken(folder, owner.pid);
      await clearAway(path, text);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return async () => {
    const text = await readOrAbsent(path);
    if (text !== undefined && parseOwner(text)?.token === ours.token) await rm(path, { force: true });
  };
}

/** @returns False when somebody holds it. */
async function take(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") return false;
    if (code === undefined || !["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EISDIR"].includes(code)) throw error;
  }
  // A file system without hard links (FAT): the exclusive making of the file is as good, unless we die within it.
  try {
    await writeFile(path, await readFile(mine), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes the lock that was judged, and no other: in the meantime somebody may have taken it over. So only one at a
 * time removes, behind a guard.
 */
async function clearAway(path: string, judged: string): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await writeFile(guard, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    const age = Date.now() - ((await stat(guard).catch(absent))?.mtimeMs ?? 0);
    // Its maker died within the few microseconds that it has the guard.
    if (age > GUARD_AGE) await rm(guard, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, GUARD_WAIT));
    return;
  }
  try {
    if ((await readOrAbsent(path)) === judged) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function absent(error: unknown): undefined {
  if (errorCode(error) !== "ENOENT") throw error;
}

async function readOrAbsent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns Undefined for a lock that nobody can have written whole: its writer died, or the disk ate it. */
function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, boot, started, token } = JSON.parse(text);
    const isProcess = Number.isSafeInteger(pid) && pid > 0;
    if (!isProcess || typeof boot !== "string" || typeof token !== "string") return undefined;
    return { pid, boot, started: typeof started === "string" ? started : undefined, token };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isAlive(owner: Owner): boolean {
  if (!isSameBoot(owner.boot, bootName())) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    if (errorCode(error) === "ESRCH") return false;
  }
  return owner.started === undefined || startOf(owner.pid) === owner.started;
}

/** Start time in clock ticks since boot, field 22 of proc(5) stat; undefined where there is no such file. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
