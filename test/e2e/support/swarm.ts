import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../setup/free-port.ts";
import { type Payload, writePayload } from "../../setup/payload.ts";
import { Program } from "../../setup/program.ts";

const root = join(import.meta.dirname, "../../..");
const cli = join(root, "dist", "cli.js");

/** A torrent that a test made, with its content where a seed has it. */
export interface MadeTorrent {
  /** The .torrent. */
  readonly file: string;
  readonly id: string;
  readonly infoHash: Buffer;
  readonly name: string;
  /** From which the same torrent is made again. */
  readonly payload: Payload;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** All files' bytes, one after the other. */
  readonly content: Buffer;
  /** Where the content is. */
  readonly seedFolder: string;
}

export function makeTorrent(folder: string, payload: Payload, trackers: readonly string[]): MadeTorrent {
  mkdirSync(folder, { recursive: true });
  const file = writePayload(folder, payload, trackers);
  const bytes = readFileSync(file);
  const infoHash = createHash("sha1").update(infoOf(bytes)).digest();
  const content = Buffer.concat(payload.files.map(({ path = "" }) => readFileSync(join(folder, payload.name, path))));
  return {
    file,
    id: infoHash.toString("hex"),
    infoHash,
    name: payload.name,
    payload,
    pieceLength: payload.pieceLength,
    pieceCount: Math.ceil(content.length / payload.pieceLength),
    content,
    seedFolder: folder,
  };
}

/** The `info` dictionary of a .torrent without web seeds: it is the last key, and ends before the last byte. */
export function infoOf(torrent: Buffer): Buffer {
  return torrent.subarray(torrent.indexOf("4:info") + 6, -1);
}

/** A Peerscope of its own that has the whole torrent and gives it. */
export interface Seed {
  readonly address: string;
  stop(): Promise<void>;
}

export async function startSeed(torrent: MadeTorrent, stateFolder: string): Promise<Seed> {
  const port = await freePort();
  const program = new Program(process.execPath, [
    cli,
    "download",
    torrent.file,
    ...["--to", torrent.seedFolder, "--state", stateFolder, "--bind", "127.0.0.1", "--port", String(port)],
    ...["--seed", "--no-tracker", "--json"],
  ]);
  await program.line((line) => (/"event":"done"/.test(line) ? true : undefined));
  return { address: `127.0.0.1:${port}`, stop: () => program.stop() };
}
