import { pathToFileURL } from "node:url";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { seededRandom, shuffle } from "../../../core/model/random.ts";
import { Disk, type Slab } from "../../../core/runtime/disk/disk.ts";
import { openStateStore } from "../../../core/runtime/persist/state-store.ts";
import { trustworthy } from "../../../core/runtime/persist/trust.ts";
import { AT_ONCE, killSample, SAMPLE_ID, SAVE_EVERY } from "./kill-sample.ts";

/**
 * A program to be killed: takes up a download where it was left, stores what is missing in random order, a few pieces
 * at a time, keeps its state as the engine does, and prints a line for every piece and one at the end.
 * Usage: node child.mjs DISK_WORKER STATE_FOLDER DATA_FOLDER SEED
 */
const [worker, stateFolder, folder, seed] = process.argv.slice(2) as [string, string, string, string];

const { layout, fileLayout, ...sample } = killSample();
const store = await openStateStore(stateFolder);
const { torrents } = await store.load();
const disk = new Disk({ workerFile: pathToFileURL(worker) });
const storage = disk.openStorage({ layout, fileLayout, ...sample, folder });

let verified = new Bitfield(layout.pieceCount);
const resume = torrents[0]?.resume;
if (resume) {
  const stamps = await storage.stat();
  if (!Array.isArray(stamps)) throw new Error(stamps.cause);
  const trusted = trustworthy(resume, stamps, layout, fileLayout);
  verified = trusted.verified;
  await new Promise<void>((resolve) => {
    storage.check(
      trusted.unchecked,
      (piece, isRight) => isRight && verified.set(piece),
      () => resolve(),
    );
  });
} else await store.saveTorrentFile(SAMPLE_ID, new Uint8Array(10));

async function save(isAtRest: boolean): Promise<void> {
  const flushed = verified.copy();
  const fault = await storage.flush();
  const stamps = await storage.stat();
  if (fault || !Array.isArray(stamps)) throw new Error(JSON.stringify([fault, stamps]));
  await store.saveResume({
    id: SAMPLE_ID,
    folder,
    addedAt: 1,
    isPaused: false,
    unwantedFiles: [],
    downloaded: 0,
    uploaded: 0,
    wasted: 0,
    extraTrackers: [],
    knownPeers: [],
    verified: flushed,
    written: verified.copy(),
    stamps,
    isAtRest,
  });
}

await save(false);
const missing = shuffle(
  seededRandom(Number(seed)),
  Array.from({ length: layout.pieceCount }, (_, piece) => piece).filter((piece) => !verified.has(piece)),
);
process.stdout.write(`missing ${missing.length}\n`);
let saving: Promise<void> | undefined;
const one = async (): Promise<void> => {
  for (let piece = missing.pop(); piece !== undefined; piece = missing.pop()) {
    const at = piece;
    const slab = storage.reserve(layout.lengthOf(at)) as Slab;
    slab.bytes.set(sample.piece(at));
    const result = await new Promise<string>((resolve) => storage.storePiece(at, slab, ({ kind }) => resolve(kind)));
    storage.release(slab);
    if (result !== "stored") throw new Error(result);
    verified.set(at);
    await store.noteWritten(SAMPLE_ID, at);
    process.stdout.write(`stored ${at}\n`);
    if (verified.count % SAVE_EVERY === 0) {
      saving ??= save(false).finally(() => {
        saving = undefined;
      });
    }
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, one));
await saving;
await save(true);
await store.close();
await disk.close();
process.stdout.write("done\n");
