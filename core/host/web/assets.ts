import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** One built file of the interface. */
export interface Asset {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Its name carries a hash of what it holds, so it may be kept for ever. */
  readonly isImmutable: boolean;
}

/** Every file that is ever served, by its path: `/`, `/index.html`, `/assets/index-3f2a.js` … */
export type Assets = ReadonlyMap<string, Asset>;

/** Only what a build makes. A file of another kind in the folder is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** A built interface is about a megabyte; more says that the folder is another one. */
const MAX_TOTAL = 64 * 1024 * 1024;

/**
 * Reads the built interface once. Serving then is a look-up in a table: a path that was not there at the start does
 * not exist, whatever it is spelt like, and nothing on disk is reached by a request.
 *
 * @throws When the folder has no `index.html` (it was not built) or holds more than 64 MiB.
 */
export async function readAssets(folder: URL): Promise<Assets> {
  const root = fileURLToPath(folder);
  const assets = new Map<string, Asset>();
  let total = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const contentType = CONTENT_TYPES[extname(entry.name).toLowerCase()];
    if (!entry.isFile() || contentType === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(root, file).split(sep).map(encodeURIComponent).join("/")}`;
    const bytes = await readFile(file);
    total += bytes.length;
    if (total > MAX_TOTAL) throw new Error(`${root} holds more than ${MAX_TOTAL} bytes: it is not a built interface`);
    assets.set(path, { bytes, contentType, isImmutable: /^\/assets\/.*-[\w-]{8,}\.\w+$/.test(path) });
  }
  const index = assets.get("/index.html");
  if (index === undefined) throw new Error(`the interface is not built: ${join(root, "index.html")} is not there`);
  assets.set("/", index);
  return assets;
}
