import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FILE_KNOWN, type StorageOpening } from "../../../core/runtime/disk/disk-orders.ts";
import { FileHandles } from "../../../core/runtime/disk/file-handles.ts";
import { temporaryFolder } from "./disk-fixture.ts";

const LENGTH = 40_000;

function openHandles(): FileHandles {
  const handles = new FileHandles(() => {});
  onTestFinished(() => handles.closeAll());
  return handles;
}

function openingOf(folder: string): StorageOpening {
  return {
    storage: 1,
    folder,
    paths: ["file"],
    lengths: Float64Array.of(LENGTH),
    padding: Uint8Array.of(0),
    totalLength: LENGTH,
    hashing: "sha1",
    pieceLength: 16_384,
    known: new Uint8Array(new SharedArrayBuffer(1)),
  };
}

test("a file that another worker makes while we look at it is not taken for one that was cut short", () => {
  const opening = openingOf(temporaryFolder());
  const [ours, other] = [openHandles(), openHandles()];
  let isMade = false;
  // Its length is asked for between the look at the file, which is empty still, and the judgement.
  const interrupted: StorageOpening = {
    ...opening,
    get lengths() {
      if (!isMade) {
        isMade = true;
        other.toWrite(opening, 0);
      }
      return opening.lengths;
    },
  };
  expect(ours.toWrite(interrupted, 0).isWritable).toBe(true);
  expect(isMade).toBe(true);
  expect(opening.known[0]).toBe(FILE_KNOWN.seen);
  expect(statSync(join(opening.folder, "file")).size).toBe(LENGTH);
});
