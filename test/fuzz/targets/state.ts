import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { bytesEqual, concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { randomBelow } from "../../../core/model/random.ts";
import { AtomicFile } from "../../../core/runtime/persist/atomic-file.ts";
import { PieceJournal } from "../../../core/runtime/persist/piece-journal.ts";
import { decodeResume, encodeResume, type ResumeRecord } from "../../../core/runtime/persist/resume-record.ts";
import { claim, type Target } from "../target.ts";

const PIECES = 19;
const record: ResumeRecord = {
  id: "0123456789abcdef0123456789abcdef01234567",
  folder: "/downloads",
  addedAt: 1_700_000_000_000,
  completedAt: 1_700_000_100_000,
  isPaused: false,
  unwantedFiles: [1, 3],
  downloaded: 5000,
  uploaded: 1,
  wasted: 0,
  downLimit: 0,
  upLimit: 10,
  extraTrackers: [["http://a/"]],
  knownPeers: [{ host: "10.0.0.1", port: 6881 }],
  verified: Bitfield.full(PIECES),
  written: new Bitfield(PIECES),
  stamps: [{ size: 5000, modifiedAt: 1.5 }, undefined],
  isAtRest: true,
  mustCheck: false,
  savedAt: 1_700_000_200_000,
  boot: "boot",
};
const fields = ["id", "folder", "pieceCount", "stamps", "knownPeers", "verified"];

/** What is believed of a record is what would be written again. */
export const resume: Target = {
  name: "resume",
  share: 40,
  meets: ["record", "fault"],
  tokens: ["null", "-1", "1e99", '"__proto__":', "[", "{", "\\u0000", "\n", ...fields.map((name) => `"${name}":`)].map(
    fromLatin1,
  ),
  make: (random) => (randomBelow(random, 2) === 0 ? encodeResume(record) : encodeResume({ ...record, stamps: [] })),
  judge(input) {
    const decoded = decodeResume(input);
    if (typeof decoded === "string") {
      claim(decoded.length > 0, "a fault without a word");
      return "fault";
    }
    const { verified, written, knownPeers } = decoded;
    claim(verified.length === written.length, () => `${verified.length} and ${written.length} pieces`);
    claim(verified.count <= verified.length, () => `${verified.count} of ${verified.length} pieces`);
    for (const { port } of knownPeers) claim(port > 0 && port < 65536, () => `port ${port}`);
    const again = encodeResume(decoded);
    const reread = decodeResume(again);
    claim(typeof reread !== "string" && bytesEqual(encodeResume(reread), again), "written again it is another");
    return "record";
  },
};

const folder = mkdtempSync(join(tmpdir(), "peerscope-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const content = fromLatin1("what is kept");
const path = join(folder, "file");
const journalPath = join(folder, "journal");

/** Files as their own writers leave them. */
async function written(): Promise<readonly Uint8Array[]> {
  const file = new AtomicFile(path);
  await file.write(content);
  const journal = new PieceJournal(journalPath);
  await journal.continueFrom(3, 0, false);
  for (const piece of [7, 0, 18, 2 ** 20]) await journal.note(piece);
  await journal.close();
  return [readFileSync(path), readFileSync(journalPath)].map((bytes) => new Uint8Array(bytes));
}
const [frame, entries] = (await written()) as [Uint8Array, Uint8Array];

/** What the first byte of an input says that the rest is. */
const PLACES = ["file", "file.previous", "file.new", "journal"] as const;

/** What was never written is never believed. */
export const stateFile: Target = {
  name: "state-file",
  share: 6,
  meets: ["good", "lost", "absent", "journal", "no journal"],
  make(random) {
    const place = randomBelow(random, PLACES.length);
    return concatBytes(Uint8Array.of(place), PLACES[place] === "journal" ? entries : frame);
  },
  async judge(input) {
    const place = PLACES[(input[0] ?? 0) % PLACES.length] as string;
    const bytes = input.subarray(1);
    for (const name of PLACES) rmSync(join(folder, name), { force: true });
    writeFileSync(join(folder, place), bytes);
    if (place === "journal") {
      const read = await new PieceJournal(journalPath).read();
      claim((read?.pieces.length ?? 0) <= bytes.length / 8, () => `${read?.pieces.length} pieces`);
      return read === undefined ? "no journal" : "journal";
    }
    const read = await new AtomicFile(path).read();
    claim(read.kind !== "absent" || place === "file.new", "a file that is there is absent");
    if (read.kind === "good") claim(bytesEqual(read.content, content), "what it believes was never written");
    return read.kind;
  },
};
