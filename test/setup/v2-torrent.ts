import { createHash } from "node:crypto";

/** A file of a torrent that is made for a test. */
interface GivenFile {
  /** `/` between parts; none for a bare file that is named as the torrent. */
  readonly path?: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 16 * 1024;

/**
 * Makes a v2 .torrent (BEP 52), or one whose other half is v1. The encoder and the trees are the test's own, and simple:
 * all of a tree is there, up to the last leaf of nothing.
 */
export function v2Torrent(
  name: string,
  pieceLength: number,
  files: readonly GivenFile[],
  { isHybrid = false, trackers = [] as readonly string[], withLayers = true } = {},
): Buffer {
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path ?? ""), Buffer.from(b.path ?? "")));
  const tree: Tree = new Map();
  const layers: [Buffer, Buffer][] = [];
  for (const { path = name, bytes } of sorted) {
    let folder = tree;
    for (const part of path.split("/")) {
      if (!folder.has(part)) folder.set(part, new Map());
      folder = folder.get(part) as Tree;
    }
    const { root, layer } = hashesOf(bytes, pieceLength);
    folder.set("", bytes.length === 0 ? { length: 0 } : { length: bytes.length, "pieces root": root });
    if (bytes.length > pieceLength) layers.push([root, layer]);
  }
  layers.sort(([a], [b]) => Buffer.compare(a, b));
  const info = {
    "file tree": tree,
    ...(isHybrid ? v1Half(sorted, pieceLength) : {}),
    "meta version": 2,
    name,
    "piece length": pieceLength,
  };
  const layered = layers.flatMap(([root, layer]) => [encode(root), encode(layer)]);
  const root = {
    ...(trackers[0] === undefined ? {} : { announce: trackers[0] }),
    info,
    ...(withLayers ? { "piece layers": new Raw([Buffer.from("d"), ...layered, Buffer.from("e")]) } : {}),
  };
  return encode(root);
}

/** The root over a file's blocks, and what verifies its pieces. */
function hashesOf(bytes: Uint8Array, pieceLength: number): { root: Buffer; layer: Buffer } {
  let count = 1;
  while (count * BLOCK < bytes.length) count *= 2;
  let nodes = Array.from({ length: count }, (_, at) =>
    at * BLOCK < bytes.length ? sha256(bytes.subarray(at * BLOCK, (at + 1) * BLOCK)) : Buffer.alloc(32),
  );
  let covers = BLOCK;
  let layer = nodes;
  while (nodes.length > 1) {
    nodes = nodes.flatMap((node, at) => (at % 2 === 0 ? [sha256(Buffer.concat([node, nodes[at + 1] as Buffer]))] : []));
    covers *= 2;
    if (covers === pieceLength) layer = nodes;
  }
  return {
    root: nodes[0] as Buffer,
    layer: Buffer.concat(layer.slice(0, Math.ceil(bytes.length / pieceLength))),
  };
}

function v1Half(files: readonly GivenFile[], pieceLength: number) {
  const all: Uint8Array[] = [];
  const listed: Value[] = [];
  let length = 0;
  for (const [index, { path, bytes }] of files.entries()) {
    all.push(bytes);
    length += bytes.length;
    listed.push({ length: bytes.length, path: (path ?? "").split("/") });
    const gap = -length & (pieceLength - 1);
    if (gap === 0 || index === files.length - 1) continue;
    all.push(new Uint8Array(gap));
    length += gap;
    listed.push({ attr: "p", length: gap, path: [".pad", String(gap)] });
  }
  const whole = Buffer.concat(all);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += pieceLength) {
    pieces.push(
      createHash("sha1")
        .update(whole.subarray(at, at + pieceLength))
        .digest(),
    );
  }
  const isBare = files.length === 1 && files[0]?.path === undefined;
  return { ...(isBare ? { length } : { files: listed }), pieces: Buffer.concat(pieces) };
}

/** Already encoded. */
class Raw {
  readonly parts: readonly Buffer[];

  constructor(parts: readonly Buffer[]) {
    this.parts = parts;
  }
}

type Tree = Map<string, Value>;
type Value = number | string | Buffer | Raw | Tree | readonly Value[] | { readonly [key: string]: Value };

function encode(value: Value): Buffer {
  if (typeof value === "number") return Buffer.from(`i${value}e`);
  if (typeof value === "string") return encode(Buffer.from(value));
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  if (value instanceof Raw) return Buffer.concat(value.parts);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from("l"), ...value.map(encode), Buffer.from("e")]);
  const entries: [string, Value][] = value instanceof Map ? [...value] : Object.entries(value);
  const parts = entries
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .flatMap(([key, inner]) => [encode(key), encode(inner)]);
  return Buffer.concat([Buffer.from("d"), ...parts, Buffer.from("e")]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
