import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";

/** Where a torrent's files are, as the engine said. */
export interface TorrentPlace {
  readonly folder: string;
  readonly name: string;
}

/** What to show in the system's file manager: a file or folder in its folder, or a folder itself. */
export type Showing = { readonly kind: "item" | "folder"; readonly path: string };

/**
 * Finds what "open folder" shows for a torrent, or for one of its files. Nothing outside the torrent's own folder,
 * after following links; and never what a page named as a whole path.
 *
 * @param filePath - As in a `FileView`: within the torrent's folder, `/` between parts.
 * @throws When the path leads outside, or the folder is not there.
 */
export async function findShowing(place: TorrentPlace, filePath?: string): Promise<Showing> {
  const root = await realpath(place.folder);
  const wanted = filePath === undefined ? [place.name] : filePath.split("/");
  const item = await realpathWithin(root, wanted);
  if (item !== undefined) return { kind: "item", path: item };
  // Not written yet: its folder is the nearest thing to show.
  return { kind: "folder", path: root };
}

async function realpathWithin(root: string, parts: readonly string[]): Promise<string | undefined> {
  let path: string;
  try {
    path = await realpath(join(root, ...parts));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const inside = relative(root, path);
  if (inside === "" || isAbsolute(inside) || inside === ".." || inside.startsWith(`..${sep}`)) {
    throw new Error(`${path} is not inside ${root}`);
  }
  return path;
}
