import type { Bytes } from "../../core/model/units.ts";

/** What the tree needs of a file; rows name it by its place in the list. */
export interface TreeFile {
  /** `/` between parts. */
  readonly path: string;
  readonly length: Bytes;
}

/** One line of a tree of files that is shown as a list. */
export interface TreeRow {
  /** The folder's or file's path; unique, folders end in `/`. */
  readonly key: string;
  readonly name: string;
  readonly depth: number;
  readonly isFolder: boolean;
  /** Places of the files in it, a file's own for a file. */
  readonly files: readonly number[];
}

interface Folder {
  readonly row: TreeRow & { readonly files: number[] };
  readonly children: Map<string, Folder | TreeRow>;
}

/**
 * All rows of the tree, folders before what is in them, in the order of the torrent.
 * A folder that every file is in is left out: it would be one line that says nothing.
 */
export function fileTree(files: readonly TreeFile[]): TreeRow[] {
  const root = folder("", "", -1);
  files.forEach((file, place) => {
    const parts = file.path.split("/");
    const name = parts.pop() ?? file.path;
    let parent = root;
    for (const part of parts) {
      const key = `${part}/`;
      let next = parent.children.get(key);
      if (next === undefined || !("children" in next)) {
        next = folder(`${parent.row.key}${key}`, part, parent.row.depth + 1);
        parent.children.set(key, next);
      }
      parent = next;
      parent.row.files.push(place);
    }
    const row = { key: file.path, name, depth: parent.row.depth + 1, isFolder: false, files: [place] };
    // Two files of one path can't be in a sound torrent; both still get a line.
    parent.children.set(parent.children.has(name) ? `${name}\0${place}` : name, row);
  });
  const rows: TreeRow[] = [];
  flatten(root, rows);
  const [first] = rows;
  if (first?.isFolder && first.files.length === files.length && files.length > 0) {
    return rows.slice(1).map((row) => ({ ...row, depth: row.depth - 1 }));
  }
  return rows;
}

/** The rows that are left when some folders are closed. */
export function visibleRows(rows: readonly TreeRow[], closed: ReadonlySet<string>): readonly TreeRow[] {
  if (closed.size === 0) return rows;
  const visible: TreeRow[] = [];
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (row.depth > hiddenBelow) continue;
    hiddenBelow = Number.POSITIVE_INFINITY;
    visible.push(row);
    if (row.isFolder && closed.has(row.key)) hiddenBelow = row.depth;
  }
  return visible;
}

function folder(key: string, name: string, depth: number): Folder {
  return { row: { key, name, depth, isFolder: true, files: [] }, children: new Map() };
}

function flatten(place: Folder, rows: TreeRow[]): void {
  for (const child of place.children.values()) {
    if ("children" in child) {
      rows.push(child.row);
      flatten(child, rows);
    } else {
      rows.push(child);
    }
  }
}
