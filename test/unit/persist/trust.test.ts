import { describe, expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import { FileLayout, PieceLayout } from "../../../core/model/layout.ts";
import type { FileStamp } from "../../../core/runtime/disk/storage.ts";
import { type KeptResume, trustworthy } from "../../../core/runtime/persist/trust.ts";

// Pieces of 10 bytes: 0–2 file A, 3 the end of A and the begin of B, 4–5 B, 6–7 C.
const files = [
  { length: 35, isPadding: false },
  { length: 25, isPadding: false },
  { length: 20, isPadding: false },
];
const layout = new PieceLayout(80, 10);
const fileLayout = new FileLayout(files);
const SAVED = 1_000_000;
const stamps: (FileStamp | undefined)[] = files.map(({ length }, i) => ({ size: length, modifiedAt: 1000.25 + i }));

function bits(...pieces: number[]): Bitfield {
  const field = new Bitfield(8);
  for (const piece of pieces) field.set(piece);
  return field;
}

function list(field: Bitfield): number[] {
  const pieces: number[] = [];
  field.forEach((piece) => pieces.push(piece));
  return pieces;
}

function kept(changes: Partial<KeptResume>): KeptResume {
  return {
    id: "0".repeat(40),
    folder: "/downloads",
    addedAt: 1,
    isPaused: false,
    unwantedFiles: [],
    downloaded: 0,
    uploaded: 0,
    wasted: 0,
    extraTrackers: [],
    knownPeers: [],
    verified: bits(),
    written: bits(),
    stamps,
    isAtRest: true,
    savedAt: SAVED,
    boot: "boot",
    journaled: [],
    doubtful: [],
    aliveAt: SAVED,
    isSameBoot: true,
    ...changes,
  };
}

function judge(changes: Partial<KeptResume>, now = stamps) {
  const { verified, unchecked } = trustworthy(kept(changes), now, layout, fileLayout);
  return { verified: list(verified), unchecked: list(unchecked) };
}

function withFile(index: number, stamp: FileStamp | undefined): (FileStamp | undefined)[] {
  return stamps.map((old, i) => (i === index ? stamp : old));
}

const all = Bitfield.full(8);

describe("after an orderly end", () => {
  test("what was verified is believed when every file is as it was", () => {
    expect(judge({ verified: bits(0, 3, 7) })).toEqual({ verified: [0, 3, 7], unchecked: [] });
  });

  test.each([
    ["another time", { size: 25, modifiedAt: 2000 }],
    ["another size", { size: 24, modifiedAt: 1001.25 }],
  ])("a file of %s has all its pieces hashed again, shared ones too, others none", (_, stamp) => {
    expect(judge({ verified: all }, withFile(1, stamp))).toEqual({ verified: [0, 1, 2, 6, 7], unchecked: [3, 4, 5] });
  });

  test("an absent file has no pieces and there is nothing to hash", () => {
    expect(judge({ verified: all }, withFile(2, undefined))).toEqual({ verified: [0, 1, 2, 3, 4, 5], unchecked: [] });
  });

  test("a piece that a changed file shares with an absent one is not hashed: it can't be whole", () => {
    const now = [{ size: 35, modifiedAt: 9 }, undefined, stamps[2]];
    expect(judge({ verified: all }, now)).toEqual({ verified: [6, 7], unchecked: [0, 1, 2] });
  });

  test("a file that has appeared is hashed", () => {
    const changes = { verified: bits(0), stamps: withFile(2, undefined) };
    expect(judge(changes)).toEqual({ verified: [0], unchecked: [6, 7] });
  });

  test("padding has no file and is never missed", () => {
    const padded = new FileLayout(files.map((file, i) => ({ ...file, isPadding: i === 1 })));
    const { verified, unchecked } = trustworthy(kept({ verified: all }), withFile(1, undefined), layout, padded);
    expect(verified.isFull).toBe(true);
    expect(unchecked.isEmpty).toBe(true);
  });
});

describe("after a kill", () => {
  const killed = { isAtRest: false, aliveAt: SAVED + 60_000 };
  const writing = withFile(0, { size: 35, modifiedAt: SAVED + 59_999 });

  test("a file that we were writing to is believed, with what the journal says of it", () => {
    expect(judge({ ...killed, verified: bits(0), journaled: [2], written: bits(1) }, writing)).toEqual({
      verified: [0, 1, 2],
      unchecked: [],
    });
  });

  test("a file that was made after the record is believed too", () => {
    const changes = { ...killed, journaled: [6], stamps: withFile(2, undefined) };
    const now = withFile(2, { size: 20, modifiedAt: SAVED + 30_000 });
    expect(judge(changes, now)).toEqual({ verified: [6], unchecked: [] });
  });

  test.each([
    ["was written to after the engine's last sign of life", { size: 35, modifiedAt: SAVED + 70_000 }],
    ["has lost its length", { size: 34, modifiedAt: SAVED + 59_999 }],
    ["is older than it was", { size: 35, modifiedAt: 12 }],
  ])("a file that %s is hashed", (_, stamp) => {
    const { verified, unchecked } = judge({ ...killed, verified: all }, withFile(0, stamp));
    expect(unchecked).toEqual([0, 1, 2, 3]);
    expect(verified).toEqual([4, 5, 6, 7]);
  });

  test("an entry that belongs to another record is hashed, not believed", () => {
    expect(judge({ ...killed, verified: bits(0), doubtful: [0, 1] }, writing)).toEqual({
      verified: [0],
      unchecked: [1],
    });
  });

  test("pieces that the torrent does not have are left out", () => {
    expect(judge({ ...killed, journaled: [8, 4_000_000], doubtful: [-1] })).toEqual({ verified: [], unchecked: [] });
  });
});

describe("after a loss of power", () => {
  test("only what was flushed is believed, what was written is hashed", () => {
    const changes = { isAtRest: false, isSameBoot: false, verified: bits(0), written: bits(0, 1), journaled: [2] };
    expect(judge(changes)).toEqual({ verified: [0], unchecked: [1, 2] });
  });
});
