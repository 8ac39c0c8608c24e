import { access, constants, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { FolderView } from "../contract/views.ts";

/** What is free where `path` is or would be made, and why it could not be written to. */
export async function lookAtFolder(path: string): Promise<FolderView> {
  const folder = resolve(path);
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at, constants.F_OK);
    } catch (error) {
      // The part that is missing will be made in the part that is there.
      if (isMissing(error) && dirname(at) !== at) continue;
      return { path: folder, problem: words(error) };
    }
    return { path: folder, ...(await freeIn(at)), ...(await problemIn(at)) };
  }
}

async function freeIn(folder: string): Promise<{ free?: number }> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { free: bavail * bsize };
  } catch {
    // Some file systems don't tell; the interface then says nothing of free space.
    return {};
  }
}

async function problemIn(folder: string): Promise<{ problem?: string }> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return {};
  } catch (error) {
    return { problem: words(error) };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
