import { mkdtempSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { type NewResume, openStateStore, type StateStore } from "../../../core/runtime/persist/state-store.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "peerscope-state-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens, acts, closes. */
export async function withStore<T>(folder: string, act: (store: StateStore) => Promise<T>): Promise<T> {
  const store = await openStateStore(folder);
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

const PIECES = 100;

export function idOf(number: number): string {
  return number.toString(16).padStart(40, "0");
}

export function resumeOf(id: string, changes: Partial<NewResume> = {}): NewResume {
  return {
    id,
    folder: "/downloads",
    addedAt: 1_700_000_000_000,
    isPaused: false,
    unwantedFiles: [],
    downloaded: 1,
    uploaded: 2,
    wasted: 3,
    extraTrackers: [],
    knownPeers: [],
    verified: bits(1),
    written: bits(1),
    stamps: [{ size: 10, modifiedAt: 5 }],
    isAtRest: true,
    ...changes,
  };
}

export function bits(...pieces: number[]): Bitfield {
  const field = new Bitfield(PIECES);
  for (const piece of pieces) field.set(piece);
  return field;
}

/** What happens to files: each leaves something else behind. */
export const DAMAGES: readonly (readonly [string, (path: string) => void])[] = [
  ["torn in half", (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ["short of its last byte", (path) => truncateSync(path, readFileSync(path).length - 1)],
  ["zeroed", (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length))],
  ["empty", (path) => truncateSync(path, 0)],
  ["missing", (path) => rmSync(path)],
  ["longer than it was", (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from("x")]))],
  ["something else", (path) => writeFileSync(path, '{"version":1}')],
  ["flipped in its header", (path) => flip(path, 3)],
  ["flipped in its content", (path) => flip(path, readFileSync(path).length - 2)],
  [
    "a format of the future",
    (path) =>
      writeFileSync(path, readFileSync(path, "latin1").replace("peerscope-state 1 ", "peerscope-state 9 "), "latin1"),
  ],
];

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] as number) ^ 0x10;
  writeFileSync(path, bytes);
}
