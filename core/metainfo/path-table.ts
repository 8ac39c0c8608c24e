import { folded, numberedName } from "./safe-path.ts";

/** More duplicates than any careless program makes. */
export const MAX_DUPLICATES = 500;

/** Invariant: every name in it is in `taken`, folded, once; `folders` leads from a name as asked for. */
interface Folder {
  readonly path: readonly string[];
  readonly taken: Set<string>;
  readonly folders: Map<string, Folder>;
}

/**
 * Gives every file of a torrent a path of its own.
 *
 * Folders that differ in letter case or Unicode form only are one folder, spelt as it came first; files that do so
 * are numbered. A file and a folder of one name are kept apart the same way.
 *
 * Invariant: no two paths handed out fold to the same text, and none is a folder of another.
 */
export class PathTable {
  readonly #root: Folder = { path: [], taken: new Set(), folders: new Map() };
  /** Files come folder by folder: the last one's parts as asked for, and where they led. */
  #lastParts: readonly string[] = [""];
  #lastFolder = this.#root;
  #duplicates = 0;

  get duplicates(): number {
    return this.#duplicates;
  }

  /**
   * @param parts - Safe parts, at least one.
   * @returns The path to use; `parts` itself when nothing stands in its way.
   */
  place(parts: readonly string[]): readonly string[] {
    const folder = this.#folderOf(parts);
    const wanted = parts[parts.length - 1] as string;
    const name = this.#nameIn(folder, wanted);
    if (name === wanted && samePrefix(folder.path, parts, parts.length - 1)) return parts;
    return [...folder.path, name];
  }

  #folderOf(parts: readonly string[]): Folder {
    if (this.#lastParts.length === parts.length && samePrefix(this.#lastParts, parts, parts.length - 1)) {
      return this.#lastFolder;
    }
    let folder = this.#root;
    for (let i = 0; i < parts.length - 1; i++) {
      const part = parts[i] as string;
      const key = folded(part);
      let inner = folder.folders.get(key);
      if (inner === undefined) {
        const name = this.#nameIn(folder, part);
        inner = { path: [...folder.path, name], taken: new Set(), folders: new Map() };
        folder.folders.set(key, inner);
      }
      folder = inner;
    }
    this.#lastParts = parts;
    this.#lastFolder = folder;
    return folder;
  }

  #nameIn(folder: Folder, name: string): string {
    let chosen = name;
    let key = folded(name);
    if (folder.taken.has(key)) {
      this.#duplicates++;
      for (let number = 2; folder.taken.has(key); number++) {
        chosen = numberedName(name, number);
        key = folded(chosen);
      }
    }
    folder.taken.add(key);
    return chosen;
  }
}

function samePrefix(a: readonly string[], b: readonly string[], length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}
