import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a test's torrent holds. A path without `/` in a payload of one file makes a single-file torrent. */
export interface Payload {
  readonly name: string;
  readonly pieceLength: number;
  /** Paths under `name`, in the torrent's order; absent for a single file named `name`. */
  readonly files: readonly { readonly path?: string; readonly length: number }[];
}

export const MIB = 1024 * 1024;

/** Bytes that no compression or sparse file shortens, the same for the same seed on every machine. */
export function pseudoRandomBytes(length: number, seed: number): Buffer {
  const words = new Int32Array(Math.ceil(length / 4));
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

/**
 * Writes the payload's files under `folder` and its .torrent beside them. The encoder is the test's own, so that what
 * it tests can't agree with itself.
 * @param trackers - One tier of announce addresses; none leaves the torrent without any.
 * @returns The torrent's path.
 */
export function writePayload(folder: string, payload: Payload, trackers: readonly string[] = []): string {
  const pieces: Buffer[] = [];
  let piece = createHash("sha1");
  let filled = 0;
  const CHUNK = 64 * 1024;
  payload.files.forEach((file, index) => {
    const path = join(folder, payload.name, file.path ?? "");
    mkdirSync(dirname(path), { recursive: true });
    const handle = openSync(path, "w");
    for (let at = 0; at < file.length; at += CHUNK) {
      let chunk = pseudoRandomBytes(Math.min(CHUNK, file.length - at), index * 1_000_003 + at / CHUNK);
      writeSync(handle, chunk);
      while (chunk.length > 0) {
        const part = chunk.subarray(0, payload.pieceLength - filled);
        piece.update(part);
        filled += part.length;
        chunk = chunk.subarray(part.length);
        if (filled < payload.pieceLength) continue;
        pieces.push(piece.digest());
        piece = createHash("sha1");
        filled = 0;
      }
    }
    closeSync(handle);
  });
  if (filled > 0) pieces.push(piece.digest());

  const [only] = payload.files;
  const isSingle = payload.files.length === 1 && only?.path === undefined;
  const info = {
    ...(isSingle
      ? { length: only?.length ?? 0 }
      : { files: payload.files.map((file) => ({ length: file.length, path: (file.path ?? "").split("/") })) }),
    name: payload.name,
    "piece length": payload.pieceLength,
    pieces: Buffer.concat(pieces),
  };
  const torrent = join(folder, `${payload.name}.torrent`);
  const [announce] = trackers;
  writeFileSync(
    torrent,
    encode({ ...(announce === undefined ? {} : { announce, "announce-list": [trackers] }), info }),
  );
  return torrent;
}

type Value = number | string | Buffer | readonly Value[] | { readonly [key: string]: Value };

function encode(value: Value): Buffer {
  if (typeof value === "number") return Buffer.from(`i${value}e`);
  if (typeof value === "string") return encode(Buffer.from(value));
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from("l"), ...value.map(encode), Buffer.from("e")]);
  const parts = Object.entries(value)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .flatMap(([key, inner]) => [encode(key), encode(inner as Value)]);
  return Buffer.concat([Buffer.from("d"), ...parts, Buffer.from("e")]);
}

/** @returns SHA-256 in hex of every file at or under `path`, by its path from there. */
export function digests(path: string): Record<string, string> {
  if (!statSync(path).isDirectory()) return { "": sha256(path) };
  return Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(path, name)).isFile())
      .sort()
      .map((name) => [name, sha256(join(path, name))]),
  );
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
